"""What people write of goals: kept with its history, refused with what to do, never half-saved."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from delivery import goals, key_results
from delivery.goals import GoalTold
from delivery.key_results import KeyResultTold
from delivery.models import Goal, KeyResult, KeyResultValue, PlanChange
from delivery.refused import Conflict, Wrong
from people.models import Person, Role
from teams.models import Team
from tests import builders
from tests.builders import TODAY, at

pytestmark = pytest.mark.django_db
Q1 = (date(2027, 1, 1), date(2027, 4, 1))
H1 = (date(2027, 1, 1), date(2027, 7, 1))
NOW = at(TODAY)


@pytest.fixture
def boss() -> Person:
    return builders.person("Ines", role=Role.DIRECTOR)


@pytest.fixture
def team() -> Team:
    return builders.team()


def told(level: str = "company", period: tuple[date, date] = Q1, **more: Any) -> GoalTold:
    return GoalTold(more.pop("title", "Data on time"), level, *period, **more)


def add(boss: Person, level: str = "company", period: tuple[date, date] = Q1, **more: Any) -> Goal:
    results = more.pop("key_results", ())
    return goals.add_goal(told(level, period, **more), results, by=boss, at=NOW)


def refused(goal: Goal | None, *args: Any, **more: Any) -> dict[str, str]:
    return goals.problems(told(*args, **more), around=goals.around(goal), before=goal)


def test_a_goal_is_kept_with_its_key_results_and_who_wrote_it(boss: Person) -> None:
    made = add(boss, key_results=[KeyResultTold("Producers moved", 0, 41, current=27), KeyResultTold("Delay", 48, 5)])
    first, second = made.key_results.all()
    assert (first.title, first.current, first.current_on) == ("Producers moved", 27, TODAY)
    assert (second.current, second.current_on) == (None, None)
    assert [(one.value, one.by) for one in KeyResultValue.objects.all()] == [(27, boss)]
    assert [(one.what, one.by) for one in PlanChange.objects.all()] == [("Written down", boss)]
    assert made.slug == "data-on-time"
    assert add(boss).slug == "data-on-time-2"


@pytest.mark.parametrize("title", ["🚀", "هدف", "  ערב  "])
def test_a_title_without_latin_letters_gets_a_name_all_the_same(title: str, boss: Person) -> None:
    made = add(boss, title=title)
    assert made.title == title.strip()
    assert made.slug


@pytest.mark.parametrize(
    ("more", "field", "says"),
    [
        ({"title": " "}, "title", "such as"),
        ({"title": "x" * 201}, "title", "these are 201"),
        ({"why": "x" * 10_000}, "why", "these are 10,000"),
        ({"level": "team"}, "team", "Choose the team"),
        ({"level": "group"}, "group", "Choose the group"),
        ({"level": "nation"}, "level", "company"),
        ({"ambition": "moon"}, "ambition", "stretch"),
        ({"period": (Q1[1], Q1[0])}, "end", "1 April 2027 or a later day"),
        ({"period": (date(1066, 1, 1), Q1[1])}, "start", "2000"),
    ],
)
def test_what_cannot_be_kept_says_what_to_do(more: dict[str, Any], field: str, says: str) -> None:
    found = refused(None, **more)
    assert list(found) == [field]
    assert says in found[field]


def test_a_parent_holds_the_period_of_what_is_below_it(boss: Person, team: Team) -> None:
    half, next_year = add(boss, period=H1), add(boss, period=(date(2028, 1, 1), date(2029, 1, 1)))
    assert refused(None, "team", Q1, team=team, parent=half) == {}
    assert (
        "runs from 1 January 2028 to 31 December 2028"
        in refused(None, "team", Q1, team=team, parent=next_year)["parent"]
    )
    child = add(boss, "team", Q1, team=team, parent=half)
    assert child.title in refused(half, period=(date(2027, 2, 1), H1[1]))["end"]


def test_a_goal_serves_one_of_a_higher_level_and_groups_nest(boss: Person, team: Team) -> None:
    company, group = add(boss), add(boss, "group", group=team.group)
    own = add(boss, "team", team=team)
    assert "cannot serve" in refused(None, "group", group=team.group, parent=own)["parent"]
    assert "cannot serve" in refused(None, "team", team=team, parent=own)["parent"]
    assert "cannot serve" in refused(None, parent=company)["parent"]
    assert refused(None, "group", group=team.group, parent=group) == {}


def test_no_goal_comes_to_stand_above_itself(boss: Person, team: Team) -> None:
    first = add(boss, "group", group=team.group, title="First")
    second = add(boss, "group", group=team.group, title="Second", parent=first)
    third = add(boss, "group", group=team.group, title="Third", parent=second)
    for parent in (first, second, third):
        with pytest.raises(Wrong) as wrong:
            goals.move_goal(first, parent, by=boss, at=NOW, seen=first.version)
        assert "below this goal already" in wrong.value.errors["parent"]
    moved = goals.move_goal(third, first, by=boss, at=NOW, seen=third.version)
    assert moved.parent == first
    change = PlanChange.objects.get(goal=third, what="Serves")
    assert (change.before, change.after) == ("Second", "First")


def test_the_second_of_two_who_save_is_told_and_nothing_of_theirs_is_kept(boss: Person) -> None:
    made = add(boss, title="First")
    goals.change_goal(made, replace(goals.as_told(made), title="Mine"), by=boss, at=NOW, seen=1)
    with pytest.raises(Conflict) as conflict:
        goals.change_goal(made, replace(goals.as_told(made), title="Theirs"), by=boss, at=NOW, seen=1)
    assert conflict.value.row.title == "Mine"
    again = goals.change_goal(made, replace(goals.as_told(made), title="Theirs"), by=boss, at=NOW, seen=2)
    assert (again.title, again.version) == ("Theirs", 3)
    titles = PlanChange.objects.filter(what="Title").values_list("before", "after").order_by("id")
    assert list(titles) == [("First", "Mine"), ("Mine", "Theirs")]


def test_what_the_writer_may_not_see_stays_and_is_not_named(boss: Person, team: Team) -> None:
    """A manager writes a goal below a director’s confidential one, without ever knowing of it."""
    secret = add(boss, confidential=True, owner=boss, title="Secret", key_results=[KeyResultTold("Whole", 0, 9)])
    whole = secret.key_results.get()
    mine = add(
        boss, "team", team=team, parent=secret, key_results=[KeyResultTold("Part", 0, 3, counts_towards=whole.pk)]
    )
    manager = builders.person(role=Role.MANAGER)
    seen = [replace(one, counts_towards=None) for one in key_results.as_told(mine.key_results.all())]
    changed = goals.change_goal(mine, goals.as_told(mine, parent=None, title="Mine"), seen, by=manager, at=NOW, seen=1)
    assert (changed.parent, changed.title) == (secret, "Mine")
    assert changed.key_results.get().counts_towards == whole
    outside = goals.as_told(changed, start=H1[0], end=H1[1] + timedelta(days=90))
    with pytest.raises(Wrong) as wrong:
        goals.change_goal(changed, outside, by=manager, at=NOW, seen=changed.version)
    assert "Secret" not in str(wrong.value.errors)
    assert list(wrong.value.errors) == ["parent"]


def test_nobody_writes_a_goal_out_of_their_own_sight(boss: Person, team: Team) -> None:
    manager = builders.person(role=Role.MANAGER)
    one = add(boss, "team", team=team)
    with pytest.raises(Wrong) as wrong:
        goals.change_goal(one, goals.as_told(one, confidential=True, owner=boss), by=manager, at=NOW, seen=1)
    assert "owner" in wrong.value.errors
    one.refresh_from_db()
    assert not one.confidential
    with pytest.raises(Wrong):
        goals.add_goal(told(confidential=True, owner=boss), by=manager, at=NOW)
    assert goals.change_goal(one, goals.as_told(one, confidential=True, owner=manager), by=manager, at=NOW, seen=1)


def test_a_change_that_changes_nothing_is_none(boss: Person) -> None:
    made = add(boss, key_results=[KeyResultTold("A", 0, 1)])
    same = goals.change_goal(
        made, goals.as_told(made), key_results.as_told(made.key_results.all()), by=boss, at=NOW, seen=1
    )
    assert same.version == 1
    assert PlanChange.objects.count() == 1


@pytest.mark.parametrize(
    ("one", "field", "says"),
    [
        (KeyResultTold("A", 5, 5), "target", "The target is where it starts (5)"),
        (KeyResultTold("", 0, 1), "title", "such as"),
        (KeyResultTold("A", None, 1), "start", "Enter a number"),
        (KeyResultTold("A", 0, float("inf")), "target", "Enter a number"),
        (KeyResultTold("A", 0, 1, fed_by="metric"), "metric", "Choose the metric"),
        (KeyResultTold("A", 0, 5, unit="yes_no"), "target", "from 0 (no) to 1 (yes)"),
        (KeyResultTold("A", 0, 1, unit="miles"), "unit", "percent"),
        (KeyResultTold("A", 0, 1, counts_towards=10**9), "counts_towards", "the goal that this one serves"),
        (KeyResultTold("A", 0, 1, id=10**9), "title", "is gone"),
    ],
)
def test_a_key_result_that_cannot_be_kept_keeps_nothing_else_either(
    one: KeyResultTold, field: str, says: str, boss: Person
) -> None:
    made = add(boss)
    with pytest.raises(Wrong) as wrong:
        goals.change_goal(
            made, replace(goals.as_told(made), title="Other"), [KeyResultTold("B", 0, 1), one], by=boss, at=NOW, seen=1
        )
    assert list(wrong.value.errors) == [f"kr-1-{field}"]
    assert says in wrong.value.errors[f"kr-1-{field}"]
    assert Goal.objects.get().title == "Data on time"
    assert not KeyResult.objects.exists()


def test_key_results_change_go_and_count_towards_those_above(boss: Person, team: Team) -> None:
    top = add(boss, key_results=[KeyResultTold("Producers moved", 0, 41)])
    whole = top.key_results.get()
    made = add(
        boss,
        "team",
        team=team,
        parent=top,
        key_results=[KeyResultTold("Ours", 0, 20, counts_towards=whole.pk), KeyResultTold("B", 0, 1)],
    )
    ours = made.key_results.get(title="Ours")
    results = [replace(key_results.as_told([ours])[0], target=25, unit_word="producers")]
    goals.change_goal(made, goals.as_told(made), results, by=boss, at=NOW, seen=1)
    assert [one.target for one in whole.parts.all()] == [25]
    told = dict(PlanChange.objects.filter(goal=made).values_list("what", "after"))
    assert told["Key result taken away"] == ""
    assert "from 0 to 25 producers" in told["Key result “Ours”"]


def test_what_is_typed_of_a_key_result_is_a_row_of_its_own_each_time(boss: Person) -> None:
    row = add(boss, key_results=[KeyResultTold("A", 0, 10, current=2)]).key_results.get()
    key_results.keep_values({row: 5}, by=boss, day=TODAY + timedelta(days=7), at=NOW)
    row.refresh_from_db()
    assert (row.current, row.current_on) == (5, TODAY + timedelta(days=7))
    assert list(row.values.order_by("id").values_list("value", flat=True)) == [2, 5]


def test_a_goal_is_dropped_with_a_sentence_and_taken_up_again(boss: Person) -> None:
    made = add(boss)
    with pytest.raises(Wrong, match="Say why"):
        goals.drop_goal(made, day=TODAY, why=" ", by=boss, at=NOW, seen=1)
    goals.drop_goal(made, day=TODAY, why="The market is gone.", by=boss, at=NOW, seen=1)
    assert Goal.objects.get().dropped == TODAY
    with pytest.raises(Conflict):
        goals.drop_goal(made, day=None, why="Back.", by=boss, at=NOW, seen=1)
    goals.drop_goal(made, day=None, why="Back.", by=boss, at=NOW, seen=2)
    assert list(PlanChange.objects.filter(what="Dropped").order_by("id").values_list("note", flat=True)) == [
        "The market is gone.",
        "Back.",
    ]
