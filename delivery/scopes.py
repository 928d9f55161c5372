"""What is in a deliverable: its rules (epic, fix version, label, milestone, JQL) become rows of ScopedItem with dates.

What a rule takes, delivery.scope_matching says. The rule on a parent takes its children, and where these are epics (the
parent is an initiative) their children, to any depth.

``since`` under a parent is the item's last move there, else its creation. What left a parent before we ever looked is
kept with both dates. Labels, versions and milestones have no history in the records: ``since`` is the creation, and
``until`` is when we saw it gone. What a JQL names was asked for and dated before (delivery.scope_jql). A deliverable
without rules is left as it is: its items were named by a person.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from delivery import scope_matching
from delivery.bulk import Written
from delivery.models import Deliverable, Scope, Source

_SCOPED = (
    scope_matching.matches(
        rules="SELECT deliverable_id AS owner, id, source_id, rule, value FROM delivery_scope "
        "WHERE deliverable_id = ANY(%(deliverables)s)",
        named="SELECT r.owner, m.item_id, m.since FROM rules r JOIN delivery_scopematch m ON m.scope_id = r.id "
        "WHERE r.rule = 'jql'",
    )
    + """, present AS MATERIALIZED (
    SELECT owner AS deliverable_id, item_id, min(since) AS since FROM matches GROUP BY 1, 2
), past AS (
    SELECT r.owner AS deliverable_id, i.id AS item_id, max(coalesce((
        SELECT max(e.at) FROM delivery_fieldchange e WHERE e.item_id = i.id AND e.field = 'parent' AND e.at < c.at
    ), i.created)) AS since, max(c.at) AS until
    FROM rules r JOIN parents p ON r.rule = 'parent' AND p.source_id = r.source_id AND p.root = r.value
    JOIN delivery_fieldchange c ON c.field = 'parent' AND c.from_value = p.key
    JOIN delivery_workitem i ON i.id = c.item_id AND i.source_id = p.source_id
    WHERE i.level = 0 AND i.deleted IS NULL
        AND NOT EXISTS (SELECT FROM present n WHERE n.deliverable_id = r.owner AND n.item_id = i.id)
    GROUP BY 1, 2
), ended AS (
    UPDATE delivery_scopeditem s SET until = greatest(s.since, i.deleted, CASE WHEN i.deleted IS NULL
        THEN coalesce(%(now)s::timestamptz, now()) END)
    FROM delivery_workitem i
    WHERE i.id = s.item_id AND s.until IS NULL AND s.deliverable_id = ANY(%(deliverables)s)
        AND NOT EXISTS (SELECT FROM present n WHERE n.deliverable_id = s.deliverable_id AND n.item_id = s.item_id)
        AND NOT EXISTS (SELECT FROM past o WHERE o.deliverable_id = s.deliverable_id AND o.item_id = s.item_id)
    RETURNING 1
), written AS (
    INSERT INTO delivery_scopeditem AS s (deliverable_id, item_id, since, until)
    SELECT deliverable_id, item_id, since, NULL FROM present
    UNION ALL
    SELECT deliverable_id, item_id, least(since, until), until FROM past
    ON CONFLICT (deliverable_id, item_id) DO UPDATE SET since = excluded.since, until = excluded.until
    WHERE (s.since, s.until) IS DISTINCT FROM (excluded.since, excluded.until)
    RETURNING (s.xmax = 0) AS is_new
)
SELECT (SELECT count(*) FROM written WHERE is_new), (SELECT count(*) FROM written WHERE NOT is_new),
    (SELECT count(*) FROM ended)
"""
)


def resolve(
    *,
    source: Source | None = None,
    deliverables: Iterable[Deliverable] | None = None,
    now: datetime | None = None,
) -> Written:
    """Bring the scopes up to date: of all deliverables with rules, of those with rules in ``source``, or of the named.

    What is in no rule any more ends at ``now`` (else at once), a deleted item when it was found deleted; ``deleted``
    counts these. Named deliverables are resolved even when their last rule was taken away.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_SCOPED, {"deliverables": _chosen(source, deliverables), "now": now})
        return Written(*cursor.fetchone())


def _chosen(source: Source | None, deliverables: Iterable[Deliverable] | None) -> list[Any]:
    if deliverables is not None:
        return [one.pk for one in deliverables]
    rules = Scope.objects.filter(source=source) if source else Scope.objects.all()
    return list(rules.order_by().values_list("deliverable_id", flat=True).distinct())
