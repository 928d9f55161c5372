"""From what is known on a day to what a simulation is given: teams and their open deliverables, ready to be simulated."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median
from typing import Final

import numpy as np
import numpy.typing as npt

from delivery.calibration import Record
from delivery.capacity import Capacity
from delivery.core import deliverable, mapping
from delivery.core.ahead import Found, Habit, OpenItems, Role, Steps, TeamAhead, WorkAhead
from delivery.core.calibration import marks_of
from delivery.core.counterfactual import Ahead
from delivery.core.forecast import NotEnoughHistory, known_items, lead_times, team_pace
from delivery.core.scope import FADING_WEEKS
from delivery.evidence import Evidence, Items
from delivery.habits import Habits
from delivery.models import Deliverable
from teams.models import OpenRole, Team

VERY_OLD: Final = 0.85
"""An open item older than this share of the team's lead times is stuck."""
MOST_LEADS: Final = 400
"""Lead times kept of a team; of more, as many that are evenly spread."""
PEOPLE_WEEKS: Final = 8
"""Whose work a deliverable is: of what is begun, and of what was finished in this time."""
SHRUNK: Final = 2.0
"""Items of everybody that a deliverable's own people are held against."""
ALONE: Final = 0.5
STARTS: Final = 5
"""Begun deliverables from which it can be said how soon after the promise work usually starts."""
NO_ITEM: Final = "A forecast needs at least one work item in the deliverable, or a size; it has none."
NO_HABITS: Final = Habits({}, {})


@dataclass(frozen=True, slots=True, eq=False)
class Inputs:
    """What can be simulated, and why the rest cannot; all but ``ahead`` by the id of an open deliverable."""

    ahead: Ahead
    reasons: Mapping[int, str]  # a sentence where there can be no forecast
    owners: Mapping[int, int]  # the team that answers for it
    counts: Mapping[int, tuple[int, int, int]]  # items, finished ones, finished items of the team
    targets: Mapping[int, date]


@dataclass(frozen=True, slots=True)
class Day:
    """The day that is looked ahead from; ``past``: what was entered later was not known."""

    day: date
    past: bool
    record: Record
    roles: Mapping[int, Sequence[OpenRole]]  # by team
    needs: Mapping[int, tuple[int, ...]]  # by deliverable
    usual_start: int | None  # days from the promise to the first start, median


def look_ahead(evidence: Evidence, day: date, record: Record, *, past: bool, habits: Habits = NO_HABITS) -> Inputs:
    """What lies ahead of everything open on ``day``; two queries for any number."""
    rows = evidence.open_on(day)
    on = Day(day, past, record, {} if past else _open_roles(day), _needs(rows), _usual_start(evidence, rows, day))
    teams: dict[int, TeamAhead | str] = {}
    works, reasons = {}, {}
    for one in rows:
        if one.team_id not in teams:
            teams[one.team_id] = _team(one, evidence, on, habits)
        team = teams[one.team_id]
        items = evidence.own.get(one.pk)
        if not _has_work(one, items, day):
            reasons[one.pk] = NO_ITEM
        elif isinstance(team, str):
            reasons[one.pk] = team
        else:
            works[one.pk] = _work(one, team, items, evidence, on)
    known = {pk: team for pk, team in teams.items() if not isinstance(team, str)}
    targets = {one.pk: target for one in rows if (target := evidence.target(one, day))}
    counts = {one.pk: _counts(one, evidence, day) for one in rows}
    return Inputs(Ahead(known, works), reasons, {one.pk: one.team_id for one in rows}, counts, targets)


def _counts(one: Deliverable, evidence: Evidence, day: date) -> tuple[int, int, int]:
    own, team = evidence.own_items(one, day), evidence.team_items(one, day)
    return len(own[0]), int((~np.isnat(own[1])).sum()), int((~np.isnat(team[1])).sum())


def _has_work(one: Deliverable, items: Items | None, day: date) -> bool:
    return bool(one.size_high or one.attempts_high or (items is not None and items.counted(day).any()))


