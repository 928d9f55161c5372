"""Sources: connecting one, changing what it reads, and how fresh each is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from delivery import credentials, discovery, hooks, removal, runs, secrets, sync
from delivery.connectors.contract import Check, Connector, ConnectorError, Found
from delivery.connectors.registry import open_connector
from delivery.credentials import IMPATIENT, Entry, SignIn
from delivery.discovery import matching
from delivery.freshness import SliceState, SourceState, State, freshness
from delivery.models import Auth, Source, SourceSlice
from people.models import Account

__all__ = ["Choices", "SignIn", "SliceState", "SourceState", "State", "connect_source", "freshness", "matching"]
disconnect = removal.disconnect
make_hook_secret = hooks.make_secret


@dataclass(frozen=True, slots=True)
class Choices:
    """What of a source is read, and how. ``backfill_from``: history before it is not read; None = all of it.

    ``patterns`` (``acme/*``, ``DATA*``) name scopes that join by themselves, now and later. ``share``: the most of the
    source's quota that Headway takes, in per cent. ``story_points_field`` "" = found by itself.
    """

    scopes: tuple[str, ...] = ()
    patterns: tuple[str, ...] = ()
    backfill_from: date | None = None
    share: int = 50
    worklogs: bool = False
    story_points_field: str = ""


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
    auth: str = Auth.TOKEN,
    token_kind: str = "",
    secret: Mapping[str, str] | None = None,
    renew_at: datetime | None = None,
    choices: Choices | None = None,
) -> Source:
    """Check the credentials and every scope, then write the source with its slices, all or nothing.

    ``auth``, ``token_kind``, ``secret`` and ``renew_at`` are those of SignIn; ``choices`` says the rest, its scopes
    are ``scopes``.
    A source of that name is connected anew: credentials, address and scopes become the given ones, what was read
    stays, also of a scope that is no longer named. Another server under a known name is refused: its rows would mix
    with what was read, number by number. Raises ConnectorError, with nothing changed.
    """
    known = Source.objects.filter(name=name).first()
    _may_be_named(known, name, kind)
    wanted = replace(choices or choices_of(known), scopes=tuple(scopes))
    sign_in = SignIn(kind, url, token, email, auth, token_kind, secret or {}, deployment, allow_private, renew_at)
    entry = credentials.entered(sign_in, now=timezone.now())
    sealed = secrets.seal(entry.credentials.token)
    with closing(_opened(sign_in, entry, wanted)) as connector:
        wanted = _with_matching(connector, wanted)
        check = _checked(connector, sign_in, wanted.scopes)
        _same_server(known, check, entry)
        with transaction.atomic():
            source = Source(name=name, kind=kind)
            if known is not None:  # as it is by now: a worker may have renewed its token meanwhile
                source = Source.objects.select_for_update(no_key=True).get(pk=known.pk)
                _move_accounts(source, entry.credentials.url)
            _enter(source, sign_in, entry, sealed, check)
            _choose(source, replace(wanted, scopes=check.scopes))
            source.save()
            # New credentials are worth a try at once, whatever the old ones met.
            SourceSlice.objects.filter(source=source).update(error="", error_kind="", not_before=None)
            sync.slices_of(source, connector)
    return source


def check_sign_in(sign_in: SignIn, scopes: Sequence[str] = ()) -> Check:
    """What a sign-in is good for, before there is a source: who it is, what it lacks. Raises ConnectorError."""
    entry = credentials.entered(sign_in, now=timezone.now())
    with closing(_opened(sign_in, entry, Choices())) as connector:
        return _told(_checked(connector, sign_in, scopes), entry)


def discover(where: Source | SignIn, pattern: str = "") -> tuple[Found, ...]:
    """Every project or repository that the token may see; ``pattern`` narrows. Raises ConnectorError."""
    if isinstance(where, Source):
        connector = sync.connect_to(where)
    else:
        entry = credentials.entered(where, now=timezone.now())
        connector = _opened(where, entry, Choices())
    with closing(connector):
        return connector.discover(pattern)


def edit_source(source: Source, *, name: str, choices: Choices) -> Source:
    """Another name, other scopes, another window or share. What is no longer named stays as it was read.

    Raises ConnectorError, with nothing changed, when the token may not see one of the scopes.
    """
    if Source.objects.filter(name=name).exclude(pk=source.pk).exists():
        raise ConnectorError(f"There is a source called {name} already: choose another name.", kind="address")
    if source.disconnected is not None:
        _rename(source, name)
        return source
    lacks = credentials.app_lacks(source)
    with closing(sync.connect_to(source)) as connector:
        wanted = _with_matching(connector, choices)
        check = _check(connector, wanted.scopes)
        with transaction.atomic():
            row = Source.objects.select_for_update(no_key=True).get(pk=source.pk)
            row.name, before = name, row.backfill_from
            _choose(row, replace(wanted, scopes=check.scopes))
            if before is not None and (row.backfill_from is None or row.backfill_from < before):
                runs.begin_anew(row)  # more history than the bookmarks know of
            row.lacks = list(lacks or check.lacks)
            row.save()
            sync.slices_of(row, connector)
    source.refresh_from_db()
    return source


def renew_token(source: Source, sign_in: SignIn) -> Source:
    """New credentials for the same server, with everything else as it is. Raises ConnectorError, nothing changed."""
    return connect_source(
        kind=source.kind,
        name=source.name,
        url=sign_in.url or source.browse or source.url,
        token=sign_in.token,
        email=sign_in.email,
        scopes=source.scopes,
        deployment=sign_in.deployment or source.deployment,
        allow_private=sign_in.allow_private or source.allow_private,
        auth=sign_in.auth,
        token_kind=sign_in.token_kind,
        secret=sign_in.secret,
        renew_at=sign_in.renew_at,
    )


def pause(source: Source) -> None:
    """It is read no more until it is resumed; a reading that is under way ends with its page."""
    Source.objects.filter(pk=source.pk).update(paused=True)
    source.paused = True


def resume(source: Source) -> None:
    Source.objects.filter(pk=source.pk).update(paused=False)
    source.paused = False


def expand_patterns(source: Source) -> tuple[str, ...]:
    """Let new projects and repositories join that fit the source's patterns; which did. Raises ConnectorError."""
    if not source.patterns:
        return ()
    with closing(sync.connect_to(source)) as connector:
        new = discovery.expand(source, connector)
        if new:
            sync.slices_of(source, connector)
    return new


def _opened(sign_in: SignIn, entry: Entry, choices: Choices) -> Connector:
    options: dict[str, Any] = {
        "allow_private": sign_in.allow_private or settings.ALLOW_PRIVATE_SOURCES,
        "policy": IMPATIENT,
        "worklogs": choices.worklogs,
        "story_points_field": choices.story_points_field,
    }
    return open_connector(sign_in.kind, entry.credentials, **options)


def _may_be_named(known: Source | None, name: str, kind: str) -> None:
    if known is None:
        return
    if known.removing:
        message = f"{name} is being deleted: wait until it is gone, or choose another name."
    elif known.kind != kind:
        message = (
            f"There is a source called {name} already, and it is a {known.get_kind_display()}: choose another name."
        )
    else:
        return
    raise ConnectorError(message, kind="address")


def _with_matching(connector: Connector, choices: Choices) -> Choices:
    """The scopes, and what fits the patterns now."""
    if not choices.patterns:
        return choices
    known = {scope.lower() for scope in choices.scopes}
    more = [scope for scope in discovery.there(connector, choices.patterns) if scope.lower() not in known]
    return replace(choices, scopes=(*choices.scopes, *more))


def choices_of(known: Source | None) -> Choices:
    """What a source that is connected anew reads, where nobody says otherwise."""
    if known is None:
        return Choices()
    return Choices(
        scopes=tuple(known.scopes),
        patterns=tuple(known.patterns),
        backfill_from=known.backfill_from,
        share=known.share,
        worklogs=known.worklogs,
        story_points_field=known.story_points_field,
    )


def _check(connector: Connector, scopes: Sequence[str]) -> Check:
    some, others = discovery.split(connector, scopes)
    check = connector.check(some)
    return replace(check, scopes=(*check.scopes, *others))


def _checked(connector: Connector, sign_in: SignIn, scopes: Sequence[str]) -> Check:
    """What the connector says of the sign-in; a token that is refused may only be of the other kind (J32)."""
    try:
        return _check(connector, scopes)
    except ConnectorError as error:
        if error.kind != "credentials" or sign_in.kind != "jira" or sign_in.auth != Auth.TOKEN or not sign_in.email:
            raise
        if sign_in.token_kind == credentials.SCOPED:
            other = "A token without scopes does not work as one with scopes: choose API token if yours has none."
        else:
            other = "A token with scopes, or a service account's, is another kind: choose it if yours is one."
        raise ConnectorError(f"{error} {other}", kind=error.kind, detail=error.detail) from error


def _told(check: Check, entry: Entry) -> Check:
    """What the connector saw, and what the sign-in itself said."""
    return replace(
        check,
        browse=check.browse or entry.browse,
        token_kind=entry.token_kind or check.token_kind,
        lacks=entry.lacks or check.lacks,  # what an App lacks, it lacks in every repository
    )


def _enter(source: Source, sign_in: SignIn, entry: Entry, sealed: str, check: Check) -> None:
    check = _told(check, entry)
    source.url, source.email, source.token = entry.credentials.url, entry.credentials.email, sealed
    source.auth, source.secret = sign_in.auth, credentials.seal_secret(entry.secret)
    source.renew_at, source.token_expires = entry.renew_at, check.expires
    source.token_kind, source.lacks = check.token_kind[:20], list(check.lacks)
    source.browse = check.browse[:300]
    source.identity = check.identity[:300] or source.identity
    source.deployment, source.account, source.version = check.deployment, check.account[:200], check.version[:60]
    source.allow_private = sign_in.allow_private
    source.disconnected = None


def _choose(source: Source, choices: Choices) -> None:
    source.scopes = list(dict.fromkeys(choices.scopes))
    source.patterns = [pattern.strip() for pattern in dict.fromkeys(choices.patterns) if pattern.strip()]
    source.backfill_from, source.share = choices.backfill_from, min(max(choices.share, 1), 100)
    source.worklogs, source.story_points_field = choices.worklogs, choices.story_points_field.strip()


def _rename(source: Source, name: str) -> None:
    Source.objects.filter(pk=source.pk).update(name=name)
    source.name = name


def _same_server(known: Source | None, check: Check, entry: Entry) -> None:
    if known is None or not known.identity or not check.identity or known.identity == check.identity[:300]:
        return
    address = entry.browse or entry.credentials.url
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
