"""How Headway signs in at a source: what a person gave, and the next token where one is good for an hour only (J33)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import orjson
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from delivery import secrets
from delivery.connectors.contract import ConnectorError, Credentials
from delivery.connectors.github import app as github_app
from delivery.connectors.jira import oauth
from delivery.connectors.retry import RetryPolicy
from delivery.connectors.setup import Setup
from delivery.models import Auth, Source

EARLY = timedelta(minutes=10)  # an hour's token is renewed after fifty minutes, before an answer can refuse it
IMPATIENT = RetryPolicy(tries=3, longest_wait=10.0, longest_request=30.0)  # somebody waits for the answer
SCOPED = "scoped"
NEEDED: Mapping[str, tuple[str, ...]] = {
    Auth.OAUTH: ("cloud_id", "refresh_token"),
    Auth.APP: ("app_id", "private_key"),
}


@dataclass(frozen=True, slots=True)
class SignIn:
    """How somebody wants Headway to sign in. ``url`` is as typed in: the site's, also for OAuth and scoped tokens.

    ``token_kind``: "scoped" for an Atlassian token with scopes, or a service account's, which work at the gateway only
    (J32); else "". ``secret``: for OAuth refresh_token and cloud_id (and ``token`` is the access token), for an App
    app_id, installation ("" = the only one) and private_key (and ``token`` is empty). ``renew_at``: until when the
    access token is good; None = an hour from now.
    """

    kind: str
    url: str
    token: str = ""
    email: str = ""
    auth: str = Auth.TOKEN
    token_kind: str = ""
    secret: Mapping[str, str] = field(default_factory=dict)
    deployment: str = ""
    allow_private: bool = False
    renew_at: datetime | None = None

    def __repr__(self) -> str:
        return f"SignIn({self.kind!r}, url={self.url!r}, auth={self.auth!r}, token=…)"


@dataclass(frozen=True, slots=True)
class Entry:
    """What a sign-in led to: what goes over the wire now, and what is kept so that it goes on.

    ``browse`` is the address of the site where ``credentials.url`` is another; ``lacks`` what the token cannot do.
    """

    credentials: Credentials
    secret: Mapping[str, str] = field(default_factory=dict)
    renew_at: datetime | None = None
    browse: str = ""
    token_kind: str = ""
    lacks: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"Entry({self.credentials!r}, renew_at={self.renew_at!r})"


def oauth_registration() -> oauth.Registration | None:
    """Headway's OAuth app at Atlassian; None where the operator has set up none."""
    if not settings.JIRA_OAUTH_CLIENT_ID or not settings.JIRA_OAUTH_CLIENT_SECRET:
        return None
    return oauth.Registration(
        settings.JIRA_OAUTH_CLIENT_ID,
        settings.JIRA_OAUTH_CLIENT_SECRET,
        settings.ATLASSIAN_AUTH_URL,
        settings.ATLASSIAN_API_URL,
    )


def entered(sign_in: SignIn, *, now: datetime) -> Entry:
    """Sign in as somebody wants it. Raises ConnectorError."""
    url = sign_in.url.strip().rstrip("/")
    missing = [name for name in NEEDED.get(sign_in.auth, ()) if not sign_in.secret.get(name)]
    if missing:
        raise ConnectorError(f"To sign in that way Headway needs {' and '.join(missing)}.", kind="credentials")
    if sign_in.auth == Auth.APP:
        return _as_app(sign_in, url)
    if sign_in.auth == Auth.OAUTH:
        at = oauth.gateway(settings.ATLASSIAN_API_URL, sign_in.secret["cloud_id"])
        credentials = Credentials(at, sign_in.token, "", "cloud")
        until = sign_in.renew_at or now + timedelta(hours=1)
        return Entry(credentials, sign_in.secret, until, browse=url, token_kind="oauth")
    credentials = Credentials(url, sign_in.token.strip(), sign_in.email.strip(), sign_in.deployment)
    if sign_in.kind == "jira" and sign_in.token_kind == SCOPED:
        cloud_id = oauth.cloud_id(url, setup=_setup(sign_in.allow_private))
        at = oauth.gateway(settings.ATLASSIAN_API_URL, cloud_id)
        credentials = Credentials(at, credentials.token, credentials.email, "cloud")
        return Entry(credentials, browse=url, token_kind=SCOPED)
    return Entry(credentials)


def setup_for_atlassian() -> Setup:
    """Patience for Atlassian's own servers. Where they are is the operator's word, so any address will do."""
    return Setup(allow_private=True, policy=IMPATIENT)


def credentials_of(source: Source, *, now: datetime | None = None) -> Credentials:
    """What goes over the wire for ``source``; renewed first where it runs out soon. Raises ConnectorError."""
    now = now or timezone.now()
    _connected(source)
    if source.auth != Auth.TOKEN and _runs_out(source, now):
        token = renewed(source, now=now)
    else:
        _still_good(source, now)
        token = _unsealed(source.token)
    return Credentials(source.url, token, source.email, source.deployment)


