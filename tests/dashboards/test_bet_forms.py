"""The forms of a bet: who may, what is kept, and what comes back."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from dashboards.forms import bet as forms
from delivery import bets
from delivery.models import Bet, Goal
from tests import builders
from tests.builders import TODAY
from tests.dashboards.bet_rows import DAY, bet, new, page, post
from tests.dashboards.roles import Organisation, organisation

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("still_clock")]


@pytest.fixture
def org(db: None) -> Organisation:
    return organisation()


@pytest.mark.parametrize("who", ["director", "manager", "lead", "engineer", "colleague", "executive", "admin"])
def test_who_runs_the_team_lays_changes_and_decides(client: Client, org: Organisation, who: str) -> None:
    may, person = who in ("director", "manager", "lead"), getattr(org, who)
    one = bet(org.team, goal=None)
    text = page(client, person)
    assert (f"/learning/{one.pk}/decide/" in text) is (f"/learning/{one.pk}/edit/" in text) is may
    for path, sent in (
        ("/learning/new/", new(org.team)),
        (f"/learning/{one.pk}/edit/", {"title": "Renamed", "seen": "1"}),
        (f"/learning/{one.pk}/decide/", {"verdict": "dropped", "seen": "2"}),
    ):
        assert client.get(path).status_code == (200 if may else 403), path
        assert client.post(path, sent).status_code == (302 if may else 403), path
    one.refresh_from_db()
    assert (one.title, one.verdict) == (("Renamed", "dropped") if may else ("One topic per event type", ""))
    assert Bet.objects.count() == (2 if may else 1)


def test_a_bet_for_a_team_that_one_does_not_run_is_refused_and_kept_in_the_form(
    client: Client, org: Organisation
) -> None:
    other = builders.team("Other")
    text = post(client, org.lead, "/learning/new/", new(other))
    assert "for the teams that you run" in text
    assert "Half the cost</textarea>" in text
    one = bet(org.team)
    values = forms.values_of(one) | {"team": other.pk}
    assert "for the teams that you run" in post(client, org.lead, f"/learning/{one.pk}/edit/", values)
    one.refresh_from_db()
    assert (one.team, Bet.objects.count()) == (org.team, 1)


def test_a_bet_is_laid_and_told(client: Client, org: Organisation) -> None:
    client.force_login(org.lead)
    sent = new(org.team, owner=org.engineer.pk, cost_so_far="2", title="Consum\u0435rs\0 of events")
    answer = client.post("/learning/new/", sent, follow=True)
    made = Bet.objects.get()
    assert answer.redirect_chain == [(f"/learning/#bet-{made.pk}", 302)]
    assert "is laid. It waits for its verdict until 15 January." in answer.content.decode()
    assert (made.owner, made.cost_cap, made.cost_so_far, made.title) == (
        org.engineer, 15, 2, "Consum\u0435rs of events",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("title", "", "Name the bet in a line"),
        ("hypothesis", " ", "Say what you believe"),
        ("cost_cap", "a lot", "Enter whole working days of people"),
        ("cost_cap", "", "Enter whole working days of people"),
        ("cost_cap", "0", "from 1 to 9,999"),
        ("cost_cap", "9" * 30, "from 1 to 9,999"),
        ("cost_so_far", "1.5", "Enter whole working days of people"),
        ("cost_so_far", "-1", "from 0 to 9,999"),
        ("started", "soon", "Enter a day, such as"),
        ("started", "1999-01-01", "between 2000 and 2199"),
        ("decide_by", "2026-11-19", "It starts on 20 November 2026"),
        ("decide_by", "", "Enter a day, such as"),
        ("team", "", "Choose the team that tests it."),
        ("team", "none", "Choose one of the list."),
        ("owner", "999999", "Choose one of the list."),
        ("goal", "x", "Choose one of the list."),
    ],
)
def test_what_is_wrong_is_said_beside_its_field_and_the_rest_stays(
    client: Client, org: Organisation, field: str, value: str, says: str
) -> None:
    text = post(client, org.lead, "/learning/new/", new(org.team) | {"kill_criterion": "Typed long", field: value})
    assert says in text
    assert f'id="{field}-error"' in text
    assert text.count('class="error"') == 1
    assert "Typed long</textarea>" in text
    assert not Bet.objects.exists()


def test_a_bet_typed_as_the_login_ran_out_is_there_after_signing_in(client: Client, org: Organisation) -> None:
    sent = client.post("/learning/new/", new(org.team) | {"hypothesis": "Typed for an hour"})
    assert sent["Location"] == "/accounts/login/?next=/learning/new/"
    client.force_login(org.lead)
    assert "Typed for an hour</textarea>" in client.get("/learning/new/").content.decode()
    assert not Bet.objects.exists()


def test_everything_that_is_wrong_is_said_at_once(client: Client, org: Organisation) -> None:
    text = post(client, org.lead, "/learning/new/", {})
    found = set(re.findall(r'id="(\w+)-error"', text))
    assert found == {
        "title", "hypothesis", "success_signal", "kill_criterion", "cost_cap", "started", "decide_by", "team",
    }  # fmt: skip


def test_who_saves_second_sees_both_versions_and_may_keep_theirs(client: Client, org: Organisation) -> None:
    one = bet(org.team)
    mine = forms.values_of(one) | {"hypothesis": "Mine", "cost_so_far": "3"}
    bets.change_bet(one, bets.as_told(one, hypothesis="Theirs"), seen=1)
    text = post(client, org.lead, f"/learning/{one.pk}/edit/", mine)
    assert "Somebody else changed this bet while you were at it." in text
    row = re.search(r'<th scope="row">What we believe</th>(.*?)</tr>', text)
    assert row is not None
    assert re.findall(r'<td dir="auto">(.*?)</td>', row[1]) == ["Theirs", "Mine"]
    assert "Mine</textarea>" in text
    one.refresh_from_db()
    assert one.hypothesis == "Theirs"
    assert post(client, org.lead, f"/learning/{one.pk}/edit/", mine | {"seen": "2"}) == ""
    one.refresh_from_db()
    assert (one.hypothesis, one.cost_so_far, one.version) == ("Mine", 3, 3)


def test_who_decides_second_sees_both_versions(client: Client, org: Organisation) -> None:
    one = bet(org.team)
    told = bets.VerdictTold("validated", "It works", 5, TODAY)
    bets.decide_bet(one, told, by=org.manager, today=TODAY, seen=1)
    sent = {"verdict": "disproved", "lesson": "It does not", "cost": "5", "day": "2026-11-23", "seen": "1"}
    text = post(client, org.lead, f"/learning/{one.pk}/decide/", sent)
    assert "Somebody else changed this bet" in text
    assert '<td dir="auto">Validated</td><td dir="auto">Disproved inside its cap</td>' in text
    assert "It does not</textarea>" in text
    one.refresh_from_db()
    assert (one.verdict, one.decided_by) == ("validated", org.manager)


def test_a_conflict_shows_nothing_of_what_went_out_of_sight(client: Client, org: Organisation) -> None:
    one = bet(org.team)
    secret = Goal.objects.create(
        title="Secret goal", level="company", owner=org.director, confidential=True, start=TODAY, end=TODAY + 90 * DAY
    )
    mine = forms.values_of(one) | {"hypothesis": "Mine"}
    bets.change_bet(one, bets.as_told(one, goal=secret), seen=1)
    client.force_login(org.lead)
    answer = client.post(f"/learning/{one.pk}/edit/", mine)
    assert answer.status_code == 404
    assert "Secret goal" not in answer.content.decode()


@pytest.mark.parametrize(
    ("sent", "field", "says"),
    [
        ({"verdict": ""}, "verdict", "Choose what came of it."),
        ({"verdict": "maybe"}, "verdict", "Choose what came of it."),
        ({"verdict": "disproved", "lesson": ""}, "lesson", "Say in a sentence what was learned"),
        ({"verdict": "validated", "lesson": " "}, "lesson", "Say in a sentence what was learned"),
        ({"verdict": "disproved", "cost": "11"}, "verdict", "It cost more than its cap"),
        ({"verdict": "dropped", "cost": "many"}, "cost", "Enter whole working days"),
        ({"verdict": "dropped", "day": "2026-11-24"}, "day", "Enter a day from 24 October 2026"),
        ({"verdict": "dropped", "day": "soon"}, "day", "Enter a day, such as"),
    ],
)
def test_a_verdict_that_does_not_hold_comes_back_with_what_was_typed(
    client: Client, org: Organisation, sent: dict[str, str], field: str, says: str
) -> None:
    one = bet(org.team)
    whole = {"lesson": "Typed", "reuse": "All of us", "cost": "8", "day": "2026-11-23", "seen": "1"} | sent
    text = post(client, org.lead, f"/learning/{one.pk}/decide/", whole)
    assert says in text
    assert re.findall(r'id="(\w+)-error"', text) == [field]
    assert "All of us</textarea>" in text
    one.refresh_from_db()
    assert (one.verdict, one.version) == ("", 1)


def test_a_bet_is_decided_and_its_verdict_corrected(client: Client, org: Organisation) -> None:
    one = bet(org.team)
    sent = {"verdict": "disproved", "lesson": "No", "cost": "8", "day": "2026-11-23", "seen": "1", "reuse": ""}
    client.force_login(org.lead)
    answer = client.post(f"/learning/{one.pk}/decide/", sent, follow=True)
    assert "counts as learned." in answer.content.decode()
    assert 'value="disproved" checked' in page(client, org.lead, f"/learning/{one.pk}/decide/")
    text = post(client, org.lead, f"/learning/{one.pk}/edit/", {"cost_cap": "50", "seen": "2"})
    assert "what was wagered stays as it was" in text
    assert (
        post(client, org.lead, f"/learning/{one.pk}/decide/", {"verdict": "overran", "cost": "14", "seen": "2"}) == ""
    )
    one.refresh_from_db()
    assert (one.verdict, one.cost_so_far, one.lesson, one.cost_cap) == ("overran", 14, "No", 10)
