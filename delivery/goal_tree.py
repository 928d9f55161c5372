"""Every goal as it stands on a day: progress, forecast and declared status beside each other, and what does not fit.

A fixed number of queries for any number of goals.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final, NamedTuple

from django.db.models import Count, F, Q, QuerySet

from delivery import access
from delivery.core.chance import Level, level_of
from delivery.core.key_results import goal_score, progress, shortfall
from delivery.core.measure import Measure
from delivery.due_check_ins import STALE
from delivery.last_words import Word, last_words
from delivery.models import Deliverable, Goal, GoalForecast, KeyResult
from delivery.promise_facts import FRESH_DAYS
from people.access import User

LAST: Final = timedelta(days=1)
_PLAIN: Final = (
    *("slug", "title", "level", "team_id", "group_id", "owner_id", "start", "end", "ambition", "confidential"),
)


@dataclass(frozen=True, slots=True)
class GoalStanding:
    """A goal on a day. ``chance`` that everything it rests on is done by its end, None with ``reason``.

    ``computed`` is the level of that chance; ``deliverables`` are its own, open or delivered; ``work`` also counts those
    of the goals below it. ``short`` says in sentences why what is below cannot add up to it.
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
    chance: float | None
    reason: str
    computed: Level
    said: Word | None
    stale: bool
    deliverables: int
    work: int
    children: int
    short: tuple[str, ...]

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

    ``within`` narrows which goals are told of, such as those of a period. ``children`` are counted among these; work, and
    whether what is below adds up, among all that stand below them, also of other times and out of the reader’s sight.
    """
    seen = access.visible_goals(user).filter(within or Q(), Q(dropped=None) | Q(dropped__gt=day)).order_by()
    rows = _rows(seen)
    family, results = _family(rows, day), _adding_up(seen, day)
    chances, said = _chances(seen, day), last_words(seen, day)
    parts = _parts(results)
    return [
        _standing(row, family, results.get(row["pk"], ()), parts, chances.get(row["pk"]), said.get(row["pk"]), day)
        for row in rows
    ]


def scores(found: Iterable[GoalStanding]) -> dict[int, Measure]:
    """How far each of the goals has come, by its id: the mean of its key results (METRICS.md "Plans"); one query."""
    ids = [one.id for one in found]
    results = _key_results(KeyResult.objects.filter(goal__in=ids).order_by())
    return {pk: goal_score([progress(one.start, one.target, one.current) for one in results.get(pk, ())]) for pk in ids}


def running(day: date) -> Q:
    """Goals whose period holds ``day``."""
    return Q(start__lte=day, end__gt=day)


def unserving(user: User, *, day: date) -> QuerySet[Deliverable]:
    """Open deliverables that serve no goal."""
    rows = access.visible_deliverables(user).filter(goals=None, start__lte=day)
    rows = rows.filter(Q(delivered=None) | Q(delivered__gt=day), Q(dropped=None) | Q(dropped__gt=day))
    return rows.select_related("team", "owner").order_by("title", "pk")


def _rows(seen: QuerySet[Goal]) -> list[dict[str, Any]]:
    related = {"owner_name": F("owner__name"), "team_name": F("team__name"), "team_slug": F("team__slug")}
    related |= {"group_name": F("group__name"), "group_slug": F("group__slug"), "team_group": F("team__group__slug")}
    rank = {"company": 0, "group": 1, "team": 2}
    rows = seen.values("pk", "parent_id", *_PLAIN, **related)
    return sorted(rows, key=lambda row: (rank[row["level"]], row["end"], row["title"], row["pk"]))


class _KeyResult(NamedTuple):
    id: int
    goal: int
    position: int
    title: str
    start: float
    target: float
    current: float | None
    counts_towards: int | None


def _adding_up(seen: QuerySet[Goal], day: date) -> dict[int, list[_KeyResult]]:
    """The key results that others count towards, and those others, by their goal; these also of goals that the reader
    may not see, or the sum would be wrong.
    """
    wholes = KeyResult.objects.filter(counts_towards__isnull=False).order_by().values("counts_towards")
    own = KeyResult.objects.filter(goal__in=seen.values("pk"), pk__in=wholes).order_by()
    counted = Q(goal__dropped=None) | Q(goal__dropped__gt=day)
    theirs = KeyResult.objects.filter(counted, counts_towards__goal__in=seen.values("pk")).order_by()
    return _key_results(own.union(theirs))  # two plans: an "or" would read every key result


def _key_results(rows: QuerySet[KeyResult]) -> dict[int, list[_KeyResult]]:
    found: dict[int, list[_KeyResult]] = {}
    names = ("pk", "goal_id", "position", "title", "start", "target", "current", "counts_towards_id")
    for row in map(_KeyResult._make, rows.values_list(*names)):
        found.setdefault(row.goal, []).append(row)
    return found


def _chances(seen: QuerySet[Goal], day: date) -> dict[int, tuple[float | None, str]]:
    rows = GoalForecast.objects.filter(
        goal__in=seen.values("pk"), day__lte=day, day__gt=day - timedelta(days=FRESH_DAYS)
    )
    latest = rows.order_by("goal_id", "-day").distinct("goal_id").values_list("goal_id", "chance", "reason")
    return {pk: (chance, reason) for pk, chance, reason in latest}


class _Kin(NamedTuple):
    """A goal as far as others need to know of it: with how many deliverables serve it, dropped ones apart."""

    id: int
    parent: int | None
    title: str
    ambition: str
    start: date
    end: date
    deliverables: int


@dataclass(frozen=True, slots=True)
class _Family:
    """By the id of a goal: all right below it, how much work it has itself, and with all below it; and who is told of."""

    below: Mapping[int, Sequence[_Kin]]
    own: Mapping[int, int]
    work: Mapping[int, int]
    told: Set[int]


def _family(rows: Sequence[Mapping[str, Any]], day: date) -> _Family:
    """Two queries: what is below a goal lies within its period, so nothing outside all of these is asked for."""
    told = {row["pk"] for row in rows}
    kin = list(_kin(min(row["start"] for row in rows), max(row["end"] for row in rows), day)) if rows else []
    below: dict[int, list[_Kin]] = {}
    for one in kin:
        if one.parent is not None:
            below.setdefault(one.parent, []).append(one)
    own, work = {one.id: one.deliverables for one in kin}, dict[int, int]()
    for one in kin:
        work[one.id] = _work(one, below, work, set())
    return _Family(below, own, work, told)


def _kin(start: date, end: date, day: date) -> Iterable[_Kin]:
    rows = Goal.objects.filter(Q(dropped=None) | Q(dropped__gt=day), start__gte=start, end__lte=end).order_by()
    links = Deliverable.goals.through.objects.filter(goal__in=rows.values("pk"), deliverable__dropped=None)
    counts = dict(links.order_by().values_list("goal_id").annotate(Count("pk")))
    for row in rows.values_list("pk", "parent_id", "title", "ambition", "start", "end"):
        yield _Kin(*row, counts.get(row[0], 0))


def _work(one: _Kin, below: Mapping[int, Sequence[_Kin]], known: dict[int, int], seen: set[int]) -> int:
    if one.id in known or one.id in seen:
        return known.get(one.id, 0)
    seen.add(one.id)
    return one.deliverables + sum(_work(child, below, known, seen) for child in below.get(one.id, ()))


def _standing(
    row: Mapping[str, Any],
    family: _Family,
    results: Sequence[_KeyResult],
    parts: Mapping[int, Sequence[_KeyResult]],
    forecast: tuple[float | None, str] | None,
    said: Word | None,
    day: date,
) -> GoalStanding:
    chance, reason = forecast or (None, "There is no forecast of the last 3 days.")
    children = family.below.get(row["pk"], ())
    runs = row["start"] <= day < row["end"]
    return GoalStanding(
        id=row["pk"],
        whose=row["team_name"] or row["group_name"] or "Company",
        team_slug=row["team_slug"] or "",
        group_slug=row["group_slug"] or row["team_group"] or "",
        owner=row["owner_name"] or "",
        parent=row["parent_id"] if row["parent_id"] in family.told else None,
        chance=chance,
        reason=reason,
        computed=level_of(chance),
        said=said,
        stale=runs and day - (said.day if said else row["start"]) >= STALE,
        deliverables=family.own.get(row["pk"], 0),
        work=family.work.get(row["pk"], 0),
        children=sum(one.id in family.told for one in children),
        short=tuple(_shortfalls(row, children, family.told, results, parts)) if children else (),
        **{name: row[name] for name in _PLAIN},
    )


def _parts(results: Mapping[int, Sequence[_KeyResult]]) -> dict[int, list[_KeyResult]]:
    found: dict[int, list[_KeyResult]] = {}
    for own in results.values():
        for one in own:
            if one.counts_towards:
                found.setdefault(one.counts_towards, []).append(one)
    return found


def _shortfalls(
    row: Mapping[str, Any],
    children: Sequence[_Kin],
    told: Set[int],
    own: Sequence[_KeyResult],
    parts: Mapping[int, Sequence[_KeyResult]],
) -> Iterable[str]:
    """Why what is below cannot add up to it."""
    committed, stretch = Goal.Ambition.COMMITTED, Goal.Ambition.STRETCH
    if row["ambition"] == committed and all(each.ambition == stretch for each in children):
        yield "It is committed, and every goal below it is a stretch."
    outside = [each for each in children if each.start < row["start"] or each.end > row["end"]]
    if outside:
        named = next((f"“{each.title}”" for each in outside if each.id in told), "A goal")
        yield f"{named} below it lies outside its period."
    for each in sorted(own, key=lambda one: (one.position, one.id)):
        mine = parts.get(each.id, ())
        missing = shortfall(each.start, each.target, [(part.start, part.target) for part in mine]) if mine else 0.0
        if missing:
            yield f"What counts towards “{each.title}” falls {missing:,.6g} short of its {each.target:,.6g}."
