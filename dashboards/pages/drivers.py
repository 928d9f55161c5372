"""Why the chance is what it is, with the items behind each cause."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from dashboards import words
from dashboards.charts import waterfall
from dashboards.charts.common import Figure
from dashboards.charts.driver_words import told
from dashboards.pages.evidence import safe
from delivery.core.drivers import Drivers, from_json
from delivery.core.promise import Promise
from delivery.models import Deliverable, Forecast, WorkItem

NOT_A_PROOF: Final = "This is an accounting of the model: it says what its forecast rests on, and proves no cause."
NOT_YET: Final = "The last forecast was made without taking its chance apart. The next run does."
MOVED: Final = "The date moved after the last forecast was made. The next run takes the new chance apart."
NO_CHANCE: Final = "There is no chance of missing to take apart yet."


@dataclass(frozen=True, slots=True)
class Row:
    """An item or a deliverable behind a cause; ``url`` may be empty."""

    title: str
    note: str
    url: str


@dataclass(frozen=True, slots=True)
class Behind:
    """A cause and what can be looked at."""

    name: str
    why: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Why:
    """``figure`` or, in ``lacks``, a sentence why there is none."""

    figure: Figure | None
    lacks: str
    behind: tuple[Behind, ...] = ()
    proves: str = NOT_A_PROOF


def why(row: Deliverable, promise: Promise, latest: Forecast | None) -> Why:
    """Of the latest forecast that the page shows; at most two queries."""
    if promise.missing is None:
        return Why(None, NO_CHANCE)
    drivers = from_json(latest.drivers) if latest else None
    if drivers is None:
        return Why(None, NOT_YET)
    if words.percent(drivers.missing) != words.percent(promise.missing):
        return Why(None, MOVED)
    titles = _titles(drivers)
    return Why(waterfall.figure(drivers, titles), "", _behind(drivers, titles))


def latest_of(weeks: Sequence[Forecast], day: date) -> Forecast | None:
    """The forecast that stands for ``day`` among those of its weeks."""
    return weeks[-1] if weeks and (day - weeks[-1].day).days < 7 else None


def _titles(drivers: Drivers) -> dict[int, str]:
    ids = {one for share in drivers.shares for one in share.facts.get("needs") or ()}
    return dict(Deliverable.objects.filter(pk__in=ids).values_list("pk", "title")) if ids else {}


def _behind(drivers: Drivers, titles: Mapping[int, str]) -> tuple[Behind, ...]:
    shares = [one for one in drivers.shares if abs(one.share) >= waterfall.WORTH_A_BAR]
    ids = {pk for one in shares for pk in one.facts.get("items") or ()}
    rows = WorkItem.objects.filter(pk__in=ids, deleted=None).only("title", "key", "status", "url") if ids else ()
    items = {row.pk: Row(row.title, f"{row.key} · {row.status}", safe(row.url)) for row in rows}
    found = []
    for share in shares:
        own = [items[pk] for pk in share.facts.get("items") or () if pk in items]
        own += [Row(titles[pk], "", f"/deliverables/{pk}/") for pk in share.facts.get("needs") or () if pk in titles]
        name, measured = told(share, titles)
        found.append(Behind(name, measured, tuple(own)))
    return tuple(found)
