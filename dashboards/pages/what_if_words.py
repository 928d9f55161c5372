"""Levers and what they do, in words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from dashboards import words
from dashboards.sentences import Phrase, Sentence
from delivery.core.levers import Lever, LeverKind
from delivery.core.what_if import WORTH_TELLING, Effect, Outcome
from delivery.models import Deliverable
from teams.models import OpenRole, Team

GONE: Final = "one that is gone"


@dataclass(frozen=True, slots=True)
class Names:
    """What ids are called."""

    deliverables: Mapping[int, str] = field(default_factory=dict)
    teams: Mapping[int, str] = field(default_factory=dict)
    roles: Mapping[int, str] = field(default_factory=dict)


def names(levers: Iterable[Lever], outcomes: Iterable[Outcome] = ()) -> Names:
    """The names in ``levers`` and ``outcomes``; a query for each sort that is there."""
    pulled = list(levers)
    needed = {lever.needs for lever in pulled if lever.needs}
    needed |= {one.deliverable for each in outcomes for one in each.others}
    lenders, roles = {lever.lender for lever in pulled if lever.lender}, {lever.role for lever in pulled if lever.role}
    return Names(
        dict(Deliverable.objects.filter(pk__in=needed).values_list("pk", "title")) if needed else {},
        dict(Team.objects.filter(pk__in=lenders).values_list("pk", "name")) if lenders else {},
        dict(OpenRole.objects.filter(pk__in=roles).values_list("pk", "title")) if roles else {},
    )


def doing(levers: Sequence[Lever], known: Names, today: date) -> str:
    """Moving 10 items later and putting it first."""
    return words.capital(words.listed([_DOING[lever.kind](lever, known, today) for lever in levers]))


def _people(lever: Lever, known: Names, today: date) -> str:
    who = f"{lever.people:g} {'person' if lever.people == 1 else 'people'}"
    start = f" from {words.long_day(lever.day, today)}" if lever.day else ""
    end = f" until {words.long_day(lever.until, today)}" if lever.until else ""
    if lever.lender is None:
        return f"adding {who}{start}{end}"
    return f"borrowing {who} of {known.teams.get(lever.lender, 'another team')}{start}{end}"


def _day(lever: Lever, today: date) -> str:
    return words.long_day(lever.day or today, today)


_DOING: Final[dict[LeverKind, Callable[[Lever, Names, date], str]]] = {
    LeverKind.REMOVE_SCOPE: lambda one, known, today: f"moving {words.plural(one.items, 'item')} later",
    LeverKind.ADD_SCOPE: lambda one, known, today: f"adding {words.plural(one.items, 'item')}",
    LeverKind.MOVE_DATE: lambda one, known, today: f"moving the date to {_day(one, today)}",
    LeverKind.ADD_PEOPLE: _people,
    LeverKind.PUT_FIRST: lambda one, known, today: "putting it first",
    LeverKind.UNBLOCK: lambda one, known, today: "clearing what is stuck",
    LeverKind.DROP_DEPENDENCY: lambda one, known, today: (
        f"doing without {known.deliverables.get(one.needs or 0, GONE)}"
    ),
    LeverKind.HIRE: lambda one, known, today: (
        f"filling {known.roles.get(one.role or 0, 'an open role')} on {_day(one, today)}"
    ),
}


def sentence(levers: Sequence[Lever], outcome: Outcome, known: Names, today: date) -> Sentence:
    """Moving 10 items later brings the chance of missing from about 4 in 5 to a little under even; likely done on …"""
    effect, several = outcome.subject, len(levers) > 1
    subject = Phrase(f"{doing(levers, known, today)} ")
    now, then = effect.now.missing, effect.then.missing
    end = Phrase(_likely(effect, today))
    if then is None:
        told = "leave" if several else "leaves"
        return (subject, Phrase(f"{told} no chance to tell, as no day is promised"), end)
    to = words.chance_in_words(words.percent(then))
    if now is None:
        return (subject, Phrase(f"give{'' if several else 's'} a chance of missing of "), Phrase(to, "strong"), end)
    was = words.chance_in_words(words.percent(now))
    if was == to and words.percent(now) != words.percent(then):  # the same words, not the same chance
        was, to = words.per_cent(now), words.per_cent(then)
    if was == to:
        told = "leave" if several else "leaves"
        return (subject, Phrase(f"{told} the chance of missing at "), Phrase(to, "strong"), end)
    told = "bring" if several else "brings"
    return (subject, Phrase(f"{told} the chance of missing from {was} to "), Phrase(to, "strong"), end)


def as_things_stand(missing: float | None, p50: date | None, today: date) -> Sentence:
    if missing is None:
        return (Phrase("No chance can be told as things stand. Move a lever all the same, once there is a forecast."),)
    told = Phrase(words.chance_in_words(words.percent(missing)), "strong")
    end = f"; likely done on {words.long_day(p50, today)}." if p50 else "; no end in sight within ten years."
    return (Phrase("As things stand, the chance of missing is "), told, Phrase(end))


def _likely(effect: Effect, today: date) -> str:
    day = effect.then.p50
    return f"; likely done on {words.long_day(day, today)}." if day else "; no end in sight within ten years."


def uncertainty(effect: Effect) -> str:
    """How sure the change is: of the simulation, not of the world."""
    if effect.low is None or effect.high is None or effect.change is None:
        return ""
    low, high = sorted((effect.low, effect.high))
    if round(100 * low) == round(100 * high):
        return f"In 19 of 20 cases the change is {_signed(low)} points, as far as the model goes."
    return (
        f"In 19 of 20 cases the change is between {_signed(low)} and {_signed(high)} points, as far as the model goes."
    )


def _signed(change: float) -> str:
    whole = round(100 * change)
    return f"{'+' if whole > 0 else ''}{words.number(whole)}"


def others(outcome: Outcome, known: Names) -> tuple[str, ...]:
    """This makes 2 others worse: Cold-start, up 9 points; Attribution, up 3 points."""
    told = [(one, one.change or 0.0) for one in outcome.others if abs(one.change or 0.0) >= WORTH_TELLING]
    worse = [_moved(one, known) for one, change in told if change > 0]
    better = [_moved(one, known) for one, change in told if change < 0]
    said = []
    for found, how in ((worse, "worse"), (better, "better")):
        if found:
            said.append(f"This makes {_count(len(found))} {how}: {'; '.join(found)}.")
    return tuple(said)


def _count(count: int) -> str:
    small = {1: "one other", 2: "two others", 3: "three others"}
    return small.get(count, f"{count} others")


def _moved(effect: Effect, known: Names) -> str:
    title = known.deliverables.get(effect.deliverable, GONE)
    rise = words.points(effect.then.missing or 0.0, effect.now.missing or 0.0)
    if rise == 0:
        return f"{title}, by about a point"
    return f"{title}, {words.moved(rise)}"


def from_to(effect: Effect) -> str:
    """81% → 34%."""
    return f"{words.per_cent(effect.now.missing)} → {words.per_cent(effect.then.missing)}"
