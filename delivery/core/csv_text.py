"""CSV as spreadsheets write and read it: bytes to lines of named cells, and back without a formula that would run."""

from __future__ import annotations

import csv
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from io import StringIO
from typing import Final

MOST_LINES: Final = 20_000
MOST_BYTES: Final = 5 * 1024 * 1024
# What a spreadsheet would run; apostrophes before it count as text, so that each export adds one and each import takes one.
_RUNS: Final = re.compile(r"'*[=+\-@\t\r]")
_GUARDED: Final = re.compile(r"'+[=+\-@\t\r]")


@dataclass(frozen=True, slots=True)
class Fault:
    """What cannot be taken: where, and in words what to do. Line 0 is the file as a whole, 1 its header."""

    line: int
    column: str
    text: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """The known columns that are there, and the cells of every line that fits the header, by its number."""

    columns: tuple[str, ...] = ()
    lines: tuple[tuple[int, dict[str, str]], ...] = ()
    faults: tuple[Fault, ...] = ()


def guarded(text: str) -> str:
    """The text with an apostrophe before it where a spreadsheet would run it."""
    return f"'{text}" if _RUNS.match(text) else text


def unguarded(cell: str) -> str:
    """The text of a cell: without the one apostrophe that ``guarded`` set before it."""
    return cell[1:] if _GUARDED.match(cell) else cell


def decoded(data: bytes) -> str:
    """The file's text. Raises ValueError in words."""
    if len(data) > MOST_BYTES:
        raise ValueError("The file is larger than 5 MB: split it, and import the parts one after the other.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        raise ValueError("The file is not UTF-8: in the spreadsheet, save it as “CSV UTF-8”.")
    return text


def written(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A CSV text with a header; every cell guarded."""
    text = StringIO()
    writer = csv.writer(text)
    writer.writerow(columns)
    writer.writerows([guarded(cell) for cell in row] for row in rows)
    return text.getvalue()


def read(text: str, known: Collection[str], key: Collection[str]) -> Sheet:
    """The file's lines; ``key`` are the columns that cannot be absent. Every fault at once."""
    text = text.removeprefix("\ufeff")
    if not text.strip():
        return Sheet(
            faults=(Fault(0, "", f"The file is empty: its first line names the columns: {', '.join(known)}."),)
        )
    lines = _lines(text, _delimiter(text))
    try:
        _, header = next(lines)
        names = [name.strip().lower() for name in header]
        faults = [*_header_faults(names, known, key)]
        if faults:
            return Sheet(faults=tuple(faults))
        return _cells(names, lines)
    except csv.Error as error:
        return Sheet(faults=(Fault(0, "", f"This is no CSV: {error}. Look for a quotation mark that is not closed."),))


def _delimiter(text: str) -> str:
    first = text.lstrip().splitlines()[0]
    return ";" if first.count(";") > first.count(",") else ","


def _lines(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Every line that is not blank, with the number it begins on."""
    reader = csv.reader(StringIO(text, newline=""), delimiter=delimiter, strict=True)
    begins = 1
    for cells in reader:
        if any(cell.strip() for cell in cells):
            yield begins, cells
        begins = reader.line_num + 1


def _header_faults(names: Sequence[str], known: Collection[str], key: Collection[str]) -> Iterator[Fault]:
    for name in dict.fromkeys(names):
        if name not in known:
            called = f"“{name}”" if name else "without a name"
            yield Fault(1, name, f"There is no column {called} here: take it out, or use: {', '.join(known)}.")
        elif names.count(name) > 1:
            yield Fault(1, name, f"The column “{name}” is there {names.count(name)} times: keep one of them.")
    for name in key:
        if name not in names:
            yield Fault(1, name, f"The column “{name}” is missing: it says which row is meant.")


def _cells(names: list[str], lines: Iterable[tuple[int, list[str]]]) -> Sheet:
    found: list[tuple[int, dict[str, str]]] = []
    faults = []
    for number, cells in lines:
        if len(found) >= MOST_LINES:
            faults.append(Fault(number, "", f"Keep a file to {MOST_LINES:,} lines: import the rest from another one."))
            break
        if len(cells) != len(names):
            says = f"This line has {len(cells)} cells and the header {len(names)}: look for a delimiter too many."
            faults.append(Fault(number, "", says))
        else:
            found.append((number, {name: unguarded(cell) for name, cell in zip(names, cells, strict=True)}))
    return Sheet(tuple(names), tuple(found), tuple(faults))
