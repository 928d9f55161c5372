"""What lies ahead of a team, written down and read again: plain JSON, so that a forecast can be made again from it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import numpy as np

from delivery.core.ahead import (
    FLAGS,
    Found,
    Habit,
    Role,
    Steps,
    TeamAhead,
    WorkAhead,
    open_items,
)
from delivery.core.calibration import Correction, Marks
from delivery.core.pace import Pace

Json = dict[str, Any]


def team_json(team: TeamAhead) -> Json:
    """A team, without its deliverables."""
    return {
        "id": team.id,
        "leads": [round(float(lead), 2) for lead in team.leads],
        "pace": [team.pace.level, team.pace.variance, team.pace.mean] if team.pace else None,
        "size": team.size,
        "holidays": sorted(day.isoformat() for day in team.holidays),
        "shared": {str(person): part for person, part in team.shared.items()},
        "roles": [[one.id, one.start.isoformat(), one.part, one.ramp_weeks] for one in team.roles],
        "reviews": [team.reviews.now, team.reviews.usual],
        "unplanned": [team.unplanned.now, team.unplanned.usual],
    }


def team_of(kept: Mapping[str, Any]) -> TeamAhead:
    """The reverse of ``team_json``."""
    return TeamAhead(
        id=kept["id"],
        leads=np.array(kept["leads"], dtype=np.float64),
        pace=Pace(*kept["pace"]) if kept["pace"] else None,
        size=kept["size"],
        holidays=frozenset(date.fromisoformat(day) for day in kept["holidays"]),
        shared={int(person): part for person, part in kept["shared"].items()},
        roles=tuple(Role(pk, date.fromisoformat(start), part, weeks) for pk, start, part, weeks in kept["roles"]),
        reviews=Habit(*kept["reviews"]),
        unplanned=Habit(*kept["unplanned"]),
    )


def work_json(work: WorkAhead) -> Json:
    """A deliverable."""
    correction, items = work.correction, work.items
    return {
        **{name: getattr(work, name) for name in PLAIN},
        **{name: list(getattr(work, name)) if getattr(work, name) else None for name in PAIRS},
        "target": work.target.isoformat() if work.target else None,
        "ages": [round(float(age), 2) for age in items.ages],
        "ids": list(items.ids),
        **{name: np.flatnonzero(getattr(items, name)).tolist() for name in FLAGS},
        "found": [work.found.known, work.found.recent],
        "found_before": [work.found_before.known, work.found_before.recent],
        "correction": [correction.shift, *correction.slopes, correction.scale, correction.n],
        "marks": list(work.marks),
        "needs": list(work.needs),
        "away": list(work.away),
        "steps": _steps_json(work.steps),
        "full": _steps_json(work.full),
    }


def work_of(kept: Mapping[str, Any]) -> WorkAhead:
    """The reverse of ``work_json``."""
    shift, size, started, scale, n = kept["correction"]
    pairs = {name: tuple(kept[name]) if kept[name] else None for name in PAIRS}
    return WorkAhead(
        **{name: kept[name] for name in PLAIN},
        **pairs,  # type: ignore[arg-type]
        target=date.fromisoformat(kept["target"]) if kept["target"] else None,
        items=open_items(kept["ages"], ids=kept["ids"], **{name: _flags(kept, name) for name in FLAGS}),
        found=Found(*kept["found"]),
        found_before=Found(*kept["found_before"]),
        correction=Correction(shift, Marks(size, started), scale, n),
        marks=Marks(*kept["marks"]),
        needs=tuple(kept["needs"]),
        away=tuple(kept["away"]),
        steps=_steps_of(kept["steps"]),
        full=_steps_of(kept["full"]),
    )


PLAIN = (
    *("id", "team", "seen", "exposure", "usual_items", "scope_known"),
    *("priority", "alone", "late", "added", "at_commitment", "done"),
)
PAIRS = ("size", "attempts")


def _flags(kept: Mapping[str, Any], name: str) -> Any:
    flags = np.zeros(len(kept["ages"]), dtype=bool)
    flags[kept[name]] = True
    return flags


def _steps_json(steps: Steps) -> list[list[Any]]:
    return [[day.isoformat(), round(share, 6)] for day, share in steps]


def _steps_of(rows: list[list[Any]]) -> Steps:
    return tuple((date.fromisoformat(day), float(share)) for day, share in rows)
