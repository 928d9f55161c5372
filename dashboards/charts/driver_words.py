"""Each measured cause in words that one can act on, and the measurement behind it. PURE."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

from dashboards import words
from delivery.core.drivers import Cause, Share

Facts = Mapping[str, Any]
Titles = Mapping[int, str]


class Told(NamedTuple):
    """A cause: its name on the chart, and what was measured."""

    name: str
    why: str


def told(share: Share, titles: Titles) -> Told:
    """``titles`` are of the deliverables that it may wait for. A fact that is missing is left out, never guessed."""
    return _WORDS[share.cause](share.facts, titles, share.share)


def _size(facts: Facts, titles: Titles, share: float) -> Told:
    items, left = facts.get("items_open"), facts.get("days_left")
    if items is None or left is None:
        return Told("The work against the time", "")
    if left <= 0:
        return Told(f"{words.plural(items, 'item')} open, the date is over", "The promised day has come")
    return Told(
        f"{words.plural(items, 'open item')} in {words.days(left)}",
        "The work that is left against the time that is left",
    )


def _scope(facts: Facts, titles: Titles, share: float) -> Told:
    grown, first = facts.get("grown"), facts.get("at_commitment")
    if grown is None or not first:
        return Told("Scope grew" if share > 0 else "Scope as agreed", "")
    if not grown:
        return Told("Scope as agreed", f"Still {words.plural(first, 'item')}, as when the date was set")
    verb = "grew" if grown > 0 else "shrank"
    why = f"{words.plural(first, 'item')} became {words.number(first + grown)} since the date was set"
    return Told(f"Scope {verb} {round(100 * abs(grown) / first)}%", why)


def _pace(facts: Facts, titles: Titles, share: float) -> Told:
    now, usual = facts.get("now"), facts.get("usual")
    if now is None or usual is None:
        return Told("Pace fell" if share > 0 else "Pace rose", "")
    why = "Finished items a week, against what is usual for the team"
    one, other = _rate(usual), _rate(now)
    if one == other:
        return Told(f"Pace of {other} a week", why)
    return Told(f"Pace {'fell' if now < usual else 'rose'} from {one} to {other} a week", why)


def _ageing(facts: Facts, titles: Titles, share: float) -> Told:
    blocked, old = facts.get("blocked") or 0, facts.get("old") or 0
    parts = [f"{words.number(blocked)} blocked"] if blocked else []
    parts += [f"{words.number(old)} very old"] if old else []
    if not parts:
        return Told("Nothing blocked or very old" if share <= 0 else "Blocked or very old items", "")
    counted = words.plural(blocked or old, "item").split(" ", 1)[1]
    first, *rest = parts
    head = first.replace(" ", f" {counted} ", 1)
    return Told(words.listed([head, *rest]), "Flagged, waiting for another item, or open longer than almost any was")


def _reviews(facts: Facts, titles: Titles, share: float) -> Told:
    days, usual = facts.get("days"), facts.get("usual")
    if days is None:
        return Told("Waits for reviews", "")
    why = f"Half of the first reviews took longer; {_days(usual)} is usual" if usual is not None else ""
    return Told(f"Review waits {_days(days)}", why)


def _unplanned(facts: Facts, titles: Titles, share: float) -> Told:
    now, usual = facts.get("now"), facts.get("usual")
    if now is None:
        return Told("Unplanned work", "")
    why = f"Of what the team finishes; {round(100 * usual)}% is usual" if usual is not None else ""
    return Told(f"Unplanned work {round(100 * now)}%", why)


def _absence(facts: Facts, titles: Titles, share: float) -> Told:
    people, lost, alone = len(facts.get("people") or ()), facts.get("days_lost") or 0, facts.get("alone") or 0
    if lost < 0:
        return Told(
            "More people before the date", f"They bring {words.decimal(-lost)} days of work more than today’s team"
        )
    parts = [f"{words.decimal(lost)} working days are lost before the date"] if lost else []
    parts += [f"One person does {round(100 * alone)}% of this work"] if alone else []
    why = "; ".join(parts)
    if people and lost:
        return Told(f"{words.plural(people, 'person', 'people')} away before the date", why)
    return Told("It hangs on one person" if alone >= 0.5 else "People away before the date", why)


def _waiting(facts: Facts, titles: Titles, share: float) -> Told:
    needs = [titles[one] for one in facts.get("needs") or () if one in titles]
    if not needs:
        return Told("Waits for others", "")
    more = f" and {words.plural(len(needs) - 1, 'other')}" if needs[1:] else ""
    return Told(f"Waits for {needs[0]}{more}", f"Cannot be done before {words.listed(needs)}")


def _late_start(facts: Facts, titles: Titles, share: float) -> Told:
    days = facts.get("days")
    if days is None:
        return Told("Started late" if share > 0 else "Started early", "")
    why = "Against when work usually begins for such a date"
    return Told("Started early" if days <= 0 else f"Started {words.days(round(days))} late", why)


def _rate(value: float) -> str:
    return words.number(round(value)) if value >= 3 else words.decimal(value)


def _days(value: float) -> str:
    return words.plural(round(value), "day") if value >= 3 or value == int(value) else f"{words.decimal(value)} days"


_WORDS: Final[Mapping[Cause, Callable[[Facts, Titles, float], Told]]] = {
    Cause.SIZE: _size,
    Cause.SCOPE: _scope,
    Cause.PACE: _pace,
    Cause.AGEING: _ageing,
    Cause.REVIEWS: _reviews,
    Cause.UNPLANNED: _unplanned,
    Cause.ABSENCE: _absence,
    Cause.WAITING: _waiting,
    Cause.LATE_START: _late_start,
}
