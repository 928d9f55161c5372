"""OAuth 2.0 at Atlassian (3LO): who may come in, for an hour at a time, and where a site's API lives then (J32, J33).

A refresh token works once and gives its successor: a refresh is asked for exactly once. After an unclear failure the
old one may still be good; only an answer that says ``invalid_grant`` means that somebody has to connect again.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote, urlencode

from delivery.connectors import address, refusals
from delivery.connectors.answer import Answer
from delivery.connectors.contract import ConnectorError
from delivery.connectors.http import Http
from delivery.connectors.refusals import Site
from delivery.connectors.retry import RetryPolicy
from delivery.connectors.setup import Setup

AUTH = "https://auth.atlassian.com"
API = "https://api.atlassian.com"
# Reading only. ``offline_access`` is what makes a refresh token come at all.
SCOPES = (
    "read:jira-work",
    "read:jira-user",
    "read:board-scope:jira-software",
    "read:board-scope.admin:jira-software",
    "read:sprint:jira-software",
    "read:project:jira",
    "offline_access",
)
REFUSED = (400, 401, 403)
ADVICE = "connect it again on Data sources."


@dataclass(frozen=True, slots=True)
class Registration:
    """Headway as Atlassian knows it: the OAuth app of whoever runs it. ``auth`` and ``api`` are where Atlassian is."""

    client_id: str
    client_secret: str
    auth: str = AUTH
    api: str = API

    def __repr__(self) -> str:
        return f"Registration({self.client_id!r})"


@dataclass(frozen=True, slots=True)
class Grant:
    """What a person allowed: ``access`` until ``expires``, and once, ``refresh`` for the next grant."""

    access: str
    refresh: str
    expires: datetime

    def __repr__(self) -> str:
        return f"Grant(expires={self.expires!r})"


@dataclass(frozen=True, slots=True)
class Resource:
    """A Jira site that a grant reaches. ``id`` is its cloud id, ``url`` what a browser opens."""

    id: str
    name: str
    url: str
    scopes: tuple[str, ...]


def authorize_url(registration: Registration, *, callback: str, state: str) -> str:
    """Where to send a person who is to allow it. ``state`` comes back with them."""
    words = {
        "audience": "api.atlassian.com",
        "client_id": registration.client_id,
        "scope": " ".join(SCOPES),
        "redirect_uri": callback,
        "state": state,
        "response_type": "code",
        "prompt": "consent",
    }
    return f"{registration.auth}/authorize?{urlencode(words, quote_via=quote)}"


def exchange(registration: Registration, code: str, *, callback: str, setup: Setup) -> Grant:
    """The first grant, for the code that a person brought back. Raises ConnectorError."""
    words = {"grant_type": "authorization_code", "code": code, "redirect_uri": callback}
    return _grant(registration, words, (code,), setup)


def refresh(registration: Registration, token: str, *, setup: Setup) -> Grant:
    """The next grant. ``token`` is used up by it. Raises ConnectorError, kind "expired" when the token is no good."""
    return _grant(registration, {"grant_type": "refresh_token", "refresh_token": token}, (token,), setup)


def resources(registration: Registration, access: str, *, setup: Setup) -> tuple[Resource, ...]:
    """The Jira sites that an access token reaches. Raises ConnectorError."""
    site = _site(registration.api, (access,))
    http = Http(site, {"Authorization": f"Bearer {access}"}, setup)
    try:
        rows = http.get("/oauth/token/accessible-resources").json
    finally:
        http.close()
    if not isinstance(rows, list):
        raise refusals.unexpected(site, "no list of sites")
    found = (_resource(row) for row in rows if isinstance(row, dict))
    named = {one.id: one for one in found if one.id and any("jira" in scope for scope in one.scopes)}
    return tuple(named.values())  # a site is listed once for each of its products


def gateway(api: str, cloud_id: str) -> str:
    """Where the API of a Jira Cloud site answers to OAuth and to tokens with scopes (J32)."""
    return f"{api.rstrip('/')}/ex/jira/{quote(cloud_id, safe='')}"


def cloud_id(url: str, *, setup: Setup) -> str:
    """The cloud id of the site at ``url``, which tells it to anybody. Raises ConnectorError where none answers."""
    site = _site(str(address.base_url(url)).rstrip("/"), ())
    http = Http(site, {}, setup)
    try:
        answer = http.get("/_edge/tenant_info", passing=(401, 403, 404, 410))
    finally:
        http.close()
    found = answer.json.get("cloudId") if isinstance(answer.json, dict) and answer.status < 300 else None
    if not isinstance(found, str) or not found:
        raise ConnectorError(
            f"{site.base} is not the address of a Jira Cloud site: tokens with scopes work for these only. Check the "
            "address (https://your-company.atlassian.net), or choose another kind of token.",
            kind="address",
        )
    return found


def _grant(registration: Registration, words: dict[str, str], secret: tuple[str, ...], setup: Setup) -> Grant:
    policy = replace(setup.policy or RetryPolicy(), tries=1)  # not twice: the token in it works once
    site = _site(registration.auth, (*secret, registration.client_secret))
    http = Http(site, {}, replace(setup, policy=policy, renew=None))
    who = {"client_id": registration.client_id, "client_secret": registration.client_secret}
    try:
        answer = http.post("/oauth/token", {**words, **who}, passing=REFUSED, secret=True)
    finally:
        http.close()
    if answer.status in REFUSED:
        raise _refused(site, answer)
    return _read(site, answer, policy.now(), words.get("refresh_token", ""))


def _read(site: Site, answer: Answer, now: datetime, old: str) -> Grant:
    """The grant in an answer; where no new refresh token comes with it, the old one goes on working."""
    json: dict[str, Any] = answer.json if isinstance(answer.json, dict) else {}
    access, token = json.get("access_token"), json.get("refresh_token") or old
    if not isinstance(access, str) or not access or not isinstance(token, str) or not token:
        raise refusals.unexpected(site, "an answer without tokens")
    seconds = json.get("expires_in")
    return Grant(access, token, now + timedelta(seconds=seconds if isinstance(seconds, int) else 3600))


def _refused(site: Site, answer: Answer) -> ConnectorError:
    json: dict[str, Any] = answer.json if isinstance(answer.json, dict) else {}
    error = str(json.get("error") or "")
    said = site.clean(f"{error}: {json.get('error_description') or ''}".strip(": "))
    if error == "invalid_grant":
        message = (
            "Atlassian no longer accepts what it once allowed Headway (it was unused for 90 days, taken back, or used "
            f"by another copy of Headway): {ADVICE}"
        )
        return ConnectorError(message, kind="expired", detail=said)
    if error in ("invalid_client", "unauthorized_client", "access_denied") or answer.status == 401:
        message = (
            "Atlassian does not know Headway's OAuth app: an operator checks JIRA_OAUTH_CLIENT_ID and "
            "JIRA_OAUTH_CLIENT_SECRET against developer.atlassian.com."
        )
        return ConnectorError(message, kind="credentials", detail=said)
    return ConnectorError(
        f"Atlassian did not accept the question ({said or answer.status}): {ADVICE}", kind="answer", detail=said
    )


def _resource(row: dict[str, Any]) -> Resource:
    scopes = row.get("scopes")
    return Resource(
        id=str(row.get("id") or ""),
        name=str(row.get("name") or ""),
        url=str(row.get("url") or "").rstrip("/"),
        scopes=tuple(str(scope) for scope in scopes) if isinstance(scopes, list) else (),
    )


def _site(base: str, secrets: tuple[str, ...]) -> Site:
    return Site(
        name="Atlassian",
        base=base,
        token_advice=ADVICE,
        permission_advice="somebody who may give Headway access connects it again.",
        secrets=tuple(secret for secret in secrets if secret),
    )
