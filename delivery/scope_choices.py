"""What a rule may name: the parents, versions, labels and milestones that a source is known to have."""

from __future__ import annotations

from django.db import connection
from django.db.models import BooleanField, Case, Q, Value, When

from delivery import scope_matching
from delivery.models import Scope, Source

MOST = 20

_NAMES = """
SELECT name, count(*) FROM delivery_workitem i CROSS JOIN LATERAL unnest(i.{column}) AS name
WHERE i.source_id = %(source)s AND i.level = 0 AND i.deleted IS NULL AND strpos(lower(name), lower(%(text)s)) > 0
GROUP BY name
ORDER BY strpos(lower(name), lower(%(text)s)) = 1 DESC, max(i.created) DESC, name
LIMIT %(most)s
"""
_COLUMNS = {
    Scope.Rule.LABEL: "labels",
    Scope.Rule.FIX_VERSION: "fix_versions",
    Scope.Rule.MILESTONE: "fix_versions",
}


def suggestions(source: Source, rule: str, text: str = "") -> list[tuple[str, str]]:
    """At most MOST pairs of a value and words about it that hold ``text``, in any case of letters.

    First what begins with it, of these the newest. None where the source has no such rule, and for JQL.
    """
    if scope_matching.misfit(source.kind, rule) or rule == Scope.Rule.JQL:
        return []
    return _parents(source, text.strip()) if rule == Scope.Rule.PARENT else _names(source, rule, text.strip())


def _parents(source: Source, text: str) -> list[tuple[str, str]]:
    """Epics and what is above them, by key or title; those that are still open before the others."""
    rows = source.items.filter(level__gte=1, deleted__isnull=True)
    begins = Q(key__istartswith=text) | Q(title__istartswith=text)
    found = rows.filter(Q(key__icontains=text) | Q(title__icontains=text)).annotate(
        begins=Case(When(begins, then=Value(True)), default=Value(False), output_field=BooleanField()),
        ended_already=Case(
            When(ended__isnull=True, then=Value(False)), default=Value(True), output_field=BooleanField()
        ),
    )
    return list(found.order_by("-begins", "ended_already", "-created", "-pk").values_list("key", "title")[:MOST])


def _names(source: Source, rule: str, text: str) -> list[tuple[str, str]]:
    sql = _NAMES.format(column=_COLUMNS[Scope.Rule(rule)])
    with connection.cursor() as cursor:
        cursor.execute(sql, {"source": source.pk, "text": text, "most": MOST})
        return [(name, "1 item" if count == 1 else f"{count:,} items") for name, count in cursor.fetchall()]
