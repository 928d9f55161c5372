"""Where the links of a digest lead its reader: pages for somebody with a login, the digest itself for who has none. PURE."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from dashboards.digest.records import Digest, Line, Listed, Promised, Step

_ONE: Final = re.compile(r"/(?:(deliverable|risk|goal)s/(\d+)/|learning/#(bet)-(\d+)$)")
_TOP: Final = "main"
Part = Promised | Listed | Line | Step


@dataclass(frozen=True, slots=True)
class Addresses:
    """``base``: before every path. ``read``: the digest as a page without a login; empty for who may log in.

    ``stop``, ``useful`` and ``settings`` may be empty: a preview has none of them.
    """

    base: str
    read: str = ""
    stop: str = ""
    useful: str = ""
    settings: str = ""

    def to(self, path: str) -> str:
        return f"{self.read}#{anchor(path)}" if self.read else f"{self.base}{path}"

    def here(self, one: Part, digest: Digest) -> str:
        """The anchor of ``one`` in ``digest`` as a page; empty where another part is about the same and has it."""
        at = anchor(one.url)
        holder = next((part for part in _parts(digest) if anchor(part.url) == at), None)
        return at if at != _TOP and holder is one else ""

    @property
    def home(self) -> str:
        return self.read or f"{self.base}/"


def anchor(path: str) -> str:
    """The part of a digest that is about the same: deliverable-12; its top for anything else."""
    found = _ONE.match(path)
    return "-".join(filter(None, found.groups())) if found else _TOP


def _parts(digest: Digest) -> Iterator[Part]:
    """Where the page says most of something comes first."""
    yield from digest.risks
    yield from digest.register
    for section in (digest.changed, digest.disputed, digest.delivered, digest.learned, digest.asked):
        yield from section.lines
    if digest.first:
        yield digest.first
