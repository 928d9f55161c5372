"""Webhooks all the way: posted to a running site, heard by a worker that is a process of its own (J34, G25)."""

from __future__ import annotations

import os
from contextlib import AbstractContextManager, suppress
from datetime import timedelta
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from delivery import hooks, tasks
from delivery.models import HookDelivery, PullRequest, Source
from simulator import webhooks
from simulator.faults.turn import Answer, Turn
from simulator.web import Reply
from simulator.webhooks import Delivery
from tests.delivery.changing import changed, newest, placed
from tests.delivery.test_sync_killed import database_url
from tests.faults import worker
from tests.faults.worker import Worker

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("clean_cache"),
]


def working(log: Path) -> AbstractContextManager[Worker]:
    """A worker on the tests' own database and queue, ready; the queue is empty before and after it."""
    return worker.working(database_url(), os.environ["REDIS_URL"], log, pool="solo")


def sent(live_server: Any, source: Source, delivery: Delivery) -> int:
    return webhooks.send(delivery.signed(hooks._secret(source)), f"{live_server.url}{hooks.path_of(source)}")


def test_changes_in_jira_and_github_arrive_without_polling(live_server: Any, tmp_path: Path) -> None:
    with placed() as place:
        jira, github = place.jira(), place.github()
        item = newest(jira)
        pull = PullRequest.objects.filter(repository__source=github, closed=None).order_by("-number")[0]
        with working(tmp_path / "log") as at_work:
            now = place.issues.edit(item.key, title="Changed at the source")
            place.code.merge(place.repository, pull.number)
            assert sent(live_server, jira, changed(now, "change", votes=2)) == 202
            assert sent(live_server, jira, changed(now, "change", votes=2)) == 202
            merged = webhooks.github_pull("closed", place.repository, pull.number, "merge")
            assert sent(live_server, github, merged) == 202
            assert webhooks.send(changed(now, "f").signed("x"), f"{live_server.url}{hooks.path_of(jira)}") == 401
            at_work.wait_until(lambda: jira.items.filter(title=now.title).exists(), "Jira is heard")
            at_work.wait_until(lambda: PullRequest.objects.get(pk=pull.pk).merged, "GitHub is heard")
            at_work.wait_until(lambda: not HookDelivery.objects.filter(done=None).exists(), "all is heard")
        assert HookDelivery.objects.count() == 2


class Held:
    """Holds every request about one issue until it is opened."""

    def __init__(self) -> None:
        self.asked, self.opened = Event(), Event()

    def __call__(self, turn: Turn, answer: Answer) -> Reply:
        self.asked.set()
        self.opened.wait(60)
        return answer()


def test_a_worker_killed_while_it_hears_leaves_the_delivery_to_the_next(live_server: Any, tmp_path: Path) -> None:
    with placed() as place:
        jira = place.jira()
        now = place.issues.edit(newest(jira).key, title="Changed at the source")
        held = Held()
        place.running.rehearsal.faults = (held,)
        with working(tmp_path / "log") as at_work:
            assert sent(live_server, jira, changed(now)) == 202
            at_work.wait_until(held.asked.is_set, "it asks about the issue")
            at_work.kill()
            held.opened.set()
            assert HookDelivery.objects.get().done is None
            at_work.forget()  # and the queue lost everything
            HookDelivery.objects.update(received=HookDelivery.objects.get().received - timedelta(minutes=1))
            at_work.start()
            for _ in range(12):  # beats, which go on until it is heard
                tasks.catch_up()
                with suppress(AssertionError):
                    at_work.wait_until(lambda: HookDelivery.objects.get().done is not None, "it is heard", 5)
                    break
            assert HookDelivery.objects.get().done is not None, at_work.said()
        assert jira.items.filter(title=now.title).count() == 1
