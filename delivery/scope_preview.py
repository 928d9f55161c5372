"""What rules would take before they are kept: how many items, a few of them, and what is odd about each rule."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any

from django.db import connection
from django.db.models import Q

from delivery import scope_jql, scope_matching
from delivery.connectors.contract import ConnectorError
from delivery.connectors.retry import RetryPolicy
from delivery.models import KeyAlias, Scope, WorkItem
from delivery.scope_matching import Rule

SAMPLE = 5
HURRIED = RetryPolicy(tries=1, longest_wait=2.0, longest_request=8.0)  # somebody waits for the page
SECONDS = 10.0  # for all questions to one source
NOTHING = "Nothing matches yet: check the spelling, or keep it if its work is still to come."

_PREVIEW = (
    scope_matching.matches(
        rules="SELECT owner, owner AS id, source_id, rule, value "
        "FROM unnest(%(owners)s::bigint[], %(sources)s::bigint[], %(rules)s::text[], %(values)s::text[]) "
        "AS r(owner, source_id, rule, value)",
        named="SELECT n.owner, i.id, i.created "
        "FROM unnest(%(askers)s::bigint[], %(asked)s::bigint[], %(ids)s::varchar[]) AS n(owner, source_id, native_id) "
        "JOIN delivery_workitem i ON i.source_id = n.source_id AND i.native_id = n.native_id",
    )
    + """
SELECT r.owner, count(DISTINCT i.id), count(DISTINCT i.id) FILTER (WHERE i.ended IS NULL),
    (array_agg(i.id ORDER BY i.ended IS NOT NULL, i.created DESC, i.id DESC) FILTER (WHERE i.id IS NOT NULL))[1:%(sample)s],
    (SELECT count(*) FROM named n WHERE n.owner = r.owner)
FROM rules r LEFT JOIN (SELECT DISTINCT owner, item_id FROM matches) m ON m.owner = r.owner
LEFT JOIN delivery_workitem i ON i.id = m.item_id
GROUP BY GROUPING SETS ((r.owner), ())
"""
)


@dataclass(frozen=True, slots=True)
class Sampled:
    """One of the items that a rule takes; ``status`` is the source's word."""

    key: str
    title: str
    status: str
    url: str


@dataclass(frozen=True, slots=True)
class Parent:
    """What a rule on a parent names, under the key it has today. ``is_item``: items cannot be below it."""

    key: str
    title: str
    is_item: bool


@dataclass(frozen=True, slots=True)
class RulePreview:
    """What one rule takes: ``count`` items, of which ``open`` are not ended; of sub-tasks and epics none.

    ``problem``: why it cannot be used, for the person who typed it: the source has no such rule, or refused or did not
    answer the question; then nothing is counted. ``named``: how many issues the source named (JQL; None: not asked);
    ``unread`` of these are not in Headway. ``parent``: None where the key is not known.
    """

    rule: Rule
    problem: str = ""
    count: int = 0
    open: int = 0
    sample: tuple[Sampled, ...] = ()
    parent: Parent | None = None
    named: int | None = None
    unread: int = 0

    @property
    def note(self) -> str:
        """What is odd about it and what to do; empty where all is well, and where ``problem`` says it."""
        if self.problem:
            return ""
        if self.rule.rule == Scope.Rule.PARENT:
            return self._of_parent()
        if self.count == 0 and self.named:
            return (
                f"Jira names {self.named:,}, but none of them is an item that Headway has read: it reads the projects "
                "on Data sources, and counts no epics and sub-tasks."
            )
        if self.unread:
            return (
                f"Jira names {self.unread:,} more that Headway has not read: they count once their projects are read."
            )
        return "" if self.count else NOTHING

    def _of_parent(self) -> str:
        if self.parent is None:
            return "" if self.count else f"Headway has read no {self.rule.value}. {NOTHING}"
        if self.parent.is_item:
            return f"{self.parent.key} is an item and no epic: name the epic above it, or give the items a label."
        return "" if self.count else f"No items are below {self.parent.key} yet: keep it if its work is still to come."


@dataclass(frozen=True, slots=True)
class Preview:
    """What all rules take together: each item once, though several rules name it."""

    rules: tuple[RulePreview, ...]
    count: int
    open: int


