"""The forms of a risk: who may, what is kept, what comes back; and a risk that is written by hand."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from delivery.models import Risk
from tests.builders import TODAY
from tests.dashboards.risk_rows import DAY, page, risk, signed_in, typed
from tests.dashboards.roles import Organisation, organisation
from tests.dashboards.rows import promised

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("still_clock")]


@pytest.fixture
def org(db: None) -> Organisation:
    return organisation()


@pytest.mark.parametrize(
    ("who", "may"),
    [
        ("director", True),
        ("manager", True),
        ("lead", True),
        ("engineer", False),
        ("executive", False),
        ("admin", False),
    ],
)
def test_who_runs_the_team_changes_its_risks(client: Client, org: Organisation, who: str, may: bool) -> None:
    one = risk(promised(org.team, "Event schema", 0.8), rule="likely_to_miss")
    signed_in(client, getattr(org, who))
    html = page(client, f"/risks/{one.pk}/")
    assert ("Close this risk" in html) is may
    answer = client.post(f"/risks/{one.pk}/", typed(one, state="accepted"))
    assert answer.status_code == (302 if may else 403)
    one.refresh_from_db()
    assert one.state == ("accepted" if may else "new")
    assert client.get("/risks/new/?team=streaming").status_code == (200 if may else 403)
    assert client.post("/risks/new/?team=streaming", {}).status_code == (200 if may else 403)
    assert client.get("/risks/rules/").status_code == (200 if who == "admin" else 403)


def test_a_change_is_kept_and_told_in_the_history(client: Client, org: Organisation) -> None:
    one = risk(promised(org.team, "Event schema", 0.8), rule="likely_to_miss")
    signed_in(client, org.lead)
    sent = typed(
        one, state="mitigating", roam="owned", owner=str(org.engineer.pk), review_on="2026-12-01", note="Cut two items."
    )
    assert client.post(f"/risks/{one.pk}/", sent).status_code == 302
    one.refresh_from_db()
    assert (one.state, one.roam, one.owner, one.review_on) == ("mitigating", "owned", org.engineer, TODAY + 8 * DAY)
    html = page(client, f"/risks/{one.pk}/")
    for said in ("New → Mitigating", "none → Owned", "none → Noor Haddad", "“Cut two items.”", "Today, Elif Aydin"):
        assert said in html, said


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("review_on", "2026-11-01", "A review is today or later"),
        ("review_on", "soon", "Enter a day, such as 2026-12-31."),
        ("state", "closed", "Choose a state of the list."),
        ("owner", "999999", "Choose somebody of the list, or nobody."),
    ],
)
def test_an_error_keeps_the_form(client: Client, org: Organisation, field: str, value: str, said: str) -> None:
    one = risk(promised(org.team, "Event schema", 0.8), rule="likely_to_miss")
    signed_in(client, org.lead)
    html = client.post(f"/risks/{one.pk}/", typed(one, note="My long words", **{field: value})).content.decode()
    assert said in html
    assert "My long words</textarea>" in html
    one.refresh_from_db()
    assert (one.state, one.owner, one.review_on) == ("new", None, None)


def test_a_review_day_that_is_past_may_stay_as_it_is(client: Client, org: Organisation) -> None:
    one = risk(org.team, rule="piling_up", review_on=TODAY - DAY)
    signed_in(client, org.lead)
    sent = typed(one, state="accepted", review_on=(TODAY - DAY).isoformat())
    assert client.post(f"/risks/{one.pk}/", sent).status_code == 302


def test_who_was_slower_sees_both_versions_and_loses_nothing(client: Client, org: Organisation) -> None:
    one = risk(org.team, rule="piling_up")
    slower = typed(one, state="accepted", note="My long words")
    signed_in(client, org.manager).post(f"/risks/{one.pk}/", typed(one, state="mitigating"))
    signed_in(client, org.lead)
    html = client.post(f"/risks/{one.pk}/", slower).content.decode()
    assert "Somebody else changed this risk while you were at it." in html
    assert "<dt>State</dt><dd>Mitigating</dd>" in html
    assert '<option value="accepted" selected>' in html
    assert "My long words</textarea>" in html
    again = re.findall(r'name="seen" value="([^"]+)"', html)[0]
    assert client.post(f"/risks/{one.pk}/", slower | {"seen": again}).status_code == 302
    one.refresh_from_db()
    assert one.state == "accepted"


def test_what_was_typed_for_a_risk_that_is_closed_meanwhile_is_shown(client: Client, org: Organisation) -> None:
    one = risk(org.team, rule="piling_up")
    sent = typed(one, note="My long words")
    Risk.objects.filter(pk=one.pk).update(state="closed", closed=TODAY)
    html = signed_in(client, org.lead).post(f"/risks/{one.pk}/", sent).content.decode()
    assert "it is closed by now" in html
    assert "You typed: “My long words”" in html


def test_a_risk_is_closed_for_a_reason(client: Client, org: Organisation) -> None:
    one = risk(org.team, rule="piling_up")
    signed_in(client, org.lead)
    sent = {"do": "close", "seen": one.updated.isoformat(), "reason": ""}
    assert "Say why it is closed" in client.post(f"/risks/{one.pk}/", sent).content.decode()
    assert client.post(f"/risks/{one.pk}/", sent | {"reason": "The team has finished it."}).status_code == 302
    one.refresh_from_db()
    assert (one.state, one.closed) == ("closed", TODAY)
    html = page(client, f"/risks/{one.pk}/")
    assert "“The team has finished it.”" in html
    assert "Close this risk" not in html


def test_only_a_risk_written_by_hand_lets_people_change_what_it_says(client: Client, org: Organisation) -> None:
    found, written = risk(org.team, "Piles up", rule="piling_up"), risk(org.team, "Vendor", by=org.lead)
    signed_in(client, org.lead)
    says = {"title": "Another", "detail": "Longer", "probability": "40", "impact": "80"}
    for one in (found, written):
        assert client.post(f"/risks/{one.pk}/", typed(one, **says)).status_code == 302
        one.refresh_from_db()
    assert (found.title, found.probability) == ("Piles up", None)
    assert (written.title, written.detail, written.probability, written.impact) == ("Another", "Longer", 0.4, 0.8)
    html = client.post(f"/risks/{written.pk}/", typed(written, **says | {"probability": "140"})).content.decode()
    assert "Enter a whole number from 0 to 100" in html


def test_a_risk_that_no_rule_sees_is_written_down(client: Client, org: Organisation) -> None:
    about = promised(org.team, "Event schema", 0.8)
    signed_in(client, org.lead)
    path = f"/risks/new/?deliverable={about.pk}"
    html = client.post(path, {"title": "", "detail": "My long words", "probability": "x"}).content.decode()
    for said in ("Choose what it is about.", "Say in a line what may happen.", "My long words</textarea>"):
        assert said in html
    answer = client.post(path, {"kind": "dependency", "title": "The vendor is late", "probability": "35"})
    one = Risk.objects.get()
    assert answer["Location"] == f"/risks/{one.pk}/"
    assert (one.deliverable, one.by, one.probability, one.impact, one.opened) == (about, org.lead, 0.35, None, TODAY)
    assert "Written by Elif Aydin" in page(client, f"/risks/{one.pk}/")
    for nowhere in ("", "?deliverable=99999999", "?team=nowhere", "?deliverable=x"):
        assert client.get(f"/risks/new/{nowhere}").status_code == 404


def test_a_deliverables_page_lists_its_open_risks(client: Client, org: Organisation) -> None:
    about = promised(org.team, "Event schema", 0.8)
    path = f"/deliverables/{about.pk}/"
    assert "No open risk." in page(signed_in(client, org.engineer), path)
    risk(about, "Scope grew", kind="scope", impact=0.5)
    risk(about, "Over", state="closed", closed=TODAY)
    html = page(client, path)
    assert "Scope grew</a>" in html
    assert "Over</a>" not in html
    assert "Add a risk" not in html
    assert f"/risks/new/?deliverable={about.pk}" in page(signed_in(client, org.lead), path)
