"""Every deliverable as it stands on a day: the one function behind pages, API, export and digest.

A fixed number of queries for any number of deliverables. A forecast is read from its stored row, the latest one that
is no older than FRESH_DAYS; a date that moved after it is judged by the same distribution.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from datetime import date, timedelta
from typing import Any, Final

import numpy as np
from django.db.models import Exists, FilteredRelation, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Least, TruncDate

from delivery import access, scoped
from delivery.core.chance import Level, chance_by, level_of
from delivery.core.promise import Promise, Tally
from delivery.models import Commitment, Deliverable, Forecast
from delivery.promise_facts import FRESH_DAYS, Facts, Said, load_facts
from delivery.scoped import burn_up
from people.access import User
from teams.models import Team

__all__ = ["burn_up", "forecast_history", "helped_by", "ids_of_team", "of_team", "past_weeks", "promises", "tally"]

NO_FORECAST: Final = "There is no forecast of the last 3 days. The next run of the forecast makes one."
DELIVERED: Final = "It is delivered."
WEEK: Final = timedelta(weeks=1)

Week = tuple[date, dict[Level, int]]
"""A day and how many stood at each level on it."""


def promises(
    user: User,
    *,
    day: date,
    team: Team | None = None,
    ids: Iterable[int] | None = None,
    include_delivered: bool = False,
) -> list[Promise]:
    """What ``user`` may see of the deliverables known on ``day``, the one most likely to be missed first.

    ``team`` narrows to what it answers for or helps with, ``ids`` to some deliverables. Dropped ones are out.
    """
    rows = list(known_on(access.visible_deliverables(user), day, team, ids, include_delivered))
    facts = load_facts(user, rows, day)
    return sorted((_promise(row, day, facts) for row in rows), key=_most_likely_missed_first)


def helped_by(team: Team) -> set[int]:
    """Ids of the deliverables that ``team`` helps another one with."""
    return set(Deliverable.helping_teams.through.objects.filter(team=team).values_list("deliverable_id", flat=True))


def of_team(slug: str, prefix: str = "") -> Q:
    """What a team answers for or helps another one with: the one meaning of "of a team" in every filter.

    ``prefix`` leads from the filtered rows to their deliverable.
    """
    helps = Deliverable.helping_teams.through.objects.filter(deliverable=OuterRef(f"{prefix}pk"), team__slug=slug)
    return Q(**{f"{prefix}team__slug": slug}) | Q(Exists(helps))


def ids_of_team(slug: str) -> set[int]:
    """Ids of the deliverables that are ``of_team``; one query."""
    return set(Deliverable.objects.filter(of_team(slug)).values_list("pk", flat=True))


def tally(found: Iterable[Promise], *, day: date, past: Sequence[Week] = ()) -> Tally:
    """How many promises stand at each level on ``day``, a week earlier and in each of the ``past_weeks``.

    Delivered ones are no longer counted, but stay in the numbers of the days on which they were open.
    """
    now, new = dict.fromkeys(Level, 0), set()
    for promise in found:
        if promise.delivered:
            continue
        now[promise.level] += 1
        if promise.level == Level.LIKELY and promise.level_before != Level.LIKELY:
            new.add(promise.id)
    weeks = [*past, *([(day, now)] if _is_known(now) else [])]
    before = dict(past).get(day - WEEK, dict.fromkeys(Level, 0))
    return Tally(now, before, frozenset(new), tuple((on, counts[Level.LIKELY]) for on, counts in weeks))


def past_weeks(user: User, *, day: date, weeks: int = 1, ids: Collection[int] | None = None) -> list[Week]:
    """How many deliverables (of ``ids``, where given) stood at each level on the weekday of ``day`` in the ``weeks`` before.

    Over all that were known and open that day, by the forecast stored for it; oldest first, one query. A week without
    any forecast is left out: no data is not zero.
    """
    days = [day - WEEK * back for back in range(weeks, 0, -1)]
    kept = FilteredRelation("forecasts", condition=Q(forecasts__day__in=_fresh_days(day - WEEK, weeks)))
    rows = access.visible_deliverables(user).annotate(known=_known_since(), kept=kept).order_by("kept__day")
    rows = rows if ids is None else rows.filter(pk__in=ids)
    told: dict[date, dict[int, Level]] = {on: {} for on in days}
    for pk, known, delivered, dropped, made, chance in rows.values_list(
        "pk", "known", "delivered", "dropped", "kept__day", "kept__chance"
    ):
        end = min(delivered or date.max, dropped or date.max)
        for on in days:
            if known <= on < end:
                fresh = made is not None and timedelta() <= on - made < timedelta(days=FRESH_DAYS)
                told[on][pk] = level_of(chance) if fresh else told[on].get(pk, Level.NONE)
    counted = ((on, dict.fromkeys(Level, 0) | Counter(told[on].values())) for on in days)
    return [(on, counts) for on, counts in counted if _is_known(counts)]


def _is_known(counts: dict[Level, int]) -> bool:
    """Whether there was any forecast at all."""
    return any(count for level, count in counts.items() if level != Level.NONE)


def forecast_history(deliverable: Deliverable, *, day: date, weeks: int = 26) -> list[Forecast]:
    """The forecast on ``day`` and on the same weekday of each week before, oldest first, at most ``weeks``.

    Where a day has none, that of up to two days earlier stands for it.
    """
    rows = Forecast.objects.filter(deliverable=deliverable, day__in=_fresh_days(day, weeks)).order_by("day")
    latest = {(day - row.day).days // 7: row for row in rows}
    return [latest[back] for back in sorted(latest, reverse=True)]


def _fresh_days(day: date, weeks: int) -> list[date]:
    """The days whose forecast may stand for ``day`` or its weekday in one of the ``weeks`` up to it."""
    return [day - timedelta(days=7 * back + late) for back in range(weeks) for late in range(FRESH_DAYS)]


def _known_since() -> Least:
    """The first day on which somebody had written a deliverable down: made, begun or promised."""
    promised = Commitment.objects.filter(deliverable=OuterRef("pk")).order_by("given").values("given")[:1]
    return Least(TruncDate("created"), "start", Subquery(promised))


def _known_by(day: date) -> Q:
    """Known since ``day`` or before; a promise is only looked for where nothing else says so."""
    promised = Commitment.objects.filter(deliverable=OuterRef("pk"), given__lte=day)
    return Q(created__date__lte=day) | Q(start__lte=day) | Q(Exists(promised))


def known_on(
    rows: QuerySet[Deliverable], day: date, team: Team | None, ids: Iterable[int] | None, delivered: bool
) -> QuerySet[Deliverable]:
    """Deliverables that somebody had written down by ``day``."""
    rows = rows.filter(_known_by(day))
    rows = rows.filter(Q(dropped__isnull=True) | Q(dropped__gt=day))
    if team:
        rows = rows.filter(of_team(team.slug))
    if ids is not None:
        rows = rows.filter(pk__in=list(ids))
    if not delivered:
        rows = rows.filter(Q(delivered__isnull=True) | Q(delivered__gt=day))
    return rows.select_related("team__group", "owner")


def _promise(row: Deliverable, day: date, facts: Facts) -> Promise:
    given = facts.commitments.get(row.pk, [])
    target = given[-1][1] if given else None
    counts = facts.counts.get(row.pk, scoped.Counts())
    said = facts.check_ins.get(row.pk, Said("", None, None))
    goal_id, goal = facts.goals.get(row.pk, (None, ""))
    delivered = row.delivered if row.delivered and row.delivered <= day else None
    return Promise(
        id=row.pk,
        title=row.title,
        kind=row.kind,
        day=day,
        team=row.team.name,
        team_slug=row.team.slug,
        group=row.team.group.name,
        group_slug=row.team.group.slug,
        owner=row.owner.name if row.owner else "",
        owner_id=row.owner_id,
        owner_initials=row.owner.initials if row.owner else "",
        goal=goal,
        goal_id=goal_id,
        start=row.start,
        target=target,
        first_target=given[0][1] if given else None,
        moves=_moves(given),
        items=counts.items,
        items_done=counts.done,
        blocked=0 if delivered else counts.blocked,
        grown=counts.grown,
        at_commitment=counts.at_commitment,
        declared=said.status,
        confidence=said.confidence,
        declared_on=said.day,
        declared_reason=said.reason,
        waits_for=tuple(facts.waits_for.get(row.pk, ())),
        waited_for_by=tuple(facts.waited_for_by.get(row.pk, ())),
        delivered=delivered,
        items_begun=counts.begun,
        last_finish=counts.last_finish,
        **_before(row.pk, facts),
        **_outlook(None if delivered else facts.now.get(row.pk), target, day, DELIVERED if delivered else NO_FORECAST),
    )


def _moves(given: list[tuple[date, date]]) -> int:
    """How often the date moved: commitments that changed it."""
    return sum(one[1] != next_one[1] for one, next_one in zip(given, given[1:], strict=False))


def _before(pk: int, facts: Facts) -> dict[str, Any]:
    """How it stood a week earlier; no level where there was no forecast row."""
    if pk not in facts.before:
        return {"missing_before": None, "level_before": None}
    chance = facts.before[pk]
    return {"missing_before": None if chance is None else 1 - chance, "level_before": level_of(chance)}


def _outlook(now: Forecast | None, target: date | None, day: date, no_forecast: str) -> dict[str, Any]:
    """The fields of a promise that its forecast says."""
    chance = chance_now(now, target)
    return {
        "missing": None if chance is None else 1 - chance,
        "level": level_of(chance),
        "p50": now.p50 if now else None,
        "p85": now.p85 if now else None,
        "p95": now.p95 if now else None,
        "quantiles": _from_day(now, day),
        "reason": no_forecast if now is None else now.reason,
        "forecast_made": now.made if now else None,
        "trials": now.trials if now else None,
    }


def chance_now(row: Forecast | None, target: date | None) -> float | None:
    """The chance to make ``target``: as stored, or of the same distribution where the date moved since."""
    if row is None or target is None or not row.quantiles:
        return None
    if row.target == target and row.chance is not None:
        return row.chance
    days = np.array([np.inf if value is None else value for value in row.quantiles])
    return chance_by(days, (target - row.day).days)


def _from_day(row: Forecast | None, day: date) -> tuple[float | None, ...]:
    """The row's quantiles, counted from ``day`` instead of from its own day."""
    if row is None:
        return ()
    late = (day - row.day).days
    if not late:
        return tuple(row.quantiles)
    return tuple(None if value is None else max(value - late, 0.0) for value in row.quantiles)


def _most_likely_missed_first(promise: Promise) -> tuple[bool, float, date, str, int]:
    return (
        promise.missing is None,
        -(promise.missing or 0),
        promise.target or date.max,
        promise.title,
        promise.id,
    )
