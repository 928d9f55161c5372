"""The register of risks: the list, one risk and its forms, a new one, the rules, the panel of a deliverable."""

from __future__ import annotations

import csv
import re
from io import StringIO

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from delivery.models import Action, Goal, RiskEvent
from people.models import Role
from teams.models import Team
from tests import builders
from tests.builders import TODAY
from tests.dashboards.risk_rows import DAY, page, risk, signed_in
from tests.dashboards.roles import Organisation, organisation
from tests.dashboards.rows import promised

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("still_clock")]
LIST_QUERIES = 10
ONE_QUERIES = 11


@pytest.fixture
def org(db: None) -> Organisation:
    return organisation()


def titles(html: str) -> list[str]:
    return re.findall(r'role="rowheader"><a href="[^"]+">([^<]+)</a>', html)


def test_a_stranger_is_sent_to_sign_in(client: Client) -> None:
    for path in ("/risks/", "/risks/1/", "/risks/new/", "/risks/rules/"):
        assert client.get(path).status_code == 302, path


@pytest.mark.parametrize("role", Role.values)
def test_everybody_who_is_known_sees_the_register(client: Client, streaming: Team, role: str) -> None:
    one = risk(streaming)
    risk(streaming, "Not for long enough yet", state="pending", opened=None)
    client.force_login(builders.person(role=role))
    assert titles(page(client)) == ["Likely to miss"]
    assert "Likely to miss" in page(client, f"/risks/{one.pk}/")


def test_a_risk_on_a_confidential_goal_is_for_those_who_see_the_goal(client: Client, org: Organisation) -> None:
    period = {"start": TODAY, "end": TODAY + 60 * DAY}
    goal = Goal.objects.create(title="Secret", level="team", team=org.team, owner=org.lead, confidential=True, **period)
    one = risk(goal, "Goal without a word")
    assert titles(page(signed_in(client, org.manager))) == ["Goal without a word"]
    assert titles(page(signed_in(client, org.engineer))) == []
    assert client.get(f"/risks/{one.pk}/").status_code == 404
    assert client.get(f"/risks/new/?goal={goal.pk}").status_code == 404


def test_the_weightiest_comes_first_and_what_is_not_known_last(reader: Client, streaming: Team) -> None:
    risk(streaming, "Light", probability=0.9, impact=0.1)
    risk(streaming, "Unknown", impact=0.9)
    risk(streaming, "Heavy", probability=0.6, impact=0.8, opened=TODAY, owner=builders.person("Elif Aydin"))
    html = page(reader)
    assert titles(html) == ["Heavy", "Light", "Unknown"]
    assert "<em>3 open risks</em>; 1 is new this week, 2 have no owner" in html
    assert 'High impact<br><small class="quiet">0.8 of 1</small>' in html
    assert "no actions" in html
    assert "about 3 in 5" in html
    assert "not known" in html


def test_the_url_narrows_the_list(client: Client, org: Organisation) -> None:
    other = builders.team("MLOps", slug="mlops")
    client.force_login(org.lead)
    risk(promised(org.team, "Event schema", 0.8), "Scope grew", kind="scope", owner=org.lead)
    risk(other, "Work piles up", kind="flow", state="mitigating")
    risk(other, "Over", state="closed", closed=TODAY)
    for query, found in (
        ("", ["Work piles up", "Scope grew"]),
        ("?kind=scope", ["Scope grew"]),
        ("?state=mitigating", ["Work piles up"]),
        ("?state=closed", ["Over"]),
        ("?team=streaming", ["Scope grew"]),
        (f"?owner={org.lead.pk}", ["Scope grew"]),
        ("?owner=nobody", ["Work piles up"]),
        ("?mine=yes", ["Scope grew"]),
        ("?find=SCHEMA", ["Scope grew"]),
        ("?find=elif", ["Scope grew"]),
    ):
        assert titles(page(client, f"/risks/{query}")) == found, query
    assert "No risk fits this choice." in page(client, "/risks/?find=zebra")


def test_bad_filters_are_ignored_and_said(reader: Client, streaming: Team) -> None:
    risk(streaming)
    html = page(reader, "/risks/?kind=doom&state=pending&team=%00&owner=99")
    assert titles(html) == ["Likely to miss"]
    for said in ("no kind “doom”", "no state “pending”", "no owner “99”"):
        assert said in html


def test_the_form_shows_what_was_chosen(reader: Client, streaming: Team) -> None:
    risk(streaming)
    html = page(reader, "/risks/?kind=schedule&mine=yes&find=Li")
    assert '<option value="schedule" selected>' in html
    assert 'name="mine" value="yes" checked' in html
    assert 'value="Li"' in html


