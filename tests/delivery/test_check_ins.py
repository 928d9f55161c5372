"""The weekly word: whose is due, what it must say, what is kept of it, and what happens when two give it at once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from delivery import check_ins, due_check_ins
from delivery.check_ins import CheckInTold
from delivery.models import CheckIn, CheckInDraft, Deliverable, Goal, KeyResult, KeyResultValue, PlanChange
from delivery.refused import Conflict, Wrong
from people.models import Person, Role
from teams.models import Team
from tests import builders
from tests.builders import TODAY, at

pytestmark = pytest.mark.django_db
NOW = at(TODAY)
DAY = timedelta(days=1)


@pytest.fixture
def lead() -> Person:
    return builders.person("Elif", role=Role.LEAD)


@pytest.fixture
def team(lead: Person) -> Team:
    return builders.team(lead=lead, manager=builders.person("Ines", role=Role.MANAGER))


def goal(**fields: Any) -> Goal:
    values = {"title": "Data on time", "level": "company", "start": TODAY - 40 * DAY, "end": TODAY + 40 * DAY}
    return Goal.objects.create(**(values | fields))


def give(about: Goal | Deliverable, by: Person, *, chance: float | None = None, seen: int = 0, **told: Any) -> CheckIn:
    values: dict[str, Any] = {"status": "on_track", "confidence": 80}
    return check_ins.check_in(about, CheckInTold(**(values | told)), chance=chance, by=by, day=TODAY, at=NOW, seen=seen)


def test_a_word_keeps_what_the_forecast_said_and_why_they_differ(lead: Person) -> None:
    made = give(goal(), lead, chance=0.3, reason=" The second reviewer starts tomorrow. ", note="‮שלום 🚀 <b>")
    assert (made.chance, made.level, made.reason) == (0.3, "likely", "The second reviewer starts tomorrow.")
    assert made.note == "‮שלום 🚀 <b>"


@pytest.mark.parametrize(
    ("status", "chance", "asks"),
    [("on_track", 0.3, True), ("off_track", 0.3, False), ("at_risk", 0.95, True), ("on_track", None, False)],
)
def test_a_reason_is_asked_only_where_the_word_differs_from_a_forecast(
    status: str, chance: float | None, asks: bool, lead: Person
) -> None:
    found = check_ins.problems(CheckInTold(status), chance=chance)
    assert ("reason" in found) is asks
    made = give(goal(), lead, status=status, chance=chance, reason="Because")
    assert made.reason == ("Because" if asks else "")


@pytest.mark.parametrize(
    ("told", "field", "says"),
    [
        ({"status": "green"}, "status", "Choose how it stands"),
        ({"confidence": 101}, "confidence", "from 0 to 100"),
        ({"note": "x" * 10_000}, "note", "these are 10,000"),
        ({"values": {1: 5.0}}, "values", "typed in no longer"),
    ],
)
def test_what_cannot_be_given_says_what_to_do_and_keeps_nothing(
    told: dict[str, Any], field: str, says: str, lead: Person
) -> None:
    about = goal()
    with pytest.raises(Wrong) as wrong:
        give(about, lead, **told)
    assert says in wrong.value.errors[field]
    assert not CheckIn.objects.exists()


def test_only_key_results_that_moved_get_a_row_and_stand_in_the_history(lead: Person) -> None:
    about = goal()
    moved = KeyResult.objects.create(goal=about, title="A", start=0, target=10, current=3)
    same = KeyResult.objects.create(goal=about, title="B", start=0, target=10, current=4)
    fed = KeyResult.objects.create(goal=about, title="C", start=0, target=10, fed_by="deliverables")
    give(about, lead, values={moved.pk: 5.0, same.pk: 4.0})
    assert list(KeyResultValue.objects.values_list("key_result", "value", "by")) == [(moved.pk, 5, lead.pk)]
    change = PlanChange.objects.get()
    assert (change.what, change.before, change.after) == ("A", "3", "5")
    with pytest.raises(Wrong):
        give(about, lead, seen=CheckIn.objects.get().pk, values={fed.pk: 5.0})


def test_who_gives_theirs_second_is_told_and_may_give_it_all_the_same(lead: Person, team: Team) -> None:
    about = goal()
    first = give(about, lead)
    with pytest.raises(Conflict) as conflict:
        give(about, team.manager, status="at_risk", seen=0)  # type: ignore[arg-type]
    assert conflict.value.row == first
    give(about, team.manager, status="at_risk", seen=first.pk)  # type: ignore[arg-type]
    assert [one.by for one in about.check_ins.order_by("id")] == [lead, team.manager]  # type: ignore[attr-defined]


def test_a_draft_is_kept_whatever_it_says_for_whom_it_is(lead: Person) -> None:
    about = goal()
    check_ins.keep_draft(about, {"status": "", "note": "Half a sent"}, by=lead, at=NOW, seen=0)
    check_ins.keep_draft(about, {"note": "Half a sentence"}, by=lead, at=NOW, seen=0)
    draft = check_ins.draft_of(about, by=lead)
    assert draft is not None
    assert draft.values == {"note": "Half a sentence"}
    assert check_ins.draft_of(about, by=builders.person()) is None
    check_ins.forget_draft(about, by=lead)
    assert not CheckInDraft.objects.exists()


def test_nothing_is_said_of_what_is_over(lead: Person, team: Team) -> None:
    about, dropped = builders.deliverable(team), goal()
    Deliverable.objects.filter(pk=about.pk).update(delivered=TODAY)  # since it was looked at
    Goal.objects.filter(pk=dropped.pk).update(dropped=TODAY)
    for one, says in ((about, "It was delivered on"), (dropped, "It was dropped on")):
        with pytest.raises(Wrong) as wrong:
            give(one, lead)
        assert says in wrong.value.errors["status"]
    assert not CheckIn.objects.exists()


def keys(user: Person) -> list[tuple[str, bool, bool]]:
    return [(one.title, one.waiting, one.stale) for one in due_check_ins.due(user, day=TODAY)]


def test_a_word_is_due_every_week_from_monday_on(lead: Person) -> None:
    about = goal(owner=lead)
    assert keys(lead) == [("Data on time", True, True)]
    monday = due_check_ins.monday(TODAY)
    made = CheckIn.objects.create(goal=about, day=monday - DAY, status="on_track")
    assert keys(lead) == [("Data on time", True, False)]
    CheckIn.objects.filter(pk=made.pk).update(day=monday)
    assert keys(lead) == [("Data on time", False, False)]


def test_the_owner_is_asked_and_else_the_lead_or_the_manager_of_the_team(lead: Person, team: Team) -> None:
    manager, engineer = team.manager, builders.person(role=Role.ENGINEER)
    assert manager is not None
    builders.deliverable(team, title="Owned", owner=manager)
    builders.deliverable(team, title="Nobody’s")
    builders.deliverable(team, title="Of an engineer", owner=engineer)
    asked = {person.name: {title for title, *_ in keys(person)} for person in (lead, manager, engineer)}
    assert asked == {"Elif": {"Nobody’s", "Of an engineer"}, "Ines": {"Owned"}, engineer.name: set()}
    Team.objects.filter(pk=team.pk).update(lead=None)
    assert {title for title, *_ in keys(manager)} == {"Owned", "Nobody’s", "Of an engineer"}


@pytest.mark.parametrize(
    "fields",
    [{"dropped": TODAY}, {"start": TODAY + DAY, "end": TODAY + 9 * DAY}, {"end": TODAY}],
    ids=["dropped", "to come", "over"],
)
def test_nobody_is_asked_about_what_is_not_going_on(fields: dict[str, Any], lead: Person) -> None:
    goal(owner=lead, **fields)
    assert keys(lead) == []


def test_nobody_is_asked_about_what_is_delivered(lead: Person, team: Team) -> None:
    builders.deliverable(team, owner=lead, delivered=TODAY)
    assert keys(lead) == []


def test_the_number_of_queries_does_not_grow(lead: Person, team: Team, django_assert_num_queries: Any) -> None:
    for number in range(12):
        about = builders.deliverable(team, title=f"D{number}", owner=lead)
        CheckIn.objects.create(deliverable=about, day=TODAY - 9 * DAY, status="on_track", by=lead)
        goal(title=f"G{number}", owner=lead)
    with django_assert_num_queries(6):
        assert len(due_check_ins.due(lead, day=TODAY)) == 24


def test_the_digest_reminds_of_what_still_waits_for_a_word(lead: Person, team: Team) -> None:
    mine, said = builders.deliverable(team, title="Waits"), builders.deliverable(team, title="Said")
    give(said, lead)
    stale = goal(owner=team.manager, title="Stale", start=TODAY - timedelta(days=40))
    builders.person("Engineer")
    left = builders.person("Left", role=Role.MANAGER, is_active=False)
    goal(owner=left, title="Nobody’s")
    found = due_check_ins.reminders(day=TODAY)
    told = {pk: [(one.title, one.id, one.stale) for one in dues] for pk, dues in found.items()}
    assert told == {
        lead.pk: [("Waits", mine.pk, TODAY - mine.start >= due_check_ins.STALE)],
        team.manager_id: [("Stale", stale.pk, True)],
    }
