"""Faults as text: ``rate:every=10:wait=2,html:every=50:only=search``."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields
from functools import partial
from typing import Any

from simulator.faults import bodies, clock, contents, failures, limits, pages, worlds
from simulator.faults.turn import Fault, When, met
from simulator.jira import faults as jira
from simulator.organisation import Clock, Organisation
from simulator.overlay import Overlay
from simulator.web import Reply

FAULTS: dict[str, Callable[..., Reply]] = {
    "rate": limits.rate,
    "secondary": limits.secondary,
    "unauthorised": limits.unauthorised,
    "http500": failures.http500,
    "burst": failures.burst,
    "slow": failures.slow,
    "timeout": failures.timeout,
    "cut": failures.cut,
    "redirect": failures.redirect,
    "html": bodies.html,
    "truncate": bodies.truncate,
    "dup": pages.dup,
    "shuffle": pages.shuffle,
    "shrink": pages.shrink,
    "empty": pages.empty,
    "tokenloop": pages.tokenloop,
    "skew": clock.skew,
    "nulls": contents.nulls,
    "unknown": contents.unknown,
    "huge": contents.huge,
    "dirty": contents.dirty,
    "edited": worlds.edited,
    "anon": jira.anon,
}
WORLDS: dict[str, Callable[..., Organisation]] = {"long": worlds.LongHistories, "lag": jira.Lagging}
USUALLY: dict[str, Mapping[str, int]] = {
    "slow": {"every": 1},
    "skew": {"every": 1},
    "shuffle": {"every": 1},
    "unknown": {"every": 1},
    "burst": {"every": 40, "length": 3},
    "timeout": {"every": 50},
    "unauthorised": {"every": 50},
}
WHENEVER = {field.name: field.default for field in fields(When)}
SIGNED = {"minutes"}


def parse(text: str, world: Organisation | None = None) -> tuple[Fault, ...]:
    """The faults that stand around answers; ValueError names what is not understood, or not possible in ``world``."""
    overlay = world if isinstance(world, Overlay) else None
    return tuple(
        fault for name, settings in _named(text) if name in FAULTS for fault in _faults(name, settings, overlay)
    )


def bent(text: str, world: Organisation, clock: Clock) -> Organisation:
    """The world with the faults that lie in it; ValueError as from ``parse``."""
    for name, settings in _named(text):
        if name in WORLDS:
            world = WORLDS[name](world, **_read(name, WORLDS[name].__init__.__kwdefaults__ or {}, settings))
    edits = any(name == "edited" for name, _ in _named(text))
    return Overlay(world, clock) if edits and not isinstance(world, Overlay) else world


def _named(text: str) -> Iterator[tuple[str, dict[str, str]]]:
    for part in text.split(","):
        name, *options = _parts(part.strip())
        if not name:
            continue
        if name not in FAULTS and name not in WORLDS:
            raise ValueError(f"unknown fault {name!r}: choose from {', '.join(sorted([*FAULTS, *WORLDS]))}")
        yield name, dict(option.partition("=")[::2] for option in options)


def _parts(text: str) -> list[str]:
    """Cut at colons, but not at those of an address (``to=http://127.0.0.1:8000``)."""
    head, address, tail = text.partition(":to=")
    return [*head.split(":"), f"to={tail}"] if address else head.split(":")


def _faults(name: str, settings: Mapping[str, str], overlay: Overlay | None) -> tuple[Fault, ...]:
    fault = FAULTS[name]
    options = {key: value for key, value in (fault.__kwdefaults__ or {}).items() if key != "overlay"}
    read = _read(name, {**WHENEVER, **options}, settings)
    if name == "edited":
        if overlay is None:
            raise ValueError("nobody can edit anything in this world: it needs an Overlay")
        read["overlay"] = overlay
    when = {"every": 10, **USUALLY.get(name, {}), **{key: read.pop(key) for key in WHENEVER if key in read}}
    due = met(partial(fault, **read), When(**when))
    return (due, pages.after_detour) if name == "empty" else (due,)


def _read(name: str, known: Mapping[str, Any], settings: Mapping[str, str]) -> dict[str, Any]:
    if wrong := sorted(set(settings) - set(known)):
        raise ValueError(f"fault {name!r} has no option {wrong[0]!r}: choose from {', '.join(sorted(known))}")
    return {key: _amount(name, key, value, known[key]) for key, value in settings.items()}


def _amount(fault: str, key: str, value: str, usual: object) -> float | str:
    if isinstance(usual, str):
        return value
    try:
        amount = int(value) if isinstance(usual, int) else float(value)
    except ValueError:
        raise ValueError(f"fault {fault!r}: {key} must be a number, not {value!r}") from None
    if amount <= 0 and key not in SIGNED:
        raise ValueError(f"fault {fault!r}: {key} must be above 0")
    return amount
