"""Composing for many readers, one after the other: what they see alike is loaded once, what was composed is kept once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

from django.utils import timezone

from dashboards.digest.compose import Common, common, compose, plain
from dashboards.digest.readers import Reader, reader_of, reads_tickets
from dashboards.digest.records import Digest, as_json, from_json
from dashboards.digest.schedule import week_of
from dashboards.digest.seen import looking
from dashboards.models import DigestIssue
from delivery.sources import jira_projects
from teams.models import Group

Compose = Callable[[Reader, str], Digest]


def composing(*, now: datetime, day: date | None = None) -> Compose:
    """A way to compose for many; ``day`` is today unless said, and the pages' day (UTC), so that numbers are theirs."""
    today = timezone.localdate(now)
    look = looking(now=now, day=day or today, today=today)
    groups = list(Group.objects.filter(parent=None).order_by("name").values_list("name", flat=True))
    projects = jira_projects()
    known: dict[tuple[int, object, bool], Common] = {}

    def made(reader: Reader, week: str) -> Digest:
        folio, whole = look(reader), reads_tickets(reader.user)
        key = id(folio), reader.slugs, whole  # a portfolio is looked at once and lives as long as we do
        if key not in known:
            told = common(folio, reader, today=today, groups=groups)
            known[key] = told if whole else plain(told, projects)
        return compose(known[key], folio, reader, week=week, today=today)

    return made


def preview(reader: Reader, *, now: datetime, day: date) -> Digest:
    """The digest as it would be on ``day`` for ``reader``."""
    return composing(now=now, day=day)(reader, week_of(day))


def content_of(issue: DigestIssue, made: Compose, now: datetime) -> Digest:
    """What the issue says; composed now where nobody has yet, and then for good, also when two do so at once."""
    if issue.content is None:
        digest = made(reader_of(issue.subscription), issue.week)
        told = {"content": as_json(digest), "subject": digest.subject[:200], "composed": now}
        if DigestIssue.objects.filter(pk=issue.pk, content__isnull=True).update(**told):
            issue.content, issue.subject, issue.composed = told["content"], digest.subject[:200], now
            return digest
        issue.refresh_from_db(fields=["content", "subject", "composed"])
    return from_json(issue.content or {})
