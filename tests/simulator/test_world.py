"""The pretend organisation: the same every time, never ahead of its clock, coherent, and with its stories in it."""

from __future__ import annotations

import tracemalloc
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime, timedelta

import pytest

from simulator.records import Change, Issue
from simulator.world import World, default_start

START = date(2025, 5, 1)
ANCHOR = date(2026, 11, 1)
NOW = datetime(2026, 11, 1, 15, 30, tzinfo=UTC)


@pytest.fixture(scope="module")
def world() -> World:
    return World(start=START)


@pytest.fixture(scope="module")
def issues(world: World) -> list[Issue]:
    return [issue for team in world.teams for issue in world.issues(team.project, NOW)]


def everything(world: World, now: datetime, teams: int) -> list[Sequence[object]]:
    found: list[Sequence[object]] = []
    for team in world.teams[:teams]:
        found += [world.issues(team.project, now), world.sprints(team.board_id, now)]
        for repository in team.repositories:
            found += [world.pulls(repository, now), world.deployments(repository, now)]
    return found


def instants(thing: object) -> Iterator[datetime]:
    if isinstance(thing, datetime):
        yield thing
    elif isinstance(thing, tuple):
        for part in thing:
            yield from instants(part)
    elif is_dataclass(thing):
        for field in fields(thing):
            if type(thing).__name__ != "Sprint" or field.name != "end":  # a sprint's end is planned
                yield from instants(getattr(thing, field.name))


def statuses(issue: Issue) -> list[Change]:
    return [change for change in issue.changes if change.field == "status"]


def test_history_starts_on_the_first_of_the_month_so_many_years_ago() -> None:
    assert default_start(date(2026, 11, 23), 1.5) == START
    assert default_start(date(2026, 1, 31), 0.25) == date(2025, 10, 1)
    assert World(start=START, people=12, teams=1).anchor == ANCHOR


def test_a_team_needs_people() -> None:
    with pytest.raises(ValueError, match="at least 40 people"):
        World(start=START, people=39, teams=9)


def test_the_same_seed_gives_the_same_world_and_another_seed_another() -> None:
    now = datetime(2025, 9, 3, 12, tzinfo=UTC)
    one, same, other = (World(seed=seed, start=START) for seed in (3, 3, 4))
    assert everything(one, now, 3) == everything(same, now, 3)
    assert one.plan(now.date()) == same.plan(now.date())
    assert everything(one, now, 3) != everything(other, now, 3)


@pytest.mark.parametrize("hour", [0, 9, 11, 14, 17, 23])
def test_yesterday_stays_as_it_was_when_asked_tomorrow(hour: int) -> None:
    """Also in the middle of a working day, and around sprint turns, in teams of three time zones."""
    for day in (date(2025, 8, 4), date(2025, 8, 14)):
        now = datetime(day.year, day.month, day.day, hour, 7, tzinfo=UTC)
        then = World(start=START, keep=99)
        before = everything(then, now, 9)
        plan = then.plan(day)
        for later in (timedelta(hours=5), timedelta(days=1), timedelta(days=40)):
            everything(then, now + later, 9)
        assert everything(then, now, 9) == before
        assert then.plan(day) == plan


def test_the_length_of_the_history_and_the_memory_kept_change_nothing() -> None:
    now = datetime(2025, 7, 9, 13, tzinfo=UTC)
    small = World(start=START, keep=2)
    whole = World(start=START)
    everything(whole, NOW, 9)
    assert everything(small, now, 9) == everything(whole, now, 9)


@pytest.mark.parametrize(
    "now", [datetime(2025, 5, 1, 9, tzinfo=UTC), datetime(2026, 3, 10, 10, 20, 30, tzinfo=UTC), NOW]
)
def test_nothing_is_later_than_now(world: World, now: datetime) -> None:
    late = [moment for part in everything(world, now, 9) for moment in instants(tuple(part)) if moment > now]
    assert late == []
    assert all(repository.pushed <= now for repository in world.repositories(now))


def test_before_the_start_there_is_nothing(world: World) -> None:
    assert all(len(part) == 0 for part in everything(world, datetime(2025, 4, 29, tzinfo=UTC), 9))


def test_issues_are_ordered_with_unique_ids_and_keys(world: World) -> None:
    every: list[Issue] = []
    for team in world.teams:
        some = world.issues(team.project, NOW)
        assert [(i.created, i.id) for i in some] == sorted((i.created, i.id) for i in some)
        assert {i.project for i in some} == {team.project}
        every += some
    assert len({i.id for i in every}) == len({i.key for i in every}) == len(every)
    changes = [change.id for issue in every for change in issue.changes]
    assert len(set(changes)) == len(changes)


def test_every_field_changes_from_what_it_was(issues: list[Issue]) -> None:
    for issue in issues:
        last: dict[str, tuple[str | None, str | None]] = {}
        for change in issue.changes:
            if change.field in last:
                assert (change.from_id, change.from_text) == last[change.field], (issue.key, change)
            assert (change.from_id, change.from_text) != (change.to_id, change.to_text), (issue.key, change)
            last[change.field] = (change.to_id, change.to_text)
        if "status" in last:
            assert last["status"] == (issue.status.id, issue.status.name)


def test_changes_come_in_order_after_creation(issues: list[Issue]) -> None:
    for issue in issues:
        moments = [issue.created, *(change.at for change in issue.changes)]
        assert moments == sorted(moments), issue.key
        assert issue.updated == moments[-1]


