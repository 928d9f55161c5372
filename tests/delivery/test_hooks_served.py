"""Webhooks all the way: posted to a running site, heard by a worker that is a process of its own (J34, G25)."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from threading import Event
from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import connection

from delivery import hooks, tasks
from delivery.models import HookDelivery, PullRequest, Source
from simulator import webhooks
from simulator.faults.turn import Answer, Turn
from simulator.web import Reply
from simulator.webhooks import Delivery
from tests.delivery.changing import changed, newest, placed

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("clean_cache"),
    pytest.mark.xdist_group("hooks-served"),
]
ROOT = Path(__file__).parent.parent.parent


@contextmanager
def working() -> Iterator[subprocess.Popen[bytes]]:
    """A worker on the tests' own database and queue."""
    parts = urlsplit(os.environ["DATABASE_URL"])
    database = urlunsplit(parts._replace(path=f"/{quote(connection.settings_dict['NAME'])}"))
    words = [sys.executable, "-m", "celery", "-A", "config", "worker", "--pool", "solo", "--loglevel", "WARNING"]
    process = subprocess.Popen(
        [*words, "--without-gossip", "--without-mingle", "--without-heartbeat"],
        cwd=ROOT,
        env=os.environ | {"DATABASE_URL": database, "FIELD_KEY": settings.FIELD_KEY, "HEADWAY_EMBEDDED": "1"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def wait_until(true: Callable[[], Any], seconds: float = 30) -> float:
    """How long it took, in seconds."""
    began = time.monotonic()
    while time.monotonic() - began < seconds:
        if true():
            return time.monotonic() - began
        time.sleep(0.05)
    raise AssertionError(f"nothing happened in {seconds} seconds")


def sent(live_server: Any, source: Source, delivery: Delivery) -> int:
    return webhooks.send(delivery.signed(hooks._secret(source)), f"{live_server.url}{hooks.path_of(source)}")


def test_changes_in_jira_and_github_arrive_within_seconds(live_server: Any) -> None:
    with placed() as place:
        jira, github = place.jira(), place.github()
        item = newest(jira)
        pull = PullRequest.objects.filter(repository__source=github, closed=None).order_by("-number")[0]
        with working():
            warm = place.issues.edit(item.key, title="To have the worker up")
            assert sent(live_server, jira, changed(warm, "warm", votes=1)) == 202
            wait_until(lambda: jira.items.filter(title=warm.title).exists(), 60)
            now = place.issues.edit(item.key, title="Changed at the source")
            place.code.merge(place.repository, pull.number)
            assert sent(live_server, jira, changed(now, "change", votes=2)) == 202
            assert sent(live_server, jira, changed(now, "change", votes=2)) == 202
            merged = webhooks.github_pull("closed", place.repository, pull.number, "merge")
            assert sent(live_server, github, merged) == 202
            assert webhooks.send(changed(now, "f").signed("x"), f"{live_server.url}{hooks.path_of(jira)}") == 401
            took = wait_until(lambda: jira.items.filter(title=now.title).exists())
            took += wait_until(lambda: PullRequest.objects.get(pk=pull.pk).merged)
            assert took < 10
            wait_until(lambda: not HookDelivery.objects.filter(done=None).exists())
        assert HookDelivery.objects.count() == 3


class Held:
    """Holds every request about one issue until it is opened."""

    def __init__(self) -> None:
        self.asked, self.opened = Event(), Event()

    def __call__(self, turn: Turn, answer: Answer) -> Reply:
        self.asked.set()
        self.opened.wait(60)
        return answer()


def test_a_worker_killed_while_it_hears_leaves_the_delivery_to_the_next(live_server: Any) -> None:
    with placed() as place:
        jira = place.jira()
        now = place.issues.edit(newest(jira).key, title="Changed at the source")
        held = Held()
        place.running.rehearsal.faults = (held,)
        with working() as worker:
            assert sent(live_server, jira, changed(now)) == 202
            assert held.asked.wait(60)
            worker.send_signal(signal.SIGKILL)
            worker.wait()
        held.opened.set()
        assert HookDelivery.objects.get().done is None
        cache.clear()  # and the queue lost everything
        HookDelivery.objects.update(received=HookDelivery.objects.get().received - timedelta(minutes=1))
        with working():
            for _ in range(12):  # beats, which go on until it is heard
                tasks.catch_up()
                with suppress(AssertionError):
                    wait_until(lambda: HookDelivery.objects.get().done is not None, 5)
                    break
        assert HookDelivery.objects.get().done is not None
        assert jira.items.filter(title=now.title).count() == 1
