"""The register of risks, the weightiest first, as the URL's filters ask for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final
from urllib.parse import urlencode

from django.http import QueryDict

from dashboards import words
from dashboards.pages import risk_filters as asked
from dashboards.pages.deliverables_csv import written
from dashboards.pages.filters import Choice
from dashboards.pages.risk_filters import RiskFilters
from dashboards.pages.risk_rows import CLOSED, RiskRow, row_of, rows_of, team_of, threatened, weightiest
from dashboards.sentences import Phrase, Sentence
from delivery.access import can_manage_risk_rules
from delivery.core.chance import Level, level_of
from delivery.models import Risk
from people.access import User
from teams.access import teams_run, visible_teams

SHOWN: Final = 200  # rows of a page, and closed ones at all
WEEK: Final = timedelta(days=7)
COLUMNS: Final = (
    "id", "risk", "kind", "threatens", "team", "probability %", "impact", "score", "since", "state", "roam", "owner",
    "review on", "actions", "actions measured", "closed", "as of",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Risks:
    shown: list[Risk]  # all that fit
    rows: tuple[RiskRow, ...]
    counted: str
    total: int
    level: Level
    headline: Sentence
    filters: RiskFilters
    kinds: tuple[Choice, ...]
    states: tuple[Choice, ...]
    teams: tuple[Choice, ...]
    owners: tuple[Choice, ...]
    csv: str
    new_for: str  # slug of the team to which the reader may add one
    may_set_rules: bool


def risks(user: User, query: QueryDict, *, day: date) -> Risks:
    teams = list(visible_teams(user).filter(archived=False).order_by("name").values_list("pk", "slug", "name"))
    names = {slug: name for _, slug, name in teams}
    still_open = weightiest(rows_of(user).exclude(state=CLOSED))
    owners = asked.owners_of(still_open)
    filters = asked.read(query, names, owners)
    found = still_open
    if filters.state == CLOSED:
        found = list(rows_of(user).filter(state=CLOSED).order_by("-closed", "-pk")[:SHOWN])
    shown = asked.kept(found, filters, user)
    mine = teams_run(user)
    return Risks(
        shown=shown,
        rows=tuple(row_of(risk, day) for risk in shown[:SHOWN]),
        counted=_counted(len(shown), len(found)),
        total=len(found),
        level=_worst(still_open),
        headline=headline(still_open, day),
        filters=filters,
        kinds=asked.choices({"": "All kinds", **asked.KINDS}, filters.kind),
        states=asked.choices(asked.STATES, filters.state),
        teams=asked.choices({"": "All teams", **names}, filters.team),
        owners=asked.choices({"": "All owners", asked.NOBODY: "Nobody", **owners}, filters.owner),
        csv=_csv_address(query),
        new_for=next((slug for pk, slug, _ in teams if pk in mine), ""),
        may_set_rules=can_manage_risk_rules(user),
    )


def headline(still_open: Sequence[Risk], day: date) -> Sentence:
    """12 open risks; 4 are new this week, 3 have no owner."""
    if not still_open:
        return (Phrase("No open risk"),)
    new = sum(risk.opened is not None and risk.opened > day - WEEK for risk in still_open)
    alone = sum(risk.owner_id is None for risk in still_open)
    parts = [
        f"{new or 'none'} {'is' if new == 1 else 'are'} new this week" if new else "none is new this week",
        f"{alone} {'has' if alone == 1 else 'have'} no owner" if alone else "every one has an owner",
    ]
    return (Phrase(words.plural(len(still_open), "open risk"), "em"), Phrase(f"; {', '.join(parts)}"))


def _worst(still_open: Sequence[Risk]) -> Level:
    known = [risk.probability for risk in still_open if risk.probability is not None]
    return level_of(1 - max(known)) if known else Level.NONE


def _counted(fitting: int, found: int) -> str:
    if fitting > SHOWN:
        return f"The {SHOWN} weightiest of {words.number(fitting)} are shown; narrow the choice, or export all of them"
    return f"{words.number(fitting)} of {words.number(found)} shown"


def _csv_address(query: QueryDict) -> str:
    pairs = [(name, value) for name, values in query.lists() for value in values if name != "format"]
    return f"?{urlencode([*pairs, ('format', 'csv')])}"


def as_csv(shown: Sequence[Risk], day: date) -> str:
    """Every fitting risk as a file for a spreadsheet. What is not known is an empty cell."""
    return written(COLUMNS, (_cells(risk, day) for risk in shown))


def _cells(risk: Risk, day: date) -> tuple[object, ...]:
    measured = sum(action.measured is not None for action in risk.actions.all())
    known = risk.probability is not None and risk.impact is not None
    return (
        risk.pk, risk.title, risk.kind, threatened(risk)[0], team_of(risk)[1], _percent(risk.probability),
        "" if risk.impact is None else risk.impact, round(risk.probability * risk.impact, 3) if known else "",  # type: ignore[operator]
        _day(risk.opened), risk.state, risk.roam, risk.owner.name if risk.owner else "", _day(risk.review_on),
        len(risk.actions.all()), measured, _day(risk.closed), _day(day),
    )  # fmt: skip


def _percent(probability: float | None) -> str:
    return "" if probability is None else words.short_of_certain(words.percent(probability))


def _day(day: date | None) -> str:
    return day.isoformat() if day else ""
