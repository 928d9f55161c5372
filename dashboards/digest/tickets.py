"""Texts that people typed, without the numbers of tickets: executives do not read Jira. PURE."""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import lru_cache
from typing import Any, Final

_WORD: Final = r"(?i:prs?|mrs?|pull requests?|merge requests?|issues?|tickets?|bugs?|fixes|closes|resolves|refs):?\s*"
"""What says nothing without the number after it: it goes with it, but for where a sentence leads to it."""
_LED_TO: Final = rf"(?P<led_to>\w\s+{_WORD})"
_ALONE: Final = rf"(?:^|(?<=\W))(?<!\w\s){_WORD}"
_OF_REPOSITORY: Final = r"(?<![\w./-])[\w.-]+/[\w.-]+#\d+\b(?!-\w)"
_BARE: Final = r"(?<![&\w])(?!(?<=\w\s)#\d\s+\w)#\d+\b"
_AFTER: Final = r"\s*[:,–—-]?\s*"
_OUT: Final = "\x00"  # stands where something was taken out; no text of PostgreSQL can hold it
_BRACKETS: Final = re.compile(rf"\([\s,;:&–—-]*{_OUT}[\s,;:&–—{_OUT}-]*\)|\[[\s,;:&–—-]*{_OUT}[\s,;:&–—{_OUT}-]*\]")


def without_tickets(told: Any, projects: Collection[str]) -> Any:
    """``told`` (text, or lists and records of it) without keys of ``projects`` (ABC-12) and numbers of GitHub.

    Only of projects that are known: UTF-8 and COVID-19 are words. acme/streams#41 always goes. So does #41, with the PR,
    issue or fixes before it; only one digit between two words stays, for people rank so: our #1 goal. A number of a
    ticket with one digit is rare, and mostly stands first, last, in brackets, before a colon or after such a word.
    A text that was nothing but a number stays.
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
    left, count = pattern.subn(lambda found: f"{found['led_to'] or ''}{_OUT}", text)
    if not count:
        return text
    while (inner := _BRACKETS.sub(_OUT, left)) != left:
        left = inner
    left = re.sub(rf"[\s{_OUT}]+", " ", left)
    left = re.sub(r"\s+(?:and|&)\s*$", "", left)
    left = re.sub(r"[\s,;:–—-]+([.)\]])|\s+([,;:])", r"\1\2", left).strip(" ,;:–—-")
    return left or text


@lru_cache(maxsize=64)
def _pattern(projects: frozenset[str]) -> re.Pattern[str]:
    keys = "|".join(re.escape(one) for one in sorted(projects, key=len, reverse=True))
    named = [rf"\b(?:{keys})-\d+\b"] if keys else []
    after_a_word = "|".join([*named, _OF_REPOSITORY, r"#\d+\b"])
    anywhere = "|".join([*named, _OF_REPOSITORY, _BARE])
    listed = rf"(?:\s*(?:,|&|\band\b)\s*(?:{after_a_word}))*"
    return re.compile(rf"(?:(?:{_LED_TO}|{_ALONE})(?:{after_a_word})|{anywhere}){listed}{_AFTER}")
