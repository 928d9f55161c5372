"""What is typed of a bet and of its verdict; checked by the same words as everywhere."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from django import forms
from django.db.models import QuerySet

from delivery import bets
from delivery.access import possible_owners, visible_goals
from delivery.models import Bet, Goal
from people.access import User
from people.models import Person
from teams.access import visible_teams
from teams.models import Team

A_DAY: Final = dict.fromkeys(("required", "invalid"), "Enter a day, such as 2027-01-15.")
DAYS: Final = dict.fromkeys(("required", "invalid"), "Enter whole working days of people, such as 15.")
LIST: Final = {"invalid_choice": "Choose one of the list."}
TEAM: Final = {"required": "Choose the team that tests it.", **LIST}


class BetForm(forms.Form):
    """``told`` is what was typed, once the form is valid."""

    title = forms.CharField(required=False)
    hypothesis = forms.CharField(required=False)
    team = forms.ModelChoiceField(Team.objects.none(), error_messages=TEAM)
    goal = forms.ModelChoiceField(Goal.objects.none(), required=False, error_messages=LIST)
    owner = forms.ModelChoiceField(Person.objects.none(), required=False, error_messages=LIST)
    success_signal = forms.CharField(required=False)
    kill_criterion = forms.CharField(required=False)
    cost_cap = forms.IntegerField(error_messages=DAYS)
    cost_so_far = forms.IntegerField(required=False, error_messages=DAYS)
    started = forms.DateField(error_messages=A_DAY)
    decide_by = forms.DateField(error_messages=A_DAY)
    lesson = forms.CharField(required=False)
    reuse = forms.CharField(required=False)

    def __init__(self, user: User, before: Bet | None, *args: Any, **more: Any):
        super().__init__(*args, **more)
        self.before = before
        lists = {"team": visible_teams(user), "goal": visible_goals(user), "owner": owners_of(before)}
        for name, rows in lists.items():
            self.fields[name].queryset = rows  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        self.told = self._told(found)
        for name, text in bets.problems(self.told, before=self.before).items():
            if name not in self.errors:
                self.add_error(name, text)
        return found

    def _told(self, found: dict[str, Any]) -> bets.BetTold:
        """What could not be read stands as something that raises no further error."""
        texts = {name: found.get(name) or "" for name in ("title", *bets.SUCH, "lesson", "reuse")}
        started = found.get("started") or found.get("decide_by") or bets.FIRST_DAY
        return bets.BetTold(
            **texts,
            team=found.get("team") or Team(),
            goal=found.get("goal"),
            owner=found.get("owner"),
            cost_cap=1 if "cost_cap" in self.errors else found["cost_cap"],
            cost_so_far=found.get("cost_so_far"),
            started=started,
            decide_by=found.get("decide_by") or started,
        )


class VerdictForm(forms.Form):
    """What came of a bet."""

    verdict = forms.ChoiceField(
        choices=Bet.Verdict.choices,
        error_messages=dict.fromkeys(("required", "invalid_choice"), "Choose what came of it."),
    )
    lesson = forms.CharField(required=False)
    reuse = forms.CharField(required=False)
    cost = forms.IntegerField(required=False, error_messages=DAYS)
    day = forms.DateField(error_messages=A_DAY)

    def __init__(self, before: Bet, today: date, *args: Any, **more: Any):
        super().__init__(*args, **more)
        self.before, self.today = before, today

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        self.told = bets.VerdictTold(
            found.get("verdict") or "",
            found.get("lesson") or "",
            found.get("cost"),
            found.get("day") or self.today,
            found.get("reuse") or "",
        )
        for name, text in bets.verdict_problems(self.told, self.before, today=self.today).items():
            if name not in self.errors:
                self.add_error(name, text)
        return found


def owners_of(before: Bet | None) -> QuerySet[Person]:
    """Who works here, and who owns it now though they left."""
    owners = possible_owners()
    return owners | Person.objects.filter(pk=before.owner_id) if before and before.owner_id else owners


def values_of(bet: Bet) -> dict[str, str]:
    """What the form shows first: the bet as it is."""
    texts = ("title", "hypothesis", "success_signal", "kill_criterion", "lesson", "reuse")
    return {name: getattr(bet, name) for name in texts} | {
        "team": str(bet.team_id),
        "goal": str(bet.goal_id or ""),
        "owner": str(bet.owner_id or ""),
        "cost_cap": str(bet.cost_cap),
        "cost_so_far": number(bet.cost_so_far),
        "started": bet.started.isoformat(),
        "decide_by": bet.decide_by.isoformat(),
        "seen": str(bet.version),
    }


def verdict_of(bet: Bet, today: date) -> dict[str, str]:
    """The same of its verdict."""
    return {
        "verdict": bet.verdict,
        "lesson": bet.lesson,
        "reuse": bet.reuse,
        "cost": number(bet.cost_so_far),
        "day": (bet.decided_on or today).isoformat(),
        "seen": str(bet.version),
    }


def number(value: int | None) -> str:
    return "" if value is None else str(value)


def seen(text: str) -> int:
    """The version that was looked at; 0, which none is, for what is no number."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def first_errors(form: forms.Form) -> dict[str, list[str]]:
    return {name: [str(text) for text in texts] for name, texts in form.errors.items()}
