"""A new token for a source that is there: which kinds fit, and what was typed, sealed, until it is good."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.contrib.auth.models import AnonymousUser
from django.core.cache import cache

from dashboards.pages import source_connecting
from dashboards.pages.source_ways import WAYS, Way, ways
from delivery import secrets
from delivery.credentials import SignIn
from delivery.models import Auth, Source
from people.models import Person

KEPT: Final = 3600  # seconds
USUAL: Final = {"cloud": "api", "datacenter": "personal", "": "fine-grained"}


@dataclass(frozen=True, slots=True)
class TokenPage:
    """``ways``: those that fit where the source is."""

    id: int
    name: str
    way: Way
    ways: tuple[Way, ...]
    values: Mapping[str, Any]
    errors: Mapping[str, Sequence[str]]
    kept: tuple[str, ...]


def page(
    source: Source, way: str, *, values: Mapping[str, Any], errors: Mapping[str, Sequence[str]], kept: tuple[str, ...]
) -> TokenPage:
    return TokenPage(source.pk, source.name, WAYS[way], _fitting(source), values, errors, kept)


def way_of(source: Source, wanted: str = "") -> Way:
    """The kind that somebody wants, or the one that the source has now."""
    fitting = {way.id: way for way in _fitting(source)}
    now = {Auth.OAUTH: "oauth", Auth.APP: "app"}.get(Auth(source.auth), source.token_kind)
    if source.kind == "jira" and source.email and now not in fitting:
        now = "api"
    return (
        fitting.get(wanted)
        or fitting.get(now)
        or fitting.get(USUAL.get(source.deployment, ""))
        or [*fitting.values()][0]
    )


def shown(source: Source) -> dict[str, Any]:
    return {"url": source.browse or source.url, "email": source.email}


def signed(way: Way, told: Mapping[str, Any], source: Source) -> SignIn:
    secret = {name: told[name] for name in ("app_id", "installation", "private_key") if name in told}
    return SignIn(
        kind=way.kind,
        url=told["url"],
        token=told.get("token", ""),
        email=told.get("email", ""),
        auth=way.auth,
        token_kind="scoped" if way.id == "scoped" else "",
        secret=secret,
        deployment=way.deployment or source.deployment,
    )


def keep(pk: int, person: Person | AnonymousUser, typed: Mapping[str, Any]) -> dict[str, str]:
    """The secrets that were typed, and those typed before where a field was left empty: nobody pastes twice."""
    sealed = cache.get(_key(pk, person))
    before: dict[str, str] = {}
    if sealed:
        try:
            before = json.loads(secrets.unseal(sealed))
        except (secrets.SecretError, ValueError):
            before = {}
    new = {name: str(typed[name]).strip() for name in ("token", "private_key") if str(typed.get(name, "")).strip()}
    if new:
        cache.set(_key(pk, person), secrets.seal(json.dumps({**before, **new})), KEPT)
    return {**before, **new}


def forget(pk: int, person: Person | AnonymousUser) -> None:
    cache.delete(_key(pk, person))


def _fitting(source: Source) -> tuple[Way, ...]:
    found = ways(source.kind, oauth=source_connecting.oauth_is_set_up())
    return tuple(way for way in found if way.deployment in ("", source.deployment or way.deployment))


def _key(pk: int, person: Person | AnonymousUser) -> str:
    return f"source-token-{pk}-{person.pk}"
