"""Which work items a pull request belongs to: by the keys it names, and by the issues that GitHub says it closes."""

from __future__ import annotations

from django.db import connection, transaction

from delivery.bulk import Written

# A key counts as it is today and as it was before its item moved or its project was renamed (J15), unless another item
# has it today. Words that only look like keys (UTF-8) find nothing. The issues a pull request closes are those of its
# own source. A link that a person made is left alone.
_LINK = """
WITH names AS MATERIALIZED (
    SELECT i.id AS item_id, i.key, i.source_id, s.kind
    FROM delivery_workitem i JOIN delivery_source s ON s.id = i.source_id
    WHERE i.deleted IS NULL
    UNION
    SELECT i.id, a.key, i.source_id, s.kind
    FROM delivery_keyalias a JOIN delivery_workitem i ON i.id = a.item_id JOIN delivery_source s ON s.id = i.source_id
    WHERE i.deleted IS NULL AND NOT EXISTS (
        SELECT FROM delivery_workitem n WHERE n.source_id = a.source_id AND n.key = a.key AND n.deleted IS NULL
    )
), wanted AS MATERIALIZED (
    SELECT DISTINCT p.id AS pull_request_id, names.item_id
    FROM delivery_pullrequest p CROSS JOIN LATERAL unnest(p.keys) AS named(key) JOIN names ON names.key = named.key
    WHERE p.deleted IS NULL AND names.kind = 'jira'
    UNION
    SELECT p.id, names.item_id
    FROM delivery_pullrequest p JOIN delivery_repository r ON r.id = p.repository_id
    CROSS JOIN LATERAL unnest(p.closes) AS closed(key)
    JOIN names ON names.source_id = r.source_id AND names.key = closed.key
    WHERE p.deleted IS NULL
), gone AS (
    DELETE FROM delivery_pullrequestitem l
    WHERE l.how = 'key' AND NOT EXISTS (
        SELECT FROM wanted w WHERE w.pull_request_id = l.pull_request_id AND w.item_id = l.item_id
    ) RETURNING 1
), made AS (
    INSERT INTO delivery_pullrequestitem (pull_request_id, item_id, how)
    SELECT pull_request_id, item_id, 'key' FROM wanted
    ON CONFLICT (pull_request_id, item_id) DO NOTHING RETURNING 1
)
SELECT (SELECT count(*) FROM made), (SELECT count(*) FROM gone)
"""


def link_pulls() -> Written:
    """Link every pull request to the items whose keys it names, and unlink those it names no more."""
    with transaction.atomic(), connection.cursor() as cursor:
        # Whole tables meet here. Before the first ANALYZE the planner thinks them small and would walk one for each
        # row of the other.
        cursor.execute("SET LOCAL enable_nestloop = off; " + _LINK)
        made, gone = cursor.fetchone()
        cursor.execute("SET LOCAL enable_nestloop = on")
    return Written(inserted=made, deleted=gone)
