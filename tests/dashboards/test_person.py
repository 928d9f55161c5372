"""A person's page: whose it is, who may open it, and what it never says."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries
from time_machine import travel

from dashboards.pages import person as pages
from delivery.models import Goal
from people.models import Account, Person, Role
from teams.access import can_see_person, onlookers
from teams.models import Membership
from tests import builders
from tests.builders import TODAY, at
from tests.dashboards.roles import Organisation, organisation

pytestmark = pytest.mark.django_db

QUERIES = 16


@pytest.fixture(autouse=True)
def today() -> Iterator[None]:
    with travel(at(TODAY), tick=False):
        yield


@pytest.fixture
def org() -> Organisation:
    return organisation()


def page(user: Person, of: Person) -> pages.PersonPage:
    return pages.page(user, of, now=at(TODAY), today=TODAY)


def html(client: Client, user: Person, of: Person, status: int = 200) -> str:
    client.force_login(user)
    answer = client.get(f"/people/{of.pk}/")
    assert answer.status_code == status
    return answer.content.decode()


def goal(owner: Person, title: str = "Trust in events", **fields: object) -> Goal:
    values = {"level": "company", "start": TODAY, "end": TODAY + timedelta(days=60)}
    return Goal.objects.create(title=title, owner=owner, **(values | fields))


class TestWhoMayOpenIt:
    def test_the_person_and_those_they_work_for(self, client: Client, org: Organisation) -> None:
        for user in (org.engineer, org.manager, org.director):
            assert "Noor Haddad" in html(client, user, org.engineer)

    def test_nobody_else_not_even_an_administrator(self, client: Client, org: Organisation) -> None:
        for user in (org.colleague, org.lead, org.executive, org.admin):
            text = html(client, user, org.engineer, 403)
            assert "Only Noor Haddad, Ines Duarte and Mara Lindqvist can open this page" in text
            assert "That holds for administrators too" in text
            assert 'href="/teams/streaming/"' in text
            assert "Ask Noor Haddad or Ines Duarte" in text
            assert "Accounts" not in text

    def test_somebody_without_a_team_has_a_closed_page_too(self, client: Client, org: Organisation) -> None:
        text = html(client, org.engineer, org.admin, 403)
        assert "Only Ada Admin can open this page" in text
        assert "See the team instead" not in text

    def test_whoever_is_not_logged_in_comes_back_after_it(self, client: Client, org: Organisation) -> None:
        assert client.get(f"/people/{org.engineer.pk}/")["Location"] == (
            f"/accounts/login/?next=/people/{org.engineer.pk}/"
        )

    def test_a_person_nobody_knows_is_not_found(self, client: Client, org: Organisation) -> None:
        client.force_login(org.director)
        assert client.get("/people/4711/").status_code == 404

    def test_my_page_leads_to_my_own(self, client: Client, org: Organisation) -> None:
        client.force_login(org.engineer)
        assert client.get("/people/me/")["Location"] == f"/people/{org.engineer.pk}/"

    def test_who_is_named_is_exactly_who_may(self, org: Organisation) -> None:
        """The page's list and the page's door come to the same answer, for everybody about everybody."""
        for person in org.everybody():
            may = {user for user in org.everybody() if user != person and can_see_person(user, person, day=TODAY)}
            assert set(onlookers(person, day=TODAY)) == may

    def test_whoever_is_switched_off_is_no_onlooker(self, org: Organisation) -> None:
        Person.objects.filter(pk=org.manager.pk).update(is_active=False)
        assert onlookers(org.engineer, day=TODAY) == [org.director]


class TestWhoCanSeeThis:
    def test_it_is_said_in_words(self, client: Client, org: Organisation) -> None:
        sees = "You, Ines Duarte (manager) and Mara Lindqvist (director)"
        assert page(org.engineer, org.engineer).sees == sees
        assert sees in html(client, org.engineer, org.engineer)

    def test_the_reader_is_you(self, org: Organisation) -> None:
        assert page(org.manager, org.engineer).sees == "Noor Haddad, you (manager) and Mara Lindqvist (director)"

    def test_a_director_alone_is_only_you(self, org: Organisation) -> None:
        assert page(org.director, org.director).sees == "You"


class TestContent:
    def test_it_names_what_the_person_answers_for(self, client: Client, org: Organisation) -> None:
        builders.deliverable(org.team, title="Event schema v3", owner=org.engineer, target=date(2026, 12, 11))
        goal(org.engineer)
        made = page(org.engineer, org.engineer)
        assert made.answers_for == "You answer for Event schema v3 and Trust in events."
        assert made.deliverables[0].due == "promised for 11 Dec"
        assert made.goals[0].until == "21 January"
        assert "What you answer for" in html(client, org.engineer, org.engineer)
        assert "What Noor answers for" in html(client, org.manager, org.engineer)

    def test_many_are_not_all_named(self, org: Organisation) -> None:
        for title in ("A", "B", "C", "D"):
            goal(org.engineer, title)
        assert page(org.manager, org.engineer).answers_for == "Noor Haddad answers for A, B and others."

    def test_nothing_owned_is_said_plainly(self, client: Client, org: Organisation) -> None:
        assert page(org.engineer, org.engineer).answers_for == "You answer for no promise or goal right now."
        assert "Nothing right now." in html(client, org.engineer, org.engineer)

    def test_a_goal_that_is_over_is_not_shown(self, org: Organisation) -> None:
        goal(org.engineer, start=TODAY - timedelta(days=90), end=TODAY)
        assert page(org.engineer, org.engineer).goals == ()

    def test_memberships_are_dated_and_past_ones_kept(self, org: Organisation) -> None:
        old = builders.team("Old Team", slug="old")
        Membership.objects.create(
            person=org.engineer, team=old, start=date(2022, 3, 1), end=date(2024, 3, 1), share="0.6"
        )
        told = [(one.team, one.role, one.days, one.now) for one in page(org.engineer, org.engineer).teams]
        assert told == [
            ("Streaming & Events", "Engineer", "since 19 October 2025", True),
            ("Old Team", "Engineer, 60% of the time", "1 March 2022 to 29 February 2024", False),
        ]

    def test_accounts_are_told_by_tool_and_server(self, org: Organisation) -> None:
        Account.objects.create(
            kind="jira", origin="https://acme.atlassian.net", native_id="1", login="nh", person=org.engineer
        )
        Account.objects.create(
            kind="github", origin="https://github.com", native_id="2", name="Noor", person=org.engineer
        )
        told = [(one.tool, one.login, one.server) for one in page(org.engineer, org.engineer).identities]
        assert told == [("GitHub", "Noor", "github.com"), ("Jira", "nh", "acme.atlassian.net")]

    def test_the_time_where_they_are_is_told(self, org: Organisation) -> None:
        org.engineer.timezone = "America/New_York"
        assert page(org.engineer, org.engineer).zone == "America/New York, 07:00 there now"
        org.engineer.timezone = "Nowhere/Atlantis"
        assert page(org.engineer, org.engineer).zone == "Nowhere/Atlantis"

    def test_a_name_is_shown_as_it_was_written(self, client: Client, org: Organisation) -> None:
        Person.objects.filter(pk=org.engineer.pk).update(name="<script>alert(1)</script> X")
        org.engineer.refresh_from_db()
        assert "<script>alert" not in html(client, org.manager, org.engineer)
        assert "<script>alert" not in html(client, org.admin, org.engineer, 403)

    def test_it_holds_no_figure_about_their_work(self, org: Organisation) -> None:
        """Whoever adds a number about a person to this page has to change this test, and to say why."""
        numbers = [name for name, kind in pages.PersonPage.__annotations__.items() if kind in ("int", "float")]
        assert numbers == ["id"]


def test_its_queries_do_not_grow_with_what_it_shows(
    org: Organisation, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    builders.deliverable(org.team, owner=org.engineer, target=date(2026, 12, 11))
    with django_assert_num_queries(QUERIES):
        page(org.director, org.engineer)
    for number in range(4):
        builders.deliverable(org.team, owner=org.engineer, target=date(2026, 12, 11))
        goal(org.engineer, f"Goal {number}")
        builders.member(builders.team(group=org.group), org.engineer)
        builders.person(role=Role.MANAGER)
    with django_assert_num_queries(QUERIES):
        page(org.director, org.engineer)
