"""Incidents, read from work items, and the deployment each of them most likely came from."""

from __future__ import annotations

from django.db import connection

from delivery.bulk import Written

# A dropped one (a duplicate, a false alarm) is no incident. The deployment is a guess: the newest that succeeded in
# production, in one of the team's repositories, in the day before the incident opened. A person's word is kept.
_FIND = """
WITH found AS MATERIALIZED (
    SELECT i.id, i.source_id, i.project, i.created AS opened, i.finished AS resolved, coalesce((
        SELECT 'sev-' || substring(lower(label) FROM '[0-9]') FROM unnest(i.labels) WITH ORDINALITY AS l(label, place)
        WHERE label ~* '^sev(erity)?[-_: ]*[0-9]$' ORDER BY place LIMIT 1
    ), '') AS severity
    FROM delivery_workitem i
    WHERE i.kind = 'incident' AND i.level = 0 AND i.deleted IS NULL AND i.stage <> 'dropped'
), guesses AS (
    SELECT f.*, d.id AS deployment_id, coalesce(
        'The newest production deployment of ' || left(d.name, 80) || ', ' || CASE
            WHEN d.minutes >= 120 THEN d.minutes / 60 || ' hours'
            WHEN d.minutes = 1 THEN '1 minute' ELSE d.minutes || ' minutes'
        END || ' before it opened', '') AS reason
    FROM found f LEFT JOIN LATERAL (
        SELECT d.id, r.name, (extract(epoch FROM f.opened - d.finished) / 60)::int AS minutes
        FROM delivery_teamscope project
        JOIN delivery_teamscope code ON code.team_id = project.team_id
        JOIN delivery_repository r ON r.source_id = code.source_id AND lower(r.name) = lower(code.scope)
        JOIN delivery_deployment d ON d.repository_id = r.id AND d.production AND d.state = 'success'
            AND d.finished <= f.opened AND d.finished > f.opened - interval '24 hours'
        WHERE project.source_id = f.source_id AND project.scope = f.project
        ORDER BY d.finished DESC, d.id DESC LIMIT 1
    ) d ON true
), gone AS (
    DELETE FROM delivery_incident n
    WHERE n.guessed AND NOT EXISTS (SELECT FROM found f WHERE f.id = n.item_id) RETURNING 1
), written AS (
    INSERT INTO delivery_incident AS n (item_id, severity, opened, resolved, deployment_id, reason, guessed)
    SELECT id, severity, opened, resolved, deployment_id, reason, true FROM guesses
    ON CONFLICT (item_id) DO UPDATE SET severity = excluded.severity, opened = excluded.opened,
        resolved = excluded.resolved,
        deployment_id = CASE WHEN n.guessed THEN excluded.deployment_id ELSE n.deployment_id END,
        reason = CASE WHEN n.guessed THEN excluded.reason ELSE n.reason END
    WHERE (n.severity, n.opened, n.resolved) IS DISTINCT FROM (excluded.severity, excluded.opened, excluded.resolved)
        OR (n.guessed
            AND (n.deployment_id, n.reason) IS DISTINCT FROM (excluded.deployment_id, excluded.reason))
    RETURNING (n.xmax = 0) AS is_new
)
SELECT (SELECT count(*) FROM written WHERE is_new), (SELECT count(*) FROM written WHERE NOT is_new),
    (SELECT count(*) FROM gone)
"""


def find_incidents() -> Written:
    """Bring the incidents up to date with the items, and guess their deployments anew."""
    with connection.cursor() as cursor:
        cursor.execute(_FIND)
        return Written(*cursor.fetchone())
