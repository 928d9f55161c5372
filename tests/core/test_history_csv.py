"""A history from a CSV: what cannot be used is left out, counted and told."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from delivery.core.history_csv import BadHistory, History, read_history

TODAY = 20_780  # 2026-11-23
HEAD = "team,item_id,created,completed\n"


def read(folder: Path, text: str | bytes, name: str = "h.csv") -> History:
    (folder / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_history(folder / name, TODAY)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (b"", "is empty"),
        (HEAD.encode(), "a header and no rows"),
        (b"team,item_id,created\na,1,2026-01-01\n", "lacks the column completed"),
        (b"a;b\n1;2\n", "lacks the columns team, item_id, created, completed"),
        (HEAD.encode() + "é,1,2026-01-01,\n".encode("latin-1"), "not UTF-8"),
        (b"team,team,item_id,created,completed\na,a,1,2026-01-01,\n", "team twice"),
    ],
)
def test_a_file_that_cannot_be_used_says_why(tmp_path: Path, text: bytes, told: str) -> None:
    with pytest.raises(BadHistory, match=told):
        read(tmp_path, text)


def test_a_damaged_archive_and_a_missing_file_say_so(tmp_path: Path) -> None:
    with pytest.raises(BadHistory, match="damaged"):
        read(tmp_path, gzip.compress(HEAD.encode())[:-9], "h.csv.gz")
    with pytest.raises(BadHistory, match="cannot be read"):
        read_history(tmp_path / "none.csv", TODAY)


@pytest.mark.parametrize(
    ("row", "name", "left"),
    [
        ("a,2,2026-01-05,2026-01-03", "backwards", 1),
        ("a,2,yesterday,2026-01-03", "unreadable", 1),
        (",2,2026-01-01,2026-01-03", "unreadable", 1),
        ("a,1,2026-01-01,2026-01-09", "duplicates", 1),
        ("a,2,2026-01-01,2027-01-03", "future", 2),
        ("a,2,2026-01-01T10:00:00,2026-01-03T11:00:00Z", "without_zone", 2),
    ],
)
def test_what_is_wrong_with_a_row_is_counted_and_told(tmp_path: Path, row: str, name: str, left: int) -> None:
    found = read(tmp_path, f"{HEAD}a,1,2026-01-01,2026-01-03\n{row}\n")
    assert (found.counts[name], len(found.items), len(found.told)) == (1, left, 1)
    assert found.told[0].startswith("1 row ")


def test_the_last_row_about_an_item_counts(tmp_path: Path) -> None:
    found = read(tmp_path, f"{HEAD}a,1,1970-01-01,1970-01-03\na,1,1970-01-01,1970-01-09\n")
    assert found.items["completed"].tolist() == [8.0]


def test_a_time_is_taken_to_the_day_it_is_in_utc(tmp_path: Path) -> None:
    found = read(tmp_path, f"{HEAD}a,1,1970-01-02T01:00:00+02:00,1970-01-04\n")
    assert found.items["created"].tolist() == [0.0]
    assert found.told == ()


def test_sources_part_teams_and_dropped_items_never_finish(tmp_path: Path) -> None:
    text = "source,team,item_id,created,completed,outcome,author_hash\n"
    found = read(tmp_path, f"{text}x,a,1,2026-01-01,2026-01-03,done,h\ny,a,1,2026-01-01,2026-01-03,dropped,h\n")
    assert found.items["source"].tolist() == ["x", "y"]
    assert found.items["completed"].isna().tolist() == [False, True]
    assert found.counts["dropped"] == 1
