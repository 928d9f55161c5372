"""``manage.py check_setup``: what is configured, reachable and fresh, in plain words."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any

import redis
from celery.exceptions import CeleryError
from django.conf import settings
from django.core.mail import get_connection
from django.core.management.base import BaseCommand
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from config.celery import app
from delivery import sources
from delivery.models import Source

SOON = timedelta(days=14)  # to renew a token without haste


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at: ``good`` None is worth knowing and nothing wrong."""

    good: bool | None
    says: str


class Command(BaseCommand):
    help = "Say in plain words what is configured, reachable and fresh, and what is wrong."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="one JSON object instead of lines")

    def handle(self, *args: Any, **options: Any) -> None:
        findings = list(look())
        bad = [finding for finding in findings if finding.good is False]
        if options["json"]:
            self.stdout.write(json.dumps({"ok": not bad, "findings": [asdict(finding) for finding in findings]}))
        else:
            marks = {True: "✓", False: "✗", None: "·"}
            for finding in findings:
                self.stdout.write(f"{marks[finding.good]} {finding.says}")
        if bad:
            raise SystemExit(1)


def look() -> Iterator[Finding]:
    """Every finding, worst first being of no matter: in the order in which one would set things up."""
    yield Finding(None, _mode())
    for check in (_database, _redis, _worker, _mail):
        yield check()
    yield from _sources()


def _mode() -> str:
    if settings.DEMO:
        return f"This is the demo: embedded servers, made-up data, keys in {settings.DATA_DIR}."
    if settings.LOCAL:
        return f"Nothing is configured: embedded PostgreSQL and Redis and own keys are used, in {settings.DATA_DIR}."
    return f"Configured from the environment for {settings.PUBLIC_URL}."


def _database() -> Finding:
    try:
        missing = MigrationExecutor(connection).migration_plan(MigrationExecutor(connection).loader.graph.leaf_nodes())
    except DatabaseError as error:
        return Finding(False, f"PostgreSQL does not answer: look at DATABASE_URL. It says: {str(error).strip()}")
    if missing:
        return Finding(False, f"{len(missing)} migrations are missing: run manage.py migrate.")
    return Finding(True, "PostgreSQL answers and has every migration.")


def _redis() -> Finding:
    return _tried(
        lambda: redis.Redis.from_url(settings.REDIS_URL, socket_timeout=3).ping(),
        good="Redis answers.",
        bad="Redis does not answer: look at REDIS_URL.",
    )


def _worker() -> Finding:
    try:
        answers = app.control.ping(timeout=1.0)
    except (OSError, CeleryError, redis.RedisError):
        answers = []
    if answers:
        return Finding(True, f"{len(answers)} worker(s) answer.")
    return Finding(None, "No worker answers: nothing is synced by itself. Start one, or use manage.py sync.")


def _mail() -> Finding:
    return _tried(
        lambda: get_connection().open(),
        good=f"The mail server {settings.EMAIL_HOST} answers.",
        bad=f"The mail server {settings.EMAIL_HOST}:{settings.EMAIL_PORT} does not answer: look at EMAIL_URL. "
        "Only password resets and the digest need it.",
        harmless=settings.LOCAL,
    )


def _tried(act: Callable[[], object], *, good: str, bad: str, harmless: bool = False) -> Finding:
    try:
        act()
    except (OSError, redis.RedisError) as error:
        return Finding(None if harmless else False, f"{bad} It says: {error}")
    return Finding(True, good)


def _sources() -> Iterator[Finding]:
    try:
        found = list(sources.freshness(timezone.now()))
    except DatabaseError:
        return
    if not found:
        yield Finding(None, "No source is connected yet: see manage.py connect --help.")
    rows = {row.pk: row for row in Source.objects.all()}
    for source in found:
        good = {"fresh": True, "stopped": False, "late": False}.get(str(source.state))
        yield Finding(good, f"{source.name} is {source.state}{f': {source.error}' if source.error else ''}.")
        yield from _shortcomings(source, rows[source.id])


def _shortcomings(source: sources.SourceState, row: Source) -> Iterator[Finding]:
    """What is wrong with a source though it is read, and what soon will be."""
    if source.missing:
        yield Finding(False, f"{source.name}: {source.missing} thing(s) could not be read; its page names them.")
    for sentence in (*source.alarms, *row.lacks):
        yield Finding(False, f"{source.name}: {sentence}")
    left = row.token_expires - timezone.now() if row.token_expires else None
    if left is not None and left < SOON:
        says = f"runs out in {max(left.days, 0)} day(s)" if left > timedelta() else "has run out"
        yield Finding(False, f"{source.name}: its token {says}. Renew it on the source's page.")
    if row.hook_secret and row.hook_heard is None:
        yield Finding(None, f"{source.name}: a webhook was set up and never heard; changes come by polling alone.")
