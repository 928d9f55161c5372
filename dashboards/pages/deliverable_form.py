"""The form of a deliverable: new, or changed; with what its rules take, what is wrong, and both versions of two."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any, Final

from django.db.models import Q

from dashboards.forms import deliverable as forms
from dashboards.pages.deliverable_clash import Version
from dashboards.pages.filters import Choice
from delivery import scope_choices
from delivery.access import visible_deliverables, visible_sources
from delivery.models import Deliverable, Scope, Source
from delivery.scope_matching import Rule
from delivery.scope_preview import Preview, preview
from delivery.scope_rules import MOST_RULES, ScopeTold
from people.access import User
from teams.access import visible_teams

KINDS: Final = {
    "feature": ("Feature", "Something users see"),
    "platform": ("Platform", "Something others build on"),
    "experiment": ("Experiment", "Its outcome is not known yet"),
    "upkeep": ("Upkeep", "It keeps what is there alive"),
}


Known = tuple[str, str]
"""A value that a rule may name, and words about it."""


@dataclass(frozen=True, slots=True)
class KindCard:
    value: str
    label: str
    help: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class RuleRow:
    """A row of the form; ``name`` is what its fields' names begin with; ``known``: what may be typed."""

    name: str
    place: int
    value: str
    errors: Mapping[str, list[str]]
    sources: tuple[Choice, ...]
    rules: tuple[Choice, ...]
    known: Sequence[Known]
    removed: bool


@dataclass(frozen=True, slots=True)
class DeliverableForm:
    row: Deliverable | None
    values: Mapping[str, Any]
    errors: Mapping[str, list[str]]
    clash: Sequence[Version]
    clashes: bool
    kinds: tuple[KindCard, ...]
    teams: tuple[Choice, ...]
    owners: tuple[Choice, ...]
    helpers: tuple[Choice, ...]
    goals: tuple[Choice, ...]
    needs: tuple[Choice, ...]
    stages: tuple[Choice, ...]
    rules: tuple[RuleRow, ...]
    count: int
    preview: Preview | None


@dataclass(frozen=True, slots=True)
class Counted:
    """What is sent back while somebody types rules: what they take, and by row what else may be typed."""

    preview: Preview | None
    rules: tuple[RuleRow, ...]


def form_page(
    user: User,
    row: Deliverable | None,
    values: Mapping[str, Any],
    *,
    day: date,
    errors: Mapping[str, list[str]] | None = None,
    clash: Sequence[Version] | None = None,
    scope: Sequence[ScopeTold] = (),
) -> DeliverableForm:
    """``scope``: the rules to count now."""
    wrong = errors or {}
    sources = list(visible_sources(user).order_by("name"))
    count = rows_of(values)
    owners = (forms.owners_of(None) | forms.kept_owner(row)).order_by("name", "pk")
    needs, helpers = _linkable(user, row)
    goals = forms.goals_for(user, row, day).order_by("level", "title", "pk")
    kind = values.get("kind") or "feature"
    return DeliverableForm(
        row=row,
        values=values,
        errors=wrong,
        clash=clash or (),
        clashes=clash is not None,
        kinds=tuple(KindCard(value, label, text, value == kind) for value, (label, text) in KINDS.items()),
        teams=_one({"": "Choose a team", **_named(forms.teams_for(user, row))}, values.get("team")),
        owners=_one({"": "Nobody yet", **_named(owners)}, values.get("owner")),
        helpers=_many(_named(helpers), values.get("helping_teams")),
        goals=_many({str(one.pk): one.title for one in goals}, values.get("goals")),
        needs=_many(dict(_titles(needs)), values.get("depends_on")),
        stages=_one({"": "Not said", **dict(Deliverable.Stage.choices)}, values.get("stage")),
        rules=rule_rows(values, wrong, sources),
        count=count,
        preview=counted(scope) if scope else None,
    )


def _linkable(user: User, row: Deliverable | None) -> tuple[Any, Any]:
    """What it may wait for, and who may help: what is open, and what it is linked with already, though that has ended."""
    needed, helping = Q(delivered=None, dropped=None), Q(archived=False)
    if row is not None:
        needed |= Q(pk__in=row.depends_on.values("pk"))
        helping |= Q(pk__in=row.helping_teams.values("pk"))
    rows = visible_deliverables(user).filter(needed).exclude(pk=row.pk if row else 0)
    return rows, visible_teams(user).filter(helping)


def counted(scope: Sequence[ScopeTold]) -> Preview:
    """What these rules take now; Jira is asked for JQL."""
    return preview([Rule(one.source, one.rule, one.value) for one in scope])


def _titles(rows: Any) -> list[tuple[str, str]]:
    found = rows.order_by("title", "pk").values_list("pk", "title", "team__name")
    return [(str(pk), f"{title} ({team})") for pk, title, team in found]


def rows_of(values: Mapping[str, Any]) -> int:
    filled = [row for row in range(MOST_RULES + 1) if values.get(f"scope-{row}-value")]
    asked = str(values.get("rows", ""))
    more = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 3 else 0
    return min(max((max(filled) + 1 if filled else 0) + forms.EMPTY, more), MOST_RULES + forms.EMPTY)


def rule_rows(
    values: Mapping[str, Any], errors: Mapping[str, list[str]], sources: Sequence[Source]
) -> tuple[RuleRow, ...]:
    """A query for each pair of source and rule among them, of which there are few."""
    known = cache(lambda source, rule: tuple(scope_choices.suggestions(source, rule)) if source else ())
    return tuple(_rule(place, values, errors, sources, known) for place in range(rows_of(values)))


def typing(user: User, values: Mapping[str, Any], scope: Sequence[ScopeTold]) -> Counted:
    """Of the rows that the form has, which has no more empty ones yet than it was shown with."""
    sources = list(visible_sources(user).order_by("name"))
    rows = tuple(row for row in rule_rows(values, {}, sources) if f"{row.name}-source" in values)
    return Counted(counted(scope) if scope else None, rows)


def _rule(
    place: int,
    values: Mapping[str, Any],
    errors: Mapping[str, list[str]],
    sources: Sequence[Source],
    known: Callable[[Source | None, str], Sequence[Known]],
) -> RuleRow:
    name = f"scope-{place}"
    chosen = str(values.get(f"{name}-source", "")) or (str(sources[0].pk) if len(sources) == 1 else "")
    rule = str(values.get(f"{name}-rule", "")) or Scope.Rule.PARENT
    value = str(values.get(f"{name}-value", ""))
    source = next((one for one in sources if str(one.pk) == chosen), None)
    return RuleRow(
        name=name,
        place=place + 1,
        value=value,
        errors={part: errors[f"{name}-{part}"] for part in ("source", "rule", "value") if f"{name}-{part}" in errors},
        sources=_one({"": "Choose a source", **{str(one.pk): one.name for one in sources}}, chosen),
        rules=_one(dict(Scope.Rule.choices), rule),
        known=known(source, rule),
        removed=bool(values.get(f"{name}-remove")),
    )


def _named(rows: Any) -> dict[str, str]:
    return {str(one.pk): one.name for one in rows}


def _one(labels: Mapping[str, Any], chosen: object) -> tuple[Choice, ...]:
    return tuple(Choice(value, str(label), value == (chosen or "")) for value, label in labels.items())


def _many(labels: Mapping[str, str], chosen: Any) -> tuple[Choice, ...]:
    """The chosen ones first."""
    picked = set(chosen or ())
    found = [Choice(value, label, value in picked) for value, label in labels.items()]
    return tuple(sorted(found, key=lambda one: not one.chosen))
