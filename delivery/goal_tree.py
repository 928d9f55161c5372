"""Every goal as it stands on a day: progress, forecast and declared status beside each other, and what does not fit.

A fixed number of queries for any number of goals.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, Final

from django.db.models import Count, F, Q, QuerySet

from delivery import access
from delivery.core.chance import Level, level_of
from delivery.core.key_results import goal_score, progress, shortfall
from delivery.core.measure import Measure
from delivery.due_check_ins import STALE
from delivery.models import CheckIn, Deliverable, Goal, GoalForecast, KeyResult
from delivery.promise_facts import FRESH_DAYS
from people.access import User

LAST: Final = timedelta(days=1)
_PLAIN: Final = (
    *("slug", "title", "level", "team_id", "group_id", "owner_id", "start", "end", "ambition", "confidential"),
)


@dataclass(frozen=True, slots=True)
class Said:
    """The last word on a goal."""

    status: str
    confidence: int | None
    day: date
    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class GoalStanding:
    """A goal on a day. ``chance`` that everything it rests on is done by its end, None with ``reason``.

    ``deliverables`` are its own, open or delivered; ``work`` also counts those of the goals below it. ``short`` says in
    sentences why what is below cannot add up to it.
    """

    id: int
    slug: str
    title: str
    level: str
    whose: str
    team_id: int | None
    group_id: int | None
    team_slug: str
    group_slug: str
    owner: str
    owner_id: int | None
    parent: int | None
    start: date
    end: date
    ambition: str
    confidential: bool
    score: Measure
    chance: float | None
    reason: str
    said: Said | None
    stale: bool
    deliverables: int
    work: int = 0
    children: int = 0
    short: tuple[str, ...] = ()

    @property
    def computed(self) -> Level:
        return level_of(self.chance)

    @property
    def gap(self) -> float | None:
        """Declared confidence less the chance, 0-1; None where either is missing (METRICS.md "Disagreement")."""
        if self.said is None or self.said.confidence is None or self.chance is None:
            return None
        return self.said.confidence / 100 - self.chance

    @property
    def last_day(self) -> date:
        return self.end - LAST


def goals(user: User, *, day: date, within: Q | None = None) -> list[GoalStanding]:
    """The goals that ``user`` may see and that are not dropped, by level, end and title; six queries.

    ``within`` narrows which goals are told of, such as those of a period; children and work are counted among them.
    """
    rows = _rows(access.visible_goals(user).filter(within or Q(), Q(dropped=None) | Q(dropped__gt=day)))
    ids = [row["pk"] for row in rows]
    results = _key_results(ids)
    scores = {
        pk: goal_score(progress(one.start, one.target, one.current) for one in own) for pk, own in results.items()
    }
    chances, said = _chances(ids, day), _said(ids, day)
    found = [_standing(row, scores, chances, said, day) for row in rows]
    return _related(found, results)


def running(day: date) -> Q:
    """Goals whose period holds ``day``."""
    return Q(start__lte=day, end__gt=day)


def unserving(user: User, *, day: date) -> QuerySet[Deliverable]:
    """Open deliverables that serve no goal."""
    rows = access.visible_deliverables(user).filter(goals=None, start__lte=day)
    rows = rows.filter(Q(delivered=None) | Q(delivered__gt=day), Q(dropped=None) | Q(dropped__gt=day))
    return rows.select_related("team", "owner").order_by("title", "pk")


def _rows(seen: QuerySet[Goal]) -> list[dict[str, Any]]:
    count = Count("deliverables", filter=Q(deliverables__dropped=None))
    related = {"owner_name": F("owner__name"), "team_name": F("team__name"), "team_slug": F("team__slug")}
    related |= {"group_name": F("group__name"), "group_slug": F("group__slug"), "team_group": F("team__group__slug")}
    rank = {"company": 0, "group": 1, "team": 2}
    rows = seen.order_by().values("pk", "parent_id", *_PLAIN, **related, count=count)
    return sorted(rows, key=lambda row: (rank[row["level"]], row["end"], row["title"], row["pk"]))


def _key_results(ids: Sequence[int]) -> dict[int, list[KeyResult]]:
    found: dict[int, list[KeyResult]] = {}
    rows = KeyResult.objects.filter(goal__in=ids).order_by("goal_id", "position", "pk")
    for row in rows.only("goal_id", "title", "start", "target", "current", "counts_towards_id"):
        found.setdefault(row.goal_id, []).append(row)
    return found


def _chances(ids: Sequence[int], day: date) -> dict[int, tuple[float | None, str]]:
    rows = GoalForecast.objects.filter(goal__in=ids, day__lte=day, day__gt=day - timedelta(days=FRESH_DAYS))
    latest = rows.order_by("goal_id", "-day").distinct("goal_id").values_list("goal_id", "chance", "reason")
    return {pk: (chance, reason) for pk, chance, reason in latest}


def _said(ids: Sequence[int], day: date) -> dict[int, Said]:
    rows = CheckIn.objects.filter(goal__in=ids, day__lte=day).order_by("goal_id", "-day", "-id").distinct("goal_id")
    names = ("goal_id", "status", "confidence", "day", "by__name", "reason")
    return {pk: Said(status, sure, on, by or "", why) for pk, status, sure, on, by, why in rows.values_list(*names)}


def _standing(
    row: Mapping[str, Any],
    scores: Mapping[int, Measure],
    chances: Mapping[int, tuple[float | None, str]],
    said: Mapping[int, Said],
    day: date,
) -> GoalStanding:
    chance, reason = chances.get(row["pk"], (None, "There is no forecast of the last 3 days."))
    last = said.get(row["pk"])
    running = row["start"] <= day < row["end"]
    return GoalStanding(
        id=row["pk"],
        whose=row["team_name"] or row["group_name"] or "Company",
        team_slug=row["team_slug"] or "",
        group_slug=row["group_slug"] or row["team_group"] or "",
        owner=row["owner_name"] or "",
        parent=row["parent_id"],
        score=scores.get(row["pk"]) or goal_score([]),
        chance=chance,
        reason=reason,
        said=last,
        stale=running and day - (last.day if last else row["start"]) >= STALE,
        deliverables=row["count"],
        **{name: row[name] for name in _PLAIN},
    )


def _related(found: Sequence[GoalStanding], results: Mapping[int, Sequence[KeyResult]]) -> list[GoalStanding]:
    """With what is below each goal: how many goals, how much work, and whether it can add up."""
    below: dict[int, list[GoalStanding]] = {}
    for one in found:
        if one.parent is not None:
            below.setdefault(one.parent, []).append(one)
    work: dict[int, int] = {}
    for one in found:
        work[one.id] = _work(one, below, work, set())
    parts = _parts(results)
    return [
        replace(
            one,
            parent=one.parent if one.parent in work else None,
            children=len(below.get(one.id, ())),
            work=work[one.id],
            short=tuple(_shortfalls(one, below.get(one.id, ()), results.get(one.id, ()), parts)),
        )
        for one in found
    ]


def _work(one: GoalStanding, below: Mapping[int, Sequence[GoalStanding]], known: dict[int, int], seen: set[int]) -> int:
    if one.id in known or one.id in seen:
        return known.get(one.id, 0)
    seen.add(one.id)
    return one.deliverables + sum(_work(child, below, known, seen) for child in below.get(one.id, ()))


def _parts(results: Mapping[int, Sequence[KeyResult]]) -> dict[int, list[KeyResult]]:
    found: dict[int, list[KeyResult]] = {}
    for own in results.values():
        for one in own:
            if one.counts_towards_id:
                found.setdefault(one.counts_towards_id, []).append(one)
    return found


def _shortfalls(
    one: GoalStanding,
    children: Sequence[GoalStanding],
    own: Sequence[KeyResult],
    parts: Mapping[int, Sequence[KeyResult]],
) -> Iterable[str]:
    """Why what is below cannot add up to it; nothing where nothing is below."""
    if not children:
        return
    if one.ambition == Goal.Ambition.COMMITTED and all(each.ambition == Goal.Ambition.STRETCH for each in children):
        yield "It is committed, and every goal below it is a stretch."
    outside = [each for each in children if each.start < one.start or each.end > one.end]
    if outside:
        yield f"“{outside[0].title}” below it lies outside its period."
    for each in own:
        mine = parts.get(each.pk, ())
        missing = shortfall(each.start, each.target, [(part.start, part.target) for part in mine]) if mine else 0.0
        if missing:
            yield f"What counts towards “{each.title}” falls {missing:,.6g} short of its {each.target:,.6g}."
