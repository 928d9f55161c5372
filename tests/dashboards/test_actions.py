"""The pages of actions: the panel, the list, the forms; for everybody as their role has it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from delivery.models import Action, ActionEvent, Deliverable
from tests import builders
from tests.builders import TODAY
from tests.dashboards.roles import Organisation, organisation
from tests.dashboards.rows import forecast, promised

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("still_clock")]
DAY = timedelta(days=1)
LIST_QUERIES = 10
TYPED = {"title": "Second reviewer", "why": "Reviews wait", "kind": "review", "owner": "", "due": "2026-12-04"}
MAY_ADD = ("director", "manager", "lead")
MAY_NOT = ("engineer", "colleague", "executive", "admin")


@pytest.fixture
def org() -> Organisation:
    return organisation()


@pytest.fixture
def promise(org: Organisation) -> Deliverable:
    return promised(org.team, "Event schema v3", 0.8)


def made(org: Organisation, promise: Deliverable, **fields: Any) -> Action:
    values = {"title": "Borrow Sanna", "owner": org.engineer, "chosen": TODAY - 9 * DAY, "due": TODAY + DAY}
    return Action.objects.create(deliverable=promise, **values | fields)


def page(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.parametrize("role", MAY_ADD)
def test_who_runs_the_team_adds_an_action(client: Client, org: Organisation, promise: Deliverable, role: str) -> None:
    client.force_login(getattr(org, role))
    assert "Add an action" in page(client, f"/deliverables/{promise.pk}/")
    typed = TYPED | {"owner": str(org.engineer.pk), "brings": "14"}
    answer = client.post(f"/deliverables/{promise.pk}/actions/new/", typed)
    assert answer["Location"] == f"/deliverables/{promise.pk}/#actions"
    found = Action.objects.get()
    assert (found.owner, found.expected, found.chosen, found.kind) == (org.engineer, 0.14, TODAY, "review")
    assert "14 pts" in page(client, f"/deliverables/{promise.pk}/")


@pytest.mark.parametrize("role", MAY_NOT)
def test_nobody_else_does(client: Client, org: Organisation, promise: Deliverable, role: str) -> None:
    client.force_login(getattr(org, role))
    assert "Add an action" not in page(client, f"/deliverables/{promise.pk}/")
    for answer in (client.get, client.post):
        assert answer(f"/deliverables/{promise.pk}/actions/new/").status_code == 403
    assert not Action.objects.exists()


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"title": ""}, "Say in up to 200 letters what will be done"),
        ({"due": "soon"}, "Enter a day, such as 2026-12-11."),
        ({"due": "2026-11-01"}, "cannot be before 23 November 2026"),
        ({"brings": "-3"}, "Enter whole points from 0 to 100"),
        ({"owner": "99999"}, "Choose somebody of the list"),
    ],
)
def test_what_was_typed_survives_an_error(
    client: Client, org: Organisation, promise: Deliverable, wrong: dict[str, str], says: str
) -> None:
    client.force_login(org.lead)
    html = client.post(f"/deliverables/{promise.pk}/actions/new/", TYPED | wrong).content.decode()
    assert says in html
    assert 'value="Reviews wait"' in html
    assert '<option value="review" selected>' in html
    assert not Action.objects.exists()


def test_the_panel_tells_worth_due_and_what_is_overdue(client: Client, org: Organisation, promise: Deliverable) -> None:
    made(org, promise, expected=0.4)
    made(org, promise, title="Cut fields", expected=0.4, due=TODAY - 6 * DAY, state="started")
    client.force_login(org.lead)
    html = page(client, f"/deliverables/{promise.pk}/")
    assert "If both land, the chance of missing falls to about 1 in 5: a reckoning" in html
    assert "Tue 17 Nov" in html
    assert "6 days overdue" in html
    Action.objects.filter(title="Cut fields").update(expected=None)
    assert "a reckoning" not in page(client, f"/deliverables/{promise.pk}/")


def test_its_owner_changes_the_state_in_place_and_nothing_else(
    client: Client, org: Organisation, promise: Deliverable
) -> None:
    action = made(org, promise)
    client.force_login(org.engineer)
    assert f'action="/actions/{action.pk}/state/"' in page(client, f"/deliverables/{promise.pk}/")
    client.post(f"/actions/{action.pk}/state/", {"state": "started", "seen": "1"})
    assert Action.objects.get().state == "started"
    typed = {"title": "Mine now", "due": "2027-01-01", "state": "done", "seen": "2", "note": "It is merged."}
    client.post(f"/actions/{action.pk}/", typed)
    found = Action.objects.get()
    assert (found.title, found.due, found.state) == ("Borrow Sanna", TODAY + DAY, "done")
    html = page(client, f"/actions/{action.pk}/")
    assert "State: Started → Done." in html
    assert "“It is merged.”" in html


@pytest.mark.parametrize("role", ["colleague", "executive", "admin"])
def test_who_may_not_change_it_reads_it(client: Client, org: Organisation, promise: Deliverable, role: str) -> None:
    action = made(org, promise)
    client.force_login(getattr(org, role))
    html = page(client, f"/actions/{action.pk}/")
    assert "It can be changed by its owner and by who runs the team." in html
    for path in (f"/actions/{action.pk}/", f"/actions/{action.pk}/state/"):
        assert client.post(path, {"state": "done", "seen": "1"}).status_code == 403
    assert Action.objects.get().state == "proposed"
    assert "Borrow Sanna" in client.get("/actions/?format=csv").content.decode()


def test_a_conflict_shows_both_versions_and_keeps_what_was_typed(
    client: Client, org: Organisation, promise: Deliverable
) -> None:
    action = made(org, promise)
    client.force_login(org.manager)
    Action.objects.update(title="Borrow Sanna and Tom", version=2)
    typed = {
        "title": "Borrow nobody",
        "owner": "",
        "due": "2026-12-01",
        "state": "started",
        "seen": "1",
        "note": "Why?",
    }
    html = client.post(f"/actions/{action.pk}/", typed).content.decode()
    assert "Somebody else changed this" in html
    assert "<dd>Borrow Sanna and Tom</dd>" in html
    assert 'value="Borrow nobody"' in html
    assert 'value="Why?"' in html
    assert not ActionEvent.objects.exists()
    client.post(f"/actions/{action.pk}/", typed | {"seen": "2"})
    assert Action.objects.get().title == "Borrow nobody"


def test_the_list_holds_what_the_url_asks_for(client: Client, org: Organisation, promise: Deliverable) -> None:
    other = builders.deliverable(builders.team("Other", slug="other"))
    made(org, promise, title="Mine")
    made(org, other, title="Late", owner=None, due=TODAY - DAY)
    made(org, promise, title="Over", state="done", ended=TODAY, owner=None)
    client.force_login(org.engineer)

    def shown(query: str) -> set[str]:
        html = page(client, f"/actions/{query}")
        return {title for title in ("Mine", "Late", "Over") if f">{title}</a>" in html}

    assert shown("") == {"Late", "Mine"}
    assert shown("?mine=yes") == {"Mine"}
    assert shown("?overdue=yes") == {"Late"}
    assert shown("?team=other") == {"Late"}
    assert shown("?state=done") == {"Over"}
    assert shown("?state=all") == {"Late", "Mine", "Over"}
    assert "There is no state “odd”; it is ignored." in page(client, "/actions/?state=odd")


def test_what_it_brought_stands_beside_what_is_usual(client: Client, org: Organisation, promise: Deliverable) -> None:
    values = {"state": "done", "ended": TODAY - DAY, "due": TODAY - DAY, "measured_on": TODAY}
    spread = {"measured_low": -0.03, "measured_high": 0.08, "compared": 12}
    made(org, promise, title="Shown", measured=0.14, **values, **spread)
    made(org, promise, title="Alone", measured=0.14, **values)
    client.force_login(org.lead)
    html = page(client, f"/deliverables/{promise.pk}/")
    assert "fell by 14 points against what it would have been. Without an action, 8 in 10 of 12 others" in html
    assert "moved by −8 to +3 points in such a span" in html
    assert "There is not enough to compare with" in html
    assert "Done: Shown." in html


def test_the_log_tells_crossings_and_jumps_of_scope(client: Client, org: Organisation) -> None:
    jira = builders.project(org.team)
    items = [builders.item(jira, created=builders.at(TODAY - 40 * DAY)) for _ in range(10)]
    items += [builders.item(jira, created=builders.at(TODAY - 9 * DAY)) for _ in range(2)]
    about = promised(org.team, "Schema", 0.85, 0.6, items=tuple(items))
    forecast(about, 0.3, day=TODAY - 14 * DAY, target=TODAY + 30 * DAY)
    forecast(about, 0.6, day=TODAY - 21 * DAY, target=TODAY + 30 * DAY)
    client.force_login(org.lead)
    html = page(client, f"/deliverables/{about.pk}/")
    assert "Forecast passed 4 in 5." in html
    assert "Is likely to miss again." in html
    assert "Is at risk." in html
    assert "Scope rose from 10 to 12 items." in html
    assert "Today, Headway" in html


def test_the_queue_holds_seven_and_the_rest_on_request(client: Client, org: Organisation, promise: Deliverable) -> None:
    for number in range(9):
        made(org, promise, title=f"Late {number}", due=TODAY - (1 + number % 3) * DAY)
    client.force_login(org.engineer)
    html = page(client, "/")
    assert "9 things, oldest duty first" in html
    assert "See all 9" in html
    assert "yours, due 20 November" in html
    assert '9<span class="visually-hidden"> need you</span>' in html
    assert '9<span class="visually-hidden"> need you</span>' in page(client, "/deliverables/")


@pytest.mark.parametrize("count", [1, 5])
def test_the_list_makes_a_fixed_number_of_queries(
    client: Client, org: Organisation, promise: Deliverable, count: int, django_assert_num_queries: Any
) -> None:
    for number in range(count):
        made(org, promise, title=f"Late {number}")
    client.force_login(org.director)
    page(client, "/actions/")
    with django_assert_num_queries(LIST_QUERIES):
        page(client, "/actions/")
