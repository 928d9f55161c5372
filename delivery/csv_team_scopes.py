"""Which projects and repositories are a team's, in one cell of a file."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final, NamedTuple

from delivery.core import csv_cells
from delivery.core.csv_cells import Unread
from delivery.csv_kinds import Draft, World
from delivery.models import Source, SourceSlice, TeamScope

EXAMPLE: Final = '[{"source": "Jira", "scope": "ABC"}]'
LONGEST: Final = 200


class Part(NamedTuple):
    """``scope``: a project's key, or owner/name of a repository."""

    source: Source
    scope: str


def read(cell: str, world: World) -> list[Part]:
    found = []
    for one in csv_cells.objects(cell, ("source", "scope"), EXAMPLE):
        source, scope = one.get("source", ""), one.get("scope", "")
        if not isinstance(source, str) or not isinstance(scope, str) or not 0 < len(scope.strip()) <= LONGEST:
            raise Unread(f"In scopes, source and scope are texts in quotation marks, as in {EXAMPLE}.")
        if source not in world.sources:
            raise Unread(f"There is no source called “{csv_cells.shortened(source)}”: connect it, or mend its name.")
        found.append(Part(world.sources[source], scope.strip()))
    return in_order({_key(one): one for one in found}.values())


def show(parts: Sequence[Part]) -> str:
    return csv_cells.shown_objects({"source": one.source.name, "scope": one.scope} for one in parts)


def in_order(parts: Iterable[Any]) -> list[Part]:
    found = (Part(one.source, one.scope) for one in parts)
    return sorted(found, key=lambda one: (one.source.name, one.scope))


def unread(parts: Sequence[Part], known: set[tuple[int, str]]) -> str:
    """What to look at, where nothing of a part was ever read; ``known``: the parts of the sources, in lower case."""
    strange = [one.scope for one in parts if (one.source.pk, one.scope.lower()) not in known]
    if not strange:
        return ""
    named = ", ".join(csv_cells.shortened(one) for one in strange[:3])
    return (
        f"No source reads {named} yet: its numbers stay empty until one does. Mend the name, or add it to the source."
    )


def parts_read() -> set[tuple[int, str]]:
    rows = SourceSlice.objects.order_by().values_list("source_id", "scope").distinct()
    return {(source, scope.lower()) for source, scope in rows}


def write(drafts: Sequence[Draft]) -> None:
    """The scopes of teams that are written already."""
    gone, new = [], []
    for draft in drafts:
        before = {_key(one): one for one in (draft.before or {}).get("scopes", ())}
        after = {_key(one): one for one in draft.after["scopes"]}
        gone += [(draft.row.pk, *key) for key in before.keys() - after.keys()]
        new += [
            TeamScope(team=draft.row, source=one.source, scope=one.scope)
            for key, one in after.items()
            if key not in before
        ]
    if gone:
        rows = TeamScope.objects.filter(team__in={team for team, *_ in gone}).values_list(
            "pk", "team", "source", "scope"
        )
        leaving = set(gone)
        TeamScope.objects.filter(pk__in=[pk for pk, *key in rows if tuple(key) in leaving]).delete()
    TeamScope.objects.bulk_create(new, batch_size=1000, ignore_conflicts=True)


def _key(one: Part) -> tuple[int, str]:
    return one.source.pk, one.scope
