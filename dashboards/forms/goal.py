"""What is typed of a goal and its key results."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, Final

from django import forms

from dashboards.forms.numbers import NotANumber, number, shown
from dashboards.pages.goal_filters import quarter_days, quarter_of
from delivery.access import possible_owners, visible_goals
from delivery.goals import GoalTold
from delivery.key_results import MOST, KeyResultTold
from delivery.models import Goal, KeyResult
from people.access import User
from people.models import Person
from teams.access import visible_groups, visible_teams
from teams.models import Group, Team

A_DAY: Final = "Enter a day, such as 2027-01-01."
NUMBER: Final = "Enter a number, such as 41 or 99.5."
OWN: Final = "own"
LAST: Final = timedelta(days=1)
PARTS: Final = ("title", "unit", "unit_word", "start", "target", "current", "fed_by", "metric", "counts_towards")
EMPTY: Final = 2  # rows for new key results
LIST: Final = {"invalid_choice": "Choose one of the list."}


class GoalForm(forms.Form):
    """The goal itself; what holds of several fields together is checked by the words."""

    title = forms.CharField(required=False)
    why = forms.CharField(required=False)
    level = forms.ChoiceField(choices=Goal.Level.choices, error_messages={"required": "Choose whose goal it is."})
    group = forms.ModelChoiceField(Group.objects.none(), required=False, error_messages=LIST)
    team = forms.ModelChoiceField(Team.objects.none(), required=False, error_messages=LIST)
    owner = forms.ModelChoiceField(Person.objects.none(), required=False, error_messages=LIST)
    parent = forms.ModelChoiceField(Goal.objects.none(), required=False, error_messages=LIST)
    period = forms.CharField(required=False)
    first_day = forms.DateField(required=False, error_messages={"invalid": A_DAY})
    last_day = forms.DateField(required=False, error_messages={"invalid": A_DAY})
    ambition = forms.ChoiceField(choices=Goal.Ambition.choices, required=False)
    confidential = forms.BooleanField(required=False)
    note = forms.CharField(required=False, max_length=2000)

    def __init__(self, user: User, before: Goal | None, *args: Any, **more: Any):
        super().__init__(*args, **more)
        self.before = before
        lists = {
            "group": visible_groups(user),
            "team": visible_teams(user),
            "owner": owners_of(before),
            "parent": visible_goals(user),
        }
        for name, rows in lists.items():
            self.fields[name].queryset = rows  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        days = days_of(told.get("period") or "")
        if days is not None:
            told["first_day"], told["last_day"] = days
        for name in ("first_day", "last_day"):
            if not told.get(name) and name not in self.errors:
                self.add_error(name, A_DAY)
        return told

    def told(self) -> GoalTold:
        """Only of a form without errors."""
        found = self.cleaned_data
        names = ("title", "why", "level", "group", "team", "owner", "parent", "confidential")
        last: date = found["last_day"]
        return GoalTold(
            **{name: found[name] for name in names},
            start=found["first_day"],
            end=last + LAST if last < date.max else last,
            ambition=found["ambition"] or Goal.Ambition.COMMITTED,
            slug=self.before.slug if self.before else "",
        )


def owners_of(before: Goal | None) -> Any:
    """Who works here, and who owns it now though they left."""
    owners = possible_owners()
    return owners | Person.objects.filter(pk=before.owner_id) if before and before.owner_id else owners


def days_of(period: str) -> tuple[date, date] | None:
    """First and last day of 2027-Q1, 2027-H1 or 2027; None for days of one's own."""
    year, _, part = period.partition("-")
    if not (year.isascii() and year.isdigit() and len(year) == 4 and 2000 <= int(year) < 2200):
        return None
    spans = {"": (1, 4), "H1": (1, 2), "H2": (3, 4)} | {f"Q{n}": (n, n) for n in range(1, 5)}
    if part not in spans:
        return None
    first, last = spans[part]
    return quarter_days(int(year), first)[0], quarter_days(int(year), last)[1] - LAST


