"""Numbers as people type them."""

from __future__ import annotations

import re
from typing import Final

_TYPED: Final = re.compile(r"[+-]?(\d{1,3}(,\d{3})+|\d+)?(\.\d+)?")


class NotANumber(ValueError):
    """What was typed is no number."""


def number(text: str) -> float | None:
    """1,000.5 or −3 or 12 %; None where nothing was typed. Raises NotANumber."""
    clean = text.strip().replace("\u2212", "-").replace("\u202f", "").replace("\u00a0", "").rstrip("%").strip()
    if not clean:
        return None
    if not _TYPED.fullmatch(clean) or not any(sign.isdigit() for sign in clean) or len(clean) > 40:
        raise NotANumber(text)
    return float(clean.replace(",", ""))


def shown(value: float | None) -> str:
    """The number as it stands in a field."""
    return "" if value is None else f"{value:.15g}"
