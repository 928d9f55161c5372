"""One's own subscription to the digest: made, changed, paused, stopped."""

from __future__ import annotations

from datetime import date, timedelta
from html import unescape
from typing import Any

import pytest
from django.test import Client

from dashboards.digest.subscriptions import KEPT, NO_WAY
from dashboards.models import Subscription
from delivery import secrets
from teams.models import Team
from tests.builders import TODAY
from tests.dashboards.conftest import NOW
from tests.dashboards.digest_rows import sent, subscribed
from tests.dashboards.risk_rows import page, signed_in
from tests.dashboards.roles import Organisation, organisation

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("still_clock")]
FORM = "/digest/subscription/"
HOOK = "https://hooks.slack.com/services/T0/B0/veryS3cret"


@pytest.fixture
def org(client: Client, db: None) -> Organisation:
    made = organisation()
    signed_in(client, made.engineer)
    return made


def posted(client: Client, **fields: Any) -> str:
    answer = client.post(FORM, sent(**fields))
    assert answer.status_code == 200, answer["Location"]
    return unescape(answer.content.decode())


def mine(org: Organisation) -> Subscription:
    return Subscription.objects.get(person=org.engineer)


@pytest.mark.parametrize("role", ["director", "manager", "lead", "engineer", "executive", "admin"])
def test_everybody_subscribes_themselves(client: Client, org: Organisation, role: str) -> None:
    who = getattr(org, role)
    signed_in(client, who)
    assert "You do not get the digest yet" in page(client, FORM)
    told = sent(weekday="3", hour="16", groups=[org.group.pk], teams=[org.team.pk], alert_from="60", alert_stale="on")
    assert client.post(FORM, told)["Location"] == FORM
    row = Subscription.objects.get()
    assert (row.person, row.by, row.since, row.confirmed) == (who, who, NOW, NOW)
    assert (row.weekday, row.hour, row.mail, row.alert_from, row.alert_stale) == (3, 16, True, 60, True)
    assert ([*row.groups.all()], [*row.teams.all()]) == ([org.group], [org.team])
    html = page(client, FORM)
    assert "Kept. Your next digest comes as you said." in html
    assert "Every Thursday at 16:00 by your clock (UTC)" in html


def test_it_is_changed(client: Client, org: Organisation) -> None:
    row = subscribed(org.engineer)
    row.groups.add(org.group)
    client.post(FORM, sent(seen=row.version, weekday="4", mail=None, chat="slack", webhook=HOOK))
    now = mine(org)
    assert (now.weekday, now.mail, now.chat, now.version) == (4, False, "slack", 2)
    assert not now.groups.exists()
    assert (now.since, now.confirmed) == (row.since, row.confirmed)


def test_who_was_subscribed_while_they_filled_in_the_form_sees_both(client: Client, org: Organisation) -> None:
    subscribed(org.engineer, by=org.director, weekday=2, hour=11)
    html = posted(client, seen="", weekday="4", hour="20")
    assert "What counts now: Wednesday at 11:00, by e-mail" in html
    assert '<option value="4" selected>Friday' in html
    assert (mine(org).weekday, mine(org).version) == (2, 1)


@pytest.mark.parametrize("chat", [{}, {"chat": "slack", "webhook": HOOK}])
def test_a_button_that_is_pressed_twice_subscribes_once(
    client: Client, org: Organisation, chat: dict[str, str]
) -> None:
    for _ in range(2):
        assert client.post(FORM, sent(weekday="4", groups=[org.group.pk], **chat))["Location"] == FORM
    assert (mine(org).weekday, mine(org).version) == (4, 1)


@pytest.mark.parametrize(
    ("fields", "anew"),
    [({"hour": "9"}, False), ({"alert_from": "60"}, True), ({"alert_stale": "on"}, True), ({"teams": ["one"]}, True)],
)
def test_only_what_decides_on_alerts_begins_them_anew(
    client: Client, org: Organisation, fields: dict[str, Any], anew: bool
) -> None:
    subscribed(org.engineer, alert_from=50, watched=NOW)
    chosen = fields | ({"teams": [org.team.pk]} if "teams" in fields else {})
    client.post(FORM, sent(**{"seen": 1, "alert_from": "50", **chosen}))
    assert (mine(org).version, mine(org).watched) == (2, None if anew else NOW)


def test_an_archived_team_stays_chosen_while_it_is(client: Client, org: Organisation) -> None:
    row = subscribed(org.engineer)
    row.teams.add(org.team)
    Team.objects.filter(pk=org.team.pk).update(archived=True)
    assert f'name="teams" value="{org.team.pk}" checked> {org.team} (archived)' in unescape(page(client, FORM))
    client.post(FORM, sent(seen=row.version, hour="9", teams=[org.team.pk]))
    assert [*mine(org).teams.all()] == [org.team]
    client.post(FORM, sent(seen=row.version + 1, hour="9"))
    assert str(org.team) not in page(client, FORM).partition("<main")[2]


