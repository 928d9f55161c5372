"""What an import would do, line by line; faults first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from delivery.core.csv_cells import shortened
from delivery.core.csv_text import Fault
from delivery.csv_kinds import Line, Plan
from delivery.csv_plans import KINDS

SHOWN: Final = 300  # lines that are told one by one
LONGEST: Final = 300  # letters of a value


@dataclass(frozen=True, slots=True)
class KindChoice:
    value: str
    label: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class ImportPage:
    """``plan`` is None before a file was chosen; ``key`` names the text that is kept until it is imported."""

    kinds: tuple[KindChoice, ...]
    exports: tuple[str, ...]
    columns: tuple[tuple[str, str], ...]
    kind: str = ""
    key: str = ""
    digest: str = ""
    errors: Mapping[str, list[str]] | None = None
    headline: str = "Import from a spreadsheet"
    says: str = ""
    button: str = ""
    faults: tuple[Fault, ...] = ()
    warnings: tuple[Fault, ...] = ()
    lines: tuple[Line, ...] = ()
    more: int = 0


def empty(may: tuple[str, ...], kind: str = "", errors: dict[str, str] | None = None) -> ImportPage:
    texts = {name: [says] for name, says in (errors or {}).items()}
    return ImportPage(_kinds(may, kind), tuple(KINDS), _columns(may), kind, errors=texts)


def planned(may: tuple[str, ...], plan: Plan, key: str) -> ImportPage:
    rows = [_short(line) for line in plan.lines if line.what in ("new", "changed")]
    return ImportPage(
        _kinds(may, plan.kind),
        tuple(KINDS),
        _columns(may),
        plan.kind,
        key,
        plan.digest,
        headline=_headline(plan),
        says=_says(plan),
        button=f"Import {counted(plan)}" if plan.changes_something else "",
        faults=plan.faults[:SHOWN],
        warnings=plan.warnings[:SHOWN],
        lines=tuple(rows[:SHOWN]),
        more=max(0, len(rows) - SHOWN) + max(0, len(plan.faults) - SHOWN),
    )


def counted(plan: Plan) -> str:
    """The rows that an import writes."""
    rows = plan.count("new") + plan.count("changed")
    return f"{rows:,} {'row' if rows == 1 else 'rows'}"


def _headline(plan: Plan) -> str:
    if plan.faults:
        count = len(plan.faults)
        return f"{count:,} {'cell or line' if count == 1 else 'cells or lines'} to mend before anything is imported"
    counts = f"{plan.count('new'):,} new, {plan.count('changed'):,} changed, {plan.count('unchanged'):,} unchanged"
    return f"{counts[0].upper()}{counts[1:]}"


def _says(plan: Plan) -> str:
    if plan.faults:
        return "Nothing was written. Mend these in the spreadsheet, and choose the file again."
    if not plan.changes_something:
        return "Nothing to import: everything stands as in the file."
    return "Nothing is written yet. Rows that are not in the file stay as they are."


def _kinds(may: tuple[str, ...], chosen: str) -> tuple[KindChoice, ...]:
    return tuple(KindChoice(kind, kind.capitalize(), kind == chosen) for kind in may)


def _columns(may: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    return tuple((kind.capitalize(), ", ".join(KINDS[kind].columns)) for kind in may)


def _short(line: Line) -> Line:
    cut = tuple(
        type(one)(one.column, shortened(one.before, LONGEST), shortened(one.after, LONGEST)) for one in line.changes
    )
    return Line(line.number, line.key, line.what, cut)
