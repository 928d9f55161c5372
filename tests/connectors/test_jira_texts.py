"""Rich text in every form (J19)."""

from __future__ import annotations

import time
from typing import Any

import pytest

from delivery.connectors.jira import adf
from delivery.connectors.keys import keys
from simulator.jira import text


def doc(*blocks: Any) -> dict[str, Any]:
    return {"type": "doc", "version": 1, "content": list(blocks)}


def block(kind: str, *inside: Any) -> dict[str, Any]:
    return {"type": kind, "content": list(inside)}


def words(said: str, **marks: str) -> dict[str, Any]:
    return {
        "type": "text",
        "text": said,
        "marks": [{"type": "link", "attrs": {"href": href}} for href in marks.values()],
    }


def test_j19_keys_and_links_are_found_in_mentions_cards_and_marks() -> None:
    found = adf.text(
        doc(
            block("paragraph", words("See "), {"type": "mention", "attrs": {"id": "x", "text": "@Robin"}}),
            block("paragraph", {"type": "inlineCard", "attrs": {"url": "https://acme.example.test/browse/PLAT-77"}}),
            block("bulletList", block("listItem", block("paragraph", words("after", a="https://x.test/ML-3")))),
        )
    )
    assert "@Robin" in found
    assert keys([found]) == ("PLAT-77", "ML-3")


def test_j19_nodes_that_nobody_knows_keep_their_words() -> None:
    new = {"type": "quantumPanel", "attrs": None, "content": [block("paragraph", words("inside"))], "marks": [None]}
    assert adf.text(doc(new, None, "loose", {"type": None})) == "inside"


def test_j19_paragraphs_and_breaks_stand_on_lines_of_their_own() -> None:
    assert adf.text(
        doc(block("paragraph", words("a"), {"type": "hardBreak"}, words("b")), block("heading", words("c")))
    ) == ("a\nb\nc")


def test_j19_what_the_simulator_writes_is_read_back() -> None:
    plain = "See https://example.test/a now\n\n- one\n- two"
    found = adf.text(text.document(plain))
    assert [word for word in found.split() if word] == [word for word in plain.split() if word != "-"]


@pytest.mark.parametrize("nothing", [None, "", {}, [], doc(), 7, {"type": "doc", "content": None}])
def test_j19_nothing_is_no_text(nothing: Any) -> None:
    assert adf.text(nothing) == ""


def test_j19_wiki_text_is_itself() -> None:
    assert adf.text("h1. *Bold*") == "h1. *Bold*"


def test_j19_a_document_without_a_bottom_does_not_end_the_reading() -> None:
    deep: Any = words("lost")
    for _ in range(5000):
        deep = block("blockquote", deep)
    assert adf.text(doc(block("paragraph", words("kept")), deep)) == "kept"


@pytest.mark.parametrize(
    ("value", "number"),
    [(3, 3.0), (0, 0.0), (2.5, 2.5), ("5", 5.0), (" 8 points", 8.0), ("1,5", 1.5), ({"value": "13"}, 13.0),
     ({"value": 2}, 2.0), (doc(block("paragraph", words("21"))), 21.0), (None, None), ("", None), ("soon", None),
     (True, None), ({"value": None}, None), ([], None)],
)  # fmt: skip
def test_j20_a_number_is_read_in_every_form_and_nothing_is_not_0(value: Any, number: float | None) -> None:
    assert adf.number(value) == number


def test_keys_are_found_in_a_text_without_an_end_in_a_moment() -> None:
    """Everybody may write a commit message: half a million characters of ``A_A_A_…`` once took a minute."""
    began = time.monotonic()
    assert keys(["A_" * 250_000 + "X-1 and ABC-2"])[-1] == "ABC-2"
    assert time.monotonic() - began < 5.0
