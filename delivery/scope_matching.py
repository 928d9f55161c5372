"""What a rule of a deliverable means: which items it takes, since when, and in which sources it can be written.

One meaning for rules that are kept (delivery.scopes) and for those that somebody is only trying (delivery.scope_preview).
Items only: sub-tasks would count twice, epics are not work themselves.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from delivery.models import Scope, Source, SourceKind

_KINDS: Final = {
    Scope.Rule.PARENT: (SourceKind.JIRA,),
    Scope.Rule.FIX_VERSION: (SourceKind.JIRA,),
    Scope.Rule.JQL: (SourceKind.JIRA,),
    Scope.Rule.MILESTONE: (SourceKind.GITHUB,),
    Scope.Rule.LABEL: (SourceKind.JIRA, SourceKind.GITHUB),
}

_MATCHES = """
WITH RECURSIVE rules AS MATERIALIZED (
    {rules}
), parents(source_id, root, key, since) AS (
    SELECT source_id, value, value, '-infinity'::timestamptz FROM rules WHERE rule = 'parent'
    UNION
    SELECT r.source_id, r.value, i.key, '-infinity'::timestamptz  -- the epic was moved and has another key now (J15)
    FROM rules r JOIN delivery_keyalias a ON a.source_id = r.source_id AND a.key = r.value
    JOIN delivery_workitem i ON i.id = a.item_id
    WHERE r.rule = 'parent' AND NOT EXISTS (
        SELECT FROM delivery_workitem n WHERE n.source_id = a.source_id AND n.key = a.key AND n.deleted IS NULL
    )
    UNION
    SELECT i.source_id, p.root, i.key, greatest(p.since, coalesce((
        SELECT max(c.at) FROM delivery_fieldchange c WHERE c.item_id = i.id AND c.field = 'parent'
    ), i.created))
    FROM parents p JOIN delivery_workitem i ON i.source_id = p.source_id AND i.parent_key = p.key
    WHERE i.level >= 1 AND i.deleted IS NULL
), named(owner, item_id, since) AS (
    {named}
), matches AS (
    SELECT r.owner, i.id AS item_id, greatest(p.since, coalesce((
        SELECT max(c.at) FROM delivery_fieldchange c WHERE c.item_id = i.id AND c.field = 'parent'
    ), i.created)) AS since
    FROM rules r JOIN parents p ON r.rule = 'parent' AND p.source_id = r.source_id AND p.root = r.value
    JOIN delivery_workitem i ON i.source_id = p.source_id AND i.parent_key = p.key
    WHERE i.level = 0 AND i.deleted IS NULL
    UNION ALL
    SELECT r.owner, i.id, i.created
    FROM rules r JOIN delivery_workitem i ON i.source_id = r.source_id AND i.labels @> ARRAY[r.value]::varchar[]
    WHERE r.rule = 'label' AND i.level = 0 AND i.deleted IS NULL
    UNION ALL
    SELECT r.owner, i.id, i.created
    FROM rules r JOIN delivery_workitem i ON i.source_id = r.source_id AND i.fix_versions @> ARRAY[r.value]::varchar[]
    WHERE r.rule IN ('fix_version', 'milestone') AND i.level = 0 AND i.deleted IS NULL
    UNION ALL
    SELECT n.owner, i.id, n.since
    FROM named n JOIN delivery_workitem i ON i.id = n.item_id
    WHERE i.level = 0 AND i.deleted IS NULL
)"""


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule as somebody typed it, kept or not. ``rule`` is one of Scope.Rule."""

    source: Source
    rule: str
    value: str


def matches(*, rules: str, named: str) -> str:
    """SQL: the CTEs ``rules``, ``parents`` and ``matches`` (owner, item_id, since), for a statement to go on from.

    ``rules`` selects (owner, id, source_id, rule, value): owner is whom a rule works for. ``named`` selects what the
    source named for rules in its own language: (owner, item_id, since).
    """
    return _MATCHES.format(rules=rules, named=named)


def tidy(rule: str, value: str) -> str:
    """``value`` as it is compared: no space around it, a key in capitals."""
    value = value.strip()
    return value.upper() if rule == Scope.Rule.PARENT else value


def misfit(kind: str, rule: str) -> str:
    """Why a source of ``kind`` (jira, github) has no such rule and what to do; empty where it has."""
    kinds = _KINDS.get(Scope.Rule(rule), ()) if rule in Scope.Rule.values else ()
    if not kinds:
        return "There is no such rule: choose one of the list."
    if kind in kinds:
        return ""
    if rule == Scope.Rule.MILESTONE:
        return "Jira has no milestones: name a fix version, or choose a GitHub source."
    what = {Scope.Rule.PARENT: "epics", Scope.Rule.FIX_VERSION: "fix versions"}.get(Scope.Rule(rule), "JQL")
    return f"GitHub has no {what}: name a milestone or a label, or choose a Jira source."
