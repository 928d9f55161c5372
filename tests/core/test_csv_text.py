"""CSV cells and lines: nothing runs, nothing is lost, and every fault has its line."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from delivery.core import csv_text

ANY = st.text(
    st.one_of(st.sampled_from("'=+-@\t\r\n;,\""), st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
)


@given(ANY)
def test_a_guarded_text_runs_nowhere_and_comes_back(text: str) -> None:
    cell = csv_text.guarded(text)
    assert not cell.startswith(("=", "+", "-", "@", "\t", "\r"))
    assert csv_text.unguarded(cell) == text


@given(st.lists(st.tuples(ANY, ANY).filter(lambda row: any(cell.strip() for cell in row)), min_size=1, max_size=5))
def test_what_is_written_is_read_again(rows: list[tuple[str, str]]) -> None:
    sheet = csv_text.read(csv_text.written(["a", "b"], rows), ["a", "b"], ["a"])
    assert not sheet.faults
    assert [(cells["a"], cells["b"]) for _, cells in sheet.lines] == rows


def test_columns_and_lines_that_do_not_fit_are_told_at_once() -> None:
    sheet = csv_text.read("b;x;b\n", ["a", "b"], ["a"])
    assert [(one.line, one.column) for one in sheet.faults] == [(1, "b"), (1, "x"), (1, "a")]
    sheet = csv_text.read('\ufeffa;b\n"1\n2";3\n\n4\n5;6;7\n', ["a", "b"], ["a"])
    assert sheet.lines == ((2, {"a": "1\n2", "b": "3"}),)
    assert [one.line for one in sheet.faults] == [5, 6]
    assert csv_text.read("", ["a"], ["a"]).faults[0].line == 0
    assert "not closed" in csv_text.read('a\n"1', ["a"], ["a"]).faults[0].text