def test_two_at_once_see_both(client: Client, org: Organisation) -> None:
    row = subscribed(org.engineer, weekday=2, hour=11)
    Subscription.objects.filter(pk=row.pk).update(version=2)
    html = posted(client, seen=1, weekday="4", hour="20")
    assert "Somebody else changed this while you were at it." in html
    assert "What counts now: Wednesday at 11:00, by e-mail" in html
    assert '<option value="4" selected>Friday' in html
    assert 'name="seen" value="2"' in html
    assert mine(org).weekday == 2
    assert client.post(FORM, sent(seen=2, weekday="4", hour="20")).status_code == 302
    assert (mine(org).weekday, mine(org).hour) == (4, 20)


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"alert_from": "0"}, "Enter whole per cent from 1 to 99, such as 50, or leave it empty."),
        ({"alert_from": "100"}, "Enter whole per cent from 1 to 99, such as 50, or leave it empty."),
        ({"alert_from": "half"}, "Enter whole per cent from 1 to 99, such as 50, or leave it empty."),
        ({"chat": "slack"}, "Enter the address of the incoming webhook, as the chat shows it."),
        ({"chat": "teams", "webhook": "http://teams.example.test/x"}, "The address must start with https://."),
        ({"chat": "slack", "webhook": KEPT}, ""),
        ({"mail": None}, NO_WAY),
        ({"groups": ["999999"]}, "One of these is not there any more: choose again."),
        ({"teams": ["x"]}, ""),
        ({"weekday": "7"}, ""),
        ({"hour": "24"}, ""),
    ],
)
def test_wrong_values_stay_with_what_is_wrong(
    client: Client, org: Organisation, fields: dict[str, Any], says: str
) -> None:
    html = posted(client, quiet_from="21", **fields)
    assert "One thing to fix before this can be kept" in html
    assert says in html
    assert '<option value="21" selected>21:00' in html
    ((name, value),) = list(fields.items())[-1:]
    if isinstance(value, str) and name in ("alert_from", "webhook"):
        assert f'value="{value}"' in html
    assert not Subscription.objects.exists()


def test_a_webhook_is_sealed_and_never_shown_again(client: Client, org: Organisation) -> None:
    client.post(FORM, sent(chat="slack", webhook=f" {HOOK} "))
    row = mine(org)
    assert HOOK not in row.webhook
    assert "veryS3cret" not in row.webhook
    assert secrets.unseal(row.webhook) == HOOK
    html = page(client, FORM)
    assert "veryS3cret" not in html
    assert row.webhook not in html
    assert f'value="{KEPT}"' in html
    client.post(FORM, sent(seen=1, chat="slack", webhook=KEPT, hour="9"))
    assert secrets.unseal(mine(org).webhook) == HOOK
    client.post(FORM, sent(seen=2, chat="", webhook=KEPT))
    assert (mine(org).chat, mine(org).webhook) == ("", "")


def state(client: Client, row: Subscription, **told: str) -> str:
    answer = client.post(f"/digest/readers/{row.pk}/state/", {"from": "own", **told}, follow=True)
    return unescape(answer.content.decode())


def test_it_is_paused_and_goes_on(client: Client, org: Organisation) -> None:
    row = subscribed(org.engineer)
    html = state(client, row, do="pause", until="2026-12-20")
    assert "Paused until 20 December 2026." in html
    assert mine(org).paused_until == date(2026, 12, 20)
    assert "End the pause" in html
    assert "The pause is over." in state(client, row, do="resume")
    assert mine(org).paused_until is None
    state(client, row, do="pause", until="")
    assert mine(org).paused_until == TODAY + timedelta(weeks=1)


@pytest.mark.parametrize("until", ["2026-11-23", "2026-01-01", "2028-01-01", "2026-13-45", "soon", "\0"])
def test_a_pause_ends_on_a_day_to_come(client: Client, org: Organisation, until: str) -> None:
    row = subscribed(org.engineer)
    html = state(client, row, do="pause", until=until)
    assert "Choose a day after today" in html or "Write the day as 2026-12-31" in html
    assert mine(org).paused_until is None


def test_it_is_stopped_and_starts_again(client: Client, org: Organisation) -> None:
    row = subscribed(org.engineer, alert_from=50)
    html = state(client, row, do="stop")
    assert "Your digest is stopped" in html
    assert "Stopped by its reader." in html
    assert mine(org).stopped == NOW
    assert "It comes again." in state(client, row, do="start")
    now = mine(org)
    assert (now.stopped, now.stopped_why, now.since, now.alert_from) == (None, "", NOW, 50)


@pytest.mark.parametrize("do", ["", "explode", "ask"])
def test_an_unknown_button_changes_nothing(client: Client, org: Organisation, do: str) -> None:
    row = subscribed(org.engineer)
    assert "Nothing was changed" in state(client, row, do=do)
    assert (mine(org).stopped, mine(org).version) == (None, 1)
    assert client.get(f"/digest/readers/{row.pk}/state/").status_code == 405
