"""Sources: connecting one, changing what it reads, and how fresh each is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils import timezone

from delivery import checks, credentials, discovery, hooks, removal, runs, secrets, sync
from delivery.choices import Choices, choices_of, choose, with_matching
from delivery.connectors.contract import Check, ConnectorError, Found
from delivery.credentials import Entry, SignIn
from delivery.discovery import matching
from delivery.freshness import SliceState, SourceState, State, freshness
from delivery.models import Auth, Source, SourceKind, SourceSlice
from people.models import Account

__all__ = ["Choices", "SignIn", "SliceState", "SourceState", "State", "choices_of", "freshness", "matching"]
disconnect = removal.disconnect
make_hook_secret = hooks.make_secret


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
    new: bool = False,
) -> Source:
    """Check the credentials and every scope, then write the source with its slices, all or nothing.

    ``auth``, ``token_kind``, ``secret`` and ``renew_at`` are those of SignIn; ``choices`` says the rest, its scopes
    are ``scopes``.
    A source of that name is connected anew: credentials, address and scopes become the given ones, what was read
    stays, also of a scope that is no longer named. Another server under a known name is refused: its rows would mix
    with what was read, number by number. So is, where it is to be a ``new`` one, any that is not disconnected.
    Raises ConnectorError, with nothing changed.
    """
    known = Source.objects.filter(name=name).first()
    _may_be_named(known, name, kind, new=new)
    wanted = replace(choices or choices_of(known), scopes=tuple(scopes))
    sign_in = SignIn(kind, url, token, email, auth, token_kind, secret or {}, deployment, allow_private, renew_at)
    return _connected(known or Source(name=name, kind=kind), sign_in, wanted, new=new)


def check_sign_in(sign_in: SignIn, scopes: Sequence[str] = ()) -> Check:
    """What a sign-in is good for, before there is a source: who it is, what it lacks. Raises ConnectorError."""
    entry = credentials.entered(sign_in, now=timezone.now())
    with closing(checks.opened(sign_in, entry, Choices())) as connector:
        return checks.told(checks.checked(connector, sign_in, scopes), entry)


def discover(where: Source | SignIn, pattern: str = "") -> tuple[Found, ...]:
    """Every project or repository that the token may see; ``pattern`` narrows. Raises ConnectorError."""
    if isinstance(where, Source):
        connector = sync.connect_to(where)
    else:
        entry = credentials.entered(where, now=timezone.now())
        connector = checks.opened(where, entry, Choices())
    with closing(connector):
        return connector.discover(pattern)


def edit_source(source: Source, *, name: str, choices: Choices) -> Source:
    """Another name, other scopes, another window or share. What is no longer named stays as it was read.

    Raises ConnectorError, with nothing changed, when the token may not see one of the scopes.
    """
    if Source.objects.filter(name=name).exclude(pk=source.pk).exists():
        raise _taken(name)
    if source.disconnected is not None:
        _rename(source, name)
        return source
    lacks = credentials.app_lacks(source)
    with closing(sync.connect_to(source)) as connector:
        wanted = with_matching(connector, choices)
        check = checks.check(connector, wanted.scopes)
        with _name_kept(name), transaction.atomic():
            row = _as_it_is_now(source)
            row.name, before = name, row.backfill_from
            choose(row, replace(wanted, scopes=check.scopes))
            if before is not None and (row.backfill_from is None or row.backfill_from < before):
                runs.begin_anew(row)  # more history than the bookmarks know of
            row.lacks = list(lacks or check.lacks)
            row.save()
            sync.slices_of(row, connector)
    source.refresh_from_db()
    return source


def renew_token(source: Source, sign_in: SignIn) -> Source:
    """New credentials for the same server, with everything else as it is, also scopes that are gone by now. Raises
    ConnectorError, with nothing changed.
    """
    _may_be_named(source, source.name, source.kind)
    url = sign_in.url or source.browse or source.url
    private = sign_in.allow_private or (source.allow_private and checks.same_place(source, url))
    deployment = sign_in.deployment or source.deployment
    how = replace(sign_in, kind=source.kind, url=url, deployment=deployment, allow_private=private)
    return _connected(source, how, choices_of(source), renewal=True)


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


def jira_projects() -> list[str]:
    """Keys of all projects that are read from Jira: ABC of ABC-12."""
    return sorted(set(SourceSlice.objects.filter(source__kind=SourceKind.JIRA).values_list("scope", flat=True)))


def _connected(known: Source, sign_in: SignIn, wanted: Choices, *, new: bool = False, renewal: bool = False) -> Source:
    """The row of ``known`` (unsaved: of a new one) by the sign-in, with its slices. Raises ConnectorError."""
    entry, there = credentials.entered(sign_in, now=timezone.now()), known if known.pk else None
    sealed = secrets.seal(entry.credentials.token)
    with closing(checks.opened(sign_in, entry, wanted, there)) as connector:
        wanted = wanted if renewal else with_matching(connector, wanted)
        check = (checks.renewable if renewal else checks.checked)(connector, sign_in, wanted.scopes)
        checks.same_server(there, check, entry)
        with _name_kept(known.name), transaction.atomic():
            source = known
            if there is not None:  # as it is by now: a worker may have renewed its token meanwhile
                source = _as_it_is_now(there, new=new)
                _move_accounts(source, entry.credentials.url)
            _enter(source, sign_in, entry, sealed, check)
            if not renewal:
                choose(source, replace(wanted, scopes=check.scopes))
            source.save()
            # New credentials are worth a try at once, whatever the old ones met.
            SourceSlice.objects.filter(source=source).update(error="", error_kind="", not_before=None)
            sync.slices_of(source, connector)
    return source


def _as_it_is_now(known: Source, *, new: bool = False) -> Source:
    """The row, locked. Raises ConnectorError where somebody parted from it, or connected it, while its server was
    asked: what they did would be undone."""
    row = Source.objects.select_for_update(no_key=True).filter(pk=known.pk).first()
    if row is not None:
        _may_be_named(row, row.name, row.kind, new=new)
    if row is None or row.disconnected != known.disconnected:
        message = f"{known.name} was disconnected or connected by somebody else meanwhile: look at it, and try again."
        raise ConnectorError(message, kind="address")
    return row


@contextmanager
def _name_kept(name: str) -> Iterator[None]:
    """Two who take one name at once both find it free; the second learns it here."""
    try:
        yield
    except IntegrityError as error:
        if not Source.objects.filter(name=name).exists():
            raise
        raise _taken(name) from error


def _taken(name: str) -> ConnectorError:
    return ConnectorError(f"There is a source called {name} already: choose another name.", kind="address")


def _may_be_named(known: Source | None, name: str, kind: str, *, new: bool = False) -> None:
    if known is None:
        return
    if known.removing:
        message = f"{name} is being deleted: wait until it is gone, or choose another name."
    elif new and known.disconnected is None:
        raise _taken(name)
    elif known.kind != kind:
        message = (
            f"There is a source called {name} already, and it is a {known.get_kind_display()}: choose another name."
        )
    else:
        return
    raise ConnectorError(message, kind="address")


def _enter(source: Source, sign_in: SignIn, entry: Entry, sealed: str, check: Check) -> None:
    check = checks.told(check, entry)
    source.url, source.email, source.token = entry.credentials.url, entry.credentials.email, sealed
    source.auth, source.secret = sign_in.auth, credentials.seal_secret(entry.secret)
    source.renew_at, source.token_expires = entry.renew_at, check.expires
    source.token_kind, source.lacks = check.token_kind[:20], list(check.lacks)
    source.browse = check.browse[:300]
    source.identity = check.identity[:300] or source.identity
    source.deployment, source.account, source.version = check.deployment, check.account[:200], check.version[:60]
    source.allow_private = sign_in.allow_private
    if source.disconnected is not None:
        source.disconnected, source.paused = None, False  # whoever connects it wants it read


def _rename(source: Source, name: str) -> None:
    with _name_kept(name), transaction.atomic():
        Source.objects.filter(pk=source.pk).update(name=name)
    source.name = name


def _move_accounts(source: Source, address: str) -> None:
    """The same server answers at another address now: its accounts, and whose they are, go with it."""
    if source.url == address or Source.objects.filter(url=source.url).exclude(pk=source.pk).exists():
        return
    if not Account.objects.filter(kind=source.kind, origin=address).exists():
        Account.objects.filter(kind=source.kind, origin=source.url).update(origin=address)