def periods(day: date) -> dict[str, str]:
    """What a goal is usually written for, and days of one's own."""
    year, number_ = quarter_of(day)
    found = {}
    for step in range(4):
        of, n = year + (number_ - 1 + step) // 4, (number_ - 1 + step) % 4 + 1
        found[f"{of}-Q{n}"] = f"Q{n} {of}"
    halves = [(year, 1 + (number_ > 2)), (year + (number_ > 2), 2 - (number_ > 2))]
    found |= {f"{of}-H{n}": f"{('First', 'Second')[n - 1]} half of {of}" for of, n in halves}
    return found | {str(year): f"All of {year}", str(year + 1): f"All of {year + 1}", OWN: "Days of its own"}


def period_of(start: date, last: date, day: date) -> str:
    """Which of ``periods`` it is."""
    return next((name for name in periods(day) if days_of(name) == (start, last)), OWN)


def key_results_told(data: Mapping[str, str]) -> tuple[list[KeyResultTold], dict[str, str], list[int]]:
    """What is typed, what is wrong with numbers by field, and the row of the form that each was typed in.

    Empty rows and those ticked to be taken away are left out.
    """
    found, wrong, places = [], dict[str, str](), []
    for row in range(MOST + EMPTY + 1):
        values = {name: data.get(f"kr-{row}-{name}", "").strip() for name in (*PARTS, "id")}
        if data.get(f"kr-{row}-remove") or not any(values[name] for name in ("title", "start", "target", "id")):
            continue
        numbers: dict[str, float | None] = {}
        for name in ("start", "target", "current"):
            try:
                numbers[name] = number(values[name])
            except NotANumber:
                wrong[f"kr-{row}-{name}"] = NUMBER
                numbers[name] = None
        places.append(row)
        found.append(_told(values, numbers))
    return found, wrong, places


def _told(values: Mapping[str, str], numbers: Mapping[str, float | None]) -> KeyResultTold:
    return KeyResultTold(
        title=values["title"],
        unit=values["unit"] or KeyResult.Unit.NUMBER,
        unit_word=values["unit_word"],
        fed_by=values["fed_by"] or KeyResult.FedBy.TYPED,
        metric=values["metric"],
        counts_towards=_id(values["counts_towards"]),
        id=_id(values["id"]),
        **numbers,
    )


def _id(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def values_of(goal: Goal, day: date) -> dict[str, str]:
    """What the form shows first: the goal as it is."""
    last = goal.end - LAST
    found = {
        "title": goal.title,
        "why": goal.why,
        "level": goal.level,
        "group": str(goal.group_id or ""),
        "team": str(goal.team_id or ""),
        "owner": str(goal.owner_id or ""),
        "parent": str(goal.parent_id or ""),
        "period": period_of(goal.start, last, day),
        "first_day": goal.start.isoformat(),
        "last_day": last.isoformat(),
        "ambition": goal.ambition,
        "confidential": "on" if goal.confidential else "",
        "seen": str(goal.version),
    }
    for row, one in enumerate(goal.key_results.all()):  # type: ignore[attr-defined]
        found |= {f"kr-{row}-{name}": text for name, text in _key_result(one).items()}
    return found


def unseen_key_results(goal: Goal, data: Mapping[str, str]) -> dict[str, str]:
    """Rows for the goal’s key results that the form as sent knows nothing of: somebody wrote them meanwhile."""
    rows = range(MOST + EMPTY + 1)
    known = {data.get(f"kr-{row}-id", "") for row in rows}
    free = 1 + max((row for row in rows if any(data.get(f"kr-{row}-{name}") for name in (*PARTS, "id"))), default=-1)
    unseen = [one for one in goal.key_results.all() if str(one.pk) not in known]  # type: ignore[attr-defined]
    return {
        f"kr-{place}-{name}": text for place, one in enumerate(unseen, free) for name, text in _key_result(one).items()
    }


def _key_result(one: KeyResult) -> dict[str, str]:
    texts = {name: getattr(one, name) for name in ("title", "unit", "unit_word", "fed_by", "metric")}
    numbers = {"start": shown(one.start), "target": shown(one.target)}
    return texts | numbers | {"id": str(one.pk), "counts_towards": str(one.counts_towards_id or "")}
