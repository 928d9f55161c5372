"""A source that is being connected: what was typed so far, sealed, for an hour, and for one person alone.

It is bound to the person and not to the login, so that a login that runs out in the middle costs nothing.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Final

from django.core.cache import cache

from dashboards.pages.source_ways import WAYS, Way
from delivery import secrets
from delivery.connectors.contract import Found
from people.models import Person

KEPT: Final = 3600  # seconds
MADE: Final = 600  # seconds for which it is known what a draft became
MAKING: Final = 120  # seconds after which a connecting that was killed no longer counts
LONGEST_ID: Final = 40


@dataclass(frozen=True, slots=True)
class Draft:
    """``id``: of this attempt, so that a form of another tab is told from its own. ``secret``: what OAuth gave, as delivery.credentials wants it, as JSON. ``account`` and what follows: what the
    check found; nothing of it counts while the credentials are not ``checked``. Instants are ISO text."""

    id: str = ""
    way: str = ""
    name: str = ""
    url: str = ""
    email: str = ""
    token: str = ""
    app_id: str = ""
    installation: str = ""
    private_key: str = ""
    secret: str = ""
    renew_at: str = ""
    scopes: tuple[str, ...] = ()
    patterns: tuple[str, ...] = ()
    window: str = "12"
    share: int = 50
    worklogs: bool = False
    checked: bool = False
    account: str = ""
    version: str = ""
    deployment: str = ""
    expires: str = ""
    token_kind: str = ""
    lacks: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"Draft({self.way!r}, {self.url!r}, …)"

    @property
    def how(self) -> Way | None:
        return WAYS.get(self.way)

    @property
    def kept(self) -> tuple[str, ...]:
        """The secrets that need not be pasted again."""
        return tuple(name for name in ("token", "private_key") if getattr(self, name))


def of(person: Person) -> Draft:
    """What ``person`` has typed within the hour; an empty one when there is nothing."""
    sealed = cache.get(_key(person))
    if not sealed:
        return Draft()
    try:
        told: dict[str, Any] = json.loads(secrets.unseal(sealed))
    except (secrets.SecretError, ValueError):
        return Draft()
    known = {field.name for field in fields(Draft)}
    kept: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in told.items() if k in known}
    return Draft(**kept)


def keep(person: Person, draft: Draft, **changes: Any) -> Draft:
    """``draft`` with ``changes``, kept for another hour."""
    draft = replace(draft, **changes)
    cache.set(_key(person), secrets.seal(json.dumps(asdict(draft))), KEPT)
    return draft


def forget(person: Person) -> None:
    cache.delete_many([_key(person), _found_key(person)])


def became(draft: Draft, source_id: int) -> None:
    """Remember for a while which source ``draft`` was made into: for who pressed twice."""
    if draft.id:
        cache.set(_made_key(draft.id), source_id, MADE)


def made_of(draft_id: str) -> int | None:
    """The number of the source that was made of this draft a moment ago."""
    return cache.get(_made_key(draft_id)) if draft_id else None


@contextmanager
def alone(draft: Draft) -> Iterator[bool]:
    """Whether nobody else makes a source of ``draft`` just now."""
    key = f"source-making-{draft.id}"
    mine = not draft.id or bool(cache.add(key, True, MAKING))
    try:
        yield mine
    finally:
        if mine:
            cache.delete(key)


def found(person: Person) -> tuple[Found, ...] | None:
    """What the token may see, as it was found when it was checked; None when that is forgotten."""
    rows = cache.get(_found_key(person))
    return None if rows is None else tuple(Found(*row) for row in rows)


def keep_found(person: Person, rows: Sequence[Found]) -> None:
    cache.set(_found_key(person), [(one.scope, one.name, one.archived, one.size) for one in rows], KEPT)


def _key(person: Person) -> str:
    return f"source-draft-{person.pk}"


def _made_key(draft_id: str) -> str:
    return f"source-made-{draft_id[:LONGEST_ID]}"


def _found_key(person: Person) -> str:
    return f"source-found-{person.pk}"
