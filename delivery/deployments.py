"""What reached production: deployments to an environment, releases, tags or workflow runs, as the rules of a repository
say (METRICS.md "Delivery", U10).

A repository with rules of its own follows these alone, else those of its whole source, else environments whose names say
production count and nothing else does. Under rules: one that names deployments decides which environments are
production; one that names releases, tags or workflows makes each that fits a deployment of that origin.

- A release or tag succeeded when it was published; a tag of a release is that release, once. Drafts are nothing yet,
  pre-releases only by a rule that takes them. A tag that is moved keeps its deployment and changes its commit (G20).
- Of a workflow run the last attempt counts (G19); runs for pull requests never do, skipped ones neither.
- A pattern fits one repository's words, so several environments, and several parts of a monorepo, are several rules.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db import connection, transaction

from delivery import locks, wildcards
from delivery.bulk import Written
from delivery.models import DeploymentRule, Source
from delivery.store import meanings

_RULED = f"""
ruled AS MATERIALIZED (
    SELECT r.id, p.id AS repository_id, r.what, r.pattern, r.prereleases
    FROM delivery_repository p JOIN {{rules}} r ON r.source_id = p.source_id AND lower(r.scope) = CASE
        WHEN EXISTS (SELECT FROM {{rules}} o WHERE o.source_id = p.source_id AND lower(o.scope) = lower(p.name))
        THEN lower(p.name) ELSE '' END
    WHERE p.source_id = %(source)s
), judged AS (
    SELECT d.id, d.production, CASE
        WHEN EXISTS (SELECT FROM ruled r WHERE r.repository_id = d.repository_id) THEN EXISTS (
            SELECT FROM ruled r WHERE r.repository_id = d.repository_id AND r.what = 'deployment'
                AND {wildcards.fits("d.environment", "r.pattern")})
        ELSE d.environment ~* %(yes)s AND d.environment !~* %(no)s
    END AS counts
    FROM delivery_deployment d JOIN delivery_repository p ON p.id = d.repository_id
    WHERE p.source_id = %(source)s AND d.origin = 'deployment'
), published AS (
    SELECT e.*, (
        SELECT min(r.what) FROM ruled r  -- release before tag
        WHERE r.repository_id = e.repository_id AND (r.prereleases OR NOT e.prerelease) AND (
            (r.what = 'release' AND NOT e.tag_only
                AND ({wildcards.fits("e.name", "r.pattern")} OR {wildcards.fits("e.tag", "r.pattern")}))
            OR (r.what = 'tag' AND {wildcards.fits("e.tag", "r.pattern")}))
    ) AS origin
    FROM delivery_release e JOIN delivery_repository p ON p.id = e.repository_id
    WHERE p.source_id = %(source)s AND e.published IS NOT NULL
), last_runs AS (
    SELECT DISTINCT ON (w.repository_id, w.native_id) w.*
    FROM delivery_workflowrun w JOIN delivery_repository p ON p.id = w.repository_id
    WHERE p.source_id = %(source)s AND w.event NOT IN ('pull_request', 'pull_request_target')
    ORDER BY w.repository_id, w.native_id, w.attempt DESC
), wanted AS (
    SELECT repository_id, origin, CASE WHEN length(native_id) > 60 THEN md5(native_id) ELSE native_id END AS native_id,
        'production' AS environment, tag AS ref, sha, author_id AS creator_id, published AS created,
        published AS finished, 'success' AS state, url
    FROM published WHERE origin IS NOT NULL
    UNION ALL
    SELECT repository_id, 'workflow', native_id, left(workflow, 200), branch, sha, actor_id,
        coalesce(started, created), CASE WHEN conclusion <> '' THEN finished END, CASE
            WHEN conclusion = '' THEN 'in_progress' WHEN conclusion = 'success' THEN 'success'
            WHEN conclusion IN ('failure', 'timed_out', 'startup_failure') THEN 'failure'
            WHEN conclusion IN ('cancelled', 'stale', 'action_required') THEN 'error' ELSE 'unknown' END, url
    FROM last_runs w WHERE conclusion <> 'skipped' AND EXISTS (
        SELECT FROM ruled r WHERE r.repository_id = w.repository_id AND r.what = 'workflow'
            AND {wildcards.fits("w.workflow", "r.pattern")})
)
"""
_FIELDS: Final = "environment, ref, sha, creator_id, created, finished, state, url"
# A row that a page in flight holds is left for the settling that page asks for.
_FLAG = """
UPDATE delivery_deployment t SET production = j.counts
FROM (SELECT j.id, j.counts FROM judged j JOIN delivery_deployment d ON d.id = j.id
      WHERE d.production <> j.counts FOR UPDATE OF d SKIP LOCKED) j
