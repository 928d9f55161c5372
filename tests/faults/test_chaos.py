"""Everything at once, from a seed: faults of every sort, kills, a world that changes; and at the end every row is right.

HEADWAY_CHAOS_SECONDS says how long (two minutes), HEADWAY_CHAOS_SEED which chaos; the seed is printed.
"""

from __future__ import annotations

import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest

from delivery import census, sync
from delivery.models import Source, SyncRun
from simulator.overlay import Overlay
from simulator.overlay_code import CodeOverlay
from tests.delivery.served import Office
from tests.delivery.test_sync_killed import database_url
from tests.faults import office as offices
from tests.faults.worker import Worker, redis_url, working

pytestmark = pytest.mark.django_db(transaction=True)
SECONDS = float(os.environ.get("HEADWAY_CHAOS_SECONDS") or 120)
SEED = int(os.environ.get("HEADWAY_CHAOS_SEED") or 20261102)
REDIS = 14
BUSY = 3  # tasks in the queue that are enough
FAULTS = (
    "rate:chance=0.05",
    "rate:chance=0.03:silent=1",
    "secondary:chance=0.04",
    "unauthorised:chance=0.01",
    "burst:every=15:length=3",
    "cut:chance=0.05",
    "truncate:chance=0.05",
    "html:chance=0.03",
    "timeout:chance=0.01:seconds=0.5",
    "slow:chance=0.3:seconds=0.1",
    "dup:chance=0.4",
    "shuffle:chance=0.5",
    "shrink:chance=0.4:most=23",
    "empty:chance=0.2",
    "tokenloop:chance=0.03",
    "edited:chance=0.2:only=search",
    "skew:minutes=10:chance=0.3",
    "skew:minutes=-10:chance=0.3",
    "huge:chance=0.03",
)


def test_chaos_ends_with_the_rows_of_undisturbed_reading(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with capsys.disabled():
        print(f"\nHEADWAY_CHAOS_SEED={SEED} HEADWAY_CHAOS_SECONDS={SECONDS:.0f}")
    rng = random.Random(SEED)
    with (
        offices.office(seed=SEED) as office,
        working(database_url(), redis_url(REDIS), tmp_path / "log") as worker,
    ):
        sources = [offices.connect(office, site, site) for site in offices.SITES]
        deadline = time.monotonic() + SECONDS
        rounds = 0
        while time.monotonic() < deadline:
            disturb(rng, office, worker, sources)
            rounds += 1
        assert rounds > SECONDS / 20
        statuses = sorted(Counter(seen.status for seen in office.running.requests).items())
        with capsys.disabled():
            print(f"{rounds} rounds of chaos; answers by status: {statuses}")
        calm_down(office, worker, sources)
        for site, source in zip(offices.SITES, sources, strict=True):
            compare(office, site, source)


def disturb(rng: random.Random, office: Office, worker: Worker, sources: list[Source]) -> None:
    """One round: other faults, a change or two, perhaps more to read, perhaps a death."""
    office.running.trouble(",".join(rng.sample(FAULTS, rng.randint(1, 4))))
    office.now += timedelta(minutes=rng.randint(1, 90))
    for _ in range(rng.randint(0, 3)):
        change(rng, office)
    with worker.redis() as client:
        waiting = client.llen("celery") + client.hlen("unacked")
    for source in rng.sample(sources, 2) if waiting < BUSY else ():
        worker.send("read_now", source_id=source.pk)
    time.sleep(rng.uniform(0.2, 3.0))
    dice = rng.random()
    if dice < 0.08:
        worker.kill()
        worker.forget()  # and Redis with it: what it held unacknowledged would come back in an hour only
        worker.start()
    elif dice < 0.4:
        kill_one(rng, worker)


def kill_one(rng: random.Random, worker: Worker) -> None:
    """One process of the pool dies; its task is handed out again."""
    if children := worker.children():
        with suppress(ProcessLookupError):
            os.kill(rng.choice(children), signal.SIGKILL)


def change(rng: random.Random, office: Office) -> None:
    """Somebody works: an issue is edited, moved on, made, moved elsewhere, deleted or restored, code is merged."""
    world = office.running.world
    assert isinstance(world, Overlay)
    there = world.issues(rng.choice(office.projects), office.now)
    issue = rng.choice([one for one in there if one.type not in ("Epic", "Sub-task")])
    acts: list[Callable[[], object]] = [
        lambda: world.edit(issue.key, title=f"Edited in chaos {rng.random():.6f}"),
        lambda: world.edit(issue.key, status=rng.choice(world.statuses()).name),
        lambda: world.edit(issue.key, labels=(*issue.labels, f"chaos-{rng.randint(1, 99)}")),
        lambda: world.add(issue.project, title="Made in chaos"),
        lambda: world.move(issue.key, rng.choice([key for key in office.projects if key != issue.project])),
        lambda: world.delete(issue.key),
        lambda: restore(rng, world),
        lambda: change_code(rng, office, world),
    ]
    rng.choice(acts)()


def restore(rng: random.Random, world: Overlay) -> None:
    gone = sorted(id for id, layer in world.layers.items() if layer.deleted is not None)
    if gone:
        world.restore(rng.choice(gone))


def change_code(rng: random.Random, office: Office, world: Overlay) -> None:
    """A pull request gets another title, or an open one is merged."""
    code = world.world
    assert isinstance(code, CodeOverlay)
    repository = rng.choice(office.repositories)
    pulls = code.pulls(repository, office.now)
    if not pulls:
        return
    still_open = [pull for pull in pulls if pull.closed is None]
    if still_open and rng.random() < 0.5:
        code.merge(repository, rng.choice(still_open).number)
    else:
        code.edit(repository, rng.choice(pulls).number, title=f"Changed in chaos {rng.random():.6f}")


def calm_down(office: Office, worker: Worker, sources: list[Source]) -> None:
    """The faults are over: what was queued ends, each source is read once more and counted on two days."""
    office.running.trouble()
    office.now += timedelta(minutes=30)
    if worker.process is None:
        worker.start()
    worker.wait_until(worker.is_idle, "everything queued has ended", 180)
    for source in sources:
        worker.do("read_now", source_id=source.pk)
        for days in (1, 2):
            for part in source.slices.filter(kind="issues"):
                run = census.take(part, now=office.now + timedelta(days=days))
                assert not run.error, run.error
        sync.settle(source, now=office.now)


def compare(office: Office, site: str, source: Source) -> None:
    """Everything but what is history: what a sprint was committed to stays as it was first seen, by design."""
    assert offices.errors(source) == []
    assert offices.missing(source) == []
    assert not source.slices.exclude(alarm="").exists()
    assert not SyncRun.objects.filter(source=source, state=SyncRun.State.RUNNING).exists()
    fresh = offices.connect(office, site, f"{site} undisturbed")
    sync.sync_source(fresh, now=office.now)
    assert offices.errors(fresh) == []
    gone = source.items.filter(deleted__isnull=False)
    assert not fresh.items.filter(native_id__in=gone.values("native_id")).exists()
    gone.delete()  # marked, as they must be; a source that never saw them has nothing to mark
    mine, theirs = offices.rows(office, source), offices.rows(office, fresh)
    for found in (mine, theirs):
        found.pop("SprintItem")
    assert offices.differences(mine, theirs) == []
