"""Rules in a source's own language (JQL): the source is asked which items it means, and the answer is kept with dates.

What the first answer names was in all along: ``since`` is its creation. What comes to match later is in since it was
seen; what no longer matches goes, and delivery.scopes ends it. ``Scope.asked`` is when the source last answered, or was
last asked in vain after it had answered; it stays empty until the first answer to a question of a source whose issues
were all read once, so that a backfill does not look like scope that grew. A failure keeps the matches there were.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from delivery import connecting, locks, turns
from delivery.connectors.contract import Connector, ConnectorError
from delivery.connectors.retry import RetryPolicy
from delivery.credentials import IMPATIENT
from delivery.models import Scope, Source, SourceSlice

AGAIN = timedelta(minutes=1)  # parts of one source settle one after the other: one answer does for all of them
SILENT = 2  # questions in vain after each other that say that nothing answers at all
WHOLE = (*turns.HOPELESS, "limited")  # what is true of one question is true of all
MOST = 300  # characters of Scope.error

log = logging.getLogger(__name__)

_KEEP = """
WITH named AS MATERIALIZED (
    SELECT i.id, i.created FROM unnest(%(ids)s::varchar[]) AS n(native_id)
    JOIN delivery_workitem i ON i.source_id = %(source)s AND i.native_id = n.native_id
    WHERE i.level = 0 AND i.deleted IS NULL
), gone AS (
    DELETE FROM delivery_scopematch m
    WHERE m.scope_id = %(scope)s AND NOT EXISTS (SELECT FROM named n WHERE n.id = m.item_id)
)
INSERT INTO delivery_scopematch (scope_id, item_id, since)
SELECT %(scope)s, id, CASE WHEN %(first)s THEN created ELSE %(now)s END FROM named
ON CONFLICT (scope_id, item_id) DO NOTHING
"""


def ask(scope: Scope, *, now: datetime) -> None:
    """Ask for one rule, because a person wants it now. Never raises for what a source did wrong: ``scope.error``."""
    _ask_all(scope.source, [scope], now)


def ask_due(source: Source, *, now: datetime) -> None:
    """Ask for every rule of ``source`` that was not asked for just now. Never raises for what a source did wrong.

    Nothing is asked of a source that is paused, nor while another process asks it the same.
    """
    rules = list(_rules(now - AGAIN).filter(source=source).select_related("source"))
    if not rules or not turns.is_live(source):
        return
    with locks.held(locks.ASKING, source.pk) as mine:
        if mine:
            _ask_all(source, rules, now)


def due(now: datetime) -> QuerySet[Source]:
    """Live sources with rules that were not asked for since the last beat, though no sync brought anything: what a JQL
    names may change by the mere date. Not where only a person can mend the sign-in."""
    stale = _rules(now - turns.EVERY + AGAIN).filter(source=OuterRef("pk"))
    refused = SourceSlice.objects.filter(source=OuterRef("pk"), error_kind__in=turns.HOPELESS)
    return turns.live().filter(Exists(stale), ~Exists(refused))


def answers(
    source: Source, queries: Sequence[str], *, policy: RetryPolicy = IMPATIENT, seconds: float | None = None
) -> Iterator[list[str] | ConnectorError]:
    """The native ids that ``source`` names for each of ``queries``, or why it does not; in their order.

    Where it fails as a whole the rest is not asked. ``seconds``: for all of them together.
    """
    until = None if seconds is None else time.monotonic() + seconds
    try:
        connector = connecting.connect_to(source, policy)
    except ConnectorError as error:
        yield from [error] * len(queries)
        return
    with closing(connector):
        silent: list[ConnectorError] = []
        for query in queries:
            if len(silent) >= SILENT:
                yield silent[-1]
                continue
            answer = _answer(connector, query, until)
            silent = _in_vain(silent, answer)
            yield answer


def _answer(connector: Connector, query: str, until: float | None) -> list[str] | ConnectorError:
    try:
        return _ids(connector, query, until)
    except ConnectorError as error:
        return error
    except Exception:
        log.exception("Asking for a scope failed.")
        return ConnectorError(
            "Headway itself failed while it asked: the log of this moment says more.", kind="internal"
        )


def _ids(connector: Connector, query: str, until: float | None) -> list[str]:
    ids: list[str] = []
    _in_time(until)
    for page in connector.matching(query):
        _in_time(until)
        ids += page
    return ids


def _in_time(until: float | None) -> None:
    if until is not None and time.monotonic() > until:
        message = "The source takes too long to answer this: narrow it, or try again later."
        raise ConnectorError(message, kind="unreachable")


def _in_vain(before: list[ConnectorError], answer: list[str] | ConnectorError) -> list[ConnectorError]:
    """The failures at the end of the questions so far that speak of the whole source."""
    if not isinstance(answer, ConnectorError):
        return []
    if answer.kind in WHOLE:
        return [answer] * SILENT
    return [*before, answer] if answer.kind == "unreachable" else []


def _rules(asked_before: datetime) -> QuerySet[Scope]:
    """The rules of what is still open that were not asked for since; what has ended keeps the scope it had."""
    stale = Q(asked__isnull=True) | Q(asked__lte=asked_before)
    return Scope.objects.filter(
        stale, rule=Scope.Rule.JQL, deliverable__delivered__isnull=True, deliverable__dropped__isnull=True
    ).order_by("pk")


def _ask_all(source: Source, rules: Sequence[Scope], now: datetime) -> None:
    is_whole = _is_whole(source)
    for scope, answer in zip(rules, answers(source, [one.value for one in rules]), strict=True):
        if isinstance(answer, ConnectorError):
            _fail(scope, answer, now)
        else:
            _keep(scope, answer, now, is_whole=is_whole)


def _is_whole(source: Source) -> bool:
    """Whether all issues that can be read of it were read once."""
    parts = source.slices.filter(kind="issues")
    if parts.filter(last_success__isnull=True, error="").exists():
        return False
    return parts.exists() or source.items.exists()


@transaction.atomic
def _keep(scope: Scope, ids: list[str], now: datetime, *, is_whole: bool) -> None:
    row = Scope.objects.select_for_update().filter(pk=scope.pk, value=scope.value).first()
    if row is None:  # it was taken away, or says something else now
        return
    with connection.cursor() as cursor:
        cursor.execute(
            _KEEP,
            {"ids": ids, "source": row.source_id, "scope": row.pk, "first": row.asked is None, "now": now},
        )
    scope.asked = now if is_whole else row.asked
    scope.error = ""
    scope.save(update_fields=["asked", "error"])


def _fail(scope: Scope, error: ConnectorError, now: datetime) -> None:
    scope.error = str(error)[:MOST]
    scope.asked = now if scope.asked else None
    Scope.objects.filter(pk=scope.pk).update(error=scope.error, asked=scope.asked)
