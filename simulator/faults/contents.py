"""JSON of the right shape with the wrong things in it: nulls, unknown words, huge and dirty texts (J25, J35)."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import orjson

from simulator.faults.lists import objects_of, paged
from simulator.faults.turn import Answer, Turn
from simulator.web import Reply

NAMING = ("project", "commit", "repository", "head", "base", "pageInfo", "schema", "names", "variables")
WORDS = ("state", "conclusion", "event", "reviewDecision")
TEXTS = ("summary", "title", "displayName", "description", "body", "message", "goal", "fromString", "toString")
NUL, HALF = "\ue000", "\ue001"  # stand-ins from the private area: no JSON writer of ours gives a lone surrogate


def nulls(turn: Turn, answer: Answer, *, places: int = 3) -> Reply:
    """Null at so many places of the page where an object was promised, never in what names a thing."""
    reply = answer()
    value = paged(reply)
    spots = [spot for row in objects_of(value) for spot in _promised(row)]
    if not spots:
        return reply
    for holder, name in turn.rng.sample(spots, min(places, len(spots))):
        holder[name] = None
    return replace(reply, body=orjson.dumps(value))


def unknown(turn: Turn, answer: Answer) -> Reply:
    """A field nobody has heard of in every object of every row, and a new word in one of its enumerations."""
    reply = answer()
    value = paged(reply)
    rows = objects_of(value)
    if not rows:
        return reply
    inside = [inner for row in rows for inner in _inside(row)]
    words = [(inner, name) for inner in inside for name in _words(inner)]
    for inner in inside:
        inner["somethingNew"] = {"id": 1, "of": [{"kind": "nobody knows"}]}
    if words:
        holder, name = turn.rng.choice(words)
        holder[name] = "BRAND_NEW"
    return replace(reply, body=orjson.dumps(value))


def huge(turn: Turn, answer: Answer, *, megabytes: int = 3) -> Reply:
    """One row of the page has a description of so many megabytes."""
    reply = answer()
    value = paged(reply)
    rows = objects_of(value)
    if not rows:
        return reply
    row = turn.rng.choice(rows)
    text = "all work and no play " * (megabytes * 1_000_000 // 21)
    holder = row["fields"] if isinstance(row.get("fields"), dict) else row
    holder["description" if "fields" in row else "body"] = _written(holder.get("description"), text)
    return replace(reply, body=orjson.dumps(value))


def dirty(turn: Turn, answer: Answer) -> Reply:
    """NUL and halves of surrogate pairs in texts that people write (J35)."""
    reply = answer()
    value = paged(reply)
    rows = objects_of(value)
    texts = [(inner, name) for row in rows for inner in _inside(row) for name in TEXTS if _is_text(inner, name)]
    if not texts:
        return reply
    for holder, name in texts:
        holder[name] = _soiled(holder[name], turn.rng)
    body = orjson.dumps(value).replace(NUL.encode(), b"\\u0000").replace(HALF.encode(), b"\\ud83d")
    return replace(reply, body=body)


def _soiled(text: str, rng: random.Random) -> str:
    """NUL anywhere; now and then half a pair at the end."""
    place = rng.randrange(len(text) + 1)
    return text[:place] + NUL + text[place:] + (HALF if rng.random() < 0.1 else "")


def _written(before: Any, text: str) -> Any:
    """As rich text where there was some (J19), else plain."""
    if not isinstance(before, dict):
        return text
    paragraph = {"type": "paragraph", "content": [{"type": "text", "text": text}]}
    return {"type": "doc", "version": 1, "content": [paragraph]}


def _promised(value: Any) -> Iterator[tuple[dict[str, Any], str]]:
    """Where an object stands in a row, and may be missing without the row losing its name."""
    for inner in _inside(value):
        for name, held in inner.items():
            if isinstance(held, dict) and name not in NAMING and name != "fields":
                yield inner, name


def _inside(value: Any) -> Iterator[dict[str, Any]]:
    """Every object in a value, itself first."""
    if isinstance(value, dict):
        yield value
        for held in list(value.values()):
            yield from _inside(held)
    elif isinstance(value, list):
        for held in value:
            yield from _inside(held)


def _words(inner: dict[str, Any]) -> Iterator[str]:
    """Names of its enumerations; in Jira's status category even the key is one."""
    yield from (name for name in WORDS if isinstance(inner.get(name), str))
    if "colorName" in inner:
        yield "key"


def _is_text(inner: dict[str, Any], name: str) -> bool:
    """A former key in a changelog is a name, too."""
    return isinstance(inner.get(name), str) and bool(inner[name]) and inner.get("field") not in ("Key", "project")
