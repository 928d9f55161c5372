"""Texts without the numbers of tickets."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboards.digest.tickets import without_tickets


@given(st.text(alphabet="FEAT-123 #ab(),.", max_size=40))
def test_taking_tickets_out_never_leaves_one_nor_an_empty_text(text: str) -> None:
    left = without_tickets({"says": text, "url": text}, ["FEAT"])
    assert left["url"] == text
    assert bool(left["says"].strip()) == bool(text.strip())
    assert left["says"] == text or not re.search(r"\bFEAT-\d", left["says"])


def test_words_that_only_look_like_tickets_stay() -> None:
    kept = "COVID-19, UTF-8 and GPT-4; R&D #hash and AT&#39;"
    assert without_tickets(kept, ["FEAT"]) == kept
    assert without_tickets("Fix FEAT-1: the ranker, FEAT-22.", ["FEAT"]) == "Fix the ranker."
    assert without_tickets("FEAT-1", ["FEAT"]) == "FEAT-1"


@pytest.mark.parametrize(
    ("typed", "left"),
    [
        ("Fix acme/streams#41: ranker", "Fix ranker"),
        ("Ranker (acme/streams#41)", "Ranker"),
        ("acme/streams#41", "acme/streams#41"),
        ("Wait for acme/streams#4 and acme/ui#5 to merge", "Wait for to merge"),
        ("PR #12: new ranker", "new ranker"),
        ("New ranker, pull request #4 of many", "New ranker, of many"),
        ("Look at issue#7 first", "Look at issue first"),
        ("We see STR-12 and FEAT-12 as done", "We see STR-12 and as done"),
        ("The bugs #3 and #4 are open", "The bugs are open"),
        ("Race to #1 and #2", "Race to #1"),
        ("Bugs #3 and #4", "Bugs #3 and #4"),
        ("#41: ranker", "ranker"),
        ("#4 Ranker", "Ranker"),
        ("Ranker #4", "Ranker"),
        ("Ranker, fixes #41", "Ranker"),
        ("Ranker [fixes #4, #5 and FEAT-6] for all", "Ranker for all"),
        ("Ranker ((#41)) for all", "Ranker for all"),
        ("Finish #41 before the #1 launch", "Finish before the #1 launch"),
        ("Proposed: #4 Ranker (nobody’s yet, due 2 December).", "Proposed: Ranker (nobody’s yet, due 2 December)."),
        ("Under way: Ranker #4 (Elif, due 2 December).", "Under way: Ranker (Elif, due 2 December)."),
    ],
)
def test_numbers_of_github_go_with_what_leans_on_them(typed: str, left: str) -> None:
    assert without_tickets(typed, ["FEAT"]) == left


@pytest.mark.parametrize(
    "kept",
    [
        "our #1 goal",
        "See #1 priority",
        "foo/bar#12-fix",
        "Streams, the #1 priority",
        "Call run() in C#12",
        "R&D’s #2 vendor leaves",
    ],
)
def test_a_rank_between_words_stays(kept: str) -> None:
    assert without_tickets(kept, ["FEAT"]) == kept


@given(
    st.lists(st.sampled_from(["#4", "#41", "acme/ui#7", "FEAT-1", "Ranker", "PR", "(", ")", "and", ","]), max_size=9)
)
def test_no_holes_are_left(words: list[str]) -> None:
    typed = " ".join(words).replace("( ", "(").replace(" )", ")")
    left = without_tickets(typed, ["FEAT"])
    assert left == typed or not re.search(r"  |#\d\d|/ui#|\x00|^[ ,]|[ ,]$", left), left
