"""The slip ledger: every time that a promised day moved, with its cause; counted by team, cause and quarter."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby, pairwise

from delivery import access
from delivery.core.commitments import as_first_written, standing
from delivery.models import Commitment
from people.access import User


@dataclass(frozen=True, slots=True)
class Move:
    """A promised day that moved on ``given``; ``days`` later, or earlier where it is negative (METRICS.md "Slip")."""

    id: int
    deliverable: int
    title: str
    team: str
    team_slug: str
    given: date
    before: date
    after: date
    cause: str
    note: str
    by: str

    @property
    def days(self) -> int:
        return (self.after - self.before).days


def moves(user: User, *, day: date, since: date | None = None, team: str = "") -> list[Move]:
    """Every move that counts on ``day``, the newest first; one query. ``since`` and ``team`` (a slug) narrow."""
    rows = access.visible_commitments(user).filter(given__lte=day)
    if team:
        rows = rows.filter(deliverable__team__slug=team)
    rows = rows.select_related("deliverable__team", "by").order_by("deliverable_id", "given", "pk")
    found = [
        _move(before, after, as_first_written(after, given))
        for _, rows_of_one in groupby(rows, lambda one: one.deliverable_id)
        for given in [list(rows_of_one)]
        for before, after in pairwise(standing(given, day))
        if before.target != after.target and (since is None or after.given >= since)
    ]
    return sorted(found, key=lambda one: (one.given, one.id), reverse=True)


def _move(before: Commitment, after: Commitment, first: Commitment) -> Move:
    """``first``: the entry that ``after`` corrects, if it does: it says why the day moved, and who moved it."""
    return Move(
        id=after.pk,
        deliverable=after.deliverable_id,
        title=after.deliverable.title,
        team=after.deliverable.team.name,
        team_slug=after.deliverable.team.slug,
        given=after.given,
        before=before.target,
        after=after.target,
        cause=after.cause,
        note=first.note,
        by=first.by.name if first.by else "",
    )


@dataclass(frozen=True, slots=True)
class Counted:
    """How often days moved, and by how many days in all."""

    moves: int = 0
    days: int = 0


def ledger(found: Iterable[Move]) -> dict[tuple[str, str], Counted]:
    """Moves by (the team’s slug, cause); a cause that nobody gave is empty."""
    counts: dict[tuple[str, str], Counted] = {}
    for one in found:
        key = one.team_slug, one.cause
        before = counts.get(key, Counted())
        counts[key] = Counted(before.moves + 1, before.days + one.days)
    return counts


def total(found: Sequence[Move]) -> Counted:
    return Counted(len(found), sum(one.days for one in found))