def test_what_is_resolved_is_done_and_nearly_all_done_is_resolved(issues: list[Issue]) -> None:
    done = [issue for issue in issues if issue.status.category == "done"]
    assert all(issue.status.category == "done" for issue in issues if issue.resolved)
    assert 0.94 < sum(1 for issue in done if issue.resolved) / len(done) < 0.995


def test_an_epic_is_done_when_and_only_when_its_items_are(issues: list[Issue]) -> None:
    children = defaultdict(list)
    for issue in issues:
        if issue.type != "Sub-task" and issue.parent:
            children[issue.parent].append(issue)
    epics = [issue for issue in issues if issue.type == "Epic"]
    for epic in epics:
        open_items = [child for child in children[epic.key] if child.status.category != "done"]
        assert (epic.status.category == "done") == (bool(children[epic.key]) and not open_items), epic.key
    assert 35 <= sum(1 for epic in epics if epic.status.category != "done") <= 48


def test_changelogs_look_lived_in(issues: list[Issue]) -> None:
    work = [i for i in issues if i.type not in ("Epic", "Sub-task") and i.status.category == "done"]
    steps = sorted(len(statuses(issue)) for issue in work)
    assert steps[len(steps) // 2] >= 3
    assert steps[-1] >= 7
    words = Counter(change.field for issue in issues for change in issue.changes)
    assert all(
        words[field] > 10 for field in ("Sprint", "Flagged", "parent", "assignee", "labels", "Key", "resolution")
    )
    names = [[change.to_text for change in statuses(issue)] for issue in work]
    assert sum(1 for path in names if path == ["Done"]) > 20  # jumps
    assert sum(1 for path in names if "Done" in path[:-1] and path[-1] == "Done") > 20  # reopened
    assert sum(1 for path in names if path[-2:] == ["Done", "Released"]) > 50  # the migration
    assert 0.3 < sum(1 for issue in work if issue.parent is None) / len(work) < 0.5
    assert (
        0.5 < sum(1 for i in work if i.type == "Story" and i.points) / sum(1 for i in work if i.type == "Story") < 0.7
    )


def test_a_moved_issue_answers_to_its_old_key(world: World, issues: list[Issue]) -> None:
    moved = [(issue, change) for issue in issues for change in issue.changes if change.field == "Key"]
    assert len(moved) >= 10
    for issue, change in moved[:5]:
        assert change.from_text is not None
        assert world.issue(change.from_text, NOW) == issue
        before = world.issue(change.from_text, change.at - timedelta(seconds=1))
        assert before is not None
        assert (before.id, before.key) == (issue.id, change.from_text)
        assert before in world.issues(before.project, change.at - timedelta(seconds=1))
        assert world.issue(issue.key, change.at - timedelta(seconds=1)) is None


def test_an_issue_is_found_by_key_and_by_id(world: World, issues: list[Issue]) -> None:
    issue = issues[100]
    assert world.issue(issue.key, NOW) == world.issue(str(issue.id), NOW) == issue
    assert world.issue(issue.key, issue.created - timedelta(seconds=1)) is None
    assert world.issue("NOPE-1", NOW) is None
    assert world.issue("99", NOW) is None


def test_sprints_are_fortnights_that_work_is_carried_through(world: World, issues: list[Issue]) -> None:
    boards = {team.board_id: world.sprints(team.board_id, NOW) for team in world.teams}
    assert sum(1 for sprints in boards.values() if not sprints) == 2  # kanban
    for sprints in boards.values():
        if sprints:
            assert [s.state for s in sprints[-2:]] == ["active", "future"]
            assert all(s.state == "closed" and s.completed for s in sprints[:-2])
    inside = [issue for issue in issues if issue.sprints]
    assert 0.15 < sum(1 for issue in inside if len(issue.sprints) > 1) / len(inside) < 0.6
    assert world.sprints(999, NOW) == ()


def test_weekends_and_the_years_end_are_thin(issues: list[Issue]) -> None:
    done = [issue.resolved.date() for issue in issues if issue.resolved]
    assert sum(1 for day in done if day.weekday() >= 5) < 0.03 * len(done)
    usual = len(done) / ((NOW.date() - START).days)
    holidays = [day for day in done if date(2025, 12, 24) <= day <= date(2026, 1, 1)]
    assert len(holidays) < 0.3 * usual * 9


def test_memory_stays_flat_over_many_teams() -> None:
    """One after the other, as a sync would: no more than the kept histories stay."""
    big = World(start=date(2026, 1, 1), people=420, teams=100, years=0.15, keep=4)
    now = datetime(2026, 1, 30, 12, tzinfo=UTC)
    tracemalloc.start()
    peaks = []
    for team in big.teams:
        big.issues(team.project, now)
        peaks.append(tracemalloc.get_traced_memory()[0])
    tracemalloc.stop()
    assert peaks[-1] < 1.6 * max(peaks[8:20])


def test_a_size_can_be_asked_for() -> None:
    sized = World.sized(issues=3000, pulls=900, start=date(2026, 1, 1), years=0.5, people=60)
    now = datetime(2026, 7, 1, 12, tzinfo=UTC)
    count = sum(len(sized.issues(team.project, now)) for team in sized.teams)
    code = sum(len(sized.pulls(repository.full_name, now)) for repository in sized.repositories(now))
    assert count == pytest.approx(3000, rel=0.2)
    assert code == pytest.approx(900, rel=0.25)
