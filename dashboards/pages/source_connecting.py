"""From a draft to a source: begun, entered, checked, picked, connected."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime
from secrets import token_urlsafe
from time import sleep
from typing import Any, Final

from django.contrib.auth.models import AnonymousUser
from django.db import IntegrityError

from dashboards import words
from dashboards.pages import source_draft, source_picks
from dashboards.pages.source_draft import Draft
from dashboards.pages.source_ways import WAYS, Way
from delivery import consent, discovery, sources
from delivery.connectors.contract import ConnectorError, Found
from delivery.consent import Consent
from delivery.credentials import SignIn
from delivery.models import Auth, Source, SourceKind
from delivery.sources import Choices
from people.models import Person

Somebody = Person | AnonymousUser
SAMPLE: Final = 2  # projects or repositories
PATIENCE, PAUSE = 150, 0.2  # tries, and seconds between two
WRONG_FIELD: Final = {"address": "url", "unreachable": "url", "answer": "url", "outdated": "url", "missing": "url"}


def oauth_is_set_up() -> bool:
    return consent.is_set_up()


def begin(person: Somebody, draft: Draft, way: str) -> Draft:
    """Another way to sign in: what was typed stays, but a secret or a check of another tool goes."""
    chosen, before = WAYS[way], draft.how
    if before is None or before.kind != chosen.kind:
        draft = Draft(id=token_urlsafe(12), name=_free_name(chosen.kind), url=chosen.default_url)
    return source_draft.keep(
        _known(person), draft, way=way, token="", private_key="", secret="", renew_at="", checked=False
    )  # noqa: S106


def allow(person: Somebody, draft: Draft, allowed: Consent | None, url: str) -> Draft:
    """Take what was allowed at Atlassian for the site at ``url``."""
    sites = {one.url: one for one in allowed.resources} if allowed else {}
    if allowed is None or url not in sites:
        return draft
    sign_in = allowed.sign_in(sites[url])
    until = sign_in.renew_at.isoformat() if sign_in.renew_at else ""
    secret = json.dumps(dict(sign_in.secret))
    return source_draft.keep(_known(person), draft, token=sign_in.token, secret=secret, renew_at=until)


def enter(person: Somebody, draft: Draft, given: Mapping[str, str], secrets: Mapping[str, str]) -> Draft:
    """Keep what was typed. Other credentials or another address than were checked are to be checked again."""
    told = {name: value.strip() for name, value in given.items()} | dict(secrets)
    same = draft.checked and all(getattr(draft, name) == value for name, value in told.items() if name != "name")
    return source_draft.keep(_known(person), draft, **told, checked=same)


def check(person: Somebody, draft: Draft) -> Draft:
    """Sign in and look what may be seen; both are kept. Raises ConnectorError."""
    sign_in = signed(draft)
    check = sources.check_sign_in(sign_in)
    found = sources.discover(sign_in)
    if not found:
        one, many = source_picks.noun(sign_in.kind)
        raise ConnectorError(
            f"The token is good, but it sees no {one}: give {check.account or 'its owner'} access to the {many} to read.",
            kind="permission",
        )
    sample = [row.scope for row in found if not row.archived][:SAMPLE]
    with suppress(ConnectorError):  # one that is listed and closed is nobody's choice yet
        check = sources.check_sign_in(sign_in, sample)  # what a token lacks shows only where it is used
    source_draft.keep_found(_known(person), found)
    there = {row.scope for row in found}
    return source_draft.keep(
        _known(person),
        draft,
        checked=True,
        account=check.account,
        version=check.version,
        deployment=check.deployment,
        expires=check.expires.isoformat() if check.expires else "",
        token_kind=check.token_kind,
        lacks=check.lacks,
        scopes=tuple(scope for scope in draft.scopes if scope in there),
    )


def found(person: Somebody, draft: Draft) -> tuple[Found, ...] | ConnectorError:
    """What the token may see; asked again once it is forgotten."""
    known = source_draft.found(_known(person))
    if known is not None:
        return known
    try:
        known = sources.discover(signed(draft))
    except ConnectorError as error:
        return error
    source_draft.keep_found(_known(person), known)
    return known


def mark(person: Somebody, draft: Draft, search: str, *, every: bool) -> Draft:
    """Choose all that fit the search, or none of them; what is archived only where it is ticked by itself."""
    fitting = source_picks.fits(source_draft.found(_known(person)) or (), search)
    fit = {row.scope for row in fitting}
    kept = [scope for scope in draft.scopes if scope not in fit or every]
    more = [row.scope for row in fitting if not row.archived] if every else []
    return source_draft.keep(_known(person), draft, scopes=tuple(dict.fromkeys(kept + more)))


def connect_once(draft: Draft, today: date) -> int:
    """The number of the source that ``draft`` becomes, however often it is asked for. Raises ConnectorError."""
    for _ in range(PATIENCE):
        if (made := source_draft.made_of(draft.id)) is not None:
            return made
        with source_draft.alone(draft) as mine:
            if mine:
                source = connect(draft, today)
                source_draft.became(draft, source.pk)
                return source.pk
        sleep(PAUSE)
    raise ConnectorError("It is being connected just now: look at Data sources in a minute.", kind="unreachable")


def taken(name: str, kind: str, another: int | None = None) -> str:
    """Why a source of that kind cannot be called ``name``; empty when it can: one that was disconnected is connected
    again. ``another``: the number of the source that may have the name, being the same one.
    """
    others = Source.objects.filter(name__iexact=name).exclude(pk=another or 0)
    if others.exclude(disconnected__isnull=False, kind=kind, name=name, removing=False).exists():
        return f"There is a source called {name} already: choose another name."
    return ""


def connect(draft: Draft, today: date) -> Source:
    """Write the source, with everything checked once more. Raises ConnectorError, with nothing changed."""
    sign_in = signed(draft)
    if said := taken(draft.name, sign_in.kind):
        raise ConnectorError(said, kind="address")
    try:
        return _connect(draft, sign_in, today)
    except IntegrityError as error:  # somebody was quicker by a moment
        raise ConnectorError(taken(draft.name, sign_in.kind) or "Try again.", kind="address") from error


def demand_fitting(where: Source | SignIn, scopes: Sequence[str], patterns: Sequence[str]) -> None:
    """Nothing to read at all is no choice. Raises ConnectorError."""
    if scopes or any(discovery.matching(sources.discover(where, one), [one]) for one in patterns):
        return
    one, _ = source_picks.noun(where.kind)
    raise ConnectorError(
        f"Nothing fits {words.listed(list(patterns))} now: choose at least one {one}, or another pattern.",
        kind="address",
    )


def _connect(draft: Draft, sign_in: SignIn, today: date) -> Source:
    demand_fitting(sign_in, draft.scopes, draft.patterns)
    choices = Choices(draft.scopes, draft.patterns, window_from(draft.window, today), draft.share, draft.worklogs)
    return sources.connect_source(
        kind=sign_in.kind,
        name=draft.name,
        url=sign_in.url,
        token=sign_in.token,
        email=sign_in.email,
        scopes=draft.scopes,
        deployment=sign_in.deployment,
        auth=sign_in.auth,
        token_kind=sign_in.token_kind,
        secret=sign_in.secret,
        renew_at=sign_in.renew_at,
        choices=choices,
        new=True,
    )


def signed(draft: Draft) -> SignIn:
    """How the draft wants to sign in. Raises ConnectorError while it cannot."""
    way = draft.how
    if way is None:
        raise ConnectorError("Choose how Headway signs in first.", kind="credentials")
    secret: dict[str, Any] = {}
    if way.auth == Auth.APP:
        names = ("app_id", "installation", "private_key")
        secret = {name: getattr(draft, name) for name in names}
    elif way.auth == Auth.OAUTH:
        if not draft.secret:
            raise ConnectorError("Agree to it at Atlassian first.", kind="credentials")
        secret = json.loads(draft.secret)
    return SignIn(
        kind=way.kind,
        url=draft.url,
        token=draft.token,
        email=draft.email if "email" in way.fields else "",
        auth=way.auth,
        token_kind="scoped" if way.id == "scoped" else "",
        secret=secret,
        deployment=way.deployment,
        renew_at=datetime.fromisoformat(draft.renew_at) if draft.renew_at else None,
    )


def window_from(window: str, today: date) -> date | None:
    """The first day that is read, for so many months of history; None for all of it."""
    if not window.isdigit():
        return None
    months = today.year * 12 + today.month - 1 - int(window)
    return date(months // 12, months % 12 + 1, min(today.day, 28))


def field_of(error: ConnectorError, way: Way) -> str:
    """The field that an error is about."""
    secret = "private_key" if way.auth == Auth.APP else "token"
    name = WRONG_FIELD.get(error.kind, secret)
    return name if name in way.fields else "url"


def _free_name(kind: str) -> str:
    """Jira, or Jira 2 where there is one already."""
    label = SourceKind(kind).label
    used = Source.objects.exclude(disconnected__isnull=False, removing=False).values_list("name", flat=True)
    known = {name.lower() for name in used}
    numbered = (f"{label} {number}" for number in range(2, len(known) + 3))
    return next(name for name in (label, *numbered) if name.lower() not in known)


def _known(person: Somebody) -> Person:
    if not isinstance(person, Person):
        raise TypeError("Only a person who is signed in connects a source.")
    return person
