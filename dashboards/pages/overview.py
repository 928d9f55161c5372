"""Overview: will we deliver, what threatens it, what should we do first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from django.http import QueryDict

from dashboards import glyphs, sentences, words
from dashboards.answers import Answers, Step, answers, step
from dashboards.charts import landscape
from dashboards.charts.common import Figure
from dashboards.pages import filters as asked
from dashboards.pages.disputes import Dispute, disputes
from dashboards.pages.filters import IN_DANGER, Choice, Filters
from dashboards.pages.freshness import Freshness, SourceAge, freshness, source_ages
from dashboards.pages.needs_you import Queue, queue
from dashboards.pages.rows import Table, table
from dashboards.pages.teams_at_a_glance import GroupCards, group_cards
from delivery import promises as plans
from delivery.core.chance import Level
from delivery.core.promise import Promise, Tally
from delivery.goal_tree import goals, running
from delivery.needs import NeedKind, needs
from people.access import User
from teams.access import visible_teams
from teams.models import Team

RANKED: Final = 10  # rows of the table; all of them are a click away


@dataclass(frozen=True, slots=True)
class KeyEntry:
    """A line below the strip: a level, its count, and what changed."""

    level: Level
    count: int
    note: str
    is_new: bool


@dataclass(frozen=True, slots=True)
class History:
    bars: tuple[glyphs.HistoryBar, ...]
    says: str
    caption: str


@dataclass(frozen=True, slots=True)
class Rest:
    """The foot of the ranked table: where all of the choice are, and when the forecasts were made."""

    count: int
    address: str  # query of the page of all deliverables
    shown: str
    ran: str


@dataclass(frozen=True, slots=True)
class Overview:
    promises: list[Promise]
    kicker: str
    level: Level
    headline: sentences.Sentence
    history: History
    strip: tuple[glyphs.StripMark, ...]
    strip_says: str
    key: tuple[KeyEntry, ...]
    answers: Answers
    step: Step
    needs: Queue
    landscape: Figure
    disputes: tuple[Dispute, ...]
    table: Table
    rest: Rest
    filters: Filters
    levels: tuple[Choice, ...]
    teams: tuple[Choice, ...]
    groups: tuple[GroupCards, ...]
    ages: list[SourceAge]
    freshness: Freshness


def overview(user: User, query: QueryDict, *, now: datetime, day: date) -> Overview:
    """The page as ``user`` sees it on ``day``."""
    found = plans.promises(user, day=day)
    past = plans.past_weeks(user, day=day, weeks=glyphs.HISTORY_WEEKS - 1)
    waits, told = needs(user, found, day=day), answers(found)
    tally, ages = plans.tally(found, day=day, past=past), source_ages(user, now)
    teams = list(visible_teams(user).filter(archived=False).select_related("group"))
    names = {team.slug: team.name for team in teams}
    filters = asked.read(query, names, default=IN_DANGER)
    chosen = asked.kept(found, filters)
    return Overview(
        promises=found,
        kicker=f"{day:%A} {day.day} {day:%B} · {week_of_quarter(day)}",
        level=sentences.worst(tally),
        headline=sentences.overview_headline(tally),
        history=_history(tally.weeks),
        strip=tuple(glyphs.strip(found, _new(tally))),
        strip_says=_strip_says(tally),
        key=_key(tally),
        answers=told,
        step=step(told.first, {one.deliverable for one in waits if one.kind == NeedKind.DECISION}),
        needs=queue(waits, day),
        landscape=landscape.figure(found, [sentences.stands_out(one) for one in found]),
        disputes=disputes(found, goals(user, day=day, within=running(day)), day),
        table=table(chosen[:RANKED], day),
        rest=_rest(
            found,
            chosen,
            filters,
            asked.helped_too(filters, names),
            now.astimezone(ZoneInfo(getattr(user, "timezone", "UTC"))),
        ),
        filters=filters,
        levels=level_choices(filters),
        teams=asked.team_choices(names, filters),
        groups=_groups(teams, found, now),
        ages=ages,
        freshness=freshness(ages, now),
    )


def _rest(found: Sequence[Promise], chosen: Sequence[Promise], filters: Filters, helped: str, now: datetime) -> Rest:
    """Where the table holds all of the choice, its link leads to all deliverables. ``now`` is the reader's."""
    ran = forecasts_ran(found, now)
    if len(chosen) > RANKED:
        return Rest(len(chosen), asked.address(filters), f"{RANKED} of {len(chosen)} shown{helped}", ran)
    return Rest(len(found), "", f"{len(chosen)} shown{helped}", ran)


def forecasts_ran(found: Sequence[Promise], now: datetime) -> str:
    """Forecasts ran at 08:00 from 10,000 simulated futures each, by the reader's clock."""
    made = [one.forecast_made.astimezone(now.tzinfo) for one in found if one.forecast_made]
    trials = {one.trials for one in found if one.trials}
    if not made:
        return ""
    last = max(made)
    on = "" if last.date() == now.date() else f" on {words.long_day(last.date(), now.date())}"
    each = f" from {words.number(trials.pop())} simulated futures each" if len(trials) == 1 else ""
    return f"Forecasts ran{on} at {last:%H:%M}{each}."


def week_of_quarter(day: date) -> str:
    """Week 6 of 13: of the calendar quarter, from its first day."""
    first = date(day.year, 3 * ((day.month - 1) // 3) + 1, 1)
    return f"week {min((day - first).days // 7 + 1, 13)} of 13"


def level_choices(filters: Filters) -> tuple[Choice, ...]:
    """What the ranked table may show, as one choice."""
    alone = filters.levels[0] if len(filters.levels) == 1 else ""
    value = alone if alone else ("all" if not filters.levels else "")
    labels = {"": "Likely and at risk", "all": "All levels"} | {level.value: words.LEVELS[level] for level in _ORDER}
    return tuple(Choice(key, label, key == value) for key, label in labels.items())


_ORDER = sentences.WORST_FIRST


def _groups(teams: Sequence[Team], found: Sequence[Promise], now: datetime) -> tuple[GroupCards, ...]:
    return group_cards(teams, found, now) if teams else ()


def _history(weeks: Sequence[tuple[date, int]]) -> History:
    counts = [count for _, count in weeks]
    told = ", ".join(map(str, counts))
    return History(
        bars=tuple(glyphs.history(counts)),
        says=f"Deliverables likely to miss, by week: {told}",
        caption=f"Likely to miss, last {words.plural(len(counts), 'week')}",
    )


def _new(tally: Tally) -> frozenset[int]:
    """Newly likely to be missed; none where last week has no forecasts to compare with."""
    return tally.new_likely if sentences.compares(tally) else frozenset()


def _strip_says(tally: Tally) -> str:
    counts = ", ".join(f"{tally.now.get(level, 0)} {_told(level)}" for level in _ORDER)
    new = f" {len(_new(tally))} likely to miss are new since last week." if _new(tally) else ""
    return f"{counts}.{new}"


def _told(level: Level) -> str:
    return "without a forecast" if level == Level.NONE else words.LEVELS[level].lower()


def _key(tally: Tally) -> tuple[KeyEntry, ...]:
    return tuple(_entry(level, tally) for level in _ORDER)


def _entry(level: Level, tally: Tally) -> KeyEntry:
    now, new = tally.now.get(level, 0), len(_new(tally)) if level == Level.LIKELY else 0
    compared = words.compared(now, tally.before.get(level, 0)) if sentences.compares(tally) else ""
    return KeyEntry(level, now, f"{new} new since last week" if new else compared, bool(new))
