"""An organisation that may be changed while it is read, servers that may fail, and the rows of undisturbed reading."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from functools import cache
from typing import Any, cast

from delivery import sync
from delivery.models import Missing, Source, SyncRun
from simulator.faults import bent
from simulator.organisation import Organisation
from simulator.overlay import Overlay
from simulator.overlay_code import CodeOverlay
from simulator.server import serve
from simulator.world import World
from tests.delivery import served
from tests.delivery.served import NOW, Gate, Office

SITES = ("cloud", "datacenter", "github")
Rows = dict[str, list[tuple[Any, ...]]]


@cache
def world() -> World:
    """Some hundred issues and pull requests: several pages of each, read in a second or two."""
    return World(start=date(2026, 6, 1), people=12, teams=2, years=0.42, rate=1.5)


@contextmanager
def office(*, bends: str = "", seed: int = 0) -> Iterator[Office]:
    """``bends``: faults that lie in the world itself. Those of the road come and go by ``office.running.trouble``."""
    time = [NOW]
    organisation: Organisation = bent(bends, world(), lambda: time[0]) if bends else world()
    overlay = Overlay(CodeOverlay(organisation, lambda: time[0]), lambda: time[0])
    with serve(overlay, clock=lambda: time[0], seed=seed) as running:
        yield Office(running, cast(World, overlay), Gate(), time)  # it answers as a world does


def connect(office: Office, site: str, name: str = "Tried", **fields: Any) -> Source:
    """A source at one of the three sites, of everything there is."""
    if site == "github":
        return office.github(name, **fields)
    if site == "datacenter":
        return office.jira(name, url=office.running.jira_datacenter_url, email="", **fields)
    return office.jira(name, **fields)


def rows(office: Office, source: Source) -> Rows:
    """Every row of ``source``; addresses begin alike, whichever port the server got."""
    base = office.running.url
    return {
        name: sorted((tuple(_plain(value, base) for value in row) for row in found), key=repr)
        for name, found in served.rows(source).items()
    }


def undisturbed(office: Office, site: str) -> Rows:
    """What reading the untouched world gives when nothing goes wrong. The world never changes, so once will do."""
    if site not in _calm:
        source = connect(office, site, "Calm")
        done = sync.sync_source(source, now=office.now)
        assert {run.state for run in done} == {SyncRun.State.DONE}, [(str(run.slice), run.error) for run in done]
        _calm[site] = rows(office, source)
        source.delete()
    return _calm[site]


def missing(source: Source) -> list[str]:
    return sorted(Missing.objects.filter(slice__source=source).values_list("what", flat=True))


def states(source: Source) -> dict[str, str]:
    """How the latest run of each slice ended."""
    runs = SyncRun.objects.filter(source=source).order_by("started", "id").select_related("slice")
    return {str(run.slice): str(run.state) for run in runs}


def errors(source: Source) -> list[str]:
    return [f"{part}: {part.error}" for part in source.slices.exclude(error="")]


def differences(mine: Rows, theirs: Rows) -> list[str]:
    """What differs, table by table; empty when nothing does."""
    told = []
    for name in sorted(mine.keys() | theirs.keys()):
        ours, other = Counter(map(repr, mine.get(name, []))), Counter(map(repr, theirs.get(name, [])))
        lost, extra = list((other - ours).elements()), list((ours - other).elements())
        if lost or extra:
            told.append(f"{name}: {len(lost)} lost, {len(extra)} too many; {lost[:2]} {extra[:2]}")
    return told


def _plain(value: Any, base: str) -> Any:
    return value.replace(base, "") if isinstance(value, str) else value


_calm: dict[str, Rows] = {}
