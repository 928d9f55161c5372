"""What the rules of the register look at: every open deliverable, running goal and living team, as of a day."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Final

from django.db.models import Max

from delivery import outlooks, queries
from delivery.core import drivers, flow, mapping
from delivery.core.ahead import WorkAhead
from delivery.core.period import Period
from delivery.core.promise import Promise
from delivery.core.risk import DeliverableEvidence, Evidence, GoalEvidence, Needed, TeamEvidence
from delivery.freshness import State
from delivery.goal_chances import NOTHING
from delivery.inputs import Inputs
from delivery.models import Forecast, Goal, GoalForecast, Source, TeamScope
from delivery.promise_facts import FRESH_DAYS, latest_forecasts
from delivery.promises import promises
from delivery.risk_counts import reviews_given, unreadable_statuses
from delivery.standings import standings
from people.models import Person, Role
from teams.models import Team

HEADWAY: Final = Person(name="Headway", role=Role.DIRECTOR)
"""Who reads for the register: it sees all that is promised, as a director does, and is nobody's row."""
FLOW_WEEKS: Final = 4
SOME_DAYS: Final = timedelta(days=1)
"""A source that was read this recently is not silent."""


def load_risk_evidence(day: date, now: datetime, *, teams: Collection[int] | None = None) -> list[Evidence]:
    """Everything the rules look at on ``day``, or only what belongs to ``teams`` (then without goals)."""
    living = Team.objects.filter(archived=False)
    chosen = list(living if teams is None else living.filter(pk__in=teams))
    kept = outlooks.load(day).inputs
    slugs = {team.slug for team in chosen}
    mine = [one for one in promises(HEADWAY, day=day) if one.team_slug in slugs]
    about_teams = _teams(chosen, kept, day, now)
    silent = {team.slug for team, one in zip(chosen, about_teams, strict=True) if one.silent}
    found: list[Evidence] = [*_deliverables(mine, kept, silent, day), *about_teams]
    return found if teams is not None else [*found, *_goals(day)]


def _deliverables(
    found: Iterable[Promise], kept: Inputs, silent: Collection[str], day: date
) -> list[DeliverableEvidence]:
    by_id = {one.id: one for one in found}
    rows = {row.deliverable_id: row for row in latest_forecasts(list(by_id), day)}
    needed = _needed({need for pk in by_id if pk in kept.ahead.works for need in kept.ahead.works[pk].needs}, day)
    made = (_deliverable(one, rows.get(pk), kept.ahead.works.get(pk), needed, day) for pk, one in by_id.items())
    return [replace(one, silent=one.promise.team_slug in silent) for one in made]


def _needed(ids: set[int], day: date) -> dict[int, Needed]:
    known = promises(HEADWAY, day=day, ids=ids) if ids else []
    return {one.id: Needed(one.id, one.title, one.p50, one.missing) for one in known}


def _deliverable(
    promise: Promise, row: Forecast | None, work: WorkAhead | None, needed: Mapping[int, Needed], day: date
) -> DeliverableEvidence:
    told = drivers.from_json(row.drivers) if row else None
    if work is None:
        return DeliverableEvidence(promise, day, told, open_items=promise.items - promise.items_done, known=False)
    return DeliverableEvidence(
        promise=promise,
        day=day,
        drivers=told,
        needs=tuple(needed[need] for need in work.needs if need in needed),
        stuck=int(work.items.stuck.sum()),
        open_items=len(work.items.ages),
        alone=work.alone,
        capacity_lost=_lost(work, promise, day),
    )


def _lost(work: WorkAhead, promise: Promise, day: date) -> float | None:
    days = promise.days_left
    if not days or days < 0:
        return None
    full, there = (mapping.work_until(days, steps, day) for steps in (work.full, work.steps))
    return max(1 - there / full, 0.0) if full else None


def _goals(day: date) -> list[GoalEvidence]:
    rows = GoalForecast.objects.filter(day__lte=day, day__gt=day - timedelta(days=FRESH_DAYS))
    latest = {row.goal_id: row for row in rows.order_by("goal_id", "-day").distinct("goal_id")}
    running = Goal.objects.filter(start__lte=day, end__gt=day).annotate(said=Max("check_ins__day"))
    return [
        GoalEvidence(
            id=goal.pk,
            title=goal.title,
            start=goal.start,
            end=goal.end,
            day=day,
            said=goal.said,
            chance=latest[goal.pk].chance if goal.pk in latest else None,
            rests_on=int(latest[goal.pk].reason != NOTHING) if goal.pk in latest else None,
        )
        for goal in running
    ]


def _teams(teams: Collection[Team], kept: Inputs, day: date, now: datetime) -> list[TeamEvidence]:
    silent, missing = _sources(teams, now)
    period = Period(day - timedelta(weeks=FLOW_WEEKS), day + timedelta(days=1))
    ids = [team.pk for team in teams]
    unreadable, given = unreadable_statuses(ids, day), reviews_given(ids, day)
    return [
        replace(
            _team(team, kept, period, now),
            silent=silent.get(team.pk, {}),
            missing=missing.get(team.pk, 0),
            unreadable=unreadable.get(team.pk, {}),
            given=given.get(team.pk, (0, 0)),
        )
        for team in teams
    ]


def _team(team: Team, kept: Inputs, period: Period, now: datetime) -> TeamEvidence:
    items = queries.flow_items(team, since=period.start)
    arrivals = flow.arrivals(items, period, team.timezone)
    failing = queries.dora_of(team, at=now).now.fail_rate
    ahead = kept.ahead.teams.get(team.pk)
    return TeamEvidence(
        id=team.pk,
        name=team.name,
        day=period.end - timedelta(days=1),
        in_progress=int(
            flow.work_in_progress(items, Period(period.end - timedelta(days=1), period.end), team.timezone).iloc[-1]
        ),
        arrived=int(arrivals["started"].sum()),
        left=int(arrivals["left"].sum()),
        reviews=ahead.reviews.now if ahead else None,
        fail_rate=failing.value,
        deployments=failing.n,
        people=ahead.size if ahead else None,
    )


def _sources(teams: Collection[Team], now: datetime) -> tuple[dict[int, dict[str, float]], dict[int, int]]:
    """Of each team: parts of its sources with the days since they were read, and how many things are missing."""
    parts: dict[tuple[str, str], list[int]] = {}
    scopes = TeamScope.objects.filter(team__in=list(teams)).values_list("team_id", "source__name", "scope")
    for team, source, scope in scopes:
        parts.setdefault((source, scope.lower()), []).append(team)
    silent: dict[int, dict[str, float]] = {}
    missing: dict[int, int] = {}
    for one in standings(Source.objects.filter(disconnected__isnull=True), now):
        for part in one.parts:
            for team in parts.get((one.name, part.scope.lower()), ()):
                missing[team] = missing.get(team, 0) + part.missing
                if part.state in (State.STOPPED, State.LATE) and part.last_success:
                    days = (now - part.last_success) / timedelta(days=1)
                    if now - part.last_success > SOME_DAYS:
                        name = f"{part.scope} in {one.name}"
                        silent.setdefault(team, {})[name] = max(days, silent.get(team, {}).get(name, 0.0))
    return silent, missing
