"""A team's page: its sentence, promises, flow, delivery and people, for everybody who is logged in."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries
from time_machine import travel

from dashboards.pages import team as pages
from delivery import freshness
from delivery.core.chance import Level
from delivery.models import Deliverable, Deployment, Forecast, PullRequest, Source, SourceSlice
from people.models import Person
from teams.models import TimeOff
from tests import builders
from tests.builders import TODAY, at
from tests.dashboards.roles import Organisation, organisation

pytestmark = pytest.mark.django_db

QUERIES = 28
WEEK = timedelta(weeks=1)


@pytest.fixture(autouse=True)
def today() -> Iterator[None]:
    with travel(at(TODAY), tick=False):
        yield


@pytest.fixture
def org() -> Organisation:
    return organisation()


def page(org: Organisation, user: Person | None = None, weeks: str = "") -> pages.TeamPage:
    return pages.page(user or org.director, org.team, weeks=weeks, now=at(TODAY), today=TODAY)


def html(client: Client, user: Person, address: str = "/teams/streaming/") -> str:
    client.force_login(user)
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def said(made: pages.TeamPage) -> str:
    return "".join(phrase.text for phrase in made.headline)


def work(org: Organisation, *a_week: int) -> None:
    """Items finished in each of the last whole weeks, oldest first; each took three days."""
    jira = builders.project(org.team, "STR", builders.source(name="Jira", scopes=["STR"]))
    monday = TODAY - timedelta(days=TODAY.weekday()) - WEEK * len(a_week)
    for place, count in enumerate(a_week):
        done = at(monday + WEEK * place)
        for _ in range(count):
            builders.item(jira, "STR", finished=done, started=done - timedelta(days=3))
    SourceSlice.objects.create(source=jira, kind="issues", scope="STR", last_success=at(TODAY))


def promise(org: Organisation, chance: float | None, **fields: Any) -> Deliverable:
    target = TODAY + timedelta(days=30)
    made = builders.deliverable(fields.pop("team", org.team), target=target, **fields)
    known = {"quantiles": [float(day) for day in range(1, 100)]} if chance else {"reason": "No item is finished yet."}
    Forecast.objects.create(
        deliverable=made, day=TODAY, made=at(TODAY), target=target, chance=chance, version=1, **known
    )
    return made


def test_everybody_who_is_logged_in_sees_it(client: Client, org: Organisation) -> None:
    for user in org.everybody():
        assert "Streaming &amp; Events" in html(client, user)


def test_whoever_is_not_is_asked_to_sign_in_and_comes_back(client: Client, org: Organisation) -> None:
    assert client.get("/teams/streaming/?weeks=4")["Location"] == "/accounts/login/?next=/teams/streaming/%3Fweeks%3D4"


def test_a_team_nobody_knows_is_not_found(client: Client, org: Organisation) -> None:
    client.force_login(org.director)
    assert client.get("/teams/nowhere/").status_code == 404


class TestHeadline:
    def test_it_holds_the_last_four_weeks_against_three_months_ago(self, org: Organisation) -> None:
        work(org, 11, 10, 12, 10, 11, 9, 10, 8, 5, 6, 4, 6)
        promise(org, 0.2)
        promise(org, 0.9)
        assert said(page(org)) == "Work finishes at half of September’s pace; 1 of 2 promises is likely to miss."
        assert page(org).level == Level.LIKELY

    def test_its_pace_does_not_depend_on_the_weeks_that_are_shown(self, org: Organisation) -> None:
        work(org, 11, 10, 12, 10, 11, 9, 10, 8, 5, 6, 4, 6)
        assert said(page(org, weeks="4")) == said(page(org, weeks="26")) == said(page(org))

    def test_what_another_team_promised_is_shown_apart_and_not_counted(self, org: Organisation) -> None:
        promise(org, 0.9, title="Own")
        helped = promise(org, 0.2, title="Helped", team=builders.team("Other", group=org.group))
        helped.helping_teams.add(org.team)
        made = page(org)
        assert [row.promise.title for row in made.promised.rows] == ["Own"]
        assert [row.promise.title for row in made.helps.rows] == ["Helped"]
        assert said(made).endswith("1 of 1 promise is on track.")


class TestWithoutData:
    def test_a_team_without_a_project_says_so_and_shows_no_zero(self, client: Client, org: Organisation) -> None:
        text = html(client, org.engineer)
        assert "No project or repository is tied to this team yet" in text
        assert "nothing is promised" in text
        assert text.count("Not enough data.") == 5
        assert "chart__plot" not in text

    def test_a_team_whose_source_was_never_read_says_that(self, org: Organisation) -> None:
        builders.project(org.team, "STR")
        assert said(page(org)).startswith("Its work is still being read")

    def test_a_team_that_did_nothing_is_told_from_one_of_which_nothing_is_known(self, org: Organisation) -> None:
        work(org, 0)
        assert said(page(org)).startswith("Nothing finished in the last 12 weeks")

    def test_a_promise_without_forecast_is_not_on_track(self, org: Organisation) -> None:
        promise(org, None)
        assert said(page(org)).endswith("no forecast yet for 1 promise.")
        assert page(org).level == Level.NONE

    def test_few_deployments_are_not_enough(self, client: Client, org: Organisation) -> None:
        deploy(org, 2)
        text = html(client, org.engineer)
        assert "2 deployments in this time are too few" in text
        assert "0%" not in text


def deploy(org: Organisation, count: int) -> None:
    repository = builders.repository(builders.project(org.team, "acme/ranker", builders.source("github")))
    for number in range(count):
        done = at(TODAY - timedelta(days=3 + number))
        PullRequest.objects.create(
            repository=repository,
            native_id=f"p{number}",
            number=number,
            title="A change",
            created=done - timedelta(days=2),
            updated=done,
            first_commit=done - timedelta(days=2),
            ready=done - timedelta(days=2),
            first_review=done - timedelta(days=1),
            merged=done - timedelta(hours=1),
        )
        Deployment.objects.create(
            repository=repository,
            native_id=str(number),
            environment="production",
            production=True,
            created=done,
            finished=done,
            state="success",
        )


class TestWeeks:
    @pytest.mark.parametrize(("asked", "shown"), [("4", 4), ("26", 26), ("", 12), ("12", 12)])
    def test_the_address_chooses_them(self, org: Organisation, asked: str, shown: int) -> None:
        work(org, *[3] * 26)
        figure = page(org, weeks=asked).flow[0].figure
        assert figure is not None
        assert len(figure.rows) == shown

    def test_weeks_from_before_its_record_are_not_drawn_and_that_is_said(self, org: Organisation) -> None:
        work(org, *[3] * 9)
        figure = page(org, weeks="26").flow[0].figure
        assert figure is not None
        assert len(figure.rows) == 9
        assert figure.note.endswith("The record begins on 21 Sep, so the weeks before are not known.")
        shorter = page(org, weeks="4").flow[0].figure
        assert shorter is not None
        assert "The record begins" not in shorter.note

    def test_they_are_over_when_they_are_over_where_the_team_is(self, org: Organisation) -> None:
        work(org, *[3] * 12)
        org.team.timezone = "America/New_York"
        early = pages.page(org.director, org.team, weeks="4", now=at(TODAY, 1), today=TODAY)
        assert [one.flow[0].figure.rows[-1][0] for one in (early, page(org, weeks="4")) if one.flow[0].figure] == [
            "9 Nov",
            "16 Nov",
        ]

    @pytest.mark.parametrize("asked", ["0", "-4", "5", "4.0", "vier", "999999999999999999999", "４", "<script>"])
    def test_anything_else_means_twelve(self, client: Client, org: Organisation, asked: str) -> None:
        client.force_login(org.engineer)
        answer = client.get("/teams/streaming/", {"weeks": asked})
        assert answer.status_code == 200
        assert '<a class="plain" href="?weeks=12" aria-current="true">' in answer.content.decode()


class TestCharts:
    def test_they_are_there_with_their_numbers_as_tables(self, client: Client, org: Organisation) -> None:
        work(org, *[6] * 12)
        deploy(org, 8)
        text = html(client, org.engineer)
        assert text.count('<div class="chart__plot" role="img" aria-label="') == 3
        assert text.count("Show the numbers") == 3
        assert "No item is in progress." in text

    def test_items_in_progress_stand_in_the_order_of_the_work(self, org: Organisation) -> None:
        jira = builders.project(org.team, "STR")
        for status in ("Ready to ship", "In Review", "In Progress", "QA"):
            builders.item(jira, "STR", status=status, stage="active", started=at(TODAY - timedelta(days=2)))
        figure = page(org).flow[2].figure
        assert figure is not None
        assert [row[1] for row in figure.rows] == ["In Progress", "In Review", "QA", "Ready to ship"]


class TestPeople:
    def test_they_stand_in_order_of_name_with_role_and_days_away(self, org: Organisation) -> None:
        start = TODAY + timedelta(days=10)
        TimeOff.objects.create(person=org.colleague, start=start, end=start + timedelta(days=3))
        told = [(one.name, one.role, one.away) for one in page(org).members]
        assert told == [
            ("Elif Aydin", "Lead, leads the team", ""),
            ("Hanna Kowal", "Engineer", "away 3 Dec to 5 Dec"),
            ("Noor Haddad", "Engineer", ""),
        ]

    def test_whoever_left_is_gone(self, org: Organisation) -> None:
        builders.member(org.team, builders.person("Old Hand"), end=TODAY)
        assert "Old Hand" not in [one.name for one in page(org).members]

    def test_a_name_leads_to_a_page_only_for_who_may_open_it(self, org: Organisation) -> None:
        assert {one.name for one in page(org, org.engineer).members if one.linked} == {"Noor Haddad"}
        assert not [one for one in page(org, org.admin).members if one.linked]
        assert all(one.linked for one in page(org, org.manager).members)

    def test_nothing_is_said_about_how_much_anybody_does(self, org: Organisation) -> None:
        """A member on the page has these fields and no other."""
        assert set(pages.Member.__slots__) == {"person_id", "name", "initials", "role", "away", "linked"}


def test_trouble_with_its_own_sources_is_said_on_the_page(client: Client, org: Organisation) -> None:
    work(org, *[6] * 12)
    other = builders.source(name="Other Jira")
    SourceSlice.objects.create(source=other, kind="issues", scope="X", last_success=at(TODAY), error="No.")
    assert "Numbers that rest on it" not in html(client, org.engineer)
    SourceSlice.objects.filter(source__name="Jira").update(error="The token ran out.")
    text = html(client, org.engineer)
    assert "Jira: stopped in 1 of 1 part" in text
    assert "Numbers that rest on it are" in text


def test_one_notice_names_all_that_are_late_by_the_rule_of_the_sources_page(client: Client, org: Organisation) -> None:
    work(org, *[6] * 12)
    github = builders.project(org.team, "acme/ranker", builders.source("github", name="GitHub"))
    SourceSlice.objects.create(source=github, kind="pulls", scope="acme/ranker", last_success=at(TODAY))
    SourceSlice.objects.update(last_success=at(TODAY) - freshness.LATE)
    assert "Numbers that rest on" not in html(client, org.engineer)
    SourceSlice.objects.update(last_success=at(TODAY) - freshness.LATE - timedelta(minutes=1))
    text = html(client, org.engineer)
    assert text.count('class="notice" data-level="at-risk"') == 1
    assert "GitHub: late, last read 16 min ago" in text
    assert "Numbers that rest on them are" in text
    Source.objects.filter(name="GitHub").update(paused=True)
    assert "GitHub: paused since the last reading 16 min ago" in html(client, org.engineer)


def test_what_people_wrote_is_shown_as_they_wrote_it(client: Client, org: Organisation) -> None:
    org.team.name = "<b>Team</b>"
    org.team.save()
    work(org, *[6] * 12)
    promise(org, 0.2, title="<script>alert(1)</script>")
    text = html(client, org.engineer)
    assert "<script>alert" not in text
    assert "<b>Team" not in text
    assert "&lt;script&gt;alert(1)" in text


def test_its_queries_do_not_grow_with_what_it_shows(
    org: Organisation, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    work(org, *[2] * 12)
    deploy(org, 5)
    promise(org, 0.4)
    with django_assert_num_queries(QUERIES):
        page(org)
    for number in range(5):
        promise(org, 0.1 + number / 10)
        builders.member(org.team)
    with django_assert_num_queries(QUERIES):
        page(org)
