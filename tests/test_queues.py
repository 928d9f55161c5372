"""Which queue a task waits in: each in one alone, or two workers would do it twice."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import redis
from django.conf import settings

from config.celery import app

QUEUES = ("celery", "soon")


@pytest.fixture
def broker() -> Iterator[redis.Redis]:
    with redis.Redis.from_url(settings.REDIS_URL) as client:
        client.delete(*QUEUES, *client.keys("_kombu.binding.*"))
        yield client
        client.delete(*QUEUES, *client.keys("_kombu.binding.*"))


@pytest.mark.parametrize(("task", "queue"), [("sync_due", "celery"), ("read_now", "celery"), ("hear", "soon")])
def test_a_task_waits_once_in_its_own_queue(broker: redis.Redis, task: str, queue: str) -> None:
    with app.connection_for_write() as connection:
        for one in app.amqp.queues.values():  # as a worker does when it starts
            one.bind(connection.default_channel).declare()
        app.send_task(f"delivery.tasks.{task}", kwargs={"source_id": 0}, connection=connection)
    assert {name: broker.llen(name) for name in QUEUES} == {name: int(name == queue) for name in QUEUES}


def test_a_worker_that_is_told_of_no_queue_takes_from_both() -> None:
    assert {queue.name for queue in settings.CELERY_TASK_QUEUES} == set(QUEUES)
