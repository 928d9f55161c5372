"""A digest whose texts are no longer than an e-mail has room for; the whole of them stands on the pages. PURE."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from dashboards.digest.records import Digest, Section, Step, Words
from dashboards.words import short

TITLE: Final = 120
"""Letters of a title: two lines of an e-mail."""
_TITLES: Final = 4  # a sentence has room for as many: a title, a name and what is said of them


def brief(digest: Digest, longest: int = TITLE) -> Digest:
    """``longest``: letters of a title."""
    return replace(
        digest,
        first=_step(digest.first, longest) if digest.first else None,
        risks=tuple(_cut(one, longest, "driver", "action") for one in digest.risks),
        register=tuple(_cut(one, longest, "says") for one in digest.register),
        changed=_section(digest.changed, longest),
        disputed=_section(digest.disputed, longest),
        asked=_section(digest.asked, longest),
        delivered=_section(digest.delivered, longest),
        learned=_section(digest.learned, longest),
        stale=tuple(short(one, longest * _TITLES) for one in digest.stale),
    )


def _step(step: Step, longest: int) -> Step:
    return replace(step, says=tuple(_phrase(one, longest) for one in step.says))


def _phrase(one: Words, longest: int) -> Words:
    return replace(one, text=short(one.text, longest)) if one.stress == "strong" else one


def _section(section: Section, longest: int) -> Section:
    return replace(section, lines=tuple(_cut(one, longest, "says") for one in section.lines))


def _cut(one: Any, longest: int, *sentences: str) -> Any:
    """A record with a title and these sentences."""
    said = {name: short(getattr(one, name), longest * _TITLES) for name in sentences}
    return replace(one, title=short(one.title, longest), **said)
