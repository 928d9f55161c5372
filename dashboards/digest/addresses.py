"""Where the links of a digest lead its reader: pages for somebody with a login, the digest itself for who has none. PURE."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

_ONE: Final = re.compile(r"/(deliverable|risk|goal)s/(\d+)/")


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

    @property
    def home(self) -> str:
        return self.read or f"{self.base}/"


def anchor(path: str) -> str:
    """The part of a digest that is about the same: deliverable-12; its top for anything else."""
    found = _ONE.match(path)
    return f"{found[1]}-{found[2]}" if found else "main"
