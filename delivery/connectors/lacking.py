"""Which right a token lacks, read out of a refusal: the sources say it in headers and in words, each in its own way."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import urlsplit

_GRAPHQL = re.compile(r"one of the following scopes: \[([^\]]*)\]")


def right(headers: Mapping[str, str], said: str, needs: str) -> str:
    """What the token lacks, in the source's own words: ``repo``, ``contents: read``, ``read:project``; "" = unknown.

    ``needs`` is what the asker knows to be needed, where the answer only says that something is missing (Jira).
    """
    if "scope does not match" in said.lower():
        return needs or "a scope"
    told = _GRAPHQL.search(said)
    if told:
        return _listed(told[1].replace("'", "").split(","))
    return _classic(headers) or _fine_grained(headers)


def sign_on(headers: Mapping[str, str]) -> str:
    """The organisation for whose single sign-on a token must be authorised first; "" when that is not it.

    GitHub names it in the address where one authorises; the rest of that address is a secret of one person.
    """
    told = headers.get("x-github-sso", "")
    if not told.startswith("required"):
        return ""
    parts = urlsplit(told.partition("url=")[2]).path.strip("/").split("/")
    return parts[1] if len(parts) > 1 and parts[0] in ("orgs", "enterprises") else "the organisation"


def _classic(headers: Mapping[str, str]) -> str:
    """A classic token's scopes are told with every answer, also those that would do: any one of them (G13)."""
    if "x-oauth-scopes" not in headers:
        return ""
    accepted = _words(headers.get("x-accepted-oauth-scopes", ""))
    return "" if set(accepted) & set(_words(headers["x-oauth-scopes"])) else _listed(accepted)


def _fine_grained(headers: Mapping[str, str]) -> str:
    """``contents=read,issues=read; metadata=read``: sets, of which one would do. A classic token has no such rights."""
    if "x-oauth-scopes" in headers:
        return ""
    first = headers.get("x-accepted-github-permissions", "").partition(";")[0]
    return " and ".join(word.replace("=", ": ") for word in _words(first))


def _listed(words: list[str]) -> str:
    return " or ".join(word.strip() for word in words if word.strip())


def _words(text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()]
