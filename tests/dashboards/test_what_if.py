"""The what-if panel, its fragment, the suggestions and the scenarios' pages."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.cache import cache
from django.test import Client

from delivery.models import Action, Commitment, Scenario
from people.models import Person, Role
from tests import builders
from tests.builders import TODAY
from tests.dashboards.conftest import NOW
from tests.delivery.scenarios_world import Late, late

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def world(time_machine: time_machine.TimeMachineFixture) -> Late:
    time_machine.move_to(NOW, tick=False)
    cache.clear()
    return late(TODAY, NOW)


def as_(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def fragment(client: Client, world: Late, query: str, status: int = 200) -> str:
    answer = client.get(f"/deliverables/{world.late.pk}/what-if/?{query}", headers=HTMX)
    assert answer.status_code == status
    return answer.content.decode()


def test_a_lever_is_answered_by_a_sentence_two_glyphs_and_both_per_cents(world: Late) -> None:
    html = fragment(as_(world.director), world, "later=8")
    assert "Moving 8 items later brings the chance of missing from " in html
    assert html.count('class="range"') == 2
    assert "as far as the model goes" in html
    assert "<html" not in html
    assert 'name="query" value="later=8"' in html


def test_the_address_of_the_page_holds_the_levers(world: Late) -> None:
    client = as_(world.director)
    answer = client.get(f"/deliverables/{world.late.pk}/what-if/?later=8&more=0", headers=HTMX)
    assert answer.headers["HX-Replace-Url"] == f"/deliverables/{world.late.pk}/?later=8"
    plain = client.get(f"/deliverables/{world.late.pk}/what-if/?later=8")
    assert plain.headers["Location"] == f"/deliverables/{world.late.pk}/?later=8#what-if"
    html = client.get(f"/deliverables/{world.late.pk}/?later=8").content.decode()
    assert 'name="later" min="0" max="14" value="8"' in html
    assert "Moving 8 items later brings" in html


def test_a_round_trip_asks_few_questions(world: Late, django_assert_num_queries: Any) -> None:
    client = as_(world.director)
    fragment(client, world, "later=8")
    with django_assert_num_queries(13):
        fragment(client, world, "later=9&first=on&weeks=2")


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("later=400", "Choose from 0 to 14 items to leave for later"),
        ("later=many", "Enter a number from 0 to 14."),
        ("later=-1", "Enter a number from 0 to 14."),
        ("to=someday", "Enter a day, such as 2027-01-31."),
        ("to=2020-01-01", "Choose a promised day from today on"),
        ("people=2&until=2020-01-01", "People cannot leave before they come."),
        ("people=nan", "Enter a number from 0 to 10."),
        ("people=1&lender=4711", "Choose another team to borrow from"),
        ("without=4711", "It does not wait for that deliverable"),
    ],
)
def test_what_cannot_be_tried_is_said_in_words_and_stays_typed(world: Late, query: str, said: str) -> None:
    client = as_(world.director)
    assert said in fragment(client, world, query)
    html = client.get(f"/deliverables/{world.late.pk}/?{query}").content.decode()
    assert said in html
    name, _, value = query.partition("&")[0].partition("=")
    assert name == "without" or f'name="{name}"' in html and f'value="{value}"' in html


def test_only_levers_that_can_do_something_are_shown(world: Late) -> None:
    html = as_(world.director).get(f"/deliverables/{world.late.pk}/").content.decode()
    assert "Do without Event schema v3" in html
    assert "Clear what is stuck: 2 blocked items and what is very old" in html
    assert "starts on" not in html  # nobody is looked for
    other = as_(world.director).get(f"/deliverables/{world.other.pk}/").content.decode()
    assert "Do without" not in other
    assert "Clear what is stuck" not in other


def test_a_lever_that_a_suggestion_pulls_is_shown_though_nothing_is_blocked(world: Late) -> None:
    html = as_(world.director).get(f"/deliverables/{world.other.pk}/?unblock=on").content.decode()
    assert "Clear what is stuck: very old items" in html


def test_the_chance_is_taken_apart_on_the_page(world: Late) -> None:
    html = as_(world.director).get(f"/deliverables/{world.late.pk}/").content.decode()
    assert "What drives the chance of missing?" in html
    assert "Usual here" in html
    assert "proves no cause" in html


def test_suggestions_come_after_the_page_and_fill_the_what_if(world: Late) -> None:
    client = as_(world.director)
    path = f"/deliverables/{world.late.pk}/suggestions/"
    html = client.get(path, headers=HTMX).content.decode()
    assert "<html" not in html
    assert f"/deliverables/{world.late.pk}/?" in html
    assert "Propose to Ines Duarte" in html
    assert client.get(path, headers=HTMX).content.decode().count("<li>") == html.count("<li>")
    assert "<html" in client.get(path).content.decode()


def proposed(world: Late, query: str = "later=8", **more: str) -> Scenario:
    data = {"query": query, "propose": "yes", "note": "We agreed."} | more
    answer = as_(world.director).post(f"/deliverables/{world.late.pk}/scenarios/keep/", data)
    assert answer.status_code == 302
    return Scenario.objects.latest("pk")


def test_a_proposal_is_accepted_once_and_the_log_tells_both(world: Late, monkeypatch: pytest.MonkeyPatch) -> None:
    queued: list[int] = []
    monkeypatch.setattr("delivery.tasks.forecast_team.delay", lambda team_id: queued.append(team_id))
    found = proposed(world, "later=8&weeks=2")
    assert found.name == "Moving 8 items later and moving the date to 25 June 2027"
    assert found.proposed_to == world.manager
    manager = as_(world.manager)
    refused = manager.post(f"/scenarios/{found.pk}/accept/", {"note": "Keep this text."})
    assert refused.status_code == 409
    assert "choose a cause" in refused.content.decode()
    assert "Keep this text." in refused.content.decode()
    assert manager.post(f"/scenarios/{found.pk}/accept/", {"cause": "scope"}).status_code == 302
    assert queued == [world.team.pk]
    again = manager.post(f"/scenarios/{found.pk}/decline/", {})
    assert again.status_code == 409
    assert "Ines Duarte accepted it on" in again.content.decode()
    assert Action.objects.count() == 1
    assert Commitment.objects.filter(deliverable=world.late).count() == 2
    html = manager.get(f"/deliverables/{world.late.pk}/").content.decode()
    assert "Accepted: Moving 8 items later and moving the date to 25 June 2027." in html
    assert "Proposed to Ines Duarte" in html


def test_who_may_not_is_refused(world: Late) -> None:
    found = proposed(world)
    for person in (builders.person(role=Role.EXECUTIVE), builders.person(role=Role.ADMIN)):
        client = as_(person)
        assert client.post(f"/deliverables/{world.late.pk}/scenarios/keep/", {"query": "later=1"}).status_code == 403
        assert client.post(f"/scenarios/{found.pk}/accept/").status_code == 403
        assert "Keep it" not in client.get(f"/deliverables/{world.late.pk}/").content.decode()
    assert as_(world.engineer).post(f"/scenarios/{found.pk}/decline/").status_code == 403
    assert as_(world.engineer).post(f"/scenarios/{found.pk}/withdraw/").status_code == 403
    assert as_(world.director).post(f"/scenarios/{found.pk}/withdraw/").status_code == 302


def test_what_cannot_be_kept_comes_back_as_it_was_typed(world: Late) -> None:
    data = {"query": "later=400", "name": "All of it", "note": "Why not"}
    answer = as_(world.director).post(f"/deliverables/{world.late.pk}/scenarios/keep/", data)
    html = answer.content.decode()
    assert answer.status_code == 400
    assert "Choose from 0 to 14 items" in html
    assert 'value="All of it"' in html
    assert "Why not" in html


def test_scenarios_stand_side_by_side_and_an_older_one_says_so(world: Late, time_machine: Any) -> None:
    first, second = proposed(world), proposed(world, "first=on")
    time_machine.move_to(NOW + timedelta(days=1), tick=False)
    path = f"/deliverables/{world.late.pk}/scenarios/?compare={first.pk}&compare={second.pk}&compare=x"
    html = as_(world.manager).get(path).content.decode()
    assert html.count("As it looked on 23 November") >= 2
    assert html.count("Run it again today") == 2
    assert html.count("Accept it") == 2
    assert f"/deliverables/{world.late.pk}/?later=8#what-if" in html
