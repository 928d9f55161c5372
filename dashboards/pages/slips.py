"""The slip ledger: why promised days moved, by team and quarter, and every move behind the numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from urllib.parse import urlencode

from django.http import QueryDict

from dashboards import words
from dashboards.pages.deliverables_csv import written
from dashboards.pages.filters import Choice
from dashboards.pages.goal_filters import quarter_days, quarter_of
from dashboards.sentences import Phrase, Sentence
from delivery.models import SlipCause
from delivery.slips import Counted, Move, ledger, moves, total
from people.access import User
from teams.access import visible_teams

QUARTERS: Final = 8
SHOWN: Final = 100
CAUSES: Final = {**{cause.value: str(cause.label) for cause in SlipCause}, "": "No cause given"}
COLUMNS: Final = ("deliverable", "team", "on", "from", "to", "days later", "cause", "sentence", "by")


@dataclass(frozen=True, slots=True)
class Told:
    """A move in words: ``span`` is 14 days later."""

    move: Move
    span: str
    cause: str


@dataclass(frozen=True, slots=True)
class TeamLine:
    name: str
    cells: tuple[str, ...]
    total: Counted


@dataclass(frozen=True, slots=True)
class QuarterLine:
    name: str
    total: Counted
    most: str


@dataclass(frozen=True, slots=True)
class Slips:
    headline: Sentence
    causes: tuple[str, ...]
    teams: tuple[TeamLine, ...]
    quarters: tuple[QuarterLine, ...]
    moves: Sequence[Told]
    counted: str
    kept: Sequence[Move]  # all that the choice holds: what the CSV has
    periods: tuple[Choice, ...]
    team_choices: tuple[Choice, ...]
    cause_choices: tuple[Choice, ...]
    ignored: tuple[str, ...]
    csv: str


def slips(user: User, query: QueryDict, *, day: date) -> Slips:
    names = dict(visible_teams(user).filter(archived=False).order_by("name").values_list("slug", "name"))
    periods = quarters(day)
    found, ignored = {}, []
    for name, known in (("quarter", periods), ("team", names), ("cause", CAUSES)):
        value = query.get(name) or ""
        found[name] = value if value in known else ""
        if value and value not in known:
            ignored.append(f"There is no {name} “{value}”")
    every = moves(user, day=day, since=quarter_days(*_quarter(list(periods)[-1]))[0], team=found["team"])
    chosen = found["quarter"] or next(iter(periods))
    in_quarter = [one for one in every if _name(one.given) == chosen]
    kept = [one for one in in_quarter if not found["cause"] or one.cause == found["cause"]]
    used = [cause for cause in CAUSES if any(one.cause == cause for one in in_quarter)]
    return Slips(
        headline=headline(in_quarter, chosen == next(iter(periods)), periods[chosen]),
        causes=tuple(CAUSES[cause] for cause in used),
        teams=tuple(_team_lines(in_quarter, used)),
        quarters=tuple(_quarter_line(name, every) for name in periods),
        moves=[Told(one, spans(one), CAUSES.get(one.cause, one.cause).lower()) for one in kept[:SHOWN]],
        kept=kept,
        counted=f"{words.number(min(len(kept), SHOWN))} of {words.plural(len(kept), 'move')} shown",
        periods=tuple(Choice(value, label, value == chosen) for value, label in periods.items()),
        team_choices=tuple(Choice(v, label, v == found["team"]) for v, label in {"": "All teams", **names}.items()),
        cause_choices=tuple(Choice(v, label, v == found["cause"]) for v, label in {**CAUSES, "": "All causes"}.items()),
        ignored=tuple(ignored),
        csv=f"?{urlencode({**found, 'quarter': chosen, 'format': 'csv'})}",
    )


def spans(one: Move) -> str:
    return f"{words.plural(abs(one.days), 'day')} {'later' if one.days > 0 else 'earlier'}"


def quarters(day: date) -> dict[str, str]:
    """The last two years, this quarter first."""
    year, number = quarter_of(day)
    pairs = [((year * 4 + number - 1 - back) // 4, (number - 1 - back) % 4 + 1) for back in range(QUARTERS)]
    return {f"{of}-Q{n}": f"Q{n} {of}" for of, n in pairs}


def _quarter(name: str) -> tuple[int, int]:
    return int(name[:4]), int(name[-1])


def _name(day: date) -> str:
    year, number = quarter_of(day)
    return f"{year}-Q{number}"


def headline(found: Sequence[Move], now: bool, name: str) -> Sentence:
    """Dates moved 23 times this quarter, by 212 days; most often for scope."""
    when = "this quarter" if now else f"in {name}"
    if not found:
        return (Phrase(f"No promised day moved {when}."),)
    counted = total(found)
    causes = Counter(one.cause for one in found if one.cause).most_common(1)
    way = "later" if counted.days >= 0 else "earlier"
    why = f" most often for {CAUSES[causes[0][0]].lower()}." if causes else " and nobody said why."
    return (
        Phrase("Promised days moved "),
        Phrase(words.times(counted.moves), "em"),
        Phrase(f" {when}, {words.days(abs(counted.days))} {way} in all;"),
        Phrase(why, "quiet"),
    )


def _team_lines(found: Sequence[Move], used: Sequence[str]) -> Sequence[TeamLine]:
    counts = ledger(found)
    teams = sorted({(one.team, one.team_slug) for one in found})
    return [
        TeamLine(
            name,
            tuple(str(counts[team, cause].moves) if (team, cause) in counts else "" for cause in used),
            total([one for one in found if one.team_slug == team]),
        )
        for name, team in teams
    ]


def _quarter_line(name: str, every: Sequence[Move]) -> QuarterLine:
    mine = [one for one in every if _name(one.given) == name]
    causes = Counter(one.cause for one in mine if one.cause).most_common(1)
    return QuarterLine(name.replace("-", " "), total(mine), CAUSES[causes[0][0]] if causes else "")


def as_csv(page: Slips) -> str:
    return written(COLUMNS, (_cells(one) for one in page.kept))


def _cells(one: Move) -> tuple[object, ...]:
    days = (one.given.isoformat(), one.before.isoformat(), one.after.isoformat(), one.days)
    return one.title, one.team, *days, CAUSES.get(one.cause, one.cause), one.note, one.by
