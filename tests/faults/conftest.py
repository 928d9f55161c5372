"""One worker for all tests of a file's group, and an organisation behind servers for each."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.delivery.served import Office
from tests.delivery.test_sync_killed import database_url
from tests.faults import office as offices
from tests.faults.worker import Worker, redis_url, working

REDIS = 15  # the numbered database that is the worker's alone


@pytest.fixture(scope="session")
def worker_process(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Worker]:
    log: Path = tmp_path_factory.mktemp("worker") / "log"
    with working(database_url(), redis_url(REDIS), log) as worker:
        yield worker


@pytest.fixture
def worker(worker_process: Worker, transactional_db: None) -> Iterator[Worker]:
    """The session's worker: running, and idle before the tables are emptied."""
    if worker_process.process is None:
        worker_process.start()
    yield worker_process
    if worker_process.process is not None:
        worker_process.wait_until(worker_process.is_idle, "the test's tasks have ended")


@pytest.fixture
def office() -> Iterator[Office]:
    with offices.office() as made:
        yield made
