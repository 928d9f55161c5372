"""Redis flushed, PostgreSQL restarted, its disk full: in the middle of reading, with the worker left alone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import connection
from pytest_django import DjangoDbBlocker

from delivery.models import Source, SyncRun, WorkItem
from tests.delivery.served import Office
from tests.faults import office as offices
from tests.faults.own_servers import OwnServers, own_servers
from tests.faults.worker import Worker, working


@pytest.fixture(scope="module")
def servers(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[OwnServers]:
    with django_db_blocker.unblock(), own_servers() as started:
        yield started


@pytest.fixture(scope="module")
def own_worker(servers: OwnServers) -> Iterator[Worker]:
    with working(servers.database_url, servers.redis_url, servers.folder / "worker.log") as worker:
        yield worker


@pytest.fixture
def calm(servers: OwnServers, office: Office) -> Iterator[offices.Rows]:
    """The rows of undisturbed reading; afterwards every source is gone again."""
    yield offices.undisturbed(office, "cloud")
    Source.objects.all().delete()


def reading(worker: Worker, office: Office) -> Source:
    """A source in the middle of being read by the worker."""
    source = offices.connect(office, "cloud")
    office.running.trouble("slow:every=1:seconds=0.05")
    worker.send("read_now", source_id=source.pk)
    worker.wait_until(lambda: WorkItem.objects.filter(source=source).exists(), "something is stored")
    assert SyncRun.objects.filter(source=source, state=SyncRun.State.RUNNING, slice__kind="issues").exists()
    return source


def ended(source: Source) -> bool:
    """Every slice was tried, and nothing is being read."""
    runs = SyncRun.objects.filter(source=source)
    tried = runs.values("slice").distinct().count()
    return tried == source.slices.count() and not runs.filter(state=SyncRun.State.RUNNING).exists()


def assert_whole(worker: Worker, office: Office, source: Source, calm: offices.Rows) -> None:
    """By asking once more, and by nothing else: the worker is the one that was there all the time."""
    office.running.trouble()
    worker.do("read_now", source_id=source.pk)
    assert offices.errors(source) == []
    assert offices.missing(source) == []
    assert not source.slices.exclude(cursor="").exists()
    assert offices.differences(offices.rows(office, source), calm) == []


def test_redis_is_emptied_in_the_middle(own_worker: Worker, office: Office, calm: offices.Rows) -> None:
    """What was being read is read to its end; what only waited is queued again by the next beat."""
    source = reading(own_worker, office)
    with own_worker.redis() as client:
        client.flushall()
    own_worker.wait_until(lambda: ended(source), "the reading has ended")
    assert offices.errors(source) == []
    own_worker.do("sync_due")
    assert_whole(own_worker, office, source, calm)


@pytest.mark.parametrize("how", ["fast", "immediate"])
def test_postgres_is_restarted_in_the_middle(
    servers: OwnServers, own_worker: Worker, office: Office, calm: offices.Rows, how: str
) -> None:
    """The run that was cut off says so, or went on; nothing is stored in half."""
    source = reading(own_worker, office)
    connection.close()
    servers.restart_postgres(how)
    own_worker.wait_until(own_worker.is_idle, "the task has ended")
    assert_whole(own_worker, office, source, calm)
    assert not SyncRun.objects.filter(source=source, state=SyncRun.State.RUNNING).exists()


def test_a_full_disk_stores_no_halves(own_worker: Worker, office: Office, calm: offices.Rows) -> None:
    """A table that cannot grow fails its statement with SQLSTATE 53100, as raised here, and the server lives on.

    (A full disk below the write-ahead log ends the server instead: that is the restart above.)
    """
    source = offices.connect(office, "cloud")
    full_from(200)
    own_worker.do("read_now", source_id=source.pk)
    there = WorkItem.objects.filter(source=source)
    assert 0 < there.count() <= 200
    assert not there.filter(transitions=None, started__isnull=False).exists()
    failed = source.slices.exclude(error="")
    assert failed.exists()
    assert all(part.bookmark is None for part in failed)
    assert set(failed.values_list("kind", flat=True)) == {"issues"}
    with connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER disk_is_full ON delivery_workitem; DROP FUNCTION disk_is_full()")
    assert_whole(own_worker, office, source, calm)


def full_from(rows: int) -> None:
    """From so many items on, the table of items does not grow any more."""
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE FUNCTION disk_is_full() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            "IF (SELECT count(*) FROM delivery_workitem) > %s THEN RAISE EXCEPTION "
            "'could not extend file: No space left on device' USING ERRCODE = '53100'; END IF; RETURN NULL; END $$; "
            "CREATE TRIGGER disk_is_full AFTER INSERT ON delivery_workitem "
            "FOR EACH STATEMENT EXECUTE FUNCTION disk_is_full()",
            [rows],
        )
