"""Linking deliverables with a goal: who may, all or nothing, two who are at it together, and what stays as it is."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from delivery import goal_work
from delivery.models import Deliverable, Goal, KeyResult, PlanChange
from tests import builders
from tests.builders import TODAY
from tests.dashboards.goal_rows import goal, measure
from tests.dashboards.risk_rows import page, signed_in
from tests.dashboards.roles import Organisation, organisation

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("still_clock")]


@pytest.fixture
def org(db: None) -> Organisation:
    return organisation()


def value(row: Deliverable) -> str:
    return f"{row.pk}-{row.version}"


def send(client: Client, one: Goal, chosen: list[Deliverable], was: list[Deliverable], **more: Any) -> Any:
    data = {"deliverables": list(map(value, chosen)), "was": list(map(value, was)), **more}
    return client.post(f"/goals/{one.pk}/link/", data)


def ticked(html: str) -> set[str]:
    """Titles of what is ticked."""
    found = re.findall(r'name="deliverables" value="[\d-]+" checked> <span dir="auto">(.*?) \(', html)
    return set(found)


def test_deliverables_are_linked_and_unlinked_together_with_their_history(client: Client, org: Organisation) -> None:
    one, secret = goal("Data on time", "team", team=org.team), goal("Secret", confidential=True, owner=org.director)
    comes, goes, stays = (builders.deliverable(org.team, title=title) for title in ("Comes", "Goes", "Stays"))
    measure(one, fed_by="deliverables")
    for row in (goes, stays):
        row.goals.add(one)
    comes.goals.add(secret)
    signed_in(client, org.lead)
    html = page(client, f"/goals/{one.pk}/link/")
    assert ticked(html) == {"Goes", "Stays"}
    assert "Comes (" in html
    answer = send(client, one, [comes, stays], [goes, stays], note="Planned in the review")
    assert answer["Location"] == f"/goals/{one.pk}/"
    assert {row.title for row in one.deliverables.all()} == {"Comes", "Stays"}  # type: ignore[attr-defined]
    assert set(comes.goals.all()) == {one, secret}
    versions = {row.title: row.version for row in Deliverable.objects.all()}
    assert versions == {"Comes": 2, "Goes": 2, "Stays": 1}
    changes = PlanChange.objects.exclude(deliverable=None)
    assert {(row.deliverable, row.what, row.by, row.note) for row in changes} == {
        (comes, "Goals", org.lead, "Planned in the review"),
        (goes, "Goals", org.lead, "Planned in the review"),
    }
    assert KeyResult.objects.get().current_on == TODAY  # fed at once


@pytest.mark.parametrize(
    ("who", "opens"),
    [
        ("director", 200),
        ("manager", 200),
        ("lead", 200),
        ("engineer", 403),
        ("executive", 403),
        ("admin", 403),
    ],
)
def test_who_may_edit_both_may_link_them(client: Client, org: Organisation, who: str, opens: int) -> None:
    one = goal("Data on time", "team", team=org.team)
    theirs = builders.deliverable(builders.team("Ranking", slug="ranking", group=org.group), title="Theirs")
    linked = builders.deliverable(theirs.team, title="Linked")
    linked.goals.add(one)
    signed_in(client, getattr(org, who))
    answer = client.get(f"/goals/{one.pk}/link/")
    assert answer.status_code == opens
    all_of_them = who == "director"
    may_open = opens == 200
    assert ("goals/" + str(one.pk) + "/link/" in page(client, f"/goals/{one.pk}/")) is may_open
    if may_open:
        html = answer.content.decode()
        assert ("Theirs (" in html) is all_of_them
        assert "Linked (Ranking)" in html  # to tick, or told as for others to change
        assert (ticked(html) == {"Linked"}) is all_of_them
    for chosen, was in (([theirs], []), ([], [linked])):
        answer = send(client, one, chosen, was)
        assert answer.status_code == (302 if all_of_them else opens), (who, chosen)
    assert (theirs in one.deliverables.all(), linked in one.deliverables.all()) == (  # type: ignore[attr-defined]
        (True, False) if all_of_them else (False, True)
    )


@pytest.mark.parametrize(("who", "status"), [("director", 200), ("lead", 200), ("manager", 200), ("engineer", 404)])
def test_a_hidden_goal_has_no_such_page(client: Client, org: Organisation, who: str, status: int) -> None:
    secret = goal("Secret", "team", team=org.team, owner=org.lead, confidential=True)
    signed_in(client, getattr(org, who))
    assert client.get(f"/goals/{secret.pk}/link/").status_code == status


def test_of_two_the_second_sees_what_changed_and_nothing_is_half_saved(client: Client, org: Organisation) -> None:
    one = goal("Data on time", "team", team=org.team)
    first, second, third = (builders.deliverable(org.team, title=title) for title in ("First", "Second", "Third"))
    signed_in(client, org.lead)
    stale = [first, second]
    Deliverable.objects.filter(pk=second.pk).update(version=2)
    send(client, one, [third], [])  # somebody else links a third one meanwhile
    html = send(client, one, stale, [], note="Mine").content.decode()
    assert "Somebody else changed some of these meanwhile." in html
    assert "“Second” was changed; it does not serve this goal now." in html
    assert "“First” was changed" not in html
    assert ticked(html) == {"First", "Second", "Third"}
    assert 'value="Mine"' in html
    assert {row.title for row in one.deliverables.all()} == {"Third"}  # type: ignore[attr-defined]
    again = Deliverable.objects.order_by("title")
    assert send(client, one, list(again), [again[2]]).status_code == 302
    assert one.deliverables.count() == 3  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "sent",
    [
        {"deliverables": ["x"]},
        {"deliverables": ["99999999-1"]},
        {"deliverables": ["1"]},
        {"was": ["99999999-1"]},
        {"deliverables": ["99999999999999999999-1"]},
    ],
)
def test_what_no_page_sends_changes_nothing(client: Client, org: Organisation, sent: dict[str, list[str]]) -> None:
    one = goal("Data on time", "team", team=org.team)
    kept = builders.deliverable(org.team, title="Kept")
    kept.goals.add(one)
    signed_in(client, org.lead)
    data = {"deliverables": [], "was": [value(kept)]} | sent
    html = client.post(f"/goals/{one.pk}/link/", data).content.decode()
    assert "Choose of the list" in html
    assert kept in one.deliverables.all()  # type: ignore[attr-defined]


def test_too_many_too_long_and_a_dropped_goal_are_refused_and_what_was_chosen_stays(
    client: Client, org: Organisation
) -> None:
    one = goal("Data on time", "team", team=org.team)
    rows = [builders.deliverable(org.team, title=f"D{number}") for number in range(goal_work.MOST + 1)]
    signed_in(client, org.lead)
    html = send(client, one, rows, []).content.decode()
    assert goal_work.TOO_MANY in html
    assert len(ticked(html)) == len(rows)
    assert "Keep it to 2,000 letters" in send(client, one, rows[:1], [], note="x" * 2001).content.decode()
    assert not one.deliverables.exists()  # type: ignore[attr-defined]
    rows[0].goals.add(one)
    Goal.objects.filter(pk=one.pk).update(dropped=TODAY)
    html = page(client, f"/goals/{one.pk}/link/")
    assert (ticked(html), "D1 (" in html) == ({"D0"}, False)
    assert "Choose of the list" in send(client, one, rows[:2], rows[:1]).content.decode()
    assert send(client, one, [], rows[:1]).status_code == 302
    assert not one.deliverables.exists()  # type: ignore[attr-defined]


def test_a_deliverable_that_is_not_right_as_it_stands_is_named(client: Client, org: Organisation) -> None:
    one = goal("Data on time", "team", team=org.team)
    odd = builders.deliverable(org.team, title="Odd", priority=1)
    Deliverable.objects.filter(pk=odd.pk).update(kind="feature", stage="frame")
    signed_in(client, org.lead)
    html = send(client, one, [odd], []).content.decode()
    assert "“Odd” is not right as it stands: Only an experiment has a stage" in html
    assert not one.deliverables.exists()  # type: ignore[attr-defined]


@pytest.mark.parametrize("many", [2, 20])
def test_the_number_of_queries_does_not_grow(
    client: Client, org: Organisation, many: int, django_assert_num_queries: Any
) -> None:
    one = goal("Data on time", "team", team=org.team)
    for number in range(many):
        builders.deliverable(org.team, title=f"D{number}").goals.add(one)
        builders.deliverable(org.team, title=f"E{number}")
    signed_in(client, org.lead)
    page(client, f"/goals/{one.pk}/link/")
    with django_assert_num_queries(10):
        page(client, f"/goals/{one.pk}/link/")