def renewer(source: Source, *, clock: Callable[[], datetime] = timezone.now) -> Callable[[str], str] | None:
    """For Setup.renew: given the token that was refused, the next one. None where a person has to make a new one."""
    if source.auth == Auth.TOKEN:
        return None

    def renew(refused: str) -> str:
        return renewed(source, now=clock(), refused=refused)

    return renew


def renewed(source: Source, *, now: datetime, refused: str = "") -> str:
    """The next token of ``source``, stored for good before anybody uses it. One process at a time asks for it; who
    waited meanwhile takes what that one got. Raises ConnectorError.
    """
    with _connection_of_this_thread(), transaction.atomic(durable=True):
        row = Source.objects.select_for_update(no_key=True).get(pk=source.pk)
        _connected(row)
        token = _unsealed(row.token)
        if token == refused or (_runs_out(row, now) and not _is_newer(row, source, now)):
            token = _renew(row, now)
            row.save(update_fields=["token", "secret", "renew_at"])
    source.token, source.secret, source.renew_at = row.token, row.secret, row.renew_at
    return token


def app_lacks(source: Source) -> tuple[str, ...]:
    """What the App of ``source`` may not read today; empty for any other sign-in. Raises ConnectorError."""
    if source.auth != Auth.APP:
        return ()
    secret: dict[str, str] = orjson.loads(_unsealed(source.secret))
    return github_app.lacks(_app_token(secret, source.url, source.allow_private))


def seal_secret(secret: Mapping[str, str]) -> str:
    """A secret as it may lie in the database; empty for none."""
    return secrets.seal(orjson.dumps(dict(secret)).decode()) if secret else ""


def _renew(row: Source, now: datetime) -> str:
    secret: dict[str, str] = orjson.loads(_unsealed(row.secret))
    if row.auth == Auth.APP:
        got = _app_token(secret, row.url, row.allow_private)
        row.token, row.renew_at = secrets.seal(got.token), got.expires
        return got.token
    registration = oauth_registration()
    if registration is None:
        message = "Headway's OAuth app is not set up any more: an operator sets JIRA_OAUTH_CLIENT_ID and _SECRET again."
        raise ConnectorError(message, kind="credentials")
    grant = oauth.refresh(registration, secret["refresh_token"], setup=setup_for_atlassian())
    row.token, row.renew_at = secrets.seal(grant.access), grant.expires
    row.secret = seal_secret({**secret, "refresh_token": grant.refresh})
    return grant.access


def _as_app(sign_in: SignIn, url: str) -> Entry:
    got = _app_token(sign_in.secret, url, sign_in.allow_private)
    return Entry(
        Credentials(url, got.token),
        {**sign_in.secret, "installation": got.installation},
        got.expires,
        token_kind="app",
        lacks=github_app.lacks(got),
    )


def _app_token(secret: Mapping[str, str], url: str, allow_private: bool) -> github_app.AppToken:
    app = github_app.App(secret["app_id"], secret.get("installation", ""), secret["private_key"])
    return github_app.installation_token(app, url, setup=_setup(allow_private))


def _is_newer(row: Source, source: Source, now: datetime) -> bool:
    """Whether somebody has renewed it since ``source`` was read, and that token is still good."""
    return row.token != source.token and row.renew_at is not None and row.renew_at > now


def _runs_out(source: Source, now: datetime) -> bool:
    return source.renew_at is None or source.renew_at - EARLY <= now


def _connected(source: Source) -> None:
    if source.disconnected is not None:
        message = f"{source.name} is disconnected: connect it again to have it read."
        raise ConnectorError(message, kind="credentials")


def _still_good(source: Source, now: datetime) -> None:
    """A token that ran out is not even shown to the server: it counts wrong ones, and may lock the account."""
    if source.token_expires is not None and source.token_expires <= now:
        raise ConnectorError(
            f"The token of {source.name} ran out on {source.token_expires:%-d %B %Y}: make a new one and give it to "
            "Headway on Data sources (Renew token). What was read before is kept.",
            kind="expired",
        )


def _unsealed(sealed: str) -> str:
    try:
        return secrets.unseal(sealed)
    except secrets.SecretError as error:
        raise ConnectorError(str(error), kind="credentials") from error


def _setup(allow_private: bool) -> Setup:
    return Setup(allow_private=allow_private or settings.ALLOW_PRIVATE_SOURCES, policy=IMPATIENT)


@contextmanager
def _connection_of_this_thread() -> Iterator[None]:
    """A thread that only fetches has no connection to the database: one that is opened here is closed again."""
    idle = connection.connection is None
    try:
        yield
    finally:
        if idle:
            connection.close()
