"""``manage.py sync`` as a process of its own, killed in the middle: what it leaves, and how the next one ends."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import quote, urlsplit, urlunsplit

import pytest
from django.conf import settings
from django.db import connection

from delivery import locks, sync
from delivery.models import SyncRun, WorkItem
from tests.delivery import served

pytestmark = pytest.mark.django_db(transaction=True)
ROOT = Path(__file__).parent.parent.parent
SLOW = 0.6  # seconds a request: pages are handed on one by one, and there is time to strike between them


def start(*words: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "manage.py", *words],
        cwd=ROOT,
        env=os.environ | {"DATABASE_URL": database_url(), "FIELD_KEY": settings.FIELD_KEY, "HEADWAY_EMBEDDED": "1"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def database_url() -> str:
    """The tests' own database, as another process names it."""
    parts = urlsplit(os.environ["DATABASE_URL"])
    return urlunsplit(parts._replace(path=f"/{quote(connection.settings_dict['NAME'])}"))


def wait_until(true: object, process: subprocess.Popen[str]) -> None:
    assert callable(true)
    for _ in range(600):
        if true():
            return
        assert process.poll() is None, process.stderr and process.stderr.read()
        time.sleep(0.05)
    raise AssertionError("nothing happened in 30 seconds")


def test_a_killed_sync_goes_on_and_ends_with_the_rows_of_an_undisturbed_one() -> None:
    with served.office() as office:
        calm, killed = office.jira("Calm"), office.jira("Killed")
        sync.sync_source(calm, now=office.now)
        office.gate.slow = SLOW
        process = start("sync", "Killed")
        wait_until(lambda: WorkItem.objects.filter(source=killed).exists(), process)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        office.gate.opened.set()

        there = killed.items.count()
        assert 0 < there < calm.items.count()
        cut_off = SyncRun.objects.filter(source=killed, state=SyncRun.State.RUNNING).count()
        assert cut_off >= 1  # parts are read side by side
        assert killed.slices.filter(reading_began__isnull=False).exclude(cursor="").exists()

        process = start("sync", "Killed", "--json")
        output, errors = process.communicate(timeout=60)
        assert process.returncode == 0, errors
        told = json.loads(output)["sources"][0]
        assert told["written"] < calm.items.count()  # it did not start from nothing
        assert SyncRun.objects.filter(source=killed, state=SyncRun.State.STOPPED).count() == cut_off
        assert not killed.slices.exclude(cursor="").exists()
        assert served.rows(killed) == served.rows(calm)


def test_two_processes_do_not_read_one_slice_at_the_same_time() -> None:
    with served.office() as office:
        source = office.jira()
        office.gate.slow = SLOW
        first = start("sync")
        wait_until(lambda: source.items.exists(), first)
        busy = min(locks.numbers_held(locks.SLICE))
        mine = sync.sync_slice(source.slices.get(pk=busy), now=office.now)
        assert mine.state == SyncRun.State.RUNNING
        assert SyncRun.objects.filter(slice=busy).count() == 1
        office.gate.opened.set()
        _, errors = first.communicate(timeout=60)
        assert first.returncode == 0, errors
        assert SyncRun.objects.filter(slice=busy).get().state == SyncRun.State.DONE