def test_a_row_tells_its_actions_and_whether_the_chance_fell_with_them(reader: Client, streaming: Team) -> None:
    one = risk(streaming, review_on=TODAY - DAY)
    span = {"chosen": TODAY - 30 * DAY, "due": TODAY - 9 * DAY, "state": "done", "ended": TODAY - 9 * DAY}
    span |= {"measured_on": TODAY - 9 * DAY}
    Action.objects.create(risk=one, title="Cut", expected=0.14, measured=0.09, **span)
    Action.objects.create(risk=one, title="Lend", expected=0.1, measured=-0.02, **span)
    Action.objects.create(risk=one, title="Move", chosen=TODAY, due=TODAY + 9 * DAY)
    html = page(reader)
    assert "1 running, 2 ended" in html
    assert "chance fell with 1 of 2 measured" in html
    assert "Review overdue" in html
    detail = page(reader, f"/risks/{one.pk}/")
    assert "expected 14 points less, measured 9 points less" in detail
    assert "expected 10 points less, measured 2 points more" in detail
    assert "Effect: not measured yet" in detail


def test_the_history_says_no_certain_probability(reader: Client, streaming: Team) -> None:
    one = risk(streaming)
    for what, before, after in (("opened", "", "100%"), ("moved", "100%", "62%")):
        RiskEvent.objects.create(risk=one, at=one.updated, day=TODAY, what=what, before=before, after=after)
    html = page(reader, f"/risks/{one.pk}/")
    assert "Probability over 99%." in html
    assert "over 99% → 62%" in html


def test_an_empty_register_says_how_it_fills(reader: Client) -> None:
    html = page(reader)
    assert "No open risk" in html
    assert "Every day, rules look at what is measured" in html


def test_the_file_holds_the_same_rows_and_no_formula(reader: Client, streaming: Team) -> None:
    risk(streaming, "=1+1", kind="flow", probability=0.5, impact=0.6)
    risk(streaming, "Unknown")
    assert 'href="?kind=flow&amp;format=csv"' in page(reader, "/risks/?kind=flow")
    answer = reader.get("/risks/?kind=flow&format=csv")
    assert answer["Content-Disposition"] == 'attachment; filename="headway-risks-2026-11-23.csv"'
    (row,) = csv.DictReader(StringIO(answer.content.decode()))
    assert (row["risk"], row["probability %"], row["impact"], row["score"]) == ("'=1+1", "50", "0.6", "0.3")
    (row,) = csv.DictReader(StringIO(reader.get("/risks/?find=unknown&format=csv").content.decode()))
    assert (row["probability %"], row["impact"], row["score"]) == ("", "", "")


@pytest.mark.parametrize("count", [1, 6])
def test_the_list_makes_a_fixed_number_of_queries(
    reader: Client, streaming: Team, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(count):
        one = risk(promised(streaming, f"Promise {number}", 0.8), owner=builders.person())
        Action.objects.create(risk=one, title="Cut", chosen=TODAY, due=TODAY)
    with django_assert_num_queries(LIST_QUERIES):
        page(reader)


@pytest.mark.parametrize("count", [1, 6])
def test_one_risk_makes_a_fixed_number_of_queries(
    reader: Client, streaming: Team, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    one = risk(promised(streaming, "Event schema", 0.8))
    for number in range(count):
        who = builders.member(streaming)
        Action.objects.create(risk=one, title=f"Cut {number}", chosen=TODAY, due=TODAY, owner=who)
        RiskEvent.objects.create(risk=one, at=one.updated, day=TODAY, what="note", note="Seen", by=who)
    with django_assert_num_queries(ONE_QUERIES):
        page(reader, f"/risks/{one.pk}/")


def test_a_page_tells_what_it_rests_on_with_links_and_shares(reader: Client, streaming: Team) -> None:
    evidence = [
        {"says": "12 items came in", "url": "https://jira.example.test/browse/ABC-1"},
        {"says": "Odd", "url": "javascript:alert(1)"},
    ]
    drivers = [{"cause": "scope", "share": 0.12}, {"cause": "pace", "share": -0.03}]
    one = risk(
        promised(streaming, "Event schema", 0.8), "Scope grew", rule="scope_grew", value=31.0,
        evidence=evidence, drivers=drivers,
    )  # fmt: skip
    html = page(reader, f"/risks/{one.pk}/")
    assert '<a href="https://jira.example.test/browse/ABC-1">12 items came in</a>' in html
    assert "javascript:" not in html
    assert "raises the chance of missing by 12 points" in html
    assert "lowers the chance of missing by 3 points" in html
    assert "Found by the rule “Scope grew”" in html
    assert "against those promised: 31%" in html
