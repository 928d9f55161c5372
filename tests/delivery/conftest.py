"""A Redis of the test's own, empty, for what all workers share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from delivery import gate, throttle
from tests.delivery.own_redis import OwnRedis, own_redis


@pytest.fixture(scope="module")
def running_redis() -> Iterator[OwnRedis]:
    with own_redis() as found:
        yield found


@pytest.fixture
def redis_server(running_redis: OwnRedis, settings, monkeypatch) -> Iterator[OwnRedis]:
    """Running and empty, and this process knows of nothing that was in it before."""
    running_redis.client.flushall()
    settings.REDIS_URL = running_redis.url
    monkeypatch.setattr(throttle, "_known", {})
    monkeypatch.setattr(gate.away, "_until", 0.0)
    yield running_redis
    gate.away._until = 0.0
