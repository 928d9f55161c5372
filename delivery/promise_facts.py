"""The facts that promises are made of, loaded for any number of deliverables in a fixed number of queries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final, NamedTuple

from django.db.models import OuterRef, Q, QuerySet, Subquery

from delivery import access, scoped
from delivery.last_words import last_words
from delivery.models import Commitment, Deliverable, Forecast
from people.access import User

FRESH_DAYS: Final = 3
"""A forecast stands for its day and the two after it."""


class Said(NamedTuple):
    """The owner's last word."""

    status: str
    confidence: int | None
    day: date | None
    reason: str = ""  # why it differs from the forecast


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of some deliverables, by the deliverable's id."""

    commitments: dict[int, list[tuple[date, date]]]  # (given, target), oldest first
    now: dict[int, Forecast]
    before: dict[int, float | None]  # the chance a week earlier
    check_ins: dict[int, Said]
    counts: dict[int, scoped.Counts]
    goals: dict[int, tuple[int, str]]  # (id, title)
    waits_for: dict[int, list[str]] = field(default_factory=dict)
    waited_for_by: dict[int, list[str]] = field(default_factory=dict)


def load_facts(user: User, rows: Sequence[Deliverable], day: date) -> Facts:
    """What ``user`` may see of ``rows`` as of ``day``, in a fixed number of queries."""
    ids = [row.pk for row in rows]
    commitments: dict[int, list[tuple[date, date]]] = {}
    given = Commitment.objects.as_of(day).filter(deliverable__in=ids).order_by("given", "id")
    for pk, on, target in given.values_list("deliverable_id", "given", "target"):
        commitments.setdefault(pk, []).append((on, target))
    waits_for, waited_for_by = _dependencies(ids, day)
    return Facts(
        commitments=commitments,
        now={row.deliverable_id: row for row in latest_forecasts(ids, day)},
        before=dict(latest_forecasts(ids, day - timedelta(weeks=1)).values_list("deliverable_id", "chance")),
        check_ins=_last_words(ids, day),
        counts=scoped.count({row.pk: row.team.timezone for row in rows}, _first_days(commitments), day),
        goals=_first_goals(user, ids),
        waits_for=waits_for,
        waited_for_by=waited_for_by,
    )


def _first_days(commitments: dict[int, list[tuple[date, date]]]) -> dict[int, date]:
    return {pk: given[0][0] for pk, given in commitments.items()}


def promised_day(day: date) -> Subquery:
    """The promised day as it stands on ``day``, to annotate deliverables with; null where none was promised by then."""
    given = Commitment.objects.as_of(day).filter(deliverable=OuterRef("pk")).order_by("-given", "-id")
    return Subquery(given.values("target")[:1])


def latest_forecasts(ids: Sequence[int], day: date) -> QuerySet[Forecast]:
    """The forecast that stands for ``day`` of each deliverable that has one."""
    rows = Forecast.objects.filter(deliverable__in=ids, day__lte=day, day__gt=day - timedelta(days=FRESH_DAYS))
    return rows.order_by("deliverable_id", "-day").distinct("deliverable_id")


def _last_words(ids: Sequence[int], day: date) -> dict[int, Said]:
    found = last_words(Deliverable.objects.filter(pk__in=ids), day)
    return {pk: Said(one.status, one.confidence, one.day, one.reason) for pk, one in found.items()}


def _first_goals(user: User, ids: Sequence[int]) -> dict[int, tuple[int, str]]:
    """The first goal that each deliverable serves and ``user`` may see."""
    links = Deliverable.goals.through.objects.filter(deliverable__in=ids, goal__in=access.visible_goals(user))
    first = links.order_by("deliverable_id", "id").distinct("deliverable_id")
    return {pk: (goal, title) for pk, goal, title in first.values_list("deliverable_id", "goal_id", "goal__title")}


def _dependencies(ids: Sequence[int], day: date) -> tuple[dict[int, list[str]], dict[int, list[str]]]:
    """Titles of the open deliverables that each waits for, and of those that wait for it."""
    waits_for: dict[int, list[str]] = {}
    waited_for_by: dict[int, list[str]] = {}
    edges = (
        Deliverable.depends_on.through.objects.filter(Q(from_deliverable__in=ids) | Q(to_deliverable__in=ids))
        .filter(_open("from_deliverable__", day), _open("to_deliverable__", day))
        .order_by("from_deliverable__title", "to_deliverable__title", "id")
    )
    for waiting, waiting_title, needed, needed_title in edges.values_list(
        "from_deliverable", "from_deliverable__title", "to_deliverable", "to_deliverable__title"
    ):
        waits_for.setdefault(waiting, []).append(needed_title)
        waited_for_by.setdefault(needed, []).append(waiting_title)
    return waits_for, waited_for_by


def _open(prefix: str, day: date) -> Q:
    ends = ("delivered", "dropped")
    return Q(*(Q(**{f"{prefix}{end}__isnull": True}) | Q(**{f"{prefix}{end}__gt": day}) for end in ends))
