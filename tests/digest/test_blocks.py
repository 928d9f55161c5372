"""What somebody typed, as Slack and Microsoft Teams get it: words, and never a link or a call."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboards.digest.blocks import LONGEST, Block, Part, slack, teams

TRAP = "[Log in again](https://evil.example)"
HERE = "https://headway.example/1/"


def texts_of(card: dict[str, Any]) -> list[str]:
    return [one["text"] for one in card["attachments"][0]["content"]["body"]]


def links_of(markdown: str) -> list[str]:
    """Where the links lead that are left once every mark behind a backslash is a letter."""
    return re.findall(r"\]\(([^)]*)\)", re.sub(r"\\.", "x", markdown))


def told(*lines: list[Part], title: str = "") -> list[Block]:
    return [Block(title, lines)]


def test_in_teams_what_was_typed_is_no_link_wherever_it_stands() -> None:
    heading, text = texts_of(teams(told([Part(TRAP, HERE), Part(f": {TRAP}")], [Part(TRAP)], title=TRAP)))
    assert links_of(heading) == []
    assert links_of(text) == [HERE]
    assert heading == r"\[Log in again\]\(https://evil.example\)"


@given(st.text(alphabet="[]()\\*_`#<>a \n", max_size=30))
def test_in_teams_no_marks_make_a_link(typed: str) -> None:
    [text] = texts_of(teams(told([Part(typed, HERE), Part(typed)])))
    assert links_of(text) == [HERE]
    assert not re.search(r"[`*_#<>\n]", re.sub(r"\\.", "x", text))


@pytest.mark.parametrize(
    ("typed", "slacks", "teamss"),
    [
        ("R&D | a@b", "R&amp;D ¦ a@\u200bb", "R&D | a@b"),
        ("<!channel>", "‹!channel›", "‹!channel›"),
        ("snake_case *now*", "snake_case ∗now∗", r"snake\_case \*now\*"),
        ("_all_ ~off~ `code`", "ˍallˍ ∼off∼ ˋcodeˋ", r"\_all\_ ~off~ \`code\`"),
        ("1. Ingest", "1. Ingest", r"1\. Ingest"),
        ("- Ingest, 1.5 days", "- Ingest, 1.5 days", r"\- Ingest, 1.5 days"),
        ("one\n\n# two", "one # two", r"one \# two"),
    ],
)
def test_each_kind_writes_it_in_its_own_way(typed: str, slacks: str, teamss: str) -> None:
    assert slack(told([Part(typed)]))["blocks"][0]["text"]["text"] == slacks
    assert texts_of(teams(told([Part(typed)]))) == [teamss]


def test_a_link_has_the_form_of_its_kind() -> None:
    one = told([Part("• "), Part("R&D", HERE), Part(": late.")], title="Late")
    assert slack(one)["blocks"][0]["text"]["text"] == f"*Late*\n• <{HERE}|R&amp;D>: late."
    assert texts_of(teams(one)) == ["Late", f"• [R&D]({HERE}): late."]


def test_slack_makes_no_link_of_an_address_that_was_typed() -> None:
    assert slack(told([Part("https://evil.example")]))["blocks"][0]["text"]["verbatim"] is True


def test_slack_gets_whole_lines_and_no_more_than_it_takes() -> None:
    line = [Part("&" * 100, HERE), Part("word " * 200)]
    text = slack(told(*[line] * 5, title="Late"))["blocks"][0]["text"]["text"]
    assert len(text) <= LONGEST + 2
    lines = text.split("\n")
    assert lines[-1] == "…"
    assert all(one.startswith(f"<{HERE}|&amp;") and one.endswith("word…") for one in lines[1:-1])
    assert len(lines) > 3
