"""The rules that say which work items are in a deliverable, as people write them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from delivery import scopes
from delivery.models import Deliverable, Scope, Source, SourceKind

Rule = Scope.Rule
OF_JIRA: Final = (Rule.PARENT, Rule.FIX_VERSION, Rule.JQL)
LONGEST_RULE: Final = 600
MOST_RULES: Final = 20


@dataclass(frozen=True, slots=True)
class ScopeTold:
    """A rule that says which work items are in a deliverable."""

    source: Source
    rule: str
    value: str


def problems(told: Sequence[ScopeTold]) -> dict[str, str]:
    """By field: ``scope-0-value`` is the value of the first rule. No queries."""
    found: dict[str, str] = {}
    if len(told) > MOST_RULES:
        found["scopes"] = f"Keep it to {MOST_RULES} rules; these are {len(told)}."
    seen: set[tuple[int, str, str]] = set()
    for place, one in enumerate(told):
        says = _rule_problem(one)
        if says:
            found[f"scope-{place}-rule"] = says
        if not one.value.strip() or len(one.value.strip()) > LONGEST_RULE:
            found[f"scope-{place}-value"] = f"Enter up to {LONGEST_RULE} letters, such as ABC-12 or a label’s name."
        elif (key := (one.source.pk, one.rule, one.value.strip())) in seen:
            found[f"scope-{place}-value"] = "This rule is there already: take one of the two out."
        else:
            seen.add(key)
    return found


def _rule_problem(one: ScopeTold) -> str:
    if one.rule not in Rule.values:
        return f"Choose one of: {', '.join(Rule.values)}."
    if one.rule in OF_JIRA and one.source.kind != SourceKind.JIRA:
        return f"{Rule(one.rule).label} is a rule of Jira; {one.source.name} is GitHub: choose a milestone or a label."
    if one.rule == Rule.MILESTONE and one.source.kind != SourceKind.GITHUB:
        return f"Milestones are GitHub’s; {one.source.name} is Jira: choose an epic, a fix version, a label or JQL."
    return ""


def in_words(rules: Iterable[Any]) -> tuple[str, ...]:
    return tuple(f"{one.source.name}: {Rule(one.rule).label} {one.value.strip()}" for one in rules)


def keep(row: Deliverable, told: Sequence[ScopeTold]) -> None:
    """Rules that stay keep their rows, and with them what the source answered for them."""
    wanted = {(one.source.pk, one.rule, one.value.strip()) for one in told}
    there = {(one.source_id, one.rule, one.value): one for one in row.scopes.all()}  # type: ignore[attr-defined]
    gone = [one.pk for key, one in there.items() if key not in wanted]
    Scope.objects.filter(pk__in=gone).delete()
    Scope.objects.bulk_create(
        Scope(deliverable=row, source_id=source, rule=rule, value=value)
        for source, rule, value in sorted(wanted - there.keys())
    )
    if wanted or gone:
        scopes.resolve(deliverables=[row])
