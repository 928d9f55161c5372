"""What works without a login: confirm, stop, read, was it useful. Looking changes nothing, a press of a button does."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from urllib.parse import urlsplit

import pytest
import time_machine
from django.test import Client

from dashboards.digest import links
from dashboards.digest.standing import stop
from dashboards.digest.subscriptions import ask_again, invite
from dashboards.models import DigestIssue, Subscription
from tests.dashboards.conftest import NOW
from tests.dashboards.digest_rows import issue, subscribed, told_so
from tests.dashboards.risk_rows import page, signed_in
from tests.dashboards.roles import Organisation, organisation
from tests.dashboards.rows import promised

pytestmark = pytest.mark.django_db
ONE_CLICK = {"List-Unsubscribe": "One-Click"}
EXPIRED = "This link does not work any more"
DAY = timedelta(days=1)


@pytest.fixture
def org(still_clock: object, db: None) -> Organisation:
    made = organisation()
    promised(made.team, "Event schema v3", 0.8, before=0.4)
    return made


@pytest.fixture
def board(org: Organisation) -> Subscription:
    """An address without a login that was asked and has not said anything yet."""
    return invite("board@example.test", told_so(), by=org.director, now=NOW)


@pytest.fixture
def outside(db: None) -> Client:
    """A browser without a cookie, on a site that demands tokens of forms."""
    return Client(enforce_csrf_checks=True)


def path(url: str) -> str:
    return urlsplit(url).path


def now_so(row: Subscription) -> Subscription:
    return Subscription.objects.get(pk=row.pk)


def text(client: Client, address: str) -> str:
    return unescape(page(client, address))


def doors(org: Organisation) -> dict[str, str]:
    """An address of each kind that works."""
    asked = invite("other@example.test", told_so(), by=org.director, now=NOW)
    told = issue(subscribed(None, "reader@example.test", name="Reader"))
    return {
        "confirm": path(links.confirm_url(asked)),
        "stop": path(links.stop_url(told.subscription)),
        "read": path(links.read_url(told)),
        "useful": path(links.useful_url(told)),
    }


@pytest.mark.parametrize("which", ["confirm", "stop", "read", "useful"])
def test_a_door_tells_its_address_to_nobody_and_is_not_kept(outside: Client, org: Organisation, which: str) -> None:
    address = doors(org)[which]
    for answer, status in ((outside.get(address), 200), (outside.get(f"{address[:-2]}x/"), 410)):
        assert answer.status_code == status
        assert answer["Referrer-Policy"] == "no-referrer"
        assert answer["X-Robots-Tag"] == "noindex, nofollow"
        assert {"no-store", "private", "max-age=0"} <= set(answer["Cache-Control"].split(", "))
        assert "unsafe-inline" not in answer["Content-Security-Policy"]
        assert not answer.cookies
        assert (EXPIRED in answer.content.decode()) is (status == 410)


@pytest.mark.parametrize("which", ["confirm", "stop", "read", "useful"])
def test_a_token_opens_only_its_own_door(outside: Client, org: Organisation, which: str) -> None:
    made = doors(org)
    tokens = [address.split("/")[3] for name, address in made.items() if name != which]
    for token in (*tokens, "x", "a:b:c", "%00"):
        for ask in (outside.get,) if which == "read" else (outside.get, outside.post):
            assert ask(f"/digest/{which}/{token}/").status_code == 410, token


def test_looking_confirms_nothing_and_the_button_does(outside: Client, board: Subscription) -> None:
    address = path(links.confirm_url(board))
    assert "Get the weekly digest?" in text(outside, address)
    assert outside.head(address).status_code == 200
    assert now_so(board).confirmed is None
    answer = outside.post(address)
    assert "Thank you, it is on its way" in answer.content.decode()
    assert now_so(board).confirmed == NOW
    assert now_so(board).since == NOW


def test_a_request_to_confirm_works_for_a_week(
    outside: Client, board: Subscription, time_machine: time_machine.TimeMachineFixture
) -> None:
    address = path(links.confirm_url(board))
    time_machine.move_to(NOW + 7 * DAY - timedelta(minutes=1), tick=False)
    assert outside.get(address).status_code == 200
    time_machine.move_to(NOW + 7 * DAY + timedelta(minutes=1), tick=False)
    assert outside.get(address).status_code == 410
    assert outside.post(address).status_code == 410
    assert now_so(board).confirmed is None


def test_it_confirms_the_address_that_was_asked_and_no_other(outside: Client, board: Subscription) -> None:
    address = path(links.confirm_url(board))
    Subscription.objects.filter(pk=board.pk).update(email="another@example.test")
    assert outside.post(address).status_code == 410
    assert now_so(board).confirmed is None
    Subscription.objects.filter(pk=board.pk).delete()
    assert outside.post(address).status_code == 410


def test_an_old_request_does_not_undo_a_stop_and_a_new_one_does(
    outside: Client, board: Subscription, time_machine: time_machine.TimeMachineFixture
) -> None:
    address = path(links.confirm_url(board))
    outside.post(address)
    stop(board, now=NOW + DAY, why="Stopped by Mara Lindqvist.")
    time_machine.move_to(NOW + 2 * DAY, tick=False)
    assert outside.post(address).status_code == 410
    assert now_so(board).stopped == NOW + DAY
    ask_again(now_so(board), now=NOW + 2 * DAY)
    assert outside.post(path(links.confirm_url(board))).status_code == 200
    assert (now_so(board).stopped, now_so(board).stopped_why) == (None, "")


@pytest.fixture(params=["person", "address"])
def reader(request: pytest.FixtureRequest, org: Organisation) -> Subscription:
    who = org.engineer if request.param == "person" else None
    return subscribed(who, "" if who else "board@example.test")


def test_looking_stops_nothing(outside: Client, reader: Subscription) -> None:
    html = text(outside, path(links.stop_url(reader)))
    assert "Stop this e-mail?" in html
    assert reader.address in html
    assert now_so(reader).stopped is None


def test_a_mail_service_stops_it_with_one_click(outside: Client, reader: Subscription) -> None:
    answer = outside.post(path(links.stop_url(reader)), ONE_CLICK)
    assert answer.status_code == 200
    assert now_so(reader).stopped == NOW
    assert not answer.cookies
    again = outside.post(path(links.stop_url(reader)), "List-Unsubscribe=One-Click", content_type="text/plain")
    assert again.status_code == 200
    assert now_so(reader).stopped == NOW


def test_what_somebody_stopped_from_an_email_they_take_back(
    outside: Client, reader: Subscription, time_machine: time_machine.TimeMachineFixture
) -> None:
    address = path(links.stop_url(reader))
    assert "That was a mistake: send it again" in outside.post(address, ONE_CLICK).content.decode()
    time_machine.move_to(NOW + DAY, tick=False)
    assert "It comes again" in outside.post(address, {"again": "yes"}).content.decode()
    row = now_so(reader)
    assert (row.stopped, row.stopped_why, row.since) == (None, "", NOW + DAY)


def test_nobody_takes_back_what_a_director_stopped(outside: Client, reader: Subscription) -> None:
    stop(reader, now=NOW, why="Stopped by Mara Lindqvist.")
    address = path(links.stop_url(reader))
    assert "That was a mistake" not in text(outside, address)
    outside.post(address, ONE_CLICK)
    html = outside.post(address, {"again": "yes"}).content.decode()
    assert "Stopped" in html
    assert (now_so(reader).stopped, now_so(reader).stopped_why) == (NOW, "Stopped by Mara Lindqvist.")


def test_a_link_that_stops_never_expires(
    outside: Client, reader: Subscription, time_machine: time_machine.TimeMachineFixture
) -> None:
    address = path(links.stop_url(reader))
    time_machine.move_to(NOW + 2000 * DAY, tick=False)
    assert outside.post(address, ONE_CLICK).status_code == 200
    assert now_so(reader).stopped == NOW + 2000 * DAY


def test_a_digest_is_read_for_sixty_days(
    outside: Client, org: Organisation, time_machine: time_machine.TimeMachineFixture
) -> None:
    address = path(links.read_url(issue(subscribed(None, "board@example.test"))))
    time_machine.move_to(NOW + 60 * DAY - timedelta(minutes=1), tick=False)
    assert "Event schema v3" in text(outside, address)
    time_machine.move_to(NOW + 60 * DAY + timedelta(minutes=1), tick=False)
    assert outside.get(address).status_code == 410


@pytest.mark.parametrize("change", [{"stopped": NOW}, {"confirmed": None}])
def test_who_stopped_reads_nothing_any_more(outside: Client, org: Organisation, change: dict[str, object]) -> None:
    row = subscribed(None, "board@example.test")
    address = path(links.read_url(issue(row)))
    Subscription.objects.filter(pk=row.pk).update(**change)
    answer = outside.get(address)
    assert answer.status_code == 410
    assert "Event schema v3" not in answer.content.decode()


def test_a_digest_to_read_leads_nowhere_else(outside: Client, org: Organisation) -> None:
    html = text(outside, path(links.read_url(issue(subscribed(None, "board@example.test")))))
    assert "Event schema v3" in html
    assert [to for to in re.findall(r'<a [^>]*href="([^"]*)"', html) if not to.startswith("#")] == []
    assert "<form" not in html
    assert "<button" not in html


@pytest.mark.parametrize("said", ["yes", "no"])
def test_looking_counts_nothing_and_the_button_once(outside: Client, org: Organisation, said: str) -> None:
    told = issue(subscribed(org.engineer))
    address = path(links.useful_url(told))
    assert f"Send “{said}”" in text(outside, f"{address}?said={said}")
    assert DigestIssue.objects.get().useful is None
    for _ in range(3):
        assert "Thank you" in outside.post(f"{address}?said={said}", {"said": said}).content.decode()
    told.refresh_from_db()
    assert (told.useful, told.useful_at) == (said == "yes", NOW)


def test_the_last_word_counts_and_is_shown(
    client: Client, outside: Client, org: Organisation, clean_cache: None
) -> None:
    first, second = issue(subscribed(org.engineer)), issue(subscribed(org.lead))
    for told, said in ((first, "no"), (first, "yes"), (second, "no")):
        outside.post(path(links.useful_url(told)), {"said": said})
    counted = "1 of 2 who answered found it useful (2 digests composed)."
    signed_in(client, org.director)
    assert counted in text(client, "/digest/")
    for one in (first, second):
        one.deliveries.create(subscription=one.subscription, kind="digest", channel="mail", state="sent")  # type: ignore[attr-defined]
    assert counted in text(client, "/digest/log/")
    signed_in(client, org.admin)
    assert counted in text(client, "/digest/log/")


@pytest.mark.parametrize("said", ["", "maybe", "yes\0"])
def test_what_is_neither_is_asked_again(outside: Client, org: Organisation, said: str) -> None:
    told = issue(subscribed(org.engineer))
    html = outside.post(path(links.useful_url(told)), {"said": said}).content.decode()
    assert "Was this digest useful?" in html
    assert 'value="yes"' in html
    assert DigestIssue.objects.get().useful is None


def test_who_is_signed_in_uses_the_same_doors(client: Client, org: Organisation) -> None:
    signed_in(client, org.colleague)
    row = subscribed(org.engineer)
    client.post(path(links.stop_url(row)), ONE_CLICK)
    assert now_so(row).stopped == NOW
