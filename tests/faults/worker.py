"""A Celery worker as a process of its own, on the tests' PostgreSQL and on a numbered database of a Redis."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import redis
from celery import Celery
from django.conf import settings

from config import processes

ROOT = Path(__file__).parent.parent.parent
PATIENCE = 90.0  # seconds for a task; the machine may be busy with other tests


@dataclass
class Worker:
    """``pool`` solo reads in the worker's own process; prefork in children of it, as a real site has it."""

    database_url: str
    redis_url: str
    log: Path
    pool: str = "prefork"
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, or start it again after a kill; returns once it takes tasks."""
        environment = os.environ | {
            "DATABASE_URL": self.database_url,
            "REDIS_URL": self.redis_url,
            "FIELD_KEY": settings.FIELD_KEY,
            "SECRET_KEY": settings.SECRET_KEY,
            "HEADWAY_EMBEDDED": "1",
        }
        arguments = ["-A", "config.celery", "worker", "--pool", self.pool, "--concurrency", "2", "--loglevel", "INFO"]
        with open(self.log, "ab") as log:
            began = log.tell()
            self.process = subprocess.Popen(
                [sys.executable, "-m", "celery", *arguments, "--without-gossip", "--without-mingle"],
                cwd=ROOT,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=processes._end_with_parent,  # noqa: PLW1509 - one prctl call, no locks
            )
        self.wait_until(lambda: b"ready." in self.log.read_bytes()[began:], "it is ready")

    def send(self, task: str, **arguments: Any) -> None:
        """Queue a task as any process of the site does."""
        broker = self.redis_url.replace("unix://", "redis+socket://").replace("?db=", "?virtual_host=")
        with Celery("faults", broker=broker) as app:
            app.send_task(f"delivery.tasks.{task}", kwargs=arguments)

    def is_idle(self) -> bool:
        """Nothing waits, and nothing is being done: a task is acknowledged once it ended.

        Looked at several times: a message that was just taken is nowhere for a moment.
        """
        with self.redis() as client:
            for _ in range(4):
                if any(client.llen(queue.name) for queue in settings.CELERY_TASK_QUEUES) or client.hlen("unacked"):
                    return False
                time.sleep(0.03)
        return True

    def wait_until(self, true: Callable[[], object], what: str, patience: float = PATIENCE) -> None:
        deadline = time.monotonic() + patience
        while not true():
            assert time.monotonic() < deadline, f"not in {patience:.0f} s: {what}\n{self.said()}"
            assert self.process is None or self.process.poll() is None, f"the worker ended\n{self.said()}"
            time.sleep(0.03)

    def do(self, task: str, *, patience: float = PATIENCE, **arguments: Any) -> None:
        """Queue a task and wait until it and what it queued have ended."""
        self.send(task, **arguments)
        self.wait_until(self.is_idle, f"{task} is done", patience)

    def children(self) -> list[int]:
        """The processes of the pool."""
        assert self.process is not None
        pid = self.process.pid
        return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]

    def kill(self) -> None:
        """SIGKILL to all of it, as a machine that loses its power does. What waited in Redis waits on."""
        if self.process is None:
            return
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.process = None

    def stop(self) -> None:
        """SIGTERM: what it is at is ended first, so that no transaction of its is open when the tables are emptied."""
        if self.process is not None:
            self.process.terminate()
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(PATIENCE)
        self.kill()

    def forget(self) -> None:
        """Empty the worker's Redis database: what a killed worker left unacknowledged would come back in an hour."""
        with self.redis() as client:
            client.flushdb()

    def redis(self) -> redis.Redis:
        return redis.Redis.from_url(self.redis_url)

    def said(self) -> str:
        """The end of its log."""
        return self.log.read_text(errors="replace")[-4000:]


def redis_url(number: int) -> str:
    """Another numbered database on the tests' own Redis: no other test's tasks, caches or limits are in it."""
    url = os.environ["REDIS_URL"]
    number -= 2 * int(os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:])  # tests that run beside these have their own
    return f"{url.partition('?')[0]}?db={number}" if url.startswith("unix://") else f"{url.rpartition('/')[0]}/{number}"


@contextmanager
def working(database_url: str, redis_url: str, log: Path, *, pool: str = "prefork") -> Iterator[Worker]:
    """A worker that has started, and has ended afterwards."""
    worker = Worker(database_url, redis_url, log, pool)
    worker.forget()
    worker.start()
    try:
        yield worker
    finally:
        worker.stop()
        worker.forget()
