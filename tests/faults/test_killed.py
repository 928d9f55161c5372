"""SIGKILL at any moment: to one process of the pool, whose task comes again, or to the whole worker."""

from __future__ import annotations

import os
import random
import signal
import time

import pytest

from delivery.models import SyncRun
from tests.delivery.served import Office
from tests.faults import office as offices
from tests.faults.worker import Worker

pytestmark = pytest.mark.django_db(transaction=True)
AFTER = {"cloud": (1, 6, 13, 21), "github": (2, 15)}  # requests answered before each kill
SEED = 20261102


@pytest.mark.parametrize("site", AFTER)
def test_a_process_killed_after_any_request_goes_on_by_itself(worker: Worker, office: Office, site: str) -> None:
    """The queue hands the task out again; each kill costs at most the page it fell into."""
    calm = offices.undisturbed(office, site)
    source = offices.connect(office, site)
    office.running.trouble("slow:every=1:seconds=0.03")
    office.running.forget()
    worker.send("read_now", source_id=source.pk)
    kills = 0
    for after in AFTER[site]:
        worker.wait_until(lambda: len(office.running.requests) >= after or worker.is_idle(), f"{after} requests")  # noqa: B023 - asked at once
        kills += not worker.is_idle()
        kill_pool(worker)
    worker.wait_until(worker.is_idle, "the last of them is done")
    assert kills
    assert SyncRun.objects.filter(source=source, state=SyncRun.State.STOPPED).exists()
    worker.do("read_now", source_id=source.pk)
    assert_whole(office, source, calm)


def test_a_worker_killed_at_random_moments_loses_and_doubles_nothing(worker: Worker, office: Office) -> None:
    """The whole worker dies, as with its machine; what it had not acknowledged is asked for anew by the next beat."""
    rng = random.Random(SEED)
    calm = offices.undisturbed(office, "cloud")
    source = offices.connect(office, "cloud")
    office.running.trouble("slow:every=1:seconds=0.03")
    for _ in range(3):
        worker.send("read_now", source_id=source.pk)
        time.sleep(rng.uniform(0.1, 1.2))
        worker.kill()
        worker.forget()
        worker.start()
    worker.do("read_now", source_id=source.pk)
    assert_whole(office, source, calm)


def test_two_readers_of_one_source_at_once_store_everything_once(worker: Worker, office: Office) -> None:
    """Two processes of the pool begin together; each slice is read by one of them."""
    calm = offices.undisturbed(office, "cloud")
    source = offices.connect(office, "cloud")
    office.running.trouble("slow:every=1:seconds=0.03")
    for _ in range(2):
        worker.send("read_now", source_id=source.pk)
    worker.wait_until(worker.is_idle, "both are done")
    assert_whole(office, source, calm)
    runs = SyncRun.objects.filter(source=source, state=SyncRun.State.DONE)
    assert sum(run.read for run in runs if run.slice.kind == "issues" and run.full) == source.items.count()


def kill_pool(worker: Worker) -> None:
    """The pool's processes die; the worker itself lives, and starts others."""
    for child in worker.children():
        os.kill(child, signal.SIGKILL)


def assert_whole(office: Office, source: offices.Source, calm: offices.Rows) -> None:
    assert offices.errors(source) == []
    assert offices.missing(source) == []
    assert not source.slices.exclude(cursor="").exists()
    assert not SyncRun.objects.filter(source=source, state=SyncRun.State.RUNNING).exists()
    assert offices.differences(offices.rows(office, source), calm) == []
