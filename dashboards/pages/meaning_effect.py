"""What a change of meanings would do, in the words and numbers of the pages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from dashboards import words
from delivery.core.measure import Spread
from delivery.deployment_effects import WEEKS, Reached
from delivery.deployment_effects import Preview as DeploymentPreview
from delivery.kinds import CHOICES
from delivery.kinds import Preview as KindPreview
from delivery.mappings import Effect, Flow
from delivery.mappings import Preview as StagePreview
from delivery.models import Kind, Stage

FEW: Final = "not enough data"
SHOWN: Final = 12  # projects or repositories that are told one by one


@dataclass(frozen=True, slots=True)
class Line:
    """A number as it is and as it would be; ``differs`` marks the ones to look at."""

    name: str
    now: str
    then: str

    @property
    def differs(self) -> bool:
        return self.now != self.then


@dataclass(frozen=True, slots=True)
class Shown:
    """``says`` in a sentence what changes, ``about`` what was looked at; ``parts``: the same of one project or repository
    (or a line each); ``examples``: what changes, with some of the items it happens to."""

    says: str
    about: str
    lines: tuple[Line, ...]
    parts: tuple[tuple[str, tuple[Line, ...]], ...]
    more: str
    examples: tuple[tuple[str, str], ...]


def of_stages(found: StagePreview) -> Shown:
    """The effect on cycle time, starts, finishes and work in progress."""
    parts = tuple((one.project, _stage_lines(one)) for one in found.projects[:SHOWN])
    examples = [
        (
            f"{words.plural(move.count, 'item')} from {Stage(move.before).label} to {Stage(move.after).label}",
            ", ".join(name.partition(" ")[0] for name in move.examples),
        )
        for move in found.moves
    ]
    if found.redated:
        examples.append((f"{words.plural(found.redated, 'item')} with another start or finish", ""))
    return Shown(
        says=_changed(found.whole.changed, found.items),
        about=f"Of items that are open or ended since {_day(found.since)}; deleted ones, epics and sub-tasks apart.",
        lines=_stage_lines(found.whole),
        parts=parts if len(found.projects) > 1 else (),
        more=_more(len(found.projects), "project"),
        examples=tuple(examples),
    )


def of_kinds(found: KindPreview) -> Shown:
    """The effect on how many items are bugs, upkeep and so on."""
    kinds = [kind for kind in CHOICES if found.before.get(kind) or found.after.get(kind)]
    return Shown(
        says=_changed(found.changed, found.items),
        about=f"Of items created since {_day(found.since)}; deleted ones and epics apart.",
        lines=tuple(
            Line(
                kind.label,
                _share(found.before.get(kind, 0), found.items),
                _share(found.after.get(kind, 0), found.items),
            )
            for kind in kinds
        ),
        parts=(),
        more="",
        examples=tuple((name, f"{Kind(now).label} now, {Kind(then).label} then") for name, now, then in found.examples),
    )


def of_deployments(found: DeploymentPreview) -> Shown:
    """The effect on deployments to production and on how long changes take to get there."""
    before, after = found.before, found.after
    names = sorted({*before.deployments, *after.deployments})
    changed = [name for name in names if before.deployments.get(name, 0) != after.deployments.get(name, 0)]
    now, then = sum(before.deployments.values()), sum(after.deployments.values())
    says = f"{words.plural(then, 'deployment')} in {WEEKS} weeks, as now." if now == then and not changed else ""
    return Shown(
        says=says or f"{words.plural(then, 'deployment')} in {WEEKS} weeks instead of {words.number(now)}.",
        about=f"Successful ones in the {WEEKS} whole weeks from {_day(found.period.start)}. What the very first "
        "deployment of a repository shipped is left out of the lead time.",
        lines=tuple(
            Line(name, one, other) for (name, one), (_, other) in zip(_reached(before), _reached(after), strict=True)
        ),
        parts=tuple(
            (name, (Line("Deployments", *(words.number(one.deployments.get(name, 0)) for one in (before, after))),))
            for name in changed[:SHOWN]
        ),
        more=_more(len(changed), "repository", "repositories"),
        examples=(),
    )


def span(measured: timedelta | None) -> str:
    return FEW if measured is None else words.decimal_days(measured)


def _changed(count: int, items: int) -> str:
    if not count:
        return "No item comes out different." if items else "There are no items to try it on yet."
    return f"{words.number(count)} of {words.plural(items, 'item')} {'comes' if count == 1 else 'come'} out different."


def _stage_lines(effect: Effect) -> tuple[Line, ...]:
    pairs = zip(_flow(effect.before), _flow(effect.after), strict=True)
    return tuple(Line(name, now, then) for (name, now), (_, then) in pairs)


def _flow(flow: Flow) -> list[tuple[str, str]]:
    return [
        ("Half are finished within", span(flow.cycle.p50)),
        ("85 in 100 are finished within", span(flow.cycle.p85)),
        ("Finished items it rests on", _rests(flow.cycle)),
        ("Finished", words.number(flow.finished)),
        ("Started", words.number(flow.started)),
        ("In progress now", words.number(flow.wip)),
    ]


def _reached(reached: Reached) -> list[tuple[str, str]]:
    return [
        ("Deployments a week", words.decimal(reached.weekly)),
        ("Half of changes are in production within", span(reached.lead_time.p50)),
        ("85 in 100 within", span(reached.lead_time.p85)),
        ("Changes it rests on", _rests(reached.lead_time)),
    ]


def _rests(spread: Spread) -> str:
    left = f", {words.number(spread.left_out)} left out" if spread.left_out else ""
    return f"{words.number(spread.n)}{left}"


def _share(count: int, items: int) -> str:
    return f"{words.number(count)} ({round(100 * count / items)}%)" if items else "0"


def _more(count: int, one: str, many: str = "") -> str:
    return f"And {words.plural(count - SHOWN, f'more {one}', f'more {many}' if many else '')}." if count > SHOWN else ""


def _day(at: datetime | object) -> str:
    return f"{at:%-d %B %Y}"
