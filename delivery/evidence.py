"""What was known on a day about every deliverable: loaded once in bulk, then sliced day by day.

A past day is rebuilt from the dates of the facts: items created by then, ended by then, in the scope by then, dates
given by then. Two facts have no history and are taken as they are now: an item's last finish after it was reopened,
and which projects are whose.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, timedelta
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
from django.db.models import F, Q

from delivery import scoped
from delivery.capacity import Capacity, load_capacity
from delivery.core.calendar import Calendar
from delivery.core.commitments import standing
from delivery.core.zoned import day_of, days_of, end_of
from delivery.models import Commitment, Deliverable, ScopedItem, Stage, TeamScope
from teams.models import Team

Days = npt.NDArray[np.datetime64]
MEMORY: Final = timedelta(weeks=104)
"""How far back a team's finished items are read; the pace filter looks no further."""
DATED: Final = ("created", "ended", "since", "until", "started")
OTHER: Final = ("dropped", "ids", "blocked", "people")


@dataclass(frozen=True, slots=True)
class Items:
    """Days of the team's zone, NaT where it has not happened; arrays of equal length.

    ``ended`` is the finish; where ``dropped``, the day from which it counts no more. ``since`` and ``until`` are its
    time in the scope, for the items of a deliverable.
    """

    created: Days
    ended: Days
    dropped: npt.NDArray[np.bool_]
    since: Days
    until: Days
    started: Days
    ids: npt.NDArray[np.int64]
    blocked: npt.NDArray[np.bool_]  # at present: nobody dates it
    people: npt.NDArray[np.int64]  # who has it at present, 0 for nobody that is known

    def known(self, day: date) -> tuple[Days, Days]:
        """(created, done) of the items that counted at the end of ``day``: in the scope, not dropped by then."""
        here, now = self.counted(day), np.datetime64(day, "D")
        done = np.where(self.dropped | (self.ended > now), np.datetime64("NaT", "D"), self.ended)
        return self.created[here], done[here]

    def begun(self, day: date) -> int:
        """How many of the items open at the end of ``day`` somebody had started."""
        now = np.datetime64(day, "D")
        return int((self.counted(day) & (self.started <= now) & ~(self.ended <= now)).sum())

    def some(self, which: npt.NDArray[np.bool_]) -> Items:
        """Only these."""
        return Items(**{field.name: getattr(self, field.name)[which] for field in fields(Items)})

    def counted(self, day: date) -> npt.NDArray[np.bool_]:
        now = np.datetime64(day, "D")
        gone = (self.until <= now) | (self.dropped & (self.ended <= now))
        counted: npt.NDArray[np.bool_] = (self.since <= now) & (self.created <= now) & ~gone
        return counted


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything the forecasts of some days rest on."""

    deliverables: Sequence[Deliverable]
    own: Mapping[int, Items]  # by deliverable
    team: Mapping[int, Items]  # by team
    commitments: Mapping[int, Sequence[Commitment]]  # by deliverable, oldest first
    capacity: Mapping[int, Capacity]  # by team

    def open_on(self, day: date) -> list[Deliverable]:
        """Deliverables that somebody had written down by ``day`` and that had not ended."""
        return [one for one in self.deliverables if not _ended(one, day) and self._began(one) <= day]

    def target(self, deliverable: Deliverable, day: date) -> date | None:
        """The date promised on ``day``, the latest one given by then."""
        given = [one.target for one in standing(self.commitments.get(deliverable.pk, ()), day)]
        return given[-1] if given else None

    def own_items(self, deliverable: Deliverable, day: date) -> tuple[Days, Days]:
        return _known(self.own.get(deliverable.pk), day)

    def team_items(self, deliverable: Deliverable, day: date) -> tuple[Days, Days]:
        return _known(self.team.get(deliverable.team_id), day)

    def open_items(self, deliverable: Deliverable, day: date) -> tuple[int, int]:
        """(open items, how many of them are begun) of ``deliverable`` at the end of ``day``."""
        items = self.own.get(deliverable.pk)
        if items is None:
            return 0, 0
        return int(np.isnat(items.known(day)[1]).sum()), items.begun(day)

    def calendar(self, deliverable: Deliverable, day: date, *, past: bool) -> Calendar:
        """The team's working calendar as known on ``day``."""
        return self.capacity[deliverable.team_id].calendar(day, past=past)

    def _began(self, deliverable: Deliverable) -> date:
        given = [one.given for one in self.commitments.get(deliverable.pk, ())]
        return began(deliverable, given)


