"""What a sign-in is good for, asked before a source is written: who it is, which server answers, what it may see."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from django.conf import settings

from delivery import credentials, discovery, secrets, throttle
from delivery.choices import Choices
from delivery.connectors import address
from delivery.connectors.contract import Check, Connector, ConnectorError
from delivery.connectors.registry import open_connector
from delivery.credentials import IMPATIENT, Entry, SignIn
from delivery.models import Auth, Source

GONE = ("missing", "permission")  # kinds of error that are about a scope and not about the token


def opened(sign_in: SignIn, entry: Entry, choices: Choices, known: Source | None = None) -> Connector:
    """A connector by the sign-in, with the manners of the source that it is for; close it. Raises ConnectorError."""
    return open_connector(
        sign_in.kind,
        entry.credentials,
        allow_private=sign_in.allow_private or settings.ALLOW_PRIVATE_SOURCES,
        policy=IMPATIENT,
        gate=throttle.gate_for(known or _to_be(sign_in, entry, choices)),
        worklogs=choices.worklogs,
        story_points_field=choices.story_points_field,
    )


def check(connector: Connector, scopes: Sequence[str]) -> Check:
    """What the connector says of the scopes, of many for most by the source's own list. Raises ConnectorError."""
    some, others = discovery.split(connector, scopes)
    found = connector.check(some)
    return replace(found, scopes=(*found.scopes, *others))


def checked(connector: Connector, sign_in: SignIn, scopes: Sequence[str]) -> Check:
    """What the connector says of the sign-in; a token that is refused may only be of the other kind (J32)."""
    try:
        return check(connector, scopes)
    except ConnectorError as error:
        if error.kind != "credentials" or sign_in.kind != "jira" or sign_in.auth != Auth.TOKEN or not sign_in.email:
            raise
        if sign_in.token_kind == credentials.SCOPED:
            other = "A token without scopes does not work as one with scopes: choose API token if yours has none."
        else:
            other = "A token with scopes, or a service account's, is another kind: choose it if yours is one."
        raise ConnectorError(f"{error} {other}", kind=error.kind, detail=error.detail) from error


def renewable(connector: Connector, sign_in: SignIn, scopes: Sequence[str]) -> Check:
    """What the connector says of the sign-in alone, where one of the scopes is gone: a new token is the way to all the
    others. Raises ConnectorError.
    """
    try:
        return checked(connector, sign_in, scopes)
    except ConnectorError as error:
        if error.kind not in GONE:
            raise
        return checked(connector, sign_in, ())


def told(found: Check, entry: Entry) -> Check:
    """What the connector saw, and what the sign-in itself said."""
    return replace(
        found,
        browse=found.browse or entry.browse,
        token_kind=entry.token_kind or found.token_kind,
        lacks=entry.lacks or found.lacks,  # what an App lacks, it lacks in every repository
    )


def same_server(known: Source | None, found: Check, entry: Entry) -> None:
    """Raises ConnectorError when another server answers than the one that ``known`` reads."""
    if known is None or not known.identity or not found.identity or known.identity == found.identity[:300]:
        return
    here = entry.browse or entry.credentials.url
    raise ConnectorError(
        f"{known.name} reads {known.identity}, and {here} is another server, {found.identity}: connect it under a "
        "name of its own.",
        kind="address",
    )


def same_place(source: Source, url: str) -> bool:
    """Whether ``url`` is at the host and port of ``source``: what was allowed for these is allowed for no others."""
    wanted = address.base_url(url)
    known = [address.base_url(one) for one in (source.url, source.browse) if one]
    return any((wanted.scheme, wanted.host, wanted.port) == (one.scheme, one.host, one.port) for one in known)


def _to_be(sign_in: SignIn, entry: Entry, choices: Choices) -> Source:
    """The source that there is to be, for its manners."""
    return Source(
        kind=sign_in.kind,
        url=entry.credentials.url,
        email=entry.credentials.email,
        deployment=entry.credentials.deployment,
        token=secrets.seal(entry.credentials.token),
        auth=sign_in.auth,
        secret=credentials.seal_secret(entry.secret),
        share=choices.share,
    )
