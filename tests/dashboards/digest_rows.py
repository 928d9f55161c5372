"""Subscriptions, digests that were told and messages for tests of their pages, and what the form sends."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from dashboards.digest.composing import preview
from dashboards.digest.readers import reader_of
from dashboards.digest.records import as_json
from dashboards.digest.schedule import week_of
from dashboards.digest.subscriptions import Told
from dashboards.models import Delivery, DigestIssue, Subscription
from people.models import Person
from tests.builders import TODAY
from tests.dashboards.conftest import NOW

WEEK = week_of(TODAY)


def subscribed(who: Person | None = None, email: str = "", **fields: Any) -> Subscription:
    """Confirmed long ago unless said otherwise."""
    first = {"since": NOW.replace(year=2025), "confirmed": NOW.replace(year=2025)}
    return Subscription.objects.create(person=who, email=email, **(first | fields))


def issue(of: Subscription, day: date = TODAY, now: datetime = NOW, **fields: Any) -> DigestIssue:
    """What the reader was told on ``day``, composed as it always is."""
    made = preview(reader_of(of), now=now, day=day)
    values = {"content": as_json(made), "subject": made.subject, "composed": now, "day": day, "week": week_of(day)}
    return DigestIssue.objects.create(subscription=of, **(values | fields))


def message(of: Subscription, state: str = "sent", **fields: Any) -> Delivery:
    """An e-mail to the reader: of their issue where one is given, else an alert."""
    kind = "digest" if fields.get("issue") else "alert"
    return Delivery.objects.create(subscription=of, state=state, **({"kind": kind, "channel": "mail"} | fields))


def sent(**fields: Any) -> dict[str, Any]:
    """A subscription as its form sends it; None leaves a field out."""
    values = {
        **{"weekday": "1", "hour": "8", "mail": "on", "chat": "", "webhook": "", "alert_from": ""},
        **{"quiet_from": "19", "quiet_until": "7", "seen": "", "groups": [], "teams": []},
    }
    return {name: value for name, value in (values | fields).items() if value is not None}


def told_so(**fields: Any) -> Told:
    """What is said of an address without a login."""
    return Told(**({"name": "The board"} | fields))
