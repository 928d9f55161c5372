"""``manage.py backtest --csv``: no set-up, no database, a sentence for every bad file, exit codes 0, 1 and 2."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
from datetime import date, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

ROOT = Path(__file__).parents[2]
HEAD = "team,item_id,created,completed\n"


def history(team: str = "a", *, clock: str = "") -> str:
    """An item finished every second day for a year, each after ten days."""
    start = date(2024, 1, 1)
    days = [start + timedelta(days=2 * number) for number in range(200)]
    return HEAD + "".join(f"{team},{n},{day}{clock},{day + timedelta(days=10)}{clock}\n" for n, day in enumerate(days))


def run(*paths: Path, **options: Any) -> tuple[int, str, str]:
    out, err = StringIO(), StringIO()
    try:
        call_command("backtest", "--csv", *map(str, paths), stdout=out, stderr=err, **options)
    except SystemExit as end:
        return int(end.code or 0), out.getvalue(), err.getvalue()
    return 0, out.getvalue(), err.getvalue()


def write(folder: Path, text: str | bytes, name: str = "h.csv") -> Path:
    (folder / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    return folder / name


@pytest.mark.django_db
def test_a_good_file_is_answered_without_a_single_query(tmp_path: Path, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        code, out, err = run(write(tmp_path, history()))
    assert (code, err) == (0, "")
    assert "questions answered" in out


def test_json_is_one_object(tmp_path: Path) -> None:
    code, out, _ = run(write(tmp_path, history()), json=True)
    told = json.loads(out)
    assert code == 0
    assert told["account"]["questions"] > 0
    assert told["left_out"]["rows"] == 200
    assert told["thinned"] == 1


def test_several_files_packed_or_not_are_several_sources(tmp_path: Path) -> None:
    plain = write(tmp_path, history(), "first.csv")
    packed = write(tmp_path, gzip.compress(history().encode()), "second.csv.gz")
    code, out, _ = run(plain, packed, json=True)
    told = json.loads(out)
    assert code == 0
    assert told["account"]["teams"] == 2  # of one name, in two files
    assert told["left_out"]["rows"] == 400


def test_a_time_without_a_zone_is_told_with_its_file_where_there_are_several(tmp_path: Path) -> None:
    naive = write(tmp_path, history(clock="T10:00:00"), "naive.csv")
    _, out, _ = run(naive, write(tmp_path, history("b"), "other.csv"))
    assert "naive.csv: 200 rows have a time without a zone; it was taken as UTC." in out


def test_one_finished_item_is_not_enough_and_says_so(tmp_path: Path) -> None:
    code, out, _ = run(write(tmp_path, HEAD + "a,1,2024-01-01,2024-02-01\n"))
    assert code == 1
    assert "a: not enough history: 1 finished item over 0 days" in out


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "is empty"),
        ("team,item_id,created\na,1,2026-01-01\n", "lacks the column completed"),
        (HEAD.encode() + "é,1,2026-01-01,\n".encode("latin-1"), "is not UTF-8 text"),
        (None, "cannot be read: No such file"),
    ],
)
def test_a_bad_file_is_wrong_use_and_a_sentence(tmp_path: Path, text: str | bytes | None, told: str) -> None:
    path = tmp_path / "none.csv" if text is None else write(tmp_path, text)
    code, out, err = run(path)
    assert (code, out) == (2, "")
    assert told in err


def test_the_bad_one_of_several_files_is_named(tmp_path: Path) -> None:
    code, _, err = run(write(tmp_path, history()), write(tmp_path, "", "second.csv"))
    assert code == 2
    assert err.startswith("second.csv is empty")


def test_a_team_that_is_not_in_the_file_is_wrong_use(tmp_path: Path) -> None:
    code, _, err = run(write(tmp_path, history()), team="nobody")
    assert code == 2
    assert "There is no team “nobody” in the file." in err


@pytest.mark.parametrize("settings", [{}, {"DATABASE_URL": "postgres://nobody@127.0.0.1:1/none"}])
def test_it_needs_no_set_up_and_half_a_set_up_does_not_stop_it(tmp_path: Path, settings: dict[str, str]) -> None:
    names = ("PATH", "HOME", "LANG", "DATA_DIR")
    found = {name: os.environ[name] for name in names if name in os.environ} | {"DATA_DIR": str(tmp_path / "var")}
    done = subprocess.run(
        [sys.executable, str(ROOT / "manage.py"), "backtest", "--csv", str(write(tmp_path, history())), "--json"],
        env=found | settings,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["account"]["questions"] > 0
    assert not (tmp_path / "var" / "postgres").exists()
