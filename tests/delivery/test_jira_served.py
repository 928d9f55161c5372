"""Jira through the connector into rows: commitments, boards and worklogs as the pretend organisation lived them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest

from delivery import sources, sync
from delivery.models import Board, FieldChange, Source, Sprint, SprintItem, SyncRun, WorkItem, Worklog
from simulator.jira_records import Board as MadeBoard
from simulator.overlay import Overlay
from simulator.records import Issue
from simulator.records import Sprint as LivedSprint
from simulator.server import Running, serve
from simulator.tokens import DEMO_EMAIL, DEMO_JIRA_TOKEN
from tests.delivery import served
from tests.delivery.served import NOW

pytestmark = pytest.mark.django_db


@dataclass
class Office:
    running: Running
    world: Overlay
    time: list[datetime]

    @property
    def now(self) -> datetime:
        return self.time[0]

    def source(self, *, worklogs: bool = False) -> Source:
        return sources.connect_source(
            kind="jira",
            name="Jira",
            url=self.running.jira_cloud_url,
            email=DEMO_EMAIL,
            token=DEMO_JIRA_TOKEN,
            scopes=[team.project for team in self.world.teams],
            allow_private=True,
            choices=sources.Choices(worklogs=worklogs),
        )

    def sync(self, source: Source) -> None:
        runs = sync.sync_source(source, now=self.now)
        assert {run.state for run in runs} == {SyncRun.State.DONE}, [run.error for run in runs]


@pytest.fixture
def office() -> Iterator[Office]:
    time = [NOW]
    world = Overlay(served.world(), lambda: time[0])
    with serve(world, clock=lambda: time[0]) as running:
        yield Office(running, world, time)


def lived(sprint: LivedSprint, issue: Issue) -> tuple[bool, datetime | None, datetime | None] | None:
    """An issue's part in a sprint, step by step: committed, added, removed; None for no part."""
    assert sprint.start is not None
    over = sprint.completed or datetime.max.replace(tzinfo=sprint.start.tzinfo)
    moves = [change for change in issue.changes if change.field == "Sprint" and change.at <= over]
    first = next((change for change in issue.changes if change.field == "Sprint"), None)
    at_birth = ids(first.from_id) if first else {str(id) for id in issue.sprints}
    inside, committed, added, removed = str(sprint.id) in at_birth, False, None, None
    steps = [(issue.created, inside), *((move.at, str(sprint.id) in ids(move.to_id)) for move in moves)]
    inside = False
    for at, now_inside in steps:
        if at <= sprint.start:
            committed = now_inside
        elif now_inside and not inside and not committed:
            added = added or at
        if at > sprint.start and inside and not now_inside:
            removed = at
        if now_inside:
            removed = None
        inside = now_inside
    return (committed, added, removed) if committed or (added and added <= over) else None


def ids(text: str | None) -> set[str]:
    return {part.strip() for part in (text or "").split(",") if part.strip()}


def wanted(office: Office) -> dict[tuple[str, str], tuple[bool, datetime | None, datetime | None]]:
    found = {}
    for team in office.world.teams:
        for sprint in office.world.sprints(team.board_id, office.now):
            for issue in office.world.issues(team.project, office.now) if sprint.start else ():
                part = lived(sprint, issue)
                if part:
                    found[str(sprint.id), str(issue.id)] = part
    return found


def stored() -> dict[tuple[str, str], tuple[bool, datetime | None, datetime | None]]:
    rows = SprintItem.objects.values_list("sprint__native_id", "item__native_id", "committed", "added", "removed")
    return {(sprint, item): (committed, added, removed) for sprint, item, committed, added, removed in rows}


def cut(at: datetime | None) -> datetime | None:
    """Jira tells milliseconds."""
    return at and at.replace(microsecond=at.microsecond // 1000 * 1000)


def test_u15_commitments_are_those_the_organisation_lived(office: Office) -> None:
    """Worked out a second time, in another way: step by step from the true history."""
    source = office.source()
    office.sync(source)
    truth = {key: (one[0], cut(one[1]), cut(one[2])) for key, one in wanted(office).items()}
    assert len(truth) > 100
    assert stored() == truth
    assert {one[0] for one in truth.values()} == {True, False}


def test_u15_commitments_follow_what_happens_and_keep_what_was_promised(office: Office) -> None:
    """devlake#1752: taken out, put in, deleted and estimated anew after the start."""
    source = office.source()
    office.sync(source)
    team = office.world.teams[0]
    sprint = next(one for one in office.world.sprints(team.board_id, office.now) if one.state == "active")
    inside = [key for (id, key), part in stored().items() if id == str(sprint.id) and part == (True, None, None)]
    out, lost, grown = inside[:3]
    before = SprintItem.objects.get(sprint__native_id=sprint.id, item__native_id=grown).points
    other = next(
        one
        for one in office.world.issues(team.project, office.now)
        if sprint.id not in one.sprints and not one.resolved
    )
    office.time[0] += timedelta(hours=1)
    removed = office.world.edit(out, sprints=())
    office.world.edit(other.key, sprints=(*other.sprints, sprint.id))
    office.world.edit(grown, points=99.0)
    office.world.delete(lost)
    office.time[0] += timedelta(minutes=10)
    office.sync(source)
    WorkItem.objects.filter(native_id=lost).update(deleted=office.now)
    found = stored()
    assert found[str(sprint.id), out] == (True, None, removed.updated)
    assert found[str(sprint.id), str(other.id)] == (False, removed.updated, None)
    assert found[str(sprint.id), lost] == (True, None, None)
    assert SprintItem.objects.get(sprint__native_id=sprint.id, item__native_id=grown).points == before
    change = FieldChange.objects.filter(item__native_id=grown, field="points").latest("at")
    assert (change.at, change.to_value) == (removed.updated, "99.0")


def test_j29_boards_and_what_they_show_become_rows(office: Office) -> None:
    first, second = office.world.teams
    office.world.add_board(MadeBoard(901, "Everything", (first.project, second.project), shows=(first.board_id,)))
    source = office.source()
    for _ in range(2):
        office.sync(source)
        office.time[0] += timedelta(minutes=5)
    assert set(Board.objects.values_list("native_id", flat=True)) == {"901", str(first.board_id), str(second.board_id)}
    shown = {tuple(one.boards) for one in Sprint.objects.filter(boards__contains=["901"])}
    assert shown == {tuple(sorted(("901", str(first.board_id))))}


def test_j27_worklogs_become_rows_and_go_again(office: Office) -> None:
    source = office.source(worklogs=True)
    key = office.world.issues(office.world.teams[0].project, office.now)[3].key
    log = office.world.log_work(key, seconds=5400)
    office.time[0] += timedelta(minutes=5)
    office.sync(source)
    row = Worklog.objects.select_related("item", "author").get()
    assert (row.native_id, row.item.key, row.seconds, row.author is not None) == (str(log.id), key, 5400, True)
    office.world.change_work(log.id, removed=True)
    office.time[0] += timedelta(minutes=5)
    office.sync(source)
    assert not Worklog.objects.exists()


def test_worklogs_stay_away_where_nobody_asked(office: Office) -> None:
    office.world.log_work(office.world.issues(office.world.teams[0].project, office.now)[3].key)
    office.time[0] += timedelta(minutes=5)
    office.sync(office.source())
    assert not Worklog.objects.exists()
