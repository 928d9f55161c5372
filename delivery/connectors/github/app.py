"""A GitHub App: it signs for itself with its private key, and gets a token for one installation, good for an hour."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

import jwt

from delivery.connectors import refusals
from delivery.connectors.answer import Answer
from delivery.connectors.contract import ConnectorError
from delivery.connectors.github.site import API, VERSION, rest_base
from delivery.connectors.http import Http
from delivery.connectors.instants import instant
from delivery.connectors.refusals import Site
from delivery.connectors.retry import RetryPolicy
from delivery.connectors.setup import Setup

SKEW = timedelta(seconds=60)  # an assertion from the future is refused, and clocks differ
LIFE = timedelta(minutes=9)  # GitHub takes ten at most
NOTABLE = timedelta(seconds=30)  # a clock that is off by less cannot be why an assertion was refused
HOUR = timedelta(hours=1)
REFUSED = (401, 403, 404, 422)
# What we read with, in the words of the App's page of permissions, and what is missing without it.
NEEDS = {
    "contents": ("Contents", "commits and tags"),
    "pull_requests": ("Pull requests", "pull requests and reviews"),
    "issues": ("Issues", "issues"),
    "deployments": ("Deployments", "deployments"),
    "actions": ("Actions", "workflow runs"),
}


@dataclass(frozen=True, slots=True)
class App:
    """``id`` is the App's id or client id, ``installation`` where it is installed ("": the only one there is)."""

    id: str
    installation: str
    private_key: str  # PEM

    def __repr__(self) -> str:
        return f"App({self.id!r}, installation={self.installation!r})"


@dataclass(frozen=True, slots=True)
class AppToken:
    """A token of an installation: opaque, of any length (G23). ``selected``: it covers chosen repositories only."""

    token: str
    expires: datetime
    permissions: Mapping[str, str]
    selected: bool
    installation: str

    def __repr__(self) -> str:
        return f"AppToken(expires={self.expires!r})"


def assertion(app: App, now: datetime) -> str:
    """The App's signed word that it is itself, for nine minutes. Raises ConnectorError for a key that is none."""
    claims = {"iat": int((now - SKEW).timestamp()), "exp": int((now + LIFE).timestamp()), "iss": app.id}
    try:
        return jwt.encode(claims, app.private_key.strip(), algorithm="RS256")
    except Exception:  # pyjwt and cryptography have many; none of them may show a part of the key
        message = (
            "That is not a GitHub App's private key: give the whole .pem file, with its first line (-----BEGIN RSA "
            "PRIVATE KEY-----) and its last."
        )
        raise ConnectorError(message, kind="credentials") from None


def installation_token(app: App, url: str, *, setup: Setup) -> AppToken:
    """A new token of the App's installation at the GitHub of ``url``. Raises ConnectorError."""
    site = _site(url)
    number = app.installation.strip() or _only_installation(app, site, setup)
    answer = _ask(app, site, "POST", f"/app/installations/{quote(number, safe='')}/access_tokens", setup)
    return _read(site, answer, number, (setup.policy or RetryPolicy()).now())


def lacks(token: AppToken) -> tuple[str, ...]:
    """A sentence for each permission that the App does not have at this installation."""
    return tuple(
        f"The App lacks read access to {label}: {missing} will be missing. Its owner adds it under Permissions, and "
        "the organisation then approves it."
        for name, (label, missing) in NEEDS.items()
        if name not in token.permissions
    )


def _only_installation(app: App, site: Site, setup: Setup) -> str:
    """The number of the installation, where there is but one."""
    rows = _ask(app, site, "GET", "/app/installations?per_page=100", setup).json
    found = [row for row in rows if isinstance(row, dict) and row.get("id")] if isinstance(rows, list) else []
    if len(found) == 1:
        return str(found[0]["id"])
    names = ", ".join(f"{row['id']} ({(row.get('account') or {}).get('login') or 'unknown'})" for row in found)
    message = (
        f"The App is installed in several places: choose one of {names}."
        if found
        else "The App is not installed anywhere yet: install it in your organisation, then try again."
    )
    raise ConnectorError(message, kind="missing")


def _ask(app: App, site: Site, method: str, path: str, setup: Setup) -> Answer:
    """The answer; an assertion that was refused is signed again by GitHub's own clock, where ours is off."""
    now = (setup.policy or RetryPolicy()).now()
    answer, theirs = _once(app, site, method, path, setup, now)
    if answer.status == 401 and theirs is not None and abs(theirs - now) > NOTABLE:
        answer, _ = _once(app, site, method, path, setup, theirs)
    if answer.status >= 300:
        raise _refused(site, answer, app)
    return answer


def _once(app: App, site: Site, method: str, path: str, setup: Setup, now: datetime) -> tuple[Answer, datetime | None]:
    """The answer to an assertion made at ``now``, and GitHub's own time."""
    word = assertion(app, now)
    headers = {
        "Accept": "application/vnd.github+json",
        "X-GitHub-Api-Version": VERSION,
        "Authorization": f"Bearer {word}",
    }
    http = Http(replace(site, secrets=(word,)), headers, setup)
    try:
        if method == "POST":  # for a token
            return http.post(path, {}, passing=REFUSED, secret=True), http.clock
        return http.get(path, passing=REFUSED), http.clock
    finally:
        http.close()


def _site(url: str) -> Site:
    return Site(
        name="GitHub",
        base=rest_base(url or API),
        token_advice="check the App's id and make a new private key for it.",
        permission_advice="check that the App is installed and not suspended.",
    )


def _read(site: Site, answer: Answer, number: str, now: datetime) -> AppToken:
    json: dict[str, Any] = answer.json if isinstance(answer.json, dict) else {}
    token = json.get("token")
    if not isinstance(token, str) or not token:
        raise refusals.unexpected(site, "an answer without a token")
    permissions = json.get("permissions")
    return AppToken(
        token=token,
        expires=instant(json.get("expires_at")) or now + HOUR,
        permissions=dict(permissions) if isinstance(permissions, dict) else {},
        selected=json.get("repository_selection") == "selected",
        installation=number,
    )


def _refused(site: Site, answer: Answer, app: App) -> ConnectorError:
    said = site.clean(refusals.said(answer.json, ""))
    if answer.status == 404:
        message = (
            f"The App is not installed as number {app.installation} (any more): install it again in the organisation, "
            "or give the number of its installation."
        )
    elif answer.status == 403 and "suspend" in said.lower():
        message = "The App's installation is suspended: an owner of the organisation can lift that under GitHub Apps."
    elif answer.status == 401:
        message = f"GitHub at {site.base} refused the App's key: check the App's id, and make a new private key for it."
    else:
        message = f"GitHub at {site.base} gives the App no token ({said or answer.status}): check its permissions."
    return ConnectorError(message, kind="credentials", detail=said)
