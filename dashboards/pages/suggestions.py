"""What would help most: the few changes that Headway found itself, kept for the day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django.core.cache import cache

from dashboards.forms.what_if import as_query
from dashboards.pages import what_if_words as told
from delivery.access import can_propose_scenario, deciders
from delivery.core import levers as lever_words
from delivery.core import what_if as outcomes
from delivery.core.suggestion import Suggestion
from delivery.models import Deliverable, Forecast
from delivery.suggestions import suggest
from people.access import User

A_DAY: Final = 86_400  # seconds
WANTED: Final = "About 6 in 7 simulated futures would make the date."
FURTHEST: Final = "As far as this lever goes: it does not make the date likely to hold by itself."


@dataclass(frozen=True, slots=True)
class Proposed:
    """One suggestion. ``query`` pulls its levers in the what-if."""

    what: str
    from_to: str
    reaches: str
    unsure: str
    others: tuple[str, ...]
    query: str


@dataclass(frozen=True, slots=True)
class Suggestions:
    """``nothing`` says why there is none. ``owner`` is whom they would be proposed to; empty: not by this reader."""

    id: int
    found: tuple[Proposed, ...]
    nothing: str
    owner: str
    owner_id: int


def suggestions(user: User, row: Deliverable, *, day: date) -> Suggestions:
    """Of the latest forecast of ``row``: searched once, then read from the cache until the day or forecast changes."""
    latest = Forecast.objects.filter(deliverable=row, day__lte=day).only("pk", "chance").first()
    if latest is None or latest.chance is None:
        return Suggestions(
            row.pk, (), "There is no chance to better yet: a forecast and a promised day come first.", "", 0
        )
    kept = _kept(row, latest, day)
    known = told.names([one for each in kept for one in each.levers], [each.outcome for each in kept])
    found = tuple(_proposed(row, one, known, day) for one in kept)
    nothing = "" if found else "No lever that Headway can pull would change the chance by much."
    to = deciders(row)[:1] if found and can_propose_scenario(user, row) else []
    return Suggestions(row.pk, found, nothing, to[0].name if to else "", to[0].pk if to else 0)


def _kept(row: Deliverable, latest: Forecast, day: date) -> list[Suggestion]:
    name = f"suggestions-{latest.pk}-{day}"
    rows: list[dict[str, Any]] | None = cache.get(name)
    if rows is None:
        rows = [_as_json(one) for one in suggest(row, day=day)]
        cache.set(name, rows, A_DAY)
    return [
        Suggestion(lever_words.from_json(one["levers"]), outcomes.from_json(one["outcome"]), one["reaches"])
        for one in rows
    ]


def _as_json(one: Suggestion) -> dict[str, Any]:
    return {
        "levers": lever_words.as_json(one.levers),
        "outcome": outcomes.as_json(one.outcome),
        "reaches": one.reaches,
    }


def _proposed(row: Deliverable, one: Suggestion, known: told.Names, day: date) -> Proposed:
    return Proposed(
        what=told.doing(one.levers, known, day),
        from_to=told.from_to(one.outcome.subject),
        reaches=WANTED if one.reaches else FURTHEST,
        unsure=told.uncertainty(one.outcome.subject),
        others=told.others(one.outcome, known),
        query=as_query(one.levers) if _is_own(row, one) else "",
    )


def _is_own(row: Deliverable, one: Suggestion) -> bool:
    """Whether the levers on the page of ``row`` can do the same."""
    return all(lever.deliverable in (None, row.pk) and lever.team in (None, row.team_id) for lever in one.levers)
