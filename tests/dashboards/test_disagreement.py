"""Word and forecast side by side: goals and deliverables, the widest gap first, with the reason that was given."""

from __future__ import annotations

import csv
import re
from io import StringIO

import pytest
from django.test import Client

from tests.dashboards.goal_rows import goal, said
from tests.dashboards.risk_rows import page, signed_in
from tests.dashboards.roles import Organisation, organisation
from tests.dashboards.rows import checked_in, promised

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("still_clock")]


@pytest.fixture
def org(db: None) -> Organisation:
    made = organisation()
    said(goal("Wide goal", chance=0.05), "on_track", 95, reason="The <b>vendor</b> signed.")
    said(goal("Careful goal", chance=0.95), "at_risk", 40)
    said(goal("Agreed", chance=0.95), "on_track", 90)
    said(goal("Hidden", chance=0.05, confidential=True, owner=made.director), "on_track", 99)
    checked_in(promised(made.team, "Narrow work", 0.6), "on_track", 70)
    return made


def titles(html: str) -> list[str]:
    return re.findall(r'<strong dir="auto">([^<]+)</strong>', html)


def test_the_widest_gap_comes_first_and_the_careful_after_the_hopeful(client: Client, org: Organisation) -> None:
    signed_in(client, org.executive)
    html = page(client, "/disagreement/")
    assert titles(html) == ["Wide goal", "Narrow work", "Careful goal"]
    assert "“The &lt;b&gt;vendor&lt;/b&gt; signed.”" in html
    assert "90 points apart" in html
    assert "2 words</em> are more hopeful" in html
    assert "1 is more careful" in html
    overview = page(client, "/")
    assert titles(overview) == ["Wide goal", "Narrow work"]


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("kind=goal", ["Wide goal", "Careful goal"]),
        ("kind=deliverable", ["Narrow work"]),
        ("direction=careful", ["Careful goal"]),
        ("direction=hopeful&kind=goal", ["Wide goal"]),
        ("kind=moon", ["Wide goal", "Narrow work", "Careful goal"]),
    ],
)
def test_filters_come_from_the_url(client: Client, org: Organisation, query: str, shown: list[str]) -> None:
    signed_in(client, org.lead)
    html = page(client, f"/disagreement/?{query}")
    assert titles(html) == shown
    assert ("There is no kind “moon”" in html) is ("moon" in query)


def test_a_confidential_goal_is_for_those_who_may_see_it(client: Client, org: Organisation) -> None:
    signed_in(client, org.director)
    assert titles(page(client, "/disagreement/"))[0] == "Hidden"


def test_the_export_holds_the_same(client: Client, org: Organisation) -> None:
    signed_in(client, org.executive)
    rows = list(csv.DictReader(StringIO(client.get("/disagreement/?format=csv").content.decode())))
    assert [(row["what"], row["gap points"]) for row in rows] == [
        ("Wide goal", "90"),
        ("Narrow work", "30"),
        ("Careful goal", "-55"),
    ]
