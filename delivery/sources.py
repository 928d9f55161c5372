"""Sources: connecting one, and how fresh each is."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing

from django.conf import settings
from django.db import transaction

from delivery import secrets, sync
from delivery.connectors.contract import Check, ConnectorError, Credentials
from delivery.connectors.registry import open_connector
from delivery.connectors.retry import RetryPolicy
from delivery.freshness import SliceState, SourceState, State, freshness
from delivery.models import Source, SourceSlice
from people.models import Account

IMPATIENT = RetryPolicy(tries=3, longest_wait=10.0)  # somebody waits for the answer
__all__ = ["SliceState", "SourceState", "State", "connect_source", "freshness"]


def connect_source(
    *,
    kind: str,
    name: str,
    url: str,
    token: str,
    email: str,
    scopes: Sequence[str],
    deployment: str = "",
    allow_private: bool = False,
) -> Source:
    """Check the credentials and every scope, then write the source with its slices, all or nothing.

    A source of that name is connected anew: credentials, address and scopes become the given ones, what was read
    stays, also of a scope that is no longer named. Another server under a known name is refused: its rows would mix
    with what was read, number by number. Raises ConnectorError, with nothing changed.
    """
    known = Source.objects.filter(name=name).first()
    if known is not None and known.kind != kind:
        raise ConnectorError(
            f"There is a source called {name} already, and it is a {known.get_kind_display()}: choose another name.",
            kind="address",
        )
    address = url.strip().rstrip("/")
    credentials = Credentials(address, token.strip(), email.strip(), deployment)
    private = allow_private or settings.ALLOW_PRIVATE_SOURCES
    sealed = secrets.seal(credentials.token)
    with closing(open_connector(kind, credentials, allow_private=private, policy=IMPATIENT)) as connector:
        check = connector.check(scopes)
        _same_server(known, check, address)
        with transaction.atomic():
            source = known or Source(name=name, kind=kind)
            if known is not None:
                _move_accounts(known, address)
            _fill(source, address, email.strip(), sealed, check, allow_private)
            sync.slices_of(source, connector)
    return source


def _fill(source: Source, address: str, email: str, sealed: str, check: Check, allow_private: bool) -> None:
    source.url, source.email, source.token = address, email, sealed
    source.identity = check.identity[:300] or source.identity
    source.deployment, source.account, source.version = check.deployment, check.account[:200], check.version[:60]
    source.scopes = list(dict.fromkeys(check.scopes))
    source.allow_private = allow_private
    source.save()
    # New credentials are worth a try at once, whatever the old ones met.
    SourceSlice.objects.filter(source=source).update(error="", error_kind="", not_before=None)


def _same_server(known: Source | None, check: Check, address: str) -> None:
    if known is None or not known.identity or not check.identity or known.identity == check.identity[:300]:
        return
    raise ConnectorError(
        f"{known.name} reads {known.identity}, and {address} is another server, {check.identity}: connect it under a "
        "name of its own.",
        kind="address",
    )


def _move_accounts(source: Source, address: str) -> None:
    """The same server answers at another address now: its accounts, and whose they are, go with it."""
    if source.url == address or Source.objects.filter(url=source.url).exclude(pk=source.pk).exists():
        return
    if not Account.objects.filter(kind=source.kind, origin=address).exists():
        Account.objects.filter(kind=source.kind, origin=source.url).update(origin=address)
