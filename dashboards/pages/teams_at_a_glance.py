"""The team cards of the overview: what is promised, how much gets finished, how long an item takes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from dashboards import words
from delivery import queries
from delivery.core.chance import Level
from delivery.core.promise import Promise
from teams.models import Team


@dataclass(frozen=True, slots=True)
class TeamCard:
    """``level`` and ``standing`` tell the worst level of the team's promises, with its count."""

    name: str
    slug: str
    level: Level
    standing: str
    weeks: tuple[int, ...]
    says: str
    a_week: str
    cycle_time: str
    cycle_note: str
    in_danger: str


@dataclass(frozen=True, slots=True)
class GroupCards:
    name: str
    slug: str
    standing: str
    cards: tuple[TeamCard, ...]


def group_cards(teams: Sequence[Team], promises: Sequence[Promise], now: datetime) -> tuple[GroupCards, ...]:
    """``teams`` with their group, each in the weeks of its own time zone; two queries."""
    paces = queries.paces_of(teams, at=now)
    groups: dict[str, list[Team]] = {}
    for team in sorted(teams, key=lambda team: (team.group.name, team.name)):
        groups.setdefault(team.group.slug, []).append(team)
    return tuple(
        GroupCards(
            name=members[0].group.name,
            slug=slug,
            standing=standing([one for one in promises if one.group_slug == slug])[1],
            cards=tuple(_card(team, promises, paces[team.pk]) for team in members),
        )
        for slug, members in groups.items()
    )


def standing(promises: Sequence[Promise]) -> tuple[Level, str]:
    """The worst level among ``promises`` with its count: 2 of 21 likely to miss."""
    whole = len(promises)
    for level, told in ((Level.LIKELY, "likely to miss"), (Level.AT_RISK, "at risk")):
        count = sum(one.level == level for one in promises)
        if count:
            return level, f"{count} of {whole} {told}"
    if not whole:
        return Level.NONE, "Nothing promised"
    known = sum(one.missing is not None for one in promises)
    if not known:
        return Level.NONE, f"{words.plural(whole, 'promise')}, no forecast yet"
    return Level.ON_TRACK, f"{known} of {whole} on track"


def _card(team: Team, promises: Sequence[Promise], pace: queries.Pace) -> TeamCard:
    own = [one for one in promises if one.team_slug == team.slug]
    level, told = standing(own)
    counts = tuple(count for _, count in pace.finished.weeks)
    return TeamCard(
        name=team.name,
        slug=team.slug,
        level=level,
        standing=told,
        weeks=counts,
        says=_says(counts),
        a_week=words.decimal(sum(counts) / len(counts)) if sum(counts) else "not known",
        cycle_time=words.decimal_days(pace.usual.p50),
        cycle_note=f"Half of {words.plural(pace.usual.n, 'finished item')} took no longer",
        in_danger=f"{sum(one.level in (Level.LIKELY, Level.AT_RISK) for one in own)} of {len(own)}",
    )


def _says(counts: Sequence[int]) -> str:
    if not counts:
        return "No whole week is known yet"
    if not sum(counts):
        return f"No finished items known in {words.plural(len(counts), 'week')}"
    return f"Items finished a week over {words.plural(len(counts), 'week')}, from {counts[0]} to {counts[-1]}"
