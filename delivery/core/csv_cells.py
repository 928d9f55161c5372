"""What the cells of an import say: days, numbers, yes and no, lists, objects. Whatever is shown is read back the same."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any, Final

_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_WHOLE: Final = re.compile(r"\d{1,9}", re.ASCII)
_SHARE: Final = re.compile(r"\d{1,3}(\.\d{1,6})?", re.ASCII)
_YES: Final = ("yes", "true", "1")
_NO: Final = ("no", "false", "0")
EARLIEST: Final = 1900
LATEST: Final = 2199


class Unread(ValueError):
    """A cell that says nothing we know; in words what to do."""


def day(cell: str) -> date | None:
    if not cell:
        return None
    try:
        found = date.fromisoformat(cell) if _DAY.fullmatch(cell) else None
    except ValueError:
        found = None
    if found is None or not EARLIEST <= found.year <= LATEST:
        raise Unread(f"“{shortened(cell)}” is no day we can read: enter it as 2027-03-31.")
    return found


def whole(cell: str) -> int | None:
    if not cell:
        return None
    if not _WHOLE.fullmatch(cell):
        raise Unread(f"“{shortened(cell)}” is no whole number: enter one such as 12, or leave it empty.")
    return int(cell)


def share(cell: str) -> Decimal:
    if not _SHARE.fullmatch(cell):
        raise Unread("Enter a share of the time over 0 up to 1, such as 0.5.")
    return Decimal(cell).normalize()


def yes_no(cell: str) -> bool:
    if cell.lower() not in (*_YES, *_NO):
        raise Unread("Enter yes or no.")
    return cell.lower() in _YES


def listed(cell: str) -> list[str]:
    """Names with semicolons between them; each once."""
    return list(dict.fromkeys(name.strip() for name in cell.split(";") if name.strip()))


def objects(cell: str, known: Iterable[str], such: str) -> list[dict[str, Any]]:
    """A JSON list of objects with ``known`` names alone; ``such``: an example."""
    if not cell:
        return []
    try:
        found = json.loads(cell)
        json.dumps(found, ensure_ascii=False).encode()  # half an emoji is no text
        if "\\u0000" in json.dumps(found):
            found = None
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise Unread(f"Enter a JSON list, such as {such}, or leave it empty.")
    names = set(known)
    strange = sorted({name for one in found for name in one} - names)
    if strange:
        raise Unread(f"“{shortened(strange[0])}” is not known here: use {', '.join(known)}.")
    return found


def shown(value: Any) -> str:
    """A plain value as a cell."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return str(value)


def shown_objects(values: Iterable[dict[str, Any]]) -> str:
    found = list(values)
    return json.dumps(found, ensure_ascii=False) if found else ""


def shortened(text: str, longest: int = 40) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1]}…"
