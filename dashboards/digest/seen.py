"""What a digest is made from: everything one may see of a day, loaded once for all who see the same."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from django.db.models import Q

from dashboards.charts.driver_words import told
from dashboards.charts.waterfall import WORTH_A_BAR
from dashboards.digest.readers import Reader
from dashboards.pages.accuracy import came_true, too_few
from dashboards.pages.freshness import Freshness, freshness, source_ages
from delivery import access
from delivery import promises as plans
from delivery.accuracy import Accuracy, accuracy
from delivery.bets import decided_between
from delivery.core.chance import Level
from delivery.core.drivers import Cause, Share, from_json
from delivery.core.promise import Promise, Tally
from delivery.followed import Followed, followed, ids_followed
from delivery.goal_tree import GoalStanding, goals, running
from delivery.models import Action, Bet, Deliverable, Forecast, Goal, Risk
from delivery.needs import somebody
from delivery.promise_facts import FRESH_DAYS
from delivery.slips import Move, moves
from people.access import User

DAY: Final = timedelta(days=1)
WEEK: Final = timedelta(weeks=1)
IN_DANGER: Final = (Level.LIKELY, Level.AT_RISK)
AWAY: Final = "People away before the date"
"""Said of who is away: never how many, or whose work it is."""


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """All of a day as somebody sees it. ``promises``: open ones, and what was delivered in the week before.

    The week before is the seven days that ended when ``day`` began: a digest is made in the morning, and what is dated
    later that day is in next week’s.
    """

    day: date
    promises: list[Promise]
    goals: list[GoalStanding]
    moves: list[Move]
    dropped: dict[int, str]  # titles by id, of the week before
    drivers: Mapping[int, str]
    actions: Mapping[int, Action]
    risks: list[Risk]
    bets: list[Bet]  # decided in the week before
    record: str
    freshness: Freshness | None  # None of a day that is over: nobody kept it
    asked: frozenset[int]  # of whom something may be asked though they run no team

    @property
    def open(self) -> list[Promise]:
        return [one for one in self.promises if one.delivered is None]


@dataclass(frozen=True, slots=True, eq=False)
class Portfolio:
    """The part of it that a reader follows."""

    seen: Seen
    meant: Followed
    ids: frozenset[int] | None
    promises: list[Promise]
    delivered: list[Promise]
    tally: Tally

    def has(self, deliverable: int) -> bool:
        return self.ids is None or deliverable in self.ids


Sight = tuple[date, frozenset[int]]


def sight_of(user: User, day: date, confidential: Mapping[int, int | None]) -> Sight:
    """Whoever has the same sees the same: which ``confidential`` goals (their owners by id); queries only of whose line
    it is.
    """
    owners = access.owners_seen(user)
    return day, frozenset(pk for pk, owner in confidential.items() if owners is None or owner in owners)


def see(user: User, *, now: datetime, day: date, today: date) -> Seen:
    """A fixed number of queries."""
    found = plans.promises(user, day=day, include_delivered=True)
    kept = [one for one in found if one.delivered is None or day - WEEK <= one.delivered < day]
    danger = [one for one in kept if one.level in IN_DANGER and one.delivered is None]
    dropped = access.visible_deliverables(user).filter(dropped__gte=day - WEEK, dropped__lt=day)
    record = accuracy(user, day=day) if day == today else None
    return Seen(
        day=day,
        promises=kept,
        goals=goals(user, day=day, within=running(day)),
        moves=[one for one in moves(user, day=day, since=day - WEEK) if one.given < day],
        dropped=dict(dropped.values_list("pk", "title")),
        drivers=_drivers(danger, day),
        actions=_actions(user, danger, day),
        risks=_register(user) if day == today else [],
        bets=list(decided_between(user, day - WEEK - DAY, day - DAY)),
        record=_record(record) if record else "",
        freshness=freshness(source_ages(user, now), now) if day == today else None,
        asked=somebody(day=day) if day == today else frozenset(),
    )


def follow(seen: Seen, reader: Reader) -> Portfolio:
    """What of it ``reader`` follows; at most five queries."""
    groups, teams = reader.slugs
    meant = followed(groups, teams)
    ids = ids_followed(meant)
    mine = [one for one in seen.promises if ids is None or one.id in ids]
    past = plans.past_weeks(reader.user, day=seen.day, ids=ids)
    return Portfolio(
        seen=seen,
        meant=meant,
        ids=None if ids is None else frozenset(ids),
        promises=[one for one in mine if one.delivered is None],
        delivered=sorted((one for one in mine if one.delivered), key=lambda one: (one.delivered, one.title)),
        tally=plans.tally(mine, day=seen.day, past=past),
    )


def _record(found: Accuracy) -> str:
    """In one line how often forecasts came true, as the Accuracy page says it."""
    return "".join(one.text for one in came_true(found.shown, found.hindcasts)) or too_few(found.shown)


def _drivers(danger: Iterable[Promise], day: date) -> dict[int, str]:
    """The cause that raises each chance most, in the words of the deliverable's page; two queries."""
    missing = {one.id: one.missing for one in danger}
    rows = Forecast.objects.filter(deliverable__in=missing, day__lte=day, day__gt=day - timedelta(days=FRESH_DAYS))
    rows = rows.order_by("deliverable_id", "-day").distinct("deliverable_id")
    tops: dict[int, Share] = {}
    for pk, kept in rows.values_list("deliverable_id", "drivers"):
        parts = from_json(kept)
        if parts is None or abs(parts.missing - (missing[pk] or 0)) >= 0.005:
            continue
        top = max(parts.shares, key=lambda one: one.share, default=None)
        if top is not None and top.share >= WORTH_A_BAR:
            tops[pk] = top
    needed = {one for share in tops.values() for one in share.facts.get("needs") or ()}
    titles = dict(Deliverable.objects.filter(pk__in=needed).values_list("pk", "title"))
    return {pk: AWAY if _is_away(share) else told(share, titles).name for pk, share in tops.items()}


