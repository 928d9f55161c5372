"""The form of a goal: new, or changed; with what was typed, what is wrong, and both versions where two were at it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from dashboards.forms import goal as forms
from dashboards.pages.filters import Choice
from dashboards.pages.goal_above import no_other
from dashboards.pages.goals import period_says
from delivery.access import visible_goals
from delivery.core.cycles import way
from delivery.goals import RANK
from delivery.key_results import MOST
from delivery.models import Goal, KeyResult
from delivery.plan_changes import Difference
from people.access import User, has_role
from people.models import Role
from teams.access import groups_run, teams_run, visible_groups, visible_teams

MOST_PARENTS: Final = 400


@dataclass(frozen=True, slots=True)
class KeyResultRow:
    """A row of the form; ``name`` is what its fields' names begin with."""

    name: str
    place: int
    values: Mapping[str, str]
    errors: Mapping[str, list[str]]
    units: tuple[Choice, ...]
    feeds: tuple[Choice, ...]
    metrics: tuple[Choice, ...]
    parts_of: tuple[Choice, ...]
    is_new: bool
    removed: bool


@dataclass(frozen=True, slots=True)
class GoalForm:
    goal: Goal | None
    values: Mapping[str, Any]
    errors: Mapping[str, list[str]]
    clash: Sequence[Difference]
    clashes: bool
    levels: tuple[Choice, ...]
    groups: tuple[Choice, ...]
    teams: tuple[Choice, ...]
    owners: tuple[Choice, ...]
    parents: tuple[Choice, ...]
    periods: tuple[Choice, ...]
    key_results: tuple[KeyResultRow, ...]
    rows: int


def form_page(
    user: User,
    goal: Goal | None,
    values: Mapping[str, Any],
    *,
    day: date,
    errors: Mapping[str, list[str]] | None = None,
    clash: Sequence[Difference] | None = None,
) -> GoalForm:
    rows = _rows(values)
    parent = str(values.get("parent", ""))
    above = (
        KeyResult.objects.filter(goal__in=visible_goals(user), goal=_id(parent)) if parent else KeyResult.objects.none()
    )
    parts = {str(one.pk): one.title for one in above}
    return GoalForm(
        goal=goal,
        values=values,
        errors=errors or {},
        clash=clash or (),
        clashes=clash is not None,
        levels=_choices(_levels(user), values.get("level")),
        groups=_choices({"": "Choose a group", **_groups(user, goal)}, values.get("group")),
        teams=_choices({"": "Choose a team", **_teams(user, goal)}, values.get("team")),
        owners=_choices({"": "Nobody yet", **_owners(goal)}, values.get("owner")),
        parents=_choices({"": no_other(user, goal), **parents_of(user, goal, day)}, parent),
        periods=_choices(forms.periods(day), values.get("period")),
        key_results=tuple(_row(row, values, errors or {}, parts) for row in range(rows)),
        rows=rows,
    )


def _rows(values: Mapping[str, Any]) -> int:
    """As many as are filled, and two more; ``rows`` asks for more."""
    filled = [
        row for row in range(MOST + 1) if any(values.get(f"kr-{row}-{name}") for name in ("title", "id", "start"))
    ]
    asked = str(values.get("rows", ""))
    more = int(asked) if asked.isdigit() and len(asked) < 3 else 0
    return min(max((max(filled) + 1 if filled else 0) + forms.EMPTY, more), MOST + forms.EMPTY)


def _row(
    row: int, values: Mapping[str, Any], errors: Mapping[str, list[str]], parts: Mapping[str, str]
) -> KeyResultRow:
    name = f"kr-{row}"
    own = {part: values.get(f"{name}-{part}", "") for part in (*forms.PARTS, "id")}
    return KeyResultRow(
        name=name,
        place=row + 1,
        values=own,
        errors={part: errors[f"{name}-{part}"] for part in forms.PARTS if f"{name}-{part}" in errors},
        units=_choices(dict(KeyResult.Unit.choices), own["unit"] or "number"),
        feeds=_choices(dict(KeyResult.FedBy.choices), own["fed_by"] or "typed"),
        metrics=_choices({"": "No metric", **dict(KeyResult.Metric.choices)}, own["metric"]),
        parts_of=_choices({"": "Nothing", **parts}, own["counts_towards"]) if parts else (),
        is_new=not own["id"],
        removed=bool(values.get(f"{name}-remove")),
    )


def _levels(user: User) -> dict[str, str]:
    """Whose goals the reader may write down."""
    names = {"company": "The company’s", "group": "A group’s", "team": "A team’s"}
    if has_role(user, Role.DIRECTOR):
        return names
    return {name: label for name, label in names.items() if name == "team" or (name == "group" and groups_run(user))}


def _groups(user: User, goal: Goal | None) -> dict[str, str]:
    ids = groups_run(user) | ({goal.group_id} if goal and goal.group_id else set())
    return {str(one.pk): one.name for one in visible_groups(user).filter(pk__in=ids)}


def _teams(user: User, goal: Goal | None) -> dict[str, str]:
    ids = teams_run(user) | ({goal.team_id} if goal and goal.team_id else set())
    return {str(one.pk): one.name for one in visible_teams(user).filter(pk__in=ids, archived=False)}


def _owners(goal: Goal | None) -> dict[str, str]:
    return {str(one.pk): one.name for one in forms.owners_of(goal).order_by("name", "pk")}


def parents_of(user: User, goal: Goal | None, day: date) -> dict[str, str]:
    """Goals that may stand above ``goal`` (or above a new one): of a higher level, not over, not below it; two queries."""
    rows = visible_goals(user).filter(dropped=None).select_related("team", "group").order_by("start", "level", "title")
    rows = rows.filter(start__lte=goal.start, end__gte=goal.end) if goal else rows.filter(end__gt=day)
    pairs = Goal.objects.filter(parent__isnull=False).order_by().values_list("pk", "parent_id")
    up = {pk: (above,) for pk, above in pairs if above}
    found = [one for one in rows.exclude(level="team")[:MOST_PARENTS] if goal is None or _fits(one, goal, up)]
    found.sort(key=lambda one: (RANK[Goal.Level(one.level)], one.start, one.title))
    return {str(one.pk): f"{one.title} ({_whose(one)}, {_period(one, day)})" for one in found}


def _fits(one: Goal, goal: Goal, up: Mapping[int, Sequence[int]]) -> bool:
    higher = RANK[Goal.Level(one.level)] < RANK[Goal.Level(goal.level)] or (one.level, goal.level) == ("group", "group")
    return higher and one.pk != goal.pk and way(up, one.pk, goal.pk) is None


def _whose(one: Goal) -> str:
    return one.team.name if one.team else one.group.name if one.group else "Company"


def _period(one: Goal, day: date) -> str:
    return period_says(one.start, one.end - forms.LAST, day)


def _choices(labels: Mapping[str, Any], chosen: object) -> tuple[Choice, ...]:
    return tuple(Choice(value, str(label), value == (chosen or "")) for value, label in labels.items())


def _id(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0
