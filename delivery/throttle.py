"""Manners towards a source, shared by all workers that use one credential: whose turn it is, and what was answered."""

from __future__ import annotations

import hashlib
import hmac
import threading
import time
import zlib
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any

import orjson
import redis
from django.conf import settings
from redis.backoff import NoBackoff
from redis.retry import Retry

from delivery import secrets
from delivery.connectors import gates
from delivery.connectors.gates import Known, Manners
from delivery.connectors.setup import Gate, Memory
from delivery.gate import AWAY_ERRORS, Leases, SharedGate, away
from delivery.models import Auth, Source

PREFIX = "headway:manners"
KEPT = 7 * 24 * 3600  # seconds an answer is kept with its ETag
MOST_KEPT = 256 * 1024  # bytes of it
ANSWER = 1.0  # seconds Redis may take

_known: dict[str, Known] = {}
_lock = threading.Lock()


@dataclass(frozen=True, slots=True)
class BudgetState:
    """What is left of a source's quota and how much of it was ours. None: the source does not say.

    ``ours`` counts requests (or points) of all our workers in the present window, or of an hour; ``share`` is the most
    of ``limit`` that Headway takes, in per cent; ``concurrency`` how many requests may be out at once just now.
    """

    limit: int | None
    remaining: int | None
    resets: datetime | None
    ours: int
    share: int
    concurrency: int
    held_until: datetime | None


def gate_for(source: Source) -> Gate:
    """Whose turn it is among all workers that use the credential of ``source`` (give it to open_connector)."""
    key, url = _key(source), settings.REDIS_URL
    return SharedGate(key, _manners(source), _known_of(key, source.share), _client(url), _leases(url))


def memory_for(source: Source) -> Memory:
    """Answers kept with their ETag, for exactly the token of ``source`` (G14)."""
    token = _digest(source.kind, source.url, source.email, _token(source))
    return AnswerMemory(f"{_memories(source)}:{token}")


def forget_answers(source: Source) -> None:
    """Delete what is kept of its answers, whichever token got them; never raises."""
    try:
        client = _client(settings.REDIS_URL)
        for name in client.scan_iter(match=f"{_memories(source)}:*", count=1000):
            client.unlink(name)
    except AWAY_ERRORS as error:
        away.begin(error)


def budget_of(source: Source) -> BudgetState:
    """What is known of the quota of ``source`` without asking it; never raises."""
    key, bounds = _key(source), _manners(source)
    try:
        pipe = _client(settings.REDIS_URL).pipeline(transaction=False)
        pipe.time()
        pipe.hgetall(key)
        (seconds, micros), raw = pipe.execute()
    except AWAY_ERRORS:
        return BudgetState(None, None, None, 0, source.share, 1, None)
    now = seconds * 1000 + micros / 1000
    facts = {name.decode(): float(value) for name, value in raw.items()}
    pools = [name.partition(":")[2] for name in facts if name.startswith("ours:")]
    pool = min(pools, key=lambda pool: _free(facts, pool, now), default="")
    told = facts.get(f"limit:{pool}", 0.0) > 0 and not _is_over(facts, pool, now)
    held = max((value for name, value in facts.items() if name.startswith("hold:")), default=0.0)
    return BudgetState(
        limit=int(facts[f"limit:{pool}"]) if told else None,
        remaining=int(facts[f"left:{pool}"]) if told and f"left:{pool}" in facts else None,
        resets=_at(facts.get(f"ends:{pool}", 0.0)) if told else None,
        ours=0 if _is_over(facts, pool, now) else int(facts.get(f"ours:{pool}", 0.0)),
        share=source.share,
        concurrency=int(min(facts.get("width", 0.0) or bounds.start, bounds.most)),
        held_until=_at(held) if held > now else None,
    )


class AnswerMemory:
    """Answers by their whole URL and media type, packed; see delivery.connectors.setup.Memory. Lost when Redis is."""

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix

    def get(self, key: str) -> tuple[str, bytes] | None:
        if away.is_set():
            return None
        try:
            kept: Any = _client(settings.REDIS_URL).get(self._name(key))
            etag, _, packed = bytes(kept or b"").partition(b"\n")
            return (etag.decode(), zlib.decompress(packed)) if etag else None
        except AWAY_ERRORS as error:
            away.begin(error)
        except (zlib.error, UnicodeDecodeError):  # of another version of Headway
            pass
        return None

    def put(self, key: str, etag: str, body: bytes) -> None:
        if len(body) > MOST_KEPT or "\n" in etag or away.is_set():
            return
        try:
            _client(settings.REDIS_URL).set(self._name(key), etag.encode() + b"\n" + zlib.compress(body, 6), ex=KEPT)
        except AWAY_ERRORS as error:
            away.begin(error)

    def _name(self, key: str) -> str:
        return f"{self._prefix}:{hashlib.sha256(key.encode()).hexdigest()[:32]}"


def _memories(source: Source) -> str:
    return f"{PREFIX}:etag:{source.pk}"


def _manners(source: Source) -> Manners:
    return gates.manners(source.kind, source.deployment, source.url, share=source.share)


def _key(source: Source) -> str:
    """The name of a credential: two sources that sign in as the same one at the same address share its limits.

    Sources count for each account, whichever token it uses; for an OAuth app by tenant; for an App by installation.
    """
    who = source.email or source.account or _token(source)
    if source.auth == Auth.OAUTH:
        who = "oauth"
    elif source.auth == Auth.APP:
        who = f"app {_installation(source)}"
    return f"{PREFIX}:gate:{{{_digest(source.kind, source.url, who)}}}"


def _installation(source: Source) -> str:
    try:
        secret = orjson.loads(secrets.unseal(source.secret))
        return f"{secret.get('app_id')} {secret.get('installation')}"
    except (secrets.SecretError, orjson.JSONDecodeError, AttributeError):
        return str(source.pk)


def _token(source: Source) -> str:
    try:
        return secrets.unseal(source.token)
    except secrets.SecretError:
        return f"source {source.pk}"


def _digest(*words: str) -> str:
    """A name that tells nobody what went into it: keyed, so that not even a guess can be checked."""
    text = "\n".join(word.strip().rstrip("/") for word in words)
    return hmac.new(settings.SECRET_KEY.encode(), text.encode(), hashlib.sha256).hexdigest()[:32]


def _known_of(key: str, share: int) -> Known:
    with _lock:
        known = _known.setdefault(key, Known(share, time.monotonic))
        known.share = share
        return known


@cache
def _client(url: str) -> redis.Redis:
    """One for the process; threads and forked children may share it."""
    return redis.Redis.from_url(url, socket_timeout=ANSWER, socket_connect_timeout=ANSWER, retry=Retry(NoBackoff(), 1))


@cache
def _leases(url: str) -> Leases:
    return Leases(_client(url))


def _is_over(facts: dict[str, float], pool: str, now: float) -> bool:
    """Whether the window that is known of is past."""
    ends = facts.get(f"ends:{pool}", 0.0)
    return bool(ends and now >= ends) or (not ends and now - facts.get(f"since:{pool}", now) >= 3_600_000)


def _free(facts: dict[str, float], pool: str, now: float) -> float:
    """How much of a pool is left, from 0 to 1; more than 1 where nothing is told."""
    limit = facts.get(f"limit:{pool}", 0.0)
    if not limit or _is_over(facts, pool, now):
        return 2.0 if pool else 1.5
    return facts.get(f"left:{pool}", limit) / limit


def _at(milliseconds: float) -> datetime | None:
    return datetime.fromtimestamp(milliseconds / 1000, UTC) if milliseconds else None
