"""Webhooks: what a delivery says of itself, and whether the sender knows the secret (J34, G25)."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

Json = Mapping[str, Any]
SCHEME = "sha256="
SCOPES = "scopes"  # the kind of a hint that there are other projects or repositories now


@dataclass(frozen=True, slots=True)
class Hint:
    """What to read again: ``ids`` (as Connector.reread takes them) in the slice of ``kind`` and ``scope``.

    No ids: what changed lately in the whole slice. No scope: wherever the ids are, or every slice of the kind.
    """

    kind: str
    scope: str = ""
    ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Dialect:
    """Which headers a sender uses, and what its words mean. ``event`` and ``hint`` never raise for odd payloads."""

    delivery: str  # the header with the delivery's own number
    signature: str
    event: Callable[[Mapping[str, str], Json], str]
    hint: Callable[[str, Json], Hint | None]  # None: nothing that Headway reads


def signature(body: bytes, secret: str) -> str:
    """The header that goes with ``body``: its HMAC under the secret, over the bytes as they are sent."""
    return SCHEME + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def is_signed(header: str, body: bytes, secret: str) -> bool:
    """Whether whoever sent ``body`` knew the secret; takes the same time for every wrong header."""
    if not secret:
        return False
    return hmac.compare_digest(signature(body, secret).encode(), header.strip().encode("utf-8", "replace"))


def at(payload: Any, *path: str) -> Any:
    """What is at a path of keys; None where there is none, or something else than promised stands on the way."""
    for key in path:
        payload = payload.get(key) if isinstance(payload, Mapping) else None
    return payload


def text(payload: Any, *path: str) -> str:
    """A name or number at a path of keys, as text; empty for none."""
    found = at(payload, *path)
    return str(found) if isinstance(found, str | int) and not isinstance(found, bool) else ""
