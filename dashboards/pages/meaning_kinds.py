"""Which items are bugs, upkeep, experiments or incidents: the rules, and what others would do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import transaction
from django.http import QueryDict

from dashboards import words
from dashboards.pages import meaning_effect, meaning_rules
from dashboards.pages.meaning_rules import RuleRow, Typed
from delivery import kinds, locks
from delivery.kinds import Rule
from delivery.models import KindRule, Source, SourceKind, WorkItem

FIELDS: Final = ("scope", "field", "pattern", "kind")
EMPTY: Final[Typed] = {"scope": "", "field": "label", "pattern": "", "kind": "chore"}


@dataclass(frozen=True, slots=True)
class RulesPage:
    """``seen`` tells from which rules the form was made; ``clash``: they have changed since, ``theirs`` they are now."""

    id: int
    name: str
    deploys: bool  # whether anything of it may be a deployment
    rows: tuple[RuleRow, ...]
    choices: dict[str, tuple[tuple[str, str], ...]]
    scopes: tuple[str, ...]
    seen: str
    clash: bool
    theirs: tuple[str, ...]
    effect: meaning_effect.Shown | None
    known: tuple[tuple[str, str], ...] = ()

    @property
    def wrong(self) -> tuple[RuleRow, ...]:
        return tuple(row for row in self.rows if row.error)

    @property
    def typing(self) -> bool:
        """Whether the writing goes on in a rule."""
        return any(row.focus for row in self.rows)


def page(source: Source, data: QueryDict | None, *, at: datetime, clash: bool = False) -> RulesPage:
    """The stored rules, or those of a form after its button was pressed, with their effect."""
    stored = kinds.rules_of(source)
    known = scopes_of(source)
    focus, do = None, ""
    if data is None:
        rows: Sequence[Typed] = [{name: getattr(rule, name) for name in FIELDS} for rule in stored]
    else:
        do = data.get("do", "")
        rows, focus = meaning_rules.stepped(meaning_rules.typed(data, FIELDS), do, EMPTY)
    errors = ["" if place == focus and do == "add" else _wrong(row, known) for place, row in enumerate(rows)]
    good = [place for place, row in enumerate(rows) if not _wrong(row, known)]
    found = kinds.preview(source, [_rule(rows[place], known) for place in good], at=at)
    decided = dict(zip(good, found.rules, strict=True))
    return RulesPage(
        id=source.pk,
        name=source.name,
        deploys=source.kind == SourceKind.GITHUB,
        rows=tuple(
            _row(place, row, errors[place], decided.get(place), focus, len(rows)) for place, row in enumerate(rows)
        ),
        choices={
            "fields": tuple((value, str(label)) for value, label in KindRule.Field.choices),
            "kinds": tuple((kind.value, str(kind.label)) for kind in kinds.CHOICES),
        },
        scopes=tuple(known.values()),
        seen=meaning_rules.digest(stored),
        clash=clash,
        theirs=tuple(_told(rule) for rule in stored) if clash else (),
        effect=meaning_effect.of_kinds(found) if data is not None else None,
    )


@transaction.atomic
def save(source: Source, data: QueryDict) -> int | None:
    """Make the rules of the form those of the source: how many items changed their kind. None: nothing was changed,
    because a rule is wrong or somebody else changed the rules since the form was made."""
    locks.wait_for(locks.MEANINGS, source.pk)  # two who save at once: one sees the other's word
    known = scopes_of(source)
    rows = meaning_rules.typed(data, FIELDS)
    if clashes(source, data) or any(_wrong(row, known) for row in rows):
        return None
    return kinds.apply(source, [_rule(row, known) for row in rows])


def clashes(source: Source, data: QueryDict) -> bool:
    return data.get("seen") != meaning_rules.digest(kinds.rules_of(source))


def scopes_of(source: Source) -> dict[str, str]:
    """The projects or repositories of the source, by how they are spelt in small letters."""
    found = WorkItem.objects.filter(source=source).order_by("project").values_list("project", flat=True).distinct()
    return {name.lower(): name for name in sorted({*source.scopes, *found})}


def _wrong(row: Typed, known: dict[str, str]) -> str:
    if meaning_rules.scope(row["scope"], known) is None:
        return f"{row['scope']} is not read here. Leave it empty for everywhere, or choose one of the list."
    if row["field"] not in KindRule.Field.values or row["kind"] not in kinds.CHOICES:
        return "Choose what it is about and what it means."
    return meaning_rules.wrong_pattern(row["pattern"], "tech-debt or ops*")


def _rule(row: Typed, known: dict[str, str]) -> Rule:
    return Rule(meaning_rules.scope(row["scope"], known) or "", row["field"], row["pattern"], row["kind"])


def _told(rule: Rule) -> str:
    where = f" in {rule.scope}" if rule.scope else ""
    return f"{KindRule.Field(rule.field).label} {rule.pattern}{where} is {dict(kinds.Kind.choices)[rule.kind]}"


def _row(place: int, row: Typed, error: str, found: kinds.Decided | None, focus: int | None, count: int) -> RuleRow:
    return RuleRow(
        place=place,
        typed=row,
        error=error,
        says=f"decides about {words.plural(found.count, 'item')}" if found else "",
        examples="; ".join(words.short(name, 60) for name in found.examples) if found else "",
        focus=place == focus,
        first=place == 0,
        last=place == count - 1,
    )