def _is_away(share: Share) -> bool:
    """That its work hangs on one person is of the same cause, and nobody need be away for it."""
    lost = share.facts.get("days_lost") or 0
    return share.cause == Cause.ABSENCE and bool(share.facts.get("people")) and lost > 0


def _actions(user: User, danger: Iterable[Promise], day: date) -> dict[int, Action]:
    """What is done about each on ``day``: what was started before what is proposed, what is due first; one query."""
    ids = {one.id for one in danger}
    about_them = Q(deliverable__in=ids) | Q(risk__deliverable__in=ids)
    rows = access.visible_actions(user).filter(about_them, chosen__lte=day).exclude(ended__lte=day)
    rows = rows.select_related("owner", "risk")
    found: dict[int, Action] = {}
    for row in sorted(rows, key=lambda one: (one.state == Action.State.PROPOSED, one.due, one.pk)):
        about = row.deliverable_id or (row.risk.deliverable_id if row.risk else None)
        if about in ids:
            found.setdefault(about, row)
    return found


def _register(user: User) -> list[Risk]:
    """Open risks of goals and teams: those of deliverables are told with the deliverable. Two queries."""
    rows = access.visible_risks(user).exclude(state=Risk.State.CLOSED).filter(deliverable=None)
    return list(rows.select_related("goal__team", "team", "owner").prefetch_related("actions"))


Look = Callable[[Reader], Portfolio]


def looking(*, now: datetime, day: date, today: date) -> Look:
    """A look for many readers: what some of them see alike is loaded once."""
    seen: dict[Sight, Seen] = {}
    known: dict[tuple[Sight, object], Portfolio] = {}
    confidential = dict(Goal.objects.filter(confidential=True).values_list("pk", "owner"))

    def look(reader: Reader) -> Portfolio:
        sight = sight_of(reader.user, day, confidential)
        key = sight, reader.slugs
        if key not in known:
            if sight not in seen:
                seen[sight] = see(reader.user, now=now, day=day, today=today)
            known[key] = follow(seen[sight], reader)
        return known[key]

    return look
