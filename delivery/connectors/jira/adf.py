"""Rich text as plain text: Cloud's documents (ADF), Data Center's wiki text, or nothing (J19)."""

from __future__ import annotations

import re
from typing import Any

BLOCKS = ("paragraph", "heading", "listItem", "blockquote", "codeBlock", "tableRow", "panel", "rule")
DEEPEST = 60  # levels; what lies below is left out
_NUMBER = re.compile(r"\s*(-?\d+(?:[.,]\d+)?)\b")


def text(value: Any) -> str:
    """The words of a rich text in any form; those of nodes nobody knows are found inside them."""
    if isinstance(value, str):
        return value
    pieces: list[str] = []
    _gather(value, pieces, DEEPEST)
    return "".join(pieces).strip()


def number(value: Any) -> float | None:
    """A number in any form in which a field may hold one: itself, a choice (``{"value": "5"}``), or text; else None."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float):
        return float(value)
    if isinstance(value, dict) and "value" in value:
        value = value["value"]
        if isinstance(value, int | float) and not isinstance(value, bool):
            return float(value)
    found = _NUMBER.match(text(value))
    return float(found[1].replace(",", ".")) if found else None


def _gather(node: Any, pieces: list[str], left: int) -> None:
    if left == 0:
        return
    if isinstance(node, list):
        for child in node:
            _gather(child, pieces, left - 1)
    if not isinstance(node, dict):
        return
    kind, attributes = node.get("type"), node.get("attrs")
    pieces.append(_own(node, kind, attributes if isinstance(attributes, dict) else {}))
    _gather(node.get("content"), pieces, left - 1)
    if kind in BLOCKS:
        pieces.append("\n")


def _own(node: dict[str, Any], kind: Any, attributes: dict[str, Any]) -> str:
    """What a node itself says: its text with where its links lead, a mention's name, a card's address."""
    if kind == "hardBreak":
        return "\n"
    said = node.get("text") or attributes.get("text") or attributes.get("url") or attributes.get("shortName") or ""
    return str(said) + "".join(f" {link}" for link in _links(node.get("marks")))


def _links(marks: Any) -> list[str]:
    found = [mark.get("attrs") for mark in marks or () if isinstance(mark, dict) and mark.get("type") == "link"]
    return [str(attributes["href"]) for attributes in found if isinstance(attributes, dict) and attributes.get("href")]