def preview(rules: Sequence[Rule]) -> Preview:
    """What ``rules`` would take now, in their order. Jira is asked for what JQL names, for seconds at most; of any
    number of rules a fixed number of queries. Never raises for what a source does wrong.
    """
    rules = [Rule(one.source, one.rule, scope_matching.tidy(one.rule, one.value)) for one in rules]
    problems = {place: words for place, one in enumerate(rules) if (words := _problem(one))}
    named: dict[int, list[str]] = {}
    for place, answer in _asked(rules, problems).items():
        if isinstance(answer, ConnectorError):
            problems[place] = str(answer)
        else:
            named[place] = answer
    found = _counted(rules, problems, named)
    samples = _samples([id for *_, ids, _ in found.values() for id in ids or ()])
    parents = _parents([one for place, one in enumerate(rules) if place not in problems])
    told = []
    for place, rule in enumerate(rules):
        if place in problems:
            told.append(RulePreview(rule, problems[place]))
            continue
        count, still_open, ids, known = found[place]
        told.append(
            RulePreview(
                rule,
                count=count,
                open=still_open,
                sample=tuple(samples[id] for id in ids or () if id in samples),
                parent=parents.get((rule.source.pk, rule.value)) if rule.rule == Scope.Rule.PARENT else None,
                named=len(named[place]) if place in named else None,
                unread=len(named[place]) - known if place in named else 0,
            )
        )
    total = found[None]
    return Preview(tuple(told), total[0], total[1])


def _problem(rule: Rule) -> str:
    return scope_matching.misfit(rule.source.kind, rule.rule) or ("" if rule.value else "Say what the rule names.")


def _asked(rules: Sequence[Rule], problems: Mapping[int, str]) -> dict[int, list[str] | ConnectorError]:
    """What the sources name for each JQL, by the rule's place; each source is opened once."""
    places: dict[int, list[int]] = {}
    for place, rule in enumerate(rules):
        if rule.rule == Scope.Rule.JQL and place not in problems:
            places.setdefault(rule.source.pk, []).append(place)
    found: dict[int, list[str] | ConnectorError] = {}
    for mine in places.values():
        queries = [rules[place].value for place in mine]
        answers = scope_jql.answers(rules[mine[0]].source, queries, policy=HURRIED, seconds=SECONDS)
        found |= dict(zip(mine, answers, strict=True))
    return found


def _counted(
    rules: Sequence[Rule], problems: Mapping[int, str], named: Mapping[int, Sequence[str]]
) -> dict[int | None, tuple[int, int, list[int] | None, int]]:
    """By the rule's place (None: of all): items, those open, ids of the sample, and how many named ones are known."""
    good = [(place, rule) for place, rule in enumerate(rules) if place not in problems]
    pairs = [(place, rules[place].source.pk, id) for place, ids in named.items() for id in ids]
    values: dict[str, Any] = {
        "owners": [place for place, _ in good],
        "sources": [rule.source.pk for _, rule in good],
        "rules": [str(rule.rule) for _, rule in good],
        "values": [rule.value for _, rule in good],
        "askers": [place for place, *_ in pairs],
        "asked": [source for _, source, _ in pairs],
        "ids": [id for *_, id in pairs],
        "sample": SAMPLE,
    }
    with connection.cursor() as cursor:
        cursor.execute(_PREVIEW, values)
        return {place: (count, still_open, ids, known) for place, count, still_open, ids, known in cursor.fetchall()}


def _samples(ids: Sequence[int]) -> dict[int, Sampled]:
    rows = WorkItem.objects.filter(pk__in=ids).order_by().values_list("pk", "key", "title", "status", "url")
    return {pk: Sampled(*words) for pk, *words in rows}


def _parents(rules: Sequence[Rule]) -> dict[tuple[int, str], Parent]:
    """What is known under each key that a rule on a parent names, or was before it moved (J15)."""
    wanted = [Q(source=one.source.pk, key=one.value) for one in rules if one.rule == Scope.Rule.PARENT]
    if not wanted:
        return {}
    any_of = reduce(or_, wanted)
    moved = KeyAlias.objects.filter(any_of, item__deleted__isnull=True).order_by()
    here = WorkItem.objects.filter(any_of, deleted__isnull=True).order_by()
    found = {
        (source, key): Parent(now, title, level < 1)
        for source, key, now, title, level in moved.values_list(
            "source", "key", "item__key", "item__title", "item__level"
        )
    }
    return found | {
        (source, key): Parent(key, title, level < 1)
        for source, key, title, level in here.values_list("source", "key", "title", "level")
    }
