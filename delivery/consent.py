"""What a person allowed at Atlassian on the way to a source: asked for, brought back, kept sealed until it is one."""

from __future__ import annotations

import secrets as random_secrets
from dataclasses import dataclass
from datetime import datetime

import orjson

from delivery import credentials, secrets
from delivery.connectors.contract import ConnectorError
from delivery.connectors.jira import oauth
from delivery.connectors.jira.oauth import Grant, Resource
from delivery.credentials import SignIn
from delivery.models import Auth, Source

NOT_SET_UP = (
    "Signing in at Atlassian is not set up here: an operator makes an OAuth app at developer.atlassian.com and sets "
    "JIRA_OAUTH_CLIENT_ID and JIRA_OAUTH_CLIENT_SECRET. An API token works without that."
)


@dataclass(frozen=True, slots=True)
class Consent:
    """A grant and the Jira sites that it reaches."""

    grant: Grant
    resources: tuple[Resource, ...]

    def sign_in(self, resource: Resource) -> SignIn:
        """How to connect one of its sites."""
        return SignIn(
            "jira",
            resource.url,
            token=self.grant.access,
            auth=Auth.OAUTH,
            secret={"refresh_token": self.grant.refresh, "cloud_id": resource.id},
            deployment="cloud",
            renew_at=self.grant.expires,
        )


def is_set_up() -> bool:
    """Whether a person can be sent to Atlassian at all."""
    return credentials.oauth_registration() is not None


def ask(callback: str) -> tuple[str, str]:
    """Where to send a person, and the word they must bring back. Raises ConnectorError."""
    state = random_secrets.token_urlsafe(24)
    return oauth.authorize_url(_registration(), callback=callback, state=state), state


def brought_back(code: str, callback: str) -> Consent:
    """What the code that a person brought back is worth. Raises ConnectorError."""
    registration, setup = _registration(), credentials.setup_for_atlassian()
    grant = oauth.exchange(registration, code, callback=callback, setup=setup)
    found = oauth.resources(registration, grant.access, setup=setup)
    if not found:
        message = "Atlassian allowed it, but for no Jira site: choose a site with Jira when Atlassian asks which."
        raise ConnectorError(message, kind="permission")
    return Consent(grant, found)


def seal(consent: Consent) -> str:
    """A consent as it may lie in a session."""
    grant = consent.grant
    sites = [[one.id, one.name, one.url, list(one.scopes)] for one in consent.resources]
    words = {"access": grant.access, "refresh": grant.refresh, "expires": grant.expires.isoformat(), "sites": sites}
    return secrets.seal(orjson.dumps(words).decode())


def unseal(sealed: str, *, now: datetime) -> Consent | None:
    """The consent; None when its hour is over or it cannot be opened any more."""
    try:
        words = orjson.loads(secrets.unseal(sealed))
    except (secrets.SecretError, orjson.JSONDecodeError):
        return None
    grant = Grant(words["access"], words["refresh"], datetime.fromisoformat(words["expires"]))
    sites = tuple(Resource(id, name, url, tuple(scopes)) for id, name, url, scopes in words["sites"])
    return Consent(grant, sites) if grant.expires > now else None


def of_source(consent: Consent, source: Source) -> Resource:
    """The site of ``source`` among those of a consent. Raises ConnectorError when it is none of them."""
    for one in consent.resources:
        if source.url.endswith(f"/{one.id}") or one.url in (source.browse, source.url):
            return one
    names = ", ".join(one.url for one in consent.resources)
    raise ConnectorError(
        f"Atlassian allowed {names}, but {source.name} reads {source.browse or source.url}: connect again and choose "
        "that site.",
        kind="address",
    )


def _registration() -> oauth.Registration:
    registration = credentials.oauth_registration()
    if registration is None:
        raise ConnectorError(NOT_SET_UP, kind="address")
    return registration