def _team(one: Deliverable, evidence: Evidence, on: Day, habits: Habits) -> TeamAhead | str:
    """A team as it stands, or why nothing of it can be forecast."""
    capacity, pk = evidence.capacity[one.team_id], one.team_id
    items = evidence.team_items(one, on.day)
    try:
        leads = lead_times(known_items(items, on.day))
    except NotEnoughHistory as missing:
        return str(missing)
    calendar = capacity.calendar(on.day, past=on.past)
    try:
        pace = team_pace(items[1], on.day, calendar)
    except NotEnoughHistory:
        pace = None
    if len(leads) > MOST_LEADS:
        leads = leads[np.linspace(0, len(leads) - 1, MOST_LEADS).astype(int)]
    size = capacity.size(on.day)
    return TeamAhead(
        id=pk,
        leads=leads,
        pace=pace,
        size=size,
        holidays=capacity.holidays,
        shared=_shared(pk, on.day, evidence.capacity),
        roles=tuple(
            Role(role.pk, role.start, float(role.share) / size, role.ramp_weeks)
            for role in on.roles.get(pk, ())
            if size
        ),
        reviews=habits.reviews.get(pk, Habit()),
        unplanned=habits.unplanned.get(pk, Habit()),
    )


def _shared(team: int, day: date, capacity: Mapping[int, Capacity]) -> dict[int, float]:
    """The part of a team's luck that each person brings who is in other teams too."""
    mine = capacity[team].shares(day)
    whole = sum(share**2 for share in mine.values()) ** 0.5
    others = {person for pk, other in capacity.items() if pk != team for person in other.shares(day)}
    return {person: share / whole for person, share in mine.items() if person in others}


def _work(one: Deliverable, team: TeamAhead, items: Items | None, evidence: Evidence, on: Day) -> WorkAhead:
    own = known_items(evidence.own_items(one, on.day), on.day)
    commitments = [given.given for given in evidence.commitments.get(one.pk, ()) if given.given <= on.day]
    promised = commitments[0] if commitments else None
    here, open_now, added = _open_items(items, team, promised, on)
    correction = on.record.correction(one.team_id, on.day)
    weights = {} if on.past else _people(items, on.day, team)
    target = evidence.target(one, on.day)
    capacity = evidence.capacity[one.team_id]
    roles = _arriving(team, on.day)
    steps = mapping.added(capacity.ahead(on.day, weights, past=on.past), roles)
    pace = _own_pace(own.done_ages, own.created_ages, len(own.open_ages), capacity, on)
    return WorkAhead(
        id=one.pk,
        team=one.team_id,
        target=target,
        items=open_now,
        found=_found(own.created_ages),
        found_before=_found(own.created_ages if here is None else own.created_ages[~added]),
        seen=pace.shape - 1,
        exposure=pace.exposure,
        usual_items=len(own.open_ages),
        size=(one.size_low, one.size_high) if one.size_low and one.size_high else None,
        attempts=_attempts_left(one),
        needs=on.needs.get(one.pk, ()),
        priority=one.priority,
        correction=correction,
        marks=marks_of(*evidence.open_items(one, on.day)),
        steps=steps,
        full=roles,
        away=capacity.away_before(on.day, target, weights or capacity.shares(on.day)) if target else (),
        alone=_alone(weights),
        late=_late(items, promised, one, on),
        added=int(added.sum()),
        at_commitment=len(own.created_ages) - int(added.sum()),
        done=len(own.done_ages),
    )


def _attempts_left(one: Deliverable) -> tuple[int, int] | None:
    """Attempts still to come of an experiment: the running one at least."""
    if not one.attempts_low or not one.attempts_high:
        return None
    return max(one.attempts_low - one.attempts_done, 1), max(one.attempts_high - one.attempts_done, 1)


def _open_items(
    items: Items | None, team: TeamAhead, promised: date | None, on: Day
) -> tuple[Items | None, OpenItems, npt.NDArray[np.bool_]]:
    """(what counts on the day, the open ones of it, which of what counts came in after the promise)."""
    nothing = np.zeros(0, dtype=bool)
    if items is None:
        return None, OpenItems(np.zeros(0)), nothing
    here, now = items.some(items.counted(on.day)), np.datetime64(on.day, "D")
    added = here.since > np.datetime64(promised, "D") if promised else np.zeros(len(here.ids), dtype=bool)
    is_open = ~(here.ended <= now)
    left = here.some(is_open)
    ages = (now - left.created).astype(np.int64).astype(np.float64)
    blocked = np.zeros(len(ages), dtype=bool) if on.past else left.blocked
    begun = left.started <= now
    old = begun & (ages > np.quantile(team.leads, VERY_OLD))
    ids = tuple(int(pk) for pk in left.ids)
    return here, OpenItems(ages, ids, begun, blocked | old, blocked, added[is_open]), added


