"""Whose turn it is to ask a source, decided in Redis for all workers of all hosts that use one credential.

Redis may be emptied or away at any moment. Emptied, it is told again what this process knows; away, this process asks
one thing at a time within that knowledge. A sync never fails of it.
"""

from __future__ import annotations

import logging
import random
import secrets
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import redis
from django.utils import timezone

from delivery import gate_scripts as scripts
from delivery.connectors import budgets, gates
from delivery.connectors.gates import Known, Manners, Verdict

LAPSE = 8.0  # seconds after which a turn is free again whose holder was killed
RENEWAL = 2.0  # seconds between two words of the living that theirs still stands
CROWD = 600.0  # seconds a worker stands in line while the line moves; people go by their own patience
WORKER = 60.0  # seconds of patience from which on it is not a person's
POLL = 0.02  # seconds between two looks of who is next; who stands further back looks less often
AWAY = 5.0  # seconds before a Redis that did not answer is asked again
AWAY_ERRORS = (redis.RedisError, OSError)

log = logging.getLogger(__name__)


class LonelyGate:
    """One question at a time from this process, within what it knows of limits: nobody else can be asked."""

    def __init__(self, manners: Manners, known: Known) -> None:
        self._manners = manners
        self._known = known

    @contextmanager
    def turn(self, lane: str, cost: int = 1, *, patience: float = 90.0) -> Iterator[None]:
        if not self._known.alone.acquire(timeout=patience):
            raise gates.refusal(self._manners, Verdict("full"), timezone.now())
        try:
            while (verdict := self._known.verdict(lane, cost)).why != "go":
                if verdict.wait > patience:
                    raise gates.refusal(self._manners, verdict, timezone.now())
                patience -= verdict.wait
                time.sleep(verdict.wait)
            yield
        finally:
            self._known.alone.release()

    def told(self, lane: str, headers: Mapping[str, str], status: int, *, limited: bool = False) -> None:
        quota = budgets.quota(headers, timezone.now())
        if quota is not None:
            self._known.told("" if quota.whole else lane, quota, alone=away.is_set())

    def spent(self, lane: str, more: int) -> None:
        for pool in ("", lane):
            _, left, ours, limit = self._known.facts(pool)
            self._known.learn(pool, max(ours + more, 0), left / 1000, limit)

    def hold(self, lane: str, seconds: float) -> None:
        self._known.hold(lane, seconds)


class Leases:
    """The turns that this process holds: told to Redis again and again while it lives, and lapsing when it does not."""

    def __init__(self, client: redis.Redis) -> None:
        self._client = client
        self._held: dict[str, str] = {}  # lease → the credential's key
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None

    def add(self, lease: str, key: str) -> None:
        with self._changed:
            self._held[lease] = key
            if self._thread is None or not self._thread.is_alive():  # also in a forked child
                self._thread = threading.Thread(target=self._renew, name="leases", daemon=True)
                self._thread.start()
            self._changed.notify()

    def drop(self, lease: str) -> None:
        with self._changed:
            self._held.pop(lease, None)

    def _renew(self) -> None:
        while True:
            with self._changed:
                while not self._held:
                    self._changed.wait()
            time.sleep(RENEWAL)
            with self._changed:
                by_key: dict[str, list[str]] = {}
                for lease, key in self._held.items():
                    by_key.setdefault(key, []).append(lease)
                for key, leases in by_key.items():  # under the lock: what is given back meanwhile would come back
                    try:
                        self._client.eval(scripts.RENEW, 2, key, f"{key}:out", int(LAPSE * 1000), *leases)
                    except AWAY_ERRORS:
                        continue  # while it is away, nobody else gets a turn of it either


