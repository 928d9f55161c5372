"""Can pages be used: do the database and Redis answer, are the migrations applied, does a first forecast stand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.core.cache import cache
from django.db import Error, connection
from django.db.migrations.executor import MigrationExecutor
from redis.exceptions import RedisError

from delivery.models import Deliverable, Forecast


@dataclass(frozen=True, slots=True)
class Readiness:
    """What is still missing, in words; nothing: ready."""

    missing: tuple[str, ...]

    @property
    def ready(self) -> bool:
        return not self.missing


def look() -> Readiness:
    """Look at everything pages need; a database that does not answer hides what lies in it."""
    missing = [word for word in (_answering("The database", _migrated), _answering("Redis", _redis)) if word]
    if not missing:
        missing = [word for word in (_answering("The database", _forecast),) if word]
    return Readiness(tuple(missing))


def _answering(name: str, look_there: Callable[[], str]) -> str:
    try:
        return look_there()
    except (Error, RedisError, OSError):
        return f"{name} does not answer."


def _migrated() -> str:
    executor = MigrationExecutor(connection)
    waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return f"{len(waiting)} migrations are not applied: run manage.py migrate." if waiting else ""


def _redis() -> str:
    cache.get("readyz")
    return ""


def _forecast() -> str:
    promised = Deliverable.objects.filter(delivered__isnull=True, dropped__isnull=True).exists()
    if promised and not Forecast.objects.exists():
        return "The first forecasts are not made yet."
    return ""