def _found(ages: npt.NDArray[np.float64]) -> Found:
    return Found(len(ages), float(np.exp(-ages / (7 * FADING_WEEKS)).sum()))


def _own_pace(
    done: npt.NDArray[np.float64], created: npt.NDArray[np.float64], n_open: int, capacity: Capacity, on: Day
) -> deliverable.OwnPace:
    age = int(created.max()) if len(created) else 0
    calendar = capacity.calendar(on.day, past=on.past)
    behind = calendar.capacity(on.day - timedelta(days=age), age + 1)[::-1]
    return deliverable.own_pace(done, behind, n_open)


def _people(items: Items | None, day: date, team: TeamAhead) -> dict[int, float]:
    """Whose work it is, as parts that add up to less than 1: the rest is everybody's."""
    if items is None:
        return {}
    now = np.datetime64(day, "D")
    recent = items.ended > now - np.timedelta64(PEOPLE_WEEKS * 7, "D")
    running = ~(items.ended <= now)
    theirs = items.some(items.counted(day) & (running | recent) & (items.people > 0))
    people, counts = np.unique(theirs.people, return_counts=True)
    whole = float(counts.sum()) + SHRUNK
    return {int(person): float(count) / whole for person, count in zip(people, counts, strict=True)}


def _alone(weights: Mapping[int, float]) -> float | None:
    most = max(weights.values(), default=0.0)
    return round(most, 2) if most >= ALONE else None


def _arriving(team: TeamAhead, day: date) -> Steps:
    """What the team's open roles will bring."""
    steps: Steps = ()
    for role in team.roles:
        steps = mapping.added(steps, mapping.ramp(role.start, role.part, role.ramp_weeks))
    return steps


def _late(items: Items | None, promised: date | None, one: Deliverable, on: Day) -> float | None:
    """Days by which work began later after the promise than is usual here."""
    if promised is None or on.usual_start is None:
        return None
    gap = _gap(items, max(promised, one.start), on.day)
    if gap is None:
        gap = max((on.day - max(promised, one.start)).days, 0)
        return float(gap - on.usual_start) if gap > on.usual_start else None
    return float(gap - on.usual_start)


def _gap(items: Items | None, since: date, day: date) -> int | None:
    """Days from the promise to the first start, 0 where work had begun before; None where nothing is begun."""
    if items is None:
        return None
    begun = items.started[items.started <= np.datetime64(day, "D")]
    if not len(begun):
        return None
    return max(int((begun.min() - np.datetime64(since, "D")).astype(int)), 0)


def _usual_start(evidence: Evidence, rows: Iterable[Deliverable], day: date) -> int | None:
    gaps = []
    for one in rows:
        given = [each.given for each in evidence.commitments.get(one.pk, ()) if each.given <= day]
        gap = _gap(evidence.own.get(one.pk), max(given[0], one.start), day) if given else None
        if gap is not None:
            gaps.append(gap)
    return round(median(gaps)) if len(gaps) >= STARTS else None


def _needs(rows: Sequence[Deliverable]) -> dict[int, tuple[int, ...]]:
    found: dict[int, list[int]] = {}
    links = Deliverable.depends_on.through.objects.filter(from_deliverable__in=[one.pk for one in rows]).order_by("id")
    for waiting, needed in links.values_list("from_deliverable_id", "to_deliverable_id"):
        found.setdefault(waiting, []).append(needed)
    return {pk: tuple(needs) for pk, needs in found.items()}


def _open_roles(day: date) -> dict[int, list[OpenRole]]:
    """Open roles that are still to start; one whose day has passed counts for nothing."""
    found: dict[int, list[OpenRole]] = {}
    for role in OpenRole.objects.filter(filled__isnull=True, dropped__isnull=True, start__gt=day).order_by(
        "start", "id"
    ):
        found.setdefault(role.team_id, []).append(role)
    return found


def teams_of(evidence: Evidence) -> list[Team]:
    """The teams that answer for the deliverables, each once."""
    return list({one.team_id: one.team for one in evidence.deliverables}.values())
