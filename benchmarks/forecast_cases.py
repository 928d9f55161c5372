"""Questions with known answers, cut from real histories (FORECAST.md 6.1 and 6.3).

Days are whole days since 1970. Nothing after a case's `today` may be used to answer it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from delivery.core.questions import APART_DAYS, EPOCH, Question, Rules, asked_on, cut_offs

LATEST_DELIVERABLE = 1500
AGES_WEEKS = (4, 8, 16, 26)
FEWEST_KNOWN = 3
EVENTS_DAYS = (14, 28, 56, 91, 182)
FOLLOWED = 364
"""So many days after a question must be on record, however short its horizon is."""


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
    def events(self) -> list[int]:
        return list(EVENTS_DAYS)


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


def next_items(items: pd.DataFrame, every: int = 1, weeks_known: int | None = None) -> Iterator[Question]:
    """Walk-forward questions about every team, 91 x `every` days apart, knowing only `weeks_known` weeks."""
    rules = Rules(apart=APART_DAYS * every, follow=FOLLOWED, weeks_known=weeks_known)
    finished = items.dropna(subset="completed")
    ends = finished.groupby("source").completed.max().to_dict()
    for number, ((source, team), group) in enumerate(finished.groupby(["source", "team"])):
        done, end = np.sort(group.completed.to_numpy()).astype(np.int64), int(ends[source])
        yield from asked_on(cut_offs(done, end, rules, number), done, end, rules, (str(source), str(team)))


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
