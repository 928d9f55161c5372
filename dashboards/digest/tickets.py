"""Texts that people typed, without the numbers of tickets: executives do not read Jira. PURE."""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import lru_cache
from typing import Any

_HASH = r"(?:[\w.-]+/[\w.-]+)?(?<![&\w])#\d+\b"
_AFTER = r"\s*[:,–-]?\s*"


def without_tickets(told: Any, projects: Collection[str]) -> Any:
    """``told`` (text, or lists and records of it) without keys of ``projects`` (ABC-12) and numbers of GitHub (#12).

    Only of projects that are known: UTF-8 and COVID-19 are words. A text that was nothing but a number stays.
    """
    return _told(told, _pattern(frozenset(projects)))


def _told(told: Any, pattern: re.Pattern[str]) -> Any:
    if isinstance(told, str):
        return _text(told, pattern)
    if isinstance(told, list | tuple):
        return type(told)(_told(one, pattern) for one in told)
    if isinstance(told, dict):
        return {name: one if _is_address(name) else _told(one, pattern) for name, one in told.items()}
    return told


def _is_address(name: str) -> bool:
    return name == "url" or name.endswith("_url")


def _text(text: str, pattern: re.Pattern[str]) -> str:
    if not pattern.search(text):
        return text
    left = pattern.sub(" ", text)
    left = re.sub(r"\(\s*\)|\[\s*\]", "", left)
    left = re.sub(r"[\s,;:–-]+([.)\]])|\s+([,;:])", r"\1\2", re.sub(r"\s{2,}", " ", left)).strip(" ,;:–-")
    return left or text


@lru_cache(maxsize=64)
def _pattern(projects: frozenset[str]) -> re.Pattern[str]:
    keys = "|".join(re.escape(one) for one in sorted(projects, key=len, reverse=True))
    key = rf"\b(?:{keys})-\d+\b" if keys else ""
    return re.compile("|".join(f"(?:{one}){_AFTER}" for one in (key, _HASH) if one))
