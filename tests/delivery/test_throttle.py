"""Workers as real processes that share one credential, a real Redis, and a server that counts what reaches it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
from django.conf import settings

from tests.connectors.pretend import Asked, Pretend, Reply, answering, value
from tests.delivery import asking
from tests.delivery.own_redis import OwnRedis

ROOT = Path(__file__).parent.parent.parent
SETTINGS = {"DJANGO_SETTINGS_MODULE": "config.settings", "HEADWAY_EMBEDDED": "1"}


class Counted:
    """How many requests were out at once, and when each came."""

    def __init__(self, seconds: float = 0.02) -> None:
        self.seconds = seconds
        self.most = self.now = 0
        self.came: list[float] = []
        self._lock = threading.Lock()

    def __call__(self, asked: Asked) -> Reply:
        with self._lock:
            self.came.append(time.monotonic())
            number = len(self.came)
            self.now += 1
            self.most = max(self.most, self.now)
        time.sleep(self.seconds)
        reply = self.reply(number)
        with self._lock:
            self.now -= 1
        return reply

    def reply(self, number: int) -> Reply:
        return value({})


class Limited(Counted):
    """Every request past ``calm`` is refused once for two seconds."""

    def __init__(self, calm: int) -> None:
        super().__init__(0.01)
        self.calm = calm

    def reply(self, number: int) -> Reply:
        return value({}, 429, Retry_After="2") if number == self.calm else value({})


class Quoted(Counted):
    """Tells of a quota, as GitHub does; ``others`` have used some of it before."""

    def __init__(self, limit: int, others: int = 0) -> None:
        super().__init__(0.005)
        self.limit, self.others = limit, others
        self.resets = datetime.now(UTC) + timedelta(hours=1)

    def reply(self, number: int) -> Reply:
        left = max(self.limit - self.others - number, 0)
        told = {"limit": self.limit, "remaining": left, "reset": int(self.resets.timestamp())}
        names = {f"x-ratelimit-{name}": str(number) for name, number in told.items()}
        return value({}, 200, Date=format_datetime(datetime.now(UTC), usegmt=True), **names)


def source(server: Pretend, **fields: object) -> dict[str, object]:
    return {"kind": "github", "url": server.url, "token": "a-token", "account": "octo", "share": 100, **fields}


def worker(redis: OwnRedis, source: dict[str, object], count: int, patience: float = 90.0) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", asking.RUN, json.dumps([source, count, patience])],
        cwd=ROOT,
        env=os.environ | SETTINGS | {"REDIS_URL": redis.url, "FIELD_KEY": settings.FIELD_KEY},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def results(*workers: subprocess.Popen[str]) -> list[dict[str, object]]:
    found = []
    for one in workers:
        out, error = one.communicate(timeout=60)
        assert one.returncode == 0, error
        found.append(json.loads(out))
    return found


def wait_until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + 30
    while not true():
        assert time.monotonic() < end, "nothing happened in 30 seconds"
        time.sleep(0.01)


@pytest.mark.parametrize(
    ("fields", "most"), [({}, 3), ({"kind": "jira", "deployment": "datacenter"}, 4)], ids=["github", "datacenter"]
)
def test_workers_of_one_credential_together_ask_no_more_at_a_time_than_it_bears(redis_server, fields, most):
    """G12, D4: adaptive, so that it begins low and rises with good answers, up to the most."""
    count = Counted()
    with answering(count) as server:
        workers = [worker(redis_server, source(server, **fields), 60) for _ in range(4)]
        assert [found["answered"] for found in results(*workers)] == [60] * 4
    assert 1 < count.most <= most


def test_a_pause_asked_of_one_worker_is_kept_by_all(redis_server):
    """G12: one "not before" for all workers of a token."""
    count = Limited(calm=30)
    with answering(count) as server:
        workers = [worker(redis_server, source(server), 30) for _ in range(3)]
        assert [found["answered"] for found in results(*workers)] == [30] * 3
    at = count.came[29]
    assert [came for came in count.came if at + 0.2 < came < at + 1.9] == []
    assert len(count.came) == 91


def test_workers_together_take_no_more_than_their_share_of_a_quota(redis_server):
    count = Quoted(limit=30)
    with answering(count) as server:
        workers = [worker(redis_server, source(server, share=40), 30, 60.0) for _ in range(3)]
        found = results(*workers)
    assert len(count.came) == 12 == sum(int(str(one["answered"])) for one in found)
    error = found[0]["error"]
    assert isinstance(error, dict)
    assert error["kind"] == "limited"
    assert abs(datetime.fromisoformat(error["retry_at"]) - count.resets) < timedelta(seconds=5)
    assert error["said"].startswith(
        f"Headway has taken its share (40 %) of what GitHub at {server.url} allows: it goes"
    )


def test_workers_that_cannot_tell_each_other_take_one_share_and_not_one_each(redis_server):
    """While Redis is away, what the source says is gone counts as theirs, whoever of them took it."""
    count = Quoted(limit=40)
    redis_server.stop()
    try:
        with answering(count) as server:
            workers = [worker(redis_server, source(server, share=40), 30, 60.0) for _ in range(3)]
            found = results(*workers)
    finally:
        redis_server.start()
    assert 16 <= len(count.came) <= 18  # two more may be out when the last of the share is taken
    assert {one["error"]["kind"] for one in found if isinstance(one["error"], dict)} == {"limited"}


def test_what_others_had_taken_before_redis_went_away_is_not_ours(redis_server):
    count = Quoted(limit=100, others=70)
    with answering(count) as server:
        done = threading.Event()

        def stop() -> None:
            wait_until(lambda: len(count.came) >= 4)
            redis_server.stop()
            done.set()

        thread = threading.Thread(target=stop)
        thread.start()
        try:
            found = results(worker(redis_server, source(server, share=20), 30, 60.0))
            thread.join()
        finally:
            assert done.wait(30)
            redis_server.start()
    assert (len(count.came), found[0]["answered"]) == (20, 20)


def test_an_emptied_redis_neither_breaks_nor_forgets_what_was_taken(redis_server):
    """FLUSHALL in the middle: the workers tell it again what they know, and the share holds."""
    count = Quoted(limit=40)
    with answering(count) as server:
        workers = [worker(redis_server, source(server, share=50), 30, 60.0) for _ in range(3)]
        for reached in (8, 12, 16):
            wait_until(lambda reached=reached: len(count.came) >= reached)
            redis_server.client.flushall()
        found = results(*workers)
    assert 20 <= len(count.came) <= 23
    assert {one["error"]["kind"] for one in found if isinstance(one["error"], dict)} == {"limited"}


def test_a_killed_worker_gives_its_turn_back(redis_server):
    """SIGKILL while its request is out: with one turn at a time, the next has it soon."""
    count = Counted(seconds=0.0)
    opened = threading.Event()

    def first_hangs(asked: Asked) -> Reply:
        reply = count(asked)
        if len(count.came) == 1:
            opened.wait(30)
        return reply

    with answering(first_hangs) as server:
        killed = worker(redis_server, source(server), 5)
        wait_until(lambda: len(count.came) == 1)
        killed.send_signal(signal.SIGKILL)
        killed.communicate()
        began = time.monotonic()
        assert results(worker(redis_server, source(server), 5, 30.0))[0]["answered"] == 5
        assert time.monotonic() - began < 15
        opened.set()


def test_a_turn_is_kept_as_long_as_its_request_takes(redis_server):
    """Longer than a turn lapses by itself: the living say that theirs still stands."""
    count = Counted(seconds=9.5)
    with answering(count) as server:
        workers = [worker(redis_server, source(server), 1) for _ in range(2)]
        assert [found["answered"] for found in results(*workers)] == [1, 1]
    assert count.most == 1
