"""What a channel is told: blocks of words and links, and how Slack and Microsoft Teams write them. PURE.

What somebody typed can neither link, nor call anybody, nor change how the rest looks; each kind has its own way for that.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from dashboards import words

LONGEST: Final = 2900  # letters of one block of Slack, which takes 3,000
LONGEST_PART: Final = 500
SPACE: Final = re.compile(r"\s+")
MARKS: Final = re.compile(r"([\\`*_\[\]()#])")
LOOK_ALIKES: Final = str.maketrans({"`": "ˋ", "*": "∗", "~": "∼"})
"""Slack has no way to quote its marks."""
EDGE: Final = re.compile(r"(?<!\w)_|_(?!\w)")  # within a word it is no mark
LIST_MARK: Final = re.compile(r"^(\s*\d*)([-+.])(?=\s)")


@dataclass(frozen=True, slots=True)
class Part:
    """Words as they are meant to be read, a link where there is a ``url``."""

    text: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Block:
    """Lines under a title, which may be empty."""

    title: str
    lines: Sequence[Sequence[Part]]


def slack(blocks: Sequence[Block]) -> dict[str, Any]:
    """Block Kit; ``text`` is what notifications show."""
    texts = [text for one in blocks if (text := _mrkdwn_block(one))]
    sections = [{"type": "section", "text": {"type": "mrkdwn", "text": text, "verbatim": True}} for text in texts]
    return {"text": _mrkdwn(Part(blocks[0].title)), "blocks": sections, "unfurl_links": False}


def _mrkdwn_block(block: Block) -> str:
    """As many whole lines as fit: what is cut within a link is none."""
    title = [f"*{_mrkdwn(Part(block.title))}*"] if block.title else []
    lines = [*title, *("".join(map(_mrkdwn, line)) for line in block.lines)]
    fits = [line for at, line in enumerate(lines) if len("\n".join(lines[: at + 1])) <= LONGEST]
    return "\n".join([*fits, *(["…"] if len(fits) < len(lines) else [])])


def _mrkdwn(part: Part) -> str:
    text = _short(part.text).replace("&", "&amp;").replace("|", "¦").replace("@", "@\u200b").translate(LOOK_ALIKES)
    text = EDGE.sub("ˍ", text)
    return f"<{part.url}|{text}>" if part.url else text


def teams(blocks: Sequence[Block]) -> dict[str, Any]:
    """An Adaptive Card, as the webhooks of Teams' workflows take it."""
    card = {
        "type": "AdaptiveCard",
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "version": "1.4",
        "body": [text for block in blocks for text in _text_blocks(block)],
    }
    content = {"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": None, "content": card}
    return {"type": "message", "attachments": [content]}


def _text_blocks(block: Block) -> Iterator[dict[str, Any]]:
    if block.title:
        title = _markdown_line([Part(block.title)])
        yield {"type": "TextBlock", "text": title, "weight": "Bolder", "wrap": True, "spacing": "Medium"}
    text = "\n\n".join(map(_markdown_line, block.lines))
    yield {"type": "TextBlock", "text": text, "wrap": True, "spacing": "Small"}


def _markdown_line(line: Sequence[Part]) -> str:
    return LIST_MARK.sub(r"\1\\\2", "".join(map(_markdown, line)))


def _markdown(part: Part) -> str:
    text = MARKS.sub(r"\\\1", _short(part.text))
    return f"[{text}]({part.url.replace('(', '%28').replace(')', '%29')})" if part.url else text


def _short(text: str) -> str:
    """In one line, and without the marks in which both kinds write what is no text."""
    return words.short(SPACE.sub(" ", text), LONGEST_PART).replace("<", "‹").replace(">", "›")
