"""What happens by itself: run here and now, as a worker would."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from delivery import locks, runs, sync, tasks
from delivery.connectors.contract import Slice
from delivery.models import Forecast, PullRequestItem, ScopedItem, SourceSlice, SyncRun
from tests import builders
from tests.delivery import facts, served
from tests.delivery.scripted import Scripted

pytestmark = pytest.mark.django_db


@pytest.fixture
def queued(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, dict[str, Any]]]:
    """What the tasks queue, run by nobody until a test does."""
    found: list[tuple[Any, dict[str, Any]]] = []
    for task in (tasks.sync_slice_task, tasks.after_sync, tasks.forecast_team, tasks.score_forecasts):
        monkeypatch.setattr(task, "apply_async", lambda kwargs, task=task, **_: found.append((task, kwargs)))
        monkeypatch.setattr(task, "delay", lambda task=task, **kwargs: found.append((task, kwargs)))
    return found


def work_off(queued: list[tuple[Any, dict[str, Any]]]) -> None:
    while queued:
        task, words = queued.pop(0)
        task(**words, a_word_of_a_newer_version=True)


def test_the_beat_reads_everything_that_is_due_and_settles_it(queued: list[tuple[Any, dict[str, Any]]]) -> None:
    with served.office() as office:
        jira, github = office.jira(), office.github()
        tasks.sync_due()
        assert {task.name for task, _ in queued} == {"delivery.tasks.sync_slice_task"}
        assert len(queued) == SourceSlice.objects.count()
        work_off(queued)
        assert set(SyncRun.objects.values_list("state", flat=True)) == {"done"}
        assert jira.items.exists()
        assert github.repositories.count() == len(office.repositories)
        assert PullRequestItem.objects.exists()
        tasks.sync_due()
        assert queued == []  # nothing is due before the next beat


def test_what_a_lost_word_left_unsettled_is_settled_at_the_next_beat(
    queued: list[tuple[Any, dict[str, Any]]],
) -> None:
    with served.office() as office:
        jira, github = office.jira(), office.github()
        read_all_but_settle_nothing()
        assert not PullRequestItem.objects.exists()
        tasks.sync_due()
        assert [(task.name, words["source_id"]) for task, words in queued] == [
            ("delivery.tasks.after_sync", github.pk),
            ("delivery.tasks.after_sync", jira.pk),
        ]
        work_off(queued)
        assert PullRequestItem.objects.exists()
        tasks.sync_due()
        assert queued == []


def read_all_but_settle_nothing() -> None:
    """Redis is away when the slices were read."""
    now = timezone.now()
    for part in SourceSlice.objects.all():
        sync.sync_slice(part, now=now)


def test_the_morning_settles_first_what_is_behind() -> None:
    with served.office() as office:
        source = office.jira()
        key = next(one.key for one in office.world.issues(office.projects[0], office.now) if one.type == "Epic")
        deliverable = builders.deliverable(builders.team())
        deliverable.scopes.create(source=source, rule="parent", value=key)
        read_all_but_settle_nothing()
        tasks.forecast_today()
        assert ScopedItem.objects.filter(deliverable=deliverable).exists()
        assert not sync.behind().exists()


def test_what_a_part_brought_is_settled_even_when_the_part_is_gone() -> None:
    part = SourceSlice.objects.create(source=builders.source(), kind="issues", scope="ABC", unsettled=True)
    sync.slices_of(part.source, Scripted([], (Slice("issues", "XYZ"),)))
    assert list(sync.behind()) == [part.source]


def test_what_is_still_being_read_is_left_to_its_reader() -> None:
    part = SourceSlice.objects.create(source=builders.source(), kind="issues", scope="ABC", unsettled=True)
    assert list(sync.behind()) == [part.source]
    with locks.held(locks.SLICE, part.pk):
        assert not sync.behind().exists()


def test_a_slice_that_was_queued_twice_is_read_once(queued: list[tuple[Any, dict[str, Any]]]) -> None:
    with served.office() as office:
        office.jira()
        tasks.sync_due()
        queued += list(queued)
        work_off(queued)
        assert SyncRun.objects.count() == SourceSlice.objects.count()


def test_a_slice_that_is_gone_by_now_is_nobodys_trouble() -> None:
    tasks.sync_slice_task(slice_id=404)
    tasks.after_sync(source_id=404)


def test_runs_that_found_nothing_are_forgotten_soon_and_the_others_later() -> None:
    part = SourceSlice.objects.create(source=builders.source(), kind="issues", scope="ABC")
    now = facts.day(100)

    def ran(days: float, **fields: Any) -> SyncRun:
        started = now - timedelta(days=days)
        return SyncRun.objects.create(source=part.source, slice=part, started=started, **({"state": "done"} | fields))

    kept = [ran(1), ran(3, written=1), ran(3, state="failed"), ran(3, failed=1)]
    gone = [ran(3), ran(91, written=1), ran(91, state="failed")]
    assert runs.forget_old(now) == len(gone)
    assert set(SyncRun.objects.all()) == set(kept)


def test_the_morning_forecasts_every_open_deliverable_a_team_at_a_time(
    queued: list[tuple[Any, dict[str, Any]]],
) -> None:
    teams = [builders.team(), builders.team()]
    for team in (*teams, teams[0]):
        builders.deliverable(team)
    builders.team("Nothing promised")
    tasks.forecast_today()
    asked = [words["team_id"] for task, words in queued if task.name == "delivery.tasks.forecast_team"]
    assert asked == [team.pk for team in teams]
    work_off(queued)
    assert Forecast.objects.count() == 3
    tasks.forecast_team(team_id=teams[0].pk)
    assert Forecast.objects.count() == 3


def test_what_came_for_a_team_has_its_forecast_made_again_and_no_other(
    queued: list[tuple[Any, dict[str, Any]]], clean_cache: None
) -> None:
    mine, other = builders.team(), builders.team()
    source = builders.project(mine, "ABC")
    builders.project(other, "XYZ", source)
    for team, key in ((mine, "ABC"), (other, "XYZ")):
        builders.deliverable(team, items=(builders.item(source, key),))
        tasks.forecast_team(team_id=team.pk)
    part = SourceSlice.objects.create(source=source, kind="issues", scope="ABC")
    now = timezone.now()
    SyncRun.objects.create(source=source, slice=part, started=now, finished=now, state="done", read=1)
    tasks.after_sync(source_id=source.pk)
    assert queued == []  # nothing was written
    SyncRun.objects.create(source=source, slice=part, started=now, finished=timezone.now(), state="done", written=1)
    tasks.after_sync(source_id=source.pk)
    tasks.after_sync(source_id=source.pk)  # what comes in a burst is taken together
    assert queued == [(tasks.forecast_team, {"team_id": mine.pk})]
    work_off(queued)
    tasks.after_sync(source_id=source.pk)
    assert queued == []


def test_once_a_day_every_part_is_counted_and_a_lost_word_is_said_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Redis was flushed: the next beat queues what is still due, and only that."""
    found: list[tuple[Any, dict[str, Any]]] = []
    for task in (tasks.count_slice, tasks.after_sync):
        monkeypatch.setattr(task, "apply_async", lambda kwargs, task=task, **_: found.append((task, kwargs)))
        monkeypatch.setattr(task, "delay", lambda task=task, **kwargs: found.append((task, kwargs)))
    with served.office() as office:
        source = office.jira()
        read_all_but_settle_nothing()
        tasks.count_due()
        assert len(found) == len(office.projects)
        found.clear()  # as Redis does
        tasks.count_due()
        assert len(found) == len(office.projects)
        work_off(found)
        assert set(source.slices.filter(kind="issues").values_list("alarm", flat=True)) == {""}
        assert all(part.count == source.items.filter(project=part.scope).count() for part in counted(source))
        tasks.count_due()
        assert found == []


def counted(source: Any) -> list[SourceSlice]:
    return list(source.slices.filter(counted__isnull=False))


def test_what_is_paused_or_disconnected_is_neither_read_nor_counted(queued: list[tuple[Any, dict[str, Any]]]) -> None:
    now = timezone.now()
    for name, fields in (("a", {"paused": True}), ("b", {"disconnected": now}), ("c", {"removing": True})):
        source = builders.source(name=name, **fields)
        SourceSlice.objects.create(source=source, kind="issues", scope="ABC", last_success=now - timedelta(days=2))
        tasks.read_now(source_id=source.pk)
        tasks.retry_slice(slice_id=source.slices.get().pk)
        tasks.count_slice(slice_id=source.slices.get().pk)
    tasks.sync_due()
    assert queued == []
    assert not SyncRun.objects.exists()
