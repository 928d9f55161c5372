"""Questions with known answers, cut from real histories (FORECAST.md 6.1 and 6.3).

Days are whole days since 1970. Nothing after a case's `today` may be used to answer it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

EPOCH = np.datetime64("1970-01-01")
APART_DAYS = 91
SIZES = (5, 10, 20, 50, 100)
EXPECTED_DAYS = (3, 240)
RATE_DAYS = 182
LATEST_OUTCOME = 730
LATEST_DELIVERABLE = 1500
AGES_WEEKS = (4, 8, 16, 26)
FEWEST_KNOWN = 3
EVENTS_EXPECTED = (0.5, 0.75, 1.0, 1.41, 2.0)
EVENTS_DAYS = (14, 28, 56, 91, 182)


@dataclass(frozen=True, slots=True)
class Next:
    """When will the team's next `size` items be done?"""

    source: str
    team: str
    today: int
    size: int
    done: np.ndarray
    expected: float
    outcome: float
    horizon: float

    @property
    def group(self) -> tuple[str, str]:
        """Scores are means over teams within a source, then over sources."""
        return self.source, self.team

    @property
    def events(self) -> list[int]:
        """Days by which it may be done: half to twice the expected duration."""
        days = [int(share * self.expected) for share in EVENTS_EXPECTED]
        return [day for day in days if 1 <= day < self.horizon]


@dataclass(frozen=True, slots=True)
class Deliverable:
    """When will all its items be done?"""

    source: str
    team: str
    weeks: int
    today: int
    items: pd.DataFrame
    team_items: pd.DataFrame
    n_open: int
    known_end: float
    end: float
    horizon: float = LATEST_DELIVERABLE

    @property
    def group(self) -> tuple[str, str]:
        """Every forecast alike: most sources hold only a few."""
        return "all", f"{self.source} {self.team} {self.weeks}"

    @property
    def events(self) -> list[int]:
        return list(EVENTS_DAYS)


def as_date(day: int) -> date:
    found: date = (EPOCH + day).astype(date)
    return found


def as_days(days: pd.Series) -> np.ndarray:
    """datetime64[D] again, NaT where missing."""
    return np.where(days.isna(), np.datetime64("NaT", "D"), EPOCH + days.fillna(0).to_numpy().astype(np.int64))


def read_items(folder: Path) -> pd.DataFrame:
    """All items: source, team, item_id, created, completed (days, missing while open)."""
    columns = ["source", "team", "item_id", "created", "completed"]
    files = sorted(folder.glob("items_*.csv.gz"))
    items = pd.concat([pd.read_csv(file, usecols=columns, dtype=str) for file in files])
    for column in ("created", "completed"):
        days = pd.to_datetime(items[column]).to_numpy().astype("datetime64[D]")
        items[column] = np.where(np.isnat(days), np.nan, (days - EPOCH).astype(float))
    return items.dropna(subset="created").reset_index(drop=True)


def next_items(items: pd.DataFrame, every: int = 1, weeks_known: int | None = None) -> Iterator[Next]:
    """Walk-forward cases of every team, 91 x `every` days apart, knowing only `weeks_known` weeks."""
    finished = items.dropna(subset="completed")
    ends = finished.groupby("source").completed.max().to_dict()
    for number, ((source, team), group) in enumerate(finished.groupby(["source", "team"])):
        done = np.sort(group.completed.to_numpy()).astype(int)
        end = int(ends[source])
        first = done[0] + APART_DAYS + number % 7 * 13
        for today in range(first, end - 364, APART_DAYS * every):
            yield from _sizes(str(source), str(team), done, today, end, weeks_known)


def _sizes(source: str, team: str, done: np.ndarray, today: int, end: int, weeks_known: int | None) -> Iterator[Next]:
    past, future = done[done <= today], done[done > today]
    span = min(RATE_DAYS, today - done[0] + 1)
    rate = np.count_nonzero(past > today - span) / span
    horizon = min(LATEST_OUTCOME, end - today)
    known = past if weeks_known is None else past[past > today - 7 * weeks_known]
    for size in SIZES:
        expected = size / rate if rate else np.inf
        if EXPECTED_DAYS[0] <= expected <= EXPECTED_DAYS[1]:
            took = future[size - 1] - today if len(future) >= size else horizon
            yield Next(source, team, today, size, EPOCH + known, expected, min(took, horizon), horizon)


def deliverables(items: pd.DataFrame, folder: Path) -> Iterator[Deliverable]:
    """Goals 4, 8, 16 and 26 weeks after their first item, with three known items and one open.

    The team is the whole source: goals cut across its components.
    """
    links = pd.read_csv(folder / "goal_items.csv.gz", dtype=str)
    mine = links.merge(items, on=["source", "item_id"])
    teams = {source: items[items.source == source] for source in mine.source.unique()}
    for (source, goal), own in mine.groupby(["source", "goal_id"]):
        for weeks in AGES_WEEKS:
            today = int(own.created.min()) + 7 * weeks
            known = own[own.created <= today]
            n_open = int((known.completed > today).sum())
            if len(known) >= FEWEST_KNOWN and n_open:
                ends = (float(known.completed.max() - today), float(own.completed.max() - today))
                yield Deliverable(str(source), str(goal), weeks, today, own, teams[str(source)], n_open, *ends)
