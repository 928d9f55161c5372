"""Texts without the numbers of tickets."""

from __future__ import annotations

import re

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