WHERE t.id = j.id
"""
_GONE: Final = """
SELECT d.id FROM delivery_deployment d JOIN delivery_repository p ON p.id = d.repository_id
WHERE p.source_id = %(source)s AND d.origin <> 'deployment' AND NOT EXISTS (
    SELECT FROM wanted w
    WHERE w.repository_id = d.repository_id AND w.origin = d.origin AND w.native_id = d.native_id)
"""
_FREE = f"""
UPDATE delivery_incident SET deployment_id = NULL, reason = '', guessed = true
WHERE deployment_id IN ({_GONE})
"""
_DROP = f"DELETE FROM delivery_deployment WHERE id IN ({_GONE})"
_BRING = f"""
, written AS (
    INSERT INTO delivery_deployment AS t (repository_id, origin, native_id, production, {_FIELDS})
    SELECT repository_id, origin, native_id, true, {_FIELDS} FROM wanted
    ON CONFLICT (repository_id, origin, native_id) DO UPDATE SET (production, {_FIELDS})
        = ROW(true, {", ".join(f"excluded.{name}" for name in _FIELDS.split(", "))})
    WHERE (t.production, {", ".join(f"t.{name}" for name in _FIELDS.split(", "))})
        IS DISTINCT FROM (true, {", ".join(f"excluded.{name}" for name in _FIELDS.split(", "))})
    RETURNING (t.xmax = 0) AS is_new
)
SELECT count(*) FILTER (WHERE is_new), count(*) FILTER (WHERE NOT is_new) FROM written
"""


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule as somebody wrote or proposes it, see DeploymentRule."""

    scope: str
    what: str
    pattern: str
    prereleases: bool = False


def rules_of(source: Source) -> tuple[Rule, ...]:
    """The rules of ``source``: those of all repositories first."""
    rows = DeploymentRule.objects.filter(source=source).order_by("scope", "what", "pattern")
    return tuple(Rule(row.scope, row.what, row.pattern, row.prereleases) for row in rows)


@transaction.atomic
def derive(source: Source) -> Written:
    """Bring up to date which deployments of ``source`` are production, and those that rules make of other things.

    The incidents charged to a deployment that goes are guessed anew by the next ``incidents.find_incidents``.
    """
    locks.wait_for(locks.DERIVING, source.pk)
    values, ruled = _values(source), _RULED.format(rules="delivery_deploymentrule")
    with connection.cursor() as cursor:
        # Before the first ANALYZE the planner thinks the tables small and would walk one for each row of the other.
        cursor.execute(f"SET LOCAL jit = off; SET LOCAL enable_nestloop = off; WITH {ruled} {_FLAG}", values)
        flagged = cursor.rowcount
        cursor.execute(f"WITH {ruled} {_FREE}", values)
        cursor.execute(f"WITH {ruled} {_DROP}", values)
        gone = cursor.rowcount
        cursor.execute(f"WITH {ruled} {_BRING}", values)
        new, changed = cursor.fetchone()
        cursor.execute("SET LOCAL enable_nestloop = on")
    return Written(new, changed + flagged, gone)


@transaction.atomic
def apply(source: Source, rules: Sequence[Rule]) -> Written:
    """Make ``rules`` those of ``source``: how many deployments came, changed and went."""
    locks.wait_for(locks.DERIVING, source.pk)
    DeploymentRule.objects.filter(source=source).delete()
    DeploymentRule.objects.bulk_create(
        DeploymentRule(source=source, scope=one.scope, what=one.what, pattern=one.pattern, prereleases=one.prereleases)
        for one in rules
    )
    return derive(source)


def proposed(source: Source, rules: Sequence[Rule]) -> tuple[str, dict[str, Any]]:
    """A WITH list that ends in what ``judged`` and ``wanted`` would be under ``rules``, and its values."""
    table = """
    proposed AS (
        SELECT %(source)s::bigint AS source_id, r.*
        FROM unnest(%(scopes)s::text[], %(whats)s::text[], %(patterns)s::text[], %(prereleases)s::boolean[])
            WITH ORDINALITY AS r(scope, what, pattern, prereleases, id)
    ), """
    values = _values(source) | {
        "scopes": [one.scope for one in rules],
        "whats": [one.what for one in rules],
        "patterns": [one.pattern for one in rules],
        "prereleases": [one.prereleases for one in rules],
    }
    return table + _RULED.format(rules="proposed"), values


def _values(source: Source) -> dict[str, Any]:
    return {"source": source.pk, "yes": meanings.PRODUCTION.pattern, "no": meanings.NOT_PRODUCTION.pattern}
