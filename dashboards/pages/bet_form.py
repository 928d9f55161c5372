"""The forms of a bet: laid, changed, decided; with what was typed, what is wrong, and both versions where two were at it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from dashboards.forms import bet as forms
from dashboards.pages.filters import Choice
from dashboards.pages.risk_filters import choices
from delivery.access import visible_goals
from delivery.models import Bet
from delivery.plan_changes import Difference
from people.access import User
from teams.access import teams_run, visible_teams

MOST_GOALS: Final = 400
VERDICTS: Final = (  # the value, what it counts as, and when it holds
    ("validated", "Succeeded", "The success signal came: the bet paid off"),
    ("disproved", "Learned", "It failed inside its cap, and settled the question"),
    ("overran", "Missed", "It went beyond its cap, and the question is still open"),
    ("dropped", "Missed", "It was stopped without a verdict, and the question is still open"),
)


@dataclass(frozen=True, slots=True)
class Card:
    value: str
    word: str
    label: str
    help: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class BetForm:
    """``clash``: where theirs and yours differ; None where nobody else was at it."""

    bet: Bet | None
    values: Mapping[str, str]
    errors: Mapping[str, Sequence[str]]
    clash: Sequence[Difference] | None
    teams: tuple[Choice, ...] = ()
    goals: tuple[Choice, ...] = ()
    owners: tuple[Choice, ...] = ()
    cards: tuple[Card, ...] = ()

    @property
    def clashes(self) -> bool:
        return self.clash is not None


def form_page(
    user: User,
    bet: Bet | None,
    values: Mapping[str, str],
    *,
    day: date,
    errors: Mapping[str, Sequence[str]] | None = None,
    clash: Sequence[Difference] | None = None,
) -> BetForm:
    owners = {str(one.pk): one.name for one in forms.owners_of(bet).order_by("name", "pk")}
    return BetForm(
        bet=bet,
        values=values,
        errors=errors or {},
        clash=clash,
        teams=choices({"": "Choose a team", **_teams(user, bet)}, values.get("team", "")),
        goals=choices({"": "None", **_goals(user, bet, day)}, values.get("goal", "")),
        owners=choices({"": "Nobody yet", **owners}, values.get("owner", "")),
    )


def verdict_page(
    bet: Bet,
    values: Mapping[str, str],
    *,
    errors: Mapping[str, Sequence[str]] | None = None,
    clash: Sequence[Difference] | None = None,
) -> BetForm:
    labels = dict(Bet.Verdict.choices)
    cards = tuple(
        Card(value, word, str(labels[value]), says, value == values.get("verdict"))  # type: ignore[index]
        for value, word, says in VERDICTS
    )
    return BetForm(bet, values, errors or {}, clash, cards=cards)


def _teams(user: User, bet: Bet | None) -> dict[str, str]:
    """Those that the reader runs, and the one that tests it now."""
    ids = teams_run(user) | ({bet.team_id} if bet else set())
    rows = visible_teams(user).filter(pk__in=ids).order_by("name")
    return {str(one.pk): one.name for one in rows if not one.archived or (bet and one.pk == bet.team_id)}


def _goals(user: User, bet: Bet | None, day: date) -> dict[str, str]:
    """Goals that are not over and that the reader may see, and the one that it serves now."""
    rows = visible_goals(user).filter(dropped=None, end__gt=day).order_by("title", "pk")
    found = {str(one.pk): one.title for one in rows[:MOST_GOALS]}
    return {str(bet.goal.pk): bet.goal.title, **found} if bet and bet.goal else found
