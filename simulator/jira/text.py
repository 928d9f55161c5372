"""Descriptions: rich text as a document on Cloud, wiki text on Data Center (J19)."""

from __future__ import annotations

import re

LINK = re.compile(r"https?://\S+")


def document(text: str) -> dict[str, object] | None:
    """Plain text as an Atlassian document, a paragraph for every blank line between; null when empty."""
    if not text.strip():
        return None
    return {"type": "doc", "version": 1, "content": [block(part) for part in text.strip().split("\n\n")]}


def block(text: str) -> dict[str, object]:
    lines = text.split("\n")
    if all(line.startswith("- ") for line in lines):
        items = [{"type": "listItem", "content": [paragraph([line[2:]])]} for line in lines]
        return {"type": "bulletList", "content": items}
    return paragraph(lines)


def paragraph(lines: list[str]) -> dict[str, object]:
    content: list[dict[str, object]] = []
    for number, line in enumerate(lines):
        if number:
            content.append({"type": "hardBreak"})
        content += inline(line)
    return {"type": "paragraph", "content": content}


def inline(line: str) -> list[dict[str, object]]:
    """The words of one line, with its addresses as inline cards."""
    nodes: list[dict[str, object]] = []
    last = 0
    for match in LINK.finditer(line):
        if match.start() > last:
            nodes.append({"type": "text", "text": line[last : match.start()]})
        nodes.append({"type": "inlineCard", "attrs": {"url": match[0]}})
        last = match.end()
    if last < len(line):
        nodes.append({"type": "text", "text": line[last:]})
    return nodes


def wiki(text: str) -> str | None:
    """The same text in wiki mark-up; null when empty."""
    lines = ["* " + line[2:] if line.startswith("- ") else line for line in text.strip().split("\n")]
    return "\r\n".join(lines) or None
