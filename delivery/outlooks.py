"""What the simulation was given, kept by team and day: forecasts, what-ifs and drivers start from it, not from history."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final
from zlib import crc32

from django.db.models import CharField, QuerySet
from django.db.models.expressions import RawSQL

from delivery.core.ahead import TeamAhead, WorkAhead
from delivery.core.counterfactual import Ahead
from delivery.core.kept import team_json, team_of, work_json, work_of
from delivery.inputs import Inputs
from delivery.models import TeamOutlook
from delivery.promise_facts import FRESH_DAYS

OUTLOOK_VERSION: Final = 1
"""Raised when what is written down of a team changes: older rows are then made again."""


@dataclass(frozen=True, slots=True, eq=False)
class Outlooks:
    """The latest outlook of every team; ``day`` is that of the newest of them, None without any."""

    inputs: Inputs
    day: date | None


def seed_of_day(day: date) -> int:
    """All forecasts of a day draw the same futures, however often they run."""
    return crc32(day.isoformat().encode())


def keep(inputs: Inputs, teams: Iterable[int], *, day: date, made: datetime) -> None:
    """Write down what lies ahead of ``teams``; today's is replaced."""
    rows = [
        TeamOutlook(team_id=team, day=day, made=made, inputs=_json(inputs, team), version=OUTLOOK_VERSION)
        for team in sorted(teams)
    ]
    TeamOutlook.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["team", "day"],
        update_fields=["made", "inputs", "version"],
    )


def _json(inputs: Inputs, team: int) -> dict[str, Any]:
    mine = [pk for pk, owner in inputs.owners.items() if owner == team]
    known = inputs.ahead.teams.get(team)
    return {
        "team": team_json(known) if known else None,
        "works": [work_json(inputs.ahead.works[pk]) for pk in mine if pk in inputs.ahead.works],
        "counts": {str(pk): list(inputs.counts[pk]) for pk in mine},
        "reasons": {str(pk): inputs.reasons[pk] for pk in mine if pk in inputs.reasons},
        "targets": {str(pk): day.isoformat() for pk in mine if (day := inputs.targets.get(pk))},
    }


def load(day: date, teams: Collection[int] | None = None) -> Outlooks:
    """What lies ahead on ``day``, of all teams or of some: the latest that is no older than a forecast may be."""
    rows = _fresh(day) if teams is None else _fresh(day).filter(team__in=teams)
    latest = list(rows.order_by("team_id", "-day").distinct("team_id"))
    return Outlooks(_inputs(latest), max((row.day for row in latest), default=None))


def stamp(day: date) -> str:
    """Another text whenever ``load`` would say something else, empty where it says nothing; one small query.

    A row's xmin is another one whenever it was written, however soon after the last time.
    """
    rows = _fresh(day).annotate(written=RawSQL("delivery_teamoutlook.xmin::text", [], output_field=CharField()))
    return ",".join(f"{pk}:{written}" for pk, written in rows.order_by("pk").values_list("pk", "written"))


def teams_with_any(day: date) -> set[int]:
    """Ids of the teams of which something is kept: also of those that have nothing open any more."""
    return set(_fresh(day).values_list("team_id", flat=True))


def _fresh(day: date) -> QuerySet[TeamOutlook]:
    return TeamOutlook.objects.filter(
        day__lte=day, day__gt=day - timedelta(days=FRESH_DAYS), version=OUTLOOK_VERSION, team__archived=False
    )


def _inputs(rows: Iterable[TeamOutlook]) -> Inputs:
    teams: dict[int, TeamAhead] = {}
    works: dict[int, WorkAhead] = {}
    reasons: dict[int, str] = {}
    owners: dict[int, int] = {}
    counts: dict[int, tuple[int, int, int]] = {}
    targets: dict[int, date] = {}
    for row in rows:
        kept: Mapping[str, Any] = row.inputs
        if kept["team"]:
            teams[row.team_id] = team_of(kept["team"])
        works |= {one["id"]: work_of(one) for one in kept["works"]}
        reasons |= {int(pk): text for pk, text in kept["reasons"].items()}
        owners |= {int(pk): row.team_id for pk in kept["counts"]}
        counts |= {int(pk): (items, done, history) for pk, (items, done, history) in kept["counts"].items()}
        targets |= {int(pk): date.fromisoformat(text) for pk, text in kept["targets"].items()}
    return Inputs(Ahead(teams, works), reasons, owners, counts, targets)
