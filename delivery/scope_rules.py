"""The rules that say which work items are in a deliverable, as people write them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from delivery import scope_matching, scopes
from delivery.models import Deliverable, Scope, Source

Rule = Scope.Rule
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
        says = scope_matching.misfit(one.source.kind, one.rule)
        if says:
            found[f"scope-{place}-rule"] = says
        if not scope_matching.tidy(one.rule, one.value) or len(scope_matching.tidy(one.rule, one.value)) > LONGEST_RULE:
            found[f"scope-{place}-value"] = f"Enter up to {LONGEST_RULE} letters, such as ABC-12 or a label’s name."
        elif (key := (one.source.pk, one.rule, scope_matching.tidy(one.rule, one.value))) in seen:
            found[f"scope-{place}-value"] = "This rule is there already: take one of the two out."
        else:
            seen.add(key)
    return found


def in_words(rules: Iterable[Any]) -> tuple[str, ...]:
    return tuple(
        f"{one.source.name}: {Rule(one.rule).label} {scope_matching.tidy(one.rule, one.value)}" for one in rules
    )


def keep(row: Deliverable, told: Sequence[ScopeTold]) -> None:
    """Rules that stay keep their rows, and with them what the source answered for them."""
    wanted = {(one.source.pk, one.rule, scope_matching.tidy(one.rule, one.value)) for one in told}
    there = {(one.source_id, one.rule, one.value): one for one in row.scopes.all()}  # type: ignore[attr-defined]
    gone = [one.pk for key, one in there.items() if key not in wanted]
    Scope.objects.filter(pk__in=gone).delete()
    Scope.objects.bulk_create(
        Scope(deliverable=row, source_id=source, rule=rule, value=value)
        for source, rule, value in sorted(wanted - there.keys())
    )
    if wanted or gone:
        scopes.resolve(deliverables=[row])