def load_evidence(deliverables: Iterable[Deliverable], first_day: date) -> Evidence:
    """Read what the forecasts of ``deliverables`` from ``first_day`` on rest on; six queries for any number."""
    rows = list(deliverables)
    zones = {one.team_id: one.team.timezone for one in rows}
    commitments: dict[int, list[Commitment]] = {}
    for given in Commitment.objects.filter(deliverable__in=rows).order_by("given", "id"):
        commitments.setdefault(given.deliverable_id, []).append(given)
    return Evidence(
        deliverables=rows,
        own=_own_items(rows),
        team=_team_items(zones, first_day),
        commitments=commitments,
        capacity=load_capacity(zones),
    )


def began(deliverable: Deliverable, given: Iterable[date]) -> date:
    """The first day on which somebody had written ``deliverable`` down, with dates ``given`` on some days."""
    return min([day_of(deliverable.created, deliverable.team.timezone), deliverable.start, *given])


def _ended(deliverable: Deliverable, day: date) -> bool:
    return any(end is not None and end <= day for end in (deliverable.delivered, deliverable.dropped))


def _known(items: Items | None, day: date) -> tuple[Days, Days]:
    nothing: Days = np.array([], dtype="datetime64[D]")
    return items.known(day) if items else (nothing, nothing)


def _own_items(rows: Sequence[Deliverable]) -> dict[int, Items]:
    """Items in the scopes; one that is done on an unknown day counts as done when it was last heard of."""
    here = ScopedItem.objects.filter(deliverable__in=rows, item__deleted__isnull=True, item__level=0)
    here = here.annotate(is_blocked=scoped.is_blocked_item())
    names = ("deliverable_id", "item__created", "item__ended", "since", "until", "item__started", "item__stage")
    more = ("item_id", "is_blocked", "item__assignee__person_id")
    zones = {one.pk: one.team.timezone for one in rows}
    found = here.order_by("item_id").values_list(*names, *more)
    return _by_owner(
        ((*row, stage == Stage.DROPPED, pk, blocked, who or 0) for *row, stage, pk, blocked, who in found), zones
    )


def _team_items(zones: Mapping[int, str], first_day: date) -> dict[int, Items]:
    """Items of the teams' projects; one that is done on an unknown day says nothing about lead times."""
    recent = Q(source__items__ended__isnull=True) | Q(source__items__ended__gte=end_of(first_day, "UTC") - MEMORY)
    rows = TeamScope.objects.filter(
        recent,
        team__in=list(zones),
        source__items__project=F("scope"),
        source__items__deleted__isnull=True,
        source__items__level=0,
    ).order_by()
    names = ("team_id", *(f"source__items__{name}" for name in ("created", "ended", "finished")))
    found = rows.values_list(*names)
    return _by_owner(
        ((pk, made, end, made, None, None, finish is None, 0, False, 0) for pk, made, end, finish in found), zones
    )


def team_finishes(team: Team, first_day: date) -> Days:
    """The days from ``first_day`` on on which items of the team's projects were finished, in the team's zone; one query."""
    rows = TeamScope.objects.filter(
        team=team,
        source__items__project=F("scope"),
        source__items__deleted__isnull=True,
        source__items__level=0,
        source__items__finished__gte=end_of(first_day, "UTC"),
    )
    found = pd.Series(list(rows.order_by().values_list("source__items__finished", flat=True)), dtype="object")
    days: Days = days_of(pd.to_datetime(found, utc=True), team.timezone).to_numpy().astype("datetime64[D]")
    return days


def _by_owner(rows: Iterable[tuple[Any, ...]], zones: Mapping[int, str]) -> dict[int, Items]:
    """Rows (owner, created, ended, since, until, started, dropped, id, blocked, person) as Items in the owner's days."""
    frame = pd.DataFrame.from_records(list(rows), columns=["owner", *DATED, *OTHER])
    in_zones = frame.groupby(frame["owner"].map(zones))
    parts = [part for zone, same in in_zones for _, part in _in_days(same, str(zone)).groupby("owner")]
    return {int(part["owner"].iloc[0]): _items(part) for part in parts}


def _in_days(frame: pd.DataFrame, zone: str) -> pd.DataFrame:
    return frame.assign(**{name: days_of(frame[name], zone) for name in DATED})


def _items(part: pd.DataFrame) -> Items:
    days = {name: part[name].to_numpy().astype("datetime64[D]") for name in DATED}
    flags = {name: part[name].to_numpy(dtype=bool) for name in ("dropped", "blocked")}
    numbers = {name: part[name].to_numpy(dtype=np.int64) for name in ("ids", "people")}
    return Items(**days, **flags, **numbers)
