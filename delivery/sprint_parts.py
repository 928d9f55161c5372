"""What a sprint was committed to, and what came and went after it began: from the changelog, not from today's state.

One statement, the only definition. For every sprint that has a start:

- The sprints an item was in over time are what its ``sprint`` changes say; before the first of them what that one left,
  and without any the sprints it names today, since its creation (an item made in a sprint has no entry).
- committed: it existed and was in the sprint at the start. Else it was added: when it first was in it after that.
- removed: when it last left, unless it came back. The end of a sprint is no leaving: what is not done goes along and
  still names the closed sprint. What is edited after the sprint was completed changes nothing here.
- points are those at the start (or at the adding) by the item's ``points`` changes. Where no change tells, they stay
  as they were first seen: an estimate that is set later must not make the promise larger.

An item that was deleted since stays committed. A sprint without a start has no commitment.
"""

from __future__ import annotations

from django.db import connection

from delivery import bulk
from delivery.models import Source

OVERLAP = 5_000  # items that may have a number already and not be committed yet when one with a higher number is
ENTRIES = 4  # changelog entries of an item, for the same
_STATEMENT = """
WITH known AS MATERIALIZED (
    SELECT CASE WHEN %(whole)s THEN 0 ELSE parts_item - {items} END AS item,
        CASE WHEN %(whole)s THEN 0 ELSE parts_change - {changes} END AS change
    FROM delivery_source WHERE id = %(source)s
), begun AS MATERIALIZED (
    SELECT id, native_id, start, coalesce(completed, 'infinity'::timestamptz) AS over, parts_of,
        concat(extract(epoch FROM start), ' ', extract(epoch FROM completed)) AS dates
    FROM delivery_sprint WHERE source_id = %(source)s AND (start IS NOT NULL OR parts_of <> '')
), stale AS MATERIALIZED (
    SELECT array_agg(native_id::text) AS ids FROM begun WHERE parts_of <> dates
), picked AS MATERIALIZED (  -- scalar subqueries: what is new is found by its number, and nothing stale costs nothing
    SELECT id, created, sprints, story_points FROM delivery_workitem
    WHERE source_id = %(source)s AND id > (SELECT item FROM known)
    UNION
    SELECT id, created, sprints, story_points FROM delivery_workitem
    WHERE source_id = %(source)s AND (SELECT ids FROM stale) IS NOT NULL AND sprints::text[] && (SELECT ids FROM stale)
    UNION
    SELECT i.id, i.created, i.sprints, i.story_points
    FROM delivery_fieldchange c JOIN delivery_workitem i ON i.id = c.item_id
    WHERE i.source_id = %(source)s AND c.field IN ('sprint', 'points') AND c.id > (SELECT change FROM known)
    UNION
    SELECT i.id, i.created, i.sprints, i.story_points
    FROM delivery_fieldchange c JOIN delivery_workitem i ON i.id = c.item_id
    WHERE i.source_id = %(source)s AND c.field = 'sprint' AND (SELECT ids FROM stale) IS NOT NULL
        AND (string_to_array(c.from_value, ',') && (SELECT ids FROM stale)
            OR string_to_array(c.to_value, ',') && (SELECT ids FROM stale))
), changes AS MATERIALIZED (
    SELECT c.item_id, c.at, c.id, c.from_value, c.to_value, i.created,
        row_number() OVER (PARTITION BY c.item_id ORDER BY c.at, c.id) = 1 AS is_first
    FROM picked i CROSS JOIN LATERAL (  -- OFFSET 0: item by item through the index, also before the first ANALYZE
        SELECT * FROM delivery_fieldchange WHERE item_id = i.id AND field = 'sprint' OFFSET 0
    ) c
), steps AS MATERIALIZED (  -- from when on an item was in a sprint, or was not
    SELECT item_id, named, created AS at, 0 AS id, true AS inside
    FROM changes CROSS JOIN unnest(string_to_array(from_value, ',')) named WHERE is_first
    UNION ALL
    SELECT i.id, named, i.created, 0, true
    FROM picked i CROSS JOIN unnest(i.sprints) named
    WHERE NOT EXISTS (SELECT FROM changes c WHERE c.item_id = i.id)
    UNION ALL
    SELECT item_id, named, at, id, named = ANY(string_to_array(to_value, ','))
    FROM changes CROSS JOIN unnest(string_to_array(from_value || ',' || to_value, ',')) named
    WHERE (named = ANY(string_to_array(from_value, ','))) <> (named = ANY(string_to_array(to_value, ',')))
), parts AS (
    SELECT b.id AS sprint_id, s.item_id, min(b.start) AS start,
        coalesce((array_agg(s.inside ORDER BY s.at DESC, s.id DESC) FILTER (WHERE s.at <= b.start))[1], false)
            AS committed,
        min(s.at) FILTER (WHERE s.inside AND s.at > b.start AND s.at <= b.over) AS added,
        max(s.at) FILTER (WHERE NOT s.inside AND s.at > b.start AND s.at <= b.over) AS removed,
        (array_agg(s.inside ORDER BY s.at DESC, s.id DESC) FILTER (WHERE s.at <= b.over))[1] AS stayed
    FROM steps s JOIN begun b ON b.native_id = s.named AND b.start IS NOT NULL
    GROUP BY b.id, s.item_id
), taken AS (
    SELECT sprint_id, item_id, committed, CASE WHEN NOT committed THEN added END AS added,
        CASE WHEN NOT stayed THEN removed END AS removed, CASE WHEN committed THEN start ELSE added END AS since
    FROM parts WHERE committed OR added IS NOT NULL
), estimated AS (
    SELECT t.sprint_id, t.item_id, t.committed, t.added, t.removed, told.item_id IS NOT NULL AS told,
        CASE WHEN told.later IS NULL THEN i.story_points
            WHEN told.later ~ '^[0-9]+([.][0-9]+)?$' THEN told.later::float END AS points
    FROM taken t JOIN picked i ON i.id = t.item_id
    LEFT JOIN LATERAL (
        SELECT c.item_id, (array_agg(c.from_value ORDER BY c.at, c.id) FILTER (WHERE c.at > t.since))[1] AS later
        FROM delivery_fieldchange c WHERE c.item_id = t.item_id AND c.field = 'points' GROUP BY c.item_id
    ) told ON true
), gone AS (
    DELETE FROM delivery_sprintitem p USING picked i
    WHERE p.item_id = i.id
        AND NOT EXISTS (SELECT FROM taken t WHERE t.sprint_id = p.sprint_id AND t.item_id = p.item_id)
    RETURNING p.id
), written AS (
    INSERT INTO delivery_sprintitem AS p (sprint_id, item_id, committed, added, removed, points)
    SELECT e.sprint_id, e.item_id, e.committed, e.added, e.removed,
        CASE WHEN e.told THEN e.points ELSE coalesce(known.points, e.points) END
    FROM estimated e
    LEFT JOIN delivery_sprintitem known ON known.sprint_id = e.sprint_id AND known.item_id = e.item_id
    WHERE known.id IS NULL OR (known.committed, known.added, known.removed, known.points) IS DISTINCT FROM
        (e.committed, e.added, e.removed, CASE WHEN e.told THEN e.points ELSE coalesce(known.points, e.points) END)
    ON CONFLICT (sprint_id, item_id) DO UPDATE SET (committed, added, removed, points) =
        ROW(excluded.committed, excluded.added, excluded.removed, excluded.points)
    RETURNING (p.xmax = 0) AS is_new
), noted AS (
    UPDATE delivery_sprint s SET parts_of = CASE WHEN b.start IS NULL THEN '' ELSE b.dates END
    FROM begun b JOIN (  -- one that a page in flight holds is left for the settling that page asks for
        SELECT id FROM delivery_sprint
        WHERE id IN (SELECT id FROM begun WHERE parts_of <> dates) FOR NO KEY UPDATE SKIP LOCKED
    ) free ON free.id = b.id
    WHERE b.id = s.id
), reached AS (
    UPDATE delivery_source SET parts_item = coalesce((SELECT max(id) FROM delivery_workitem), 0),
        parts_change = coalesce((SELECT max(id) FROM delivery_fieldchange), 0)
    WHERE id = %(source)s
)
SELECT (SELECT count(*) FILTER (WHERE is_new) FROM written), (SELECT count(*) FILTER (WHERE NOT is_new) FROM written),
    (SELECT count(*) FROM gone)
"""


def freeze(source: Source, *, whole: bool = False) -> bulk.Written:
    """Bring the commitments of sprints up to date with what the source's changelogs say.

    Looked at are the items that are new, or whose sprints or points changed since the last time, and those of sprints
    whose dates did; ``whole``: all of them. Call it inside a transaction.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL jit = off")  # compiling it takes longer than most looks
        cursor.execute(
            _STATEMENT.format(items=OVERLAP, changes=OVERLAP * ENTRIES), {"source": source.pk, "whole": whole}
        )
        return bulk.Written(*cursor.fetchone())
