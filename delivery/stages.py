"""When an item started and finished, from its transitions and the meaning of their statuses (METRICS.md, Flow).

One statement, the only definition. What a status means is looked up by its id, then by its name, then by the source's
own category; what an administrator said for the item's present project stands above what is said for the whole source
(U6). With *doing* = active or waiting and *ends* = done or dropped:

- started: the first entry into doing; the creation, when the item was created there.
- ended: the last entry into the ends from outside them, while the item is there now. A move between two ends is none.
- finished: ``ended`` of an item that is done; a dropped one ended without a finish, a reopened one has neither.
- Done without such an entry (created done, or a history that does not lead there): the source's own ``resolved``, else
  unknown. Such an item still *ended*, at ``updated`` at the latest: it must not count as open for ever.
- The entry of a workflow migration comes from a status the source no longer knows, long after ``resolved`` (J24): an
  entry from such a status more than a day after ``resolved`` is no end. From a known status the history is believed.
- The status of the creation is what the first transition left, or the present one (J26).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

from django.db import connection, transaction

from delivery.models import Source

STAGE_VERSION = 1

_DERIVED: Final = """
picked AS MATERIALIZED (
    SELECT id, source_id, project, created, updated, resolved, status_id, status, status_category,
        concat_ws(chr(1), source_id, project, status_id, status, status_category) AS word
    FROM delivery_workitem WHERE {which}
), moves AS MATERIALIZED (
    SELECT p.id AS item_id, p.source_id, p.project, p.resolved, t.id, t.at, t.from_id, t.from_name, t.to_id, t.to_name,
        concat_ws(chr(1), p.source_id, p.project, t.from_id, t.from_name, '') AS from_word,
        concat_ws(chr(1), p.source_id, p.project, t.to_id, t.to_name, '') AS to_word
    FROM picked p CROSS JOIN LATERAL (  -- OFFSET 0: item by item through the index, also before the first ANALYZE
        SELECT * FROM delivery_transition WHERE item_id = p.id OFFSET 0
    ) t
), words AS MATERIALIZED (  -- one name each, and grouped by it: by five columns the planner guesses far too few or many
    SELECT w.word, (known.category <> '') AS sure,
        coalesce(known.stage, CASE w.category WHEN 'new' THEN 'todo' WHEN 'indeterminate' THEN 'active'
            WHEN 'done' THEN 'done' END) AS stage
    FROM (
        SELECT word, min(source_id) AS source_id, min(project) AS project, min(status_id) AS status_id,
            min(status) AS status, min(category) AS category
        FROM (
            SELECT from_word AS word, source_id, project, from_id AS status_id, from_name AS status, '' AS category
            FROM moves
            UNION ALL SELECT to_word, source_id, project, to_id, to_name, '' FROM moves
            UNION ALL SELECT word, source_id, project, status_id, status, status_category FROM picked
        ) every GROUP BY word
    ) w LEFT JOIN LATERAL (
        SELECT m.stage, CASE WHEN m.guessed THEN m.category ELSE 'told' END AS category
        FROM {mappings} m
        WHERE m.source_id = w.source_id AND m.project IN (w.project, '')
            AND ((m.status_id = w.status_id AND w.status_id <> '') OR lower(m.status) = lower(w.status))
        ORDER BY (m.status_id = w.status_id) DESC, (m.project <> '') DESC, m.guessed, m.id LIMIT 1
    ) known ON true
), staged AS (
    SELECT m.item_id, m.at, m.id, before.stage AS before, after.stage AS after,
        coalesce(before.sure, false) OR m.resolved IS NULL OR m.at <= m.resolved + interval '1 day' AS believed
    FROM moves m
    JOIN words before ON before.word = m.from_word
    JOIN words after ON after.word = m.to_word
), histories AS (
    SELECT item_id,
        (array_agg(before ORDER BY at, id))[1] AS first,
        (array_agg(after ORDER BY at DESC, id DESC))[1] AS last,
        min(at) FILTER (WHERE after IN ('active', 'waiting')) AS began,
        max(at) FILTER (
            WHERE after IN ('done', 'dropped') AND coalesce(before, '') NOT IN ('done', 'dropped') AND believed
        ) AS ended
    FROM staged GROUP BY item_id
), facts AS (
    SELECT p.id, coalesce(present.stage, 'todo') AS stage, p.resolved, p.updated,
        CASE WHEN coalesce(h.first, CASE WHEN h.item_id IS NULL THEN present.stage END) IN ('active', 'waiting')
            THEN p.created ELSE h.began END AS began,
        CASE WHEN h.last IN ('done', 'dropped') THEN h.ended END AS ended
    FROM picked p
    JOIN words present ON present.word = p.word
    LEFT JOIN histories h ON h.item_id = p.id
), derived AS (
    SELECT id, stage, began,
        CASE WHEN stage IN ('done', 'dropped') THEN coalesce(ended, resolved, updated) END AS ended,
        CASE WHEN stage = 'done' THEN coalesce(ended, resolved) END AS finished
    FROM facts
), result AS (
    SELECT id, stage, ended, finished, CASE WHEN ended IS NULL OR began <= ended THEN began END AS started FROM derived
)
"""
_WRITE: Final = """
UPDATE delivery_workitem i
SET stage = r.stage, started = r.started, finished = r.finished, ended = r.ended, stage_version = %(version)s
FROM result r
WHERE i.id = r.id AND (i.stage, i.started, i.finished, i.ended, i.stage_version)
    IS DISTINCT FROM (r.stage, r.started, r.finished, r.ended, %(version)s)
"""


@transaction.atomic
def restage(source: Source) -> int:
    """Derive every item of ``source`` anew, as when a mapping changed; the number of items that came out different."""
    with whole_tables_meet():
        return _write("source_id = %(source)s", {"source": source.pk})


@contextmanager
def whole_tables_meet() -> Iterator[None]:
    """Inside a transaction: tables that the planner last saw empty are not walked through once for each of their rows."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_nestloop = off")
        yield
        cursor.execute("SET LOCAL enable_nestloop = on")


def restage_items(ids: Sequence[int]) -> int:
    """Derive these items anew; the number of those that came out different."""
    return _write("id = ANY(%(ids)s)", {"ids": list(ids)}) if ids else 0


def derived(*, which: str, mappings: str = "delivery_stagemapping") -> str:
    """The SQL that derives the items of ``which`` by a table of ``mappings``: a WITH list that ends in ``result``."""
    return _DERIVED.format(which=which, mappings=mappings)


def _write(which: str, values: dict[str, Any]) -> int:
    with connection.cursor() as cursor:
        # The planner guesses high before the first ANALYZE, and compiling (JIT) would then cost more than running.
        statement = f"SET LOCAL jit = off; WITH {derived(which=which)} {_WRITE}"
        cursor.execute(statement, values | {"version": STAGE_VERSION})
        return int(cursor.rowcount)
