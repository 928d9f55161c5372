"""What kind of work an item is: the first of its source's rules that fits it, else the guess from the source's words.

One statement, the only definition. Rules of an item's own project or repository stand above those of the whole
source; among equals the order that an administrator gave decides. Epics stay epics. The guess is kept beside the kind
(``WorkItem.guessed_kind``), so that a rule which goes gives every item its guess back without reading the source.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import connection, transaction

from delivery import locks, wildcards
from delivery.models import Kind, KindRule, Source

LOOK_BACK: Final = timedelta(days=365)
EXAMPLES: Final = 3
CHOICES: Final = (Kind.FEATURE, Kind.BUG, Kind.CHORE, Kind.EXPERIMENT, Kind.INCIDENT)

_LIKE: Final = wildcards.fits("{}", "r.pattern")
_JUDGED = f"""
judged AS (
    SELECT w.*, rule.position AS decided_by, coalesce(rule.kind, nullif(w.guessed_kind, ''), w.kind) AS judged
    FROM delivery_workitem w LEFT JOIN LATERAL (
        SELECT r.kind, r.position FROM {{rules}} r
        WHERE r.source_id = w.source_id AND w.level < 1 AND (r.scope = '' OR lower(r.scope) = lower(w.project))
            AND CASE r.field
                WHEN 'type' THEN {_LIKE.format("w.type")}
                WHEN 'title' THEN {_LIKE.format("w.title")}
                WHEN 'label' THEN EXISTS (SELECT FROM unnest(w.labels) one WHERE {_LIKE.format("one")})
                WHEN 'component' THEN EXISTS (SELECT FROM unnest(w.components) one WHERE {_LIKE.format("one")})
            END
        ORDER BY (r.scope <> '') DESC, r.position, r.id LIMIT 1
    ) rule ON true
    WHERE {{which}}
)
"""
_PROPOSED = """
proposed AS (
    SELECT %(source)s::bigint AS source_id, r.scope, r.field, r.pattern, r.kind, r.id, r.id AS position
    FROM unnest(%(scopes)s::text[], %(fields)s::text[], %(patterns)s::text[], %(kinds)s::text[])
        WITH ORDINALITY AS r(scope, field, pattern, kind, id)
)
"""
_WRITE = """
UPDATE delivery_workitem i SET kind = j.judged,
    guessed_kind = coalesce(nullif(i.guessed_kind, ''), i.kind)  -- a row from before guesses were kept
FROM judged j WHERE i.id = j.id AND i.kind <> j.judged
"""
_TELL = """
SELECT decided_by, kind, judged, count(*), (array_agg(key || ' ' || title ORDER BY created DESC, id DESC))[:%(examples)s]
FROM judged GROUP BY decided_by, kind, judged
"""


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule as somebody wrote or proposes it, see KindRule; its place among others is its order."""

    scope: str
    field: str
    pattern: str
    kind: str


@dataclass(frozen=True, slots=True)
class Decided:
    """How many items a rule decides about, and the newest of them as ``key title``."""

    count: int = 0
    examples: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Preview:
    """What proposed rules would do to the items created since ``since``: epics, and what the source deleted, apart.

    ``rules`` stand in the order of the proposed ones. ``changed`` items come out as another kind than now.
    """

    since: datetime
    items: int
    changed: int
    before: Mapping[str, int]
    after: Mapping[str, int]
    rules: tuple[Decided, ...]
    examples: tuple[tuple[str, str, str], ...]  # of changed items: name, kind now, kind then


def rules_of(source: Source) -> tuple[Rule, ...]:
    """The rules of ``source``, the first one to be asked first."""
    rows = KindRule.objects.filter(source=source).order_by("position", "pk")
    return tuple(Rule(row.scope, row.field, row.pattern, row.kind) for row in rows)


def rekind(source: Source) -> int:
    """Decide the kind of every item of ``source`` anew; the number of items that came out different."""
    return _write("w.source_id = %(source)s", {"source": source.pk})


def rekind_items(ids: Sequence[int]) -> int:
    """Decide the kind of these items anew; the number of those that came out different."""
    return _write("w.id = ANY(%(ids)s)", {"ids": list(ids)}) if ids else 0


@transaction.atomic
def apply(source: Source, rules: Sequence[Rule]) -> int:
    """Make ``rules`` those of ``source``; the number of items that came out as another kind."""
    locks.wait_for(locks.MEANINGS, source.pk)
    KindRule.objects.filter(source=source).delete()
    KindRule.objects.bulk_create(
        KindRule(source=source, position=place, scope=one.scope, field=one.field, pattern=one.pattern, kind=one.kind)
        for place, one in enumerate(rules)
    )
    return rekind(source)


def preview(source: Source, rules: Sequence[Rule], *, at: datetime) -> Preview:
    """What ``rules`` would do as of ``at``. Reads only."""
    since = at - LOOK_BACK
    which = "w.source_id = %(source)s AND w.deleted IS NULL AND w.level < 1 AND w.created >= %(since)s"
    values: dict[str, Any] = {
        "source": source.pk,
        "since": since,
        "examples": EXAMPLES,
        "scopes": [one.scope for one in rules],
        "fields": [one.field for one in rules],
        "patterns": [one.pattern for one in rules],
        "kinds": [one.kind for one in rules],
    }
    with connection.cursor() as cursor:
        cursor.execute(f"WITH {_PROPOSED}, {_JUDGED.format(rules='proposed', which=which)} {_TELL}", values)
        return _told(cursor.fetchall(), len(rules), since)


def _told(rows: Sequence[tuple[Any, ...]], rules: int, since: datetime) -> Preview:
    before: Counter[str] = Counter()
    after: Counter[str] = Counter()
    decided = [Decided()] * rules
    examples: list[tuple[str, str, str]] = []
    for place, kind, judged, count, some in sorted(rows, key=lambda row: (-row[3], row[1], row[2])):
        before[kind] += count
        after[judged] += count
        if place is not None:
            known = decided[place - 1]
            decided[place - 1] = Decided(known.count + count, (*known.examples, *some)[:EXAMPLES])
        if kind != judged:
            examples += [(name, kind, judged) for name in some]
    changed = sum(row[3] for row in rows if row[1] != row[2])
    return Preview(since, before.total(), changed, before, after, tuple(decided), tuple(examples[: 2 * EXAMPLES]))


def _write(which: str, values: dict[str, Any]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SET LOCAL jit = off; WITH {_JUDGED.format(rules='delivery_kindrule', which=which)} {_WRITE}", values
        )
        return int(cursor.rowcount)