class SharedGate:
    """The turns of one credential (``key``) among all workers; see delivery.connectors.setup.Gate."""

    def __init__(self, key: str, manners: Manners, known: Known, client: redis.Redis, leases: Leases) -> None:
        self._key = key
        self._manners = manners
        self._known = known
        self._client = client
        self._leases = leases
        self._lonely = LonelyGate(manners, known)

    @contextmanager
    def turn(self, lane: str, cost: int = 1, *, patience: float = 90.0) -> Iterator[None]:
        lease = self._take(lane, cost, patience)
        if lease is None:
            with self._lonely.turn(lane, cost, patience=patience):
                yield
            return
        self._leases.add(lease, self._key)
        try:
            yield
        finally:
            self._leases.drop(lease)
            self._run(_RELEASE, lease)

    def told(self, lane: str, headers: Mapping[str, str], status: int, *, limited: bool = False) -> None:
        self._lonely.told(lane, headers, status, limited=limited)
        quota = budgets.quota(headers, timezone.now())
        outcome = "limit" if limited else "free" if status == 304 else "bad" if status >= 500 else "good"
        pool = lane if quota is None or not quota.whole else ""
        told = [-1, -1, -1, -1] if quota is None else [
            -1 if value is None else int(value * unit)
            for value, unit in ((quota.limit, 1), (quota.remaining, 1), (quota.resets, 1000), (quota.refills, 1000))
        ]  # fmt: skip
        self._run(scripts.TOLD, outcome, lane, pool, *told, *self._bounds())

    def spent(self, lane: str, more: int) -> None:
        if more:
            self._lonely.spent(lane, more)
            self._run(scripts.SPENT, lane, more)

    def hold(self, lane: str, seconds: float) -> None:
        self._lonely.hold(lane, seconds)
        self._run(scripts.HOLD, lane, int(min(seconds, gates.LONGEST) * 1000))

    def _take(self, lane: str, cost: int, patience: float) -> str | None:
        """A lease once it is our turn; None while Redis is away. Raises ConnectorError when it takes too long."""
        end, lease = time.monotonic() + patience, secrets.token_hex(8)
        while True:
            verdict = self._verdict(lane, cost, lease, patience)
            if verdict is None:
                return None
            if verdict.why == "go":
                return lease
            left = end - time.monotonic() + (CROWD if verdict.why == "full" and patience >= WORKER else 0.0)
            if verdict.wait > left or left <= 0:
                raise gates.refusal(self._manners, verdict, timezone.now())
            wait = verdict.wait * (1 + 0.02 * random.random()) + POLL * random.random()  # noqa: S311 - who is first
            time.sleep(wait)

    def _verdict(self, lane: str, cost: int, lease: str, patience: float) -> Verdict | None:
        share, start, most = self._bounds()
        minute = self._manners.per_minute.get(lane, 0)
        facts = [*self._known.facts(""), *self._known.facts(lane)]
        lapse = int(LAPSE * 1000)
        words: tuple[str | int, ...] = (
            lane,
            cost,
            share,
            start,
            most,
            lease,
            lapse,
            minute,
            *facts,
            int(patience * 1000),
        )
        told = self._run(scripts.TURN, *words)
        if told is None:
            return None
        why, wait = told[0].decode(), int(told[1]) / 1000
        for pool, at in (("", 2), (lane, 5)):
            self._known.learn(pool, int(told[at]), int(told[at + 1]) / 1000, int(told[at + 2]))
        return Verdict(why, wait)

    def _bounds(self) -> tuple[int, int, int]:
        return self._manners.share, self._manners.start, self._manners.most

    def _run(self, script: str, *arguments: str | int) -> Any:
        """What a script gives; None while Redis is away, which is told once."""
        if away.is_set():
            return None
        try:
            return self._client.eval(script, 2, self._key, f"{self._key}:out", *arguments)
        except AWAY_ERRORS as error:
            away.begin(error)
            return None


_RELEASE = "return redis.call('ZREM', KEYS[2], ARGV[1])"


class Away:
    """Whether Redis did not answer a moment ago; one for the process, so that not every request waits for it."""

    def __init__(self) -> None:
        self._until = 0.0

    def is_set(self) -> bool:
        return time.monotonic() < self._until

    def begin(self, error: Exception) -> None:
        if time.monotonic() - self._until > AWAY:
            log.warning("Redis does not answer (%s): until it does, each worker asks one thing at a time.", error)
        self._until = time.monotonic() + AWAY


away = Away()
