"""A history from a CSV of team, item_id, created, completed: what can be used of it, and what was wrong, in words.

Nothing is guessed: what cannot be read is left out, counted, and told with its line.
"""

from __future__ import annotations

import csv
import gzip
import zlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

COLUMNS: Final = ("team", "item_id", "created", "completed")
EXTRA: Final = ("source", "outcome")
LINES_TOLD: Final = 5
DATE_ONLY: Final = len("2026-11-23")


class BadHistory(ValueError):
    """The file as a whole cannot be used; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class History:
    """Columns source, team, created, completed: days since 1970, NaN where not finished. ``told``: what was noticed."""

    items: pd.DataFrame
    rows: int
    told: tuple[str, ...]
    counts: dict[str, int]


def read_history(path: Path, today: int) -> History:
    """Read a file, ``.csv`` or ``.csv.gz``; ``today`` in days since 1970. Raises BadHistory."""
    table = _table(path)
    table["line"] = np.arange(2, len(table) + 2)
    rows = len(table)
    notes = _Notes()
    created, bad_created, naive_created = _days(table["created"])
    completed, bad_completed, naive_completed = _days(table["completed"])
    naive = naive_created | naive_completed
    notes.tell("without_zone", naive, table, "{n} rows have a time without a zone; it was taken as UTC.")
    unreadable = bad_created | bad_completed | table["created"].eq("") | table["team"].eq("") | table["item_id"].eq("")
    notes.tell("unreadable", unreadable, table, "{n} rows were left out: a date, team or id is missing or unreadable")
    table = table.assign(created_day=created, completed_day=completed)[~unreadable]
    again = table.duplicated(["source", "team", "item_id"], keep="last")
    notes.tell("duplicates", again, table, "{n} rows were left out: a later row is about the same item")
    table = table[~again]
    dropped = table["outcome"].str.casefold().eq("dropped")
    notes.tell("dropped", dropped, table, "{n} items were dropped; they do not count as finished.")
    backwards = table["completed_day"].lt(table["created_day"]) & ~dropped
    notes.tell("backwards", backwards, table, "{n} rows were left out: completed before created")
    table = table[~backwards]
    table.loc[dropped.reindex(table.index), "completed_day"] = np.nan
    future = table["created_day"].gt(today) | table["completed_day"].gt(today)
    notes.tell("future", future, table, "{n} rows have a date in the future; what has not happened is not known yet")
    table.loc[table["completed_day"].gt(today), "completed_day"] = np.nan
    table = table[~table["created_day"].gt(today)]
    items = pd.DataFrame(
        {
            "source": table["source"],
            "team": table["team"],
            "created": table["created_day"],
            "completed": table["completed_day"],
        }
    )
    return History(items.reset_index(drop=True), rows, tuple(notes.told), notes.counts)


def read_histories(paths: Sequence[Path], today: int) -> History:
    """Several files as one, each noticed by its name; a file without sources is a source of its own. Raises BadHistory."""
    if len(paths) == 1:
        return read_history(paths[0], today)
    items, told, rows, counts = [], [], 0, Counter[str]()
    for path in paths:
        one = read_history(path, today)
        name = path.name.removesuffix(".gz").removesuffix(".csv")
        items.append(one.items.assign(source=one.items["source"].where(one.items["source"].ne(""), name)))
        told += [f"{path.name}: {sentence}" for sentence in one.told]
        rows += one.rows
        counts.update(one.counts)
    return History(pd.concat(items, ignore_index=True), rows, tuple(told), dict(counts))


class _Notes:
    def __init__(self) -> None:
        self.told: list[str] = []
        self.counts: dict[str, int] = {}

    def tell(self, name: str, which: pd.Series, table: pd.DataFrame, sentence: str) -> None:
        n = int(which.sum())
        self.counts[name] = n
        if not n:
            return
        text = sentence.format(n=f"{n:,}")
        if n == 1:
            text = text.replace("1 rows have", "1 row has").replace("1 rows were", "1 row was")
            text = text.replace("1 items were dropped; they do", "1 item was dropped; it does")
        if not text.endswith("."):
            lines = [str(line) for line in table.loc[which, "line"].head(LINES_TOLD)]
            more = " and more" if n > LINES_TOLD else ""
            text = f"{text} (line{'s' if n > 1 else ''} {', '.join(lines)}{more})."
        self.told.append(text)


def _table(path: Path) -> pd.DataFrame:
    """The wanted columns as stripped text."""
    table = _parsed(path)
    table.columns = pd.Index([name.strip().casefold() for name in table.columns])
    if table.empty:
        raise BadHistory(f"{path.name} has a header and no rows; a row is one item.")
    columns = {name: _stripped(table[name]) if name in table else "" for name in (*COLUMNS, *EXTRA)}
    return pd.DataFrame(columns, index=table.index)


def _stripped(texts: pd.Series) -> npt.NDArray[np.object_]:
    """Without spaces around, empty where missing; each different text is looked at once."""
    codes, found = pd.factorize(texts)
    names = np.array([*(text.strip() for text in found), ""], dtype=object)
    return names[codes]  # a missing one has the code -1


def _parsed(path: Path) -> pd.DataFrame:
    wanted = {*COLUMNS, *EXTRA}
    try:
        _check(path, _header(path))
        return pd.read_csv(
            path,
            usecols=lambda name: name.strip().casefold() in wanted,
            dtype=str,
            keep_default_na=False,
            encoding="utf-8-sig",
            compression="gzip" if path.suffix == ".gz" else None,
            index_col=False,
        )
    except UnicodeDecodeError as error:
        raise BadHistory(f"{path.name} is not UTF-8 text; save it as UTF-8 and try again.") from error
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise BadHistory(f"{path.name} is damaged: its compressed content cannot be read.") from error
    except OSError as error:
        raise BadHistory(f"{path} cannot be read: {error.strerror or error}.") from error
    except (pd.errors.ParserError, pd.errors.EmptyDataError, csv.Error) as error:
        raise BadHistory(f"{path.name} is no CSV that can be read: {str(error).strip()}.") from error


def _check(path: Path, header: list[str]) -> None:
    missing = [name for name in COLUMNS if name not in header]
    if missing:
        raise BadHistory(
            f"{path.name} lacks the column{'s' if len(missing) > 1 else ''} {', '.join(missing)}; it has "
            f"{', '.join(header) or 'none'}. The first line must name {','.join(COLUMNS)}."
        )


def _header(path: Path) -> list[str]:
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="utf-8-sig", newline="") as lines:
        first = next(csv.reader(lines), None)
    if first is None:
        raise BadHistory(f"{path.name} is empty; the first line must name {','.join(COLUMNS)}.")
    names = [name.strip().casefold() for name in first]
    twice = sorted({name for name in names if name in COLUMNS and names.count(name) > 1})
    if twice:
        raise BadHistory(f"{path.name} has the column {', '.join(twice)} twice; each may be there once.")
    return names


def _days(texts: pd.Series) -> tuple[pd.Series, pd.Series, pd.Series]:
    """Days since 1970 in UTC (NaN where empty or unreadable), whether unreadable, whether a time without a zone."""
    codes, found = pd.factorize(texts)
    names = pd.Series(found, dtype="object")
    moments = pd.to_datetime(names, format="ISO8601", utc=True, errors="coerce")
    days = pd.Series(np.floor(moments.astype("int64") / _unit(moments)), dtype="float64").where(moments.notna())
    bad = moments.isna() & names.ne("")
    naive = moments.notna() & np.array([_without_zone(name) for name in found], dtype=bool)
    columns = [pd.Series(each.to_numpy()[codes], index=texts.index) for each in (days, bad, naive)]
    return columns[0], columns[1].astype(bool), columns[2].astype(bool)


def _without_zone(moment: str) -> bool:
    """Whether a readable moment has a time and no zone (``Z``, ``+0200``, ``+02:00``)."""
    clock = moment[DATE_ONLY:]
    return ":" in clock and clock[-1] not in "Zz" and "+" not in clock and "-" not in clock


def _unit(moments: pd.Series) -> float:
    per_second = {"s": 1, "ms": 1e3, "us": 1e6, "ns": 1e9}
    return 86_400 * float(per_second[str(moments.dtype).split("[")[1].split(",")[0]])
