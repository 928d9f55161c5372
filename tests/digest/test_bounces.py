"""Reports of mail that came back: what names a message cannot be guessed, and counts for the e-mail alone."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test.utils import override_settings

from dashboards.digest import bounces, log
from dashboards.digest.handing import hand_over
from dashboards.digest.message import message_id, thread_id
from dashboards.models import Delivery, Subscription
from tests.dashboards.roles import Organisation
from tests.digest.rows import subscribed, waiting
from tests.mail_server import MailServer

pytestmark = pytest.mark.django_db


def came_back(identity: str, now: datetime) -> Delivery | None:
    return bounces.record(bounces.Bounce(identity, "5.1.1", "No such user", permanent=True), now=now)


def every_kind(row: Subscription) -> list[Delivery]:
    kinds: Any = [one for one in Delivery.Kind.values if one != "digest"]
    return [waiting(row), *(Delivery.objects.create(subscription=row, kind=one, channel="mail") for one in kinds)]


def test_an_identity_cannot_be_guessed_without_the_key(people: Organisation) -> None:
    rows = every_kind(subscribed(people.director))
    told = [message_id(row) for row in rows]
    assert told == [message_id(row) for row in rows]
    assert len({one.partition("@")[0].rpartition(".")[2] for one in told}) == len(rows) == 4
    with override_settings(SECRET_KEY="another"):
        assert not set(told) & {message_id(row) for row in rows}
        assert thread_id(rows[0].subscription).startswith(f"<digest.{rows[0].subscription_id}@")


def test_forged_reports_stop_nobody(people: Organisation, mail: MailServer, still_clock: datetime) -> None:
    row = subscribed(people.director)
    for week in ("2026-W48", "2026-W49"):
        one = waiting(row, week)
        hand_over([one.pk])
        one.refresh_from_db()
        name, _, host = one.message_id.rpartition("@")
        guessed = f"<digest.{row.pk}.{week}"
        assert name.startswith(f"{guessed}.")
        assert came_back(f"{guessed}@{host}", still_clock) is None
        assert came_back(f"{guessed}.{'0' * 16}@{host}", still_clock) is None
    assert not Delivery.objects.filter(bounced__isnull=False).exists()


def test_what_is_handed_over_again_keeps_its_identity_also_under_another_key(
    people: Organisation, mail: MailServer, still_clock: datetime
) -> None:
    row = waiting(subscribed(people.director), state="lost", message_id="<digest.1.2026-W48@x.test>")
    assert log.send_again(row, now=still_clock)
    hand_over([row.pk])
    fresh = waiting(row.subscription, "2026-W49")
    mail.data[people.director.email] = ["450 Busy"]
    hand_over([fresh.pk])
    fresh.refresh_from_db()
    with override_settings(SECRET_KEY="another"):
        hand_over([fresh.pk], clock=lambda: still_clock + timedelta(minutes=5))
    assert [letter["Message-ID"] for _, letter in mail.taken] == ["<digest.1.2026-W48@x.test>", fresh.message_id]


def test_what_came_back_is_the_e_mail_and_not_the_chat(people: Organisation, still_clock: datetime) -> None:
    row = subscribed(people.director, chat="slack", webhook="sealed")
    for week in ("2026-W47", "2026-W48"):
        fields: Any = {"state": "sent", "message_id": f"<{week}@x>", "handed": still_clock}
        one = waiting(row, week, **fields)
        Delivery.objects.create(subscription=row, issue=one.issue, kind="digest", channel="chat", **fields)
        assert came_back(f"<{week}@x>", still_clock) == one
    row.refresh_from_db()
    assert row.stopped is not None
