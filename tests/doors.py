"""The simulator with its doors: Atlassian's for OAuth and tokens with scopes, GitHub's for Apps."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Any

import orjson
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from django.test import override_settings

from delivery import sources
from delivery.connectors.jira.oauth import Registration
from delivery.credentials import SignIn
from delivery.models import Source
from simulator.github_app import GitHubApp
from simulator.oauth import CLOUD_ID, Atlassian
from simulator.organisation import Clock
from simulator.server import Running, Site, serve
from simulator.tokens import DEMO_GITHUB_TOKEN, DEMO_JIRA_TOKEN, Token, Tokens
from tests.delivery import served

SCOPED = Token("ATATT-with-scopes", email="robot@example.test")
INNER = "ghs_inner"


@dataclass
class Doors:
    """The running server, what stands before it, and the time there, which a test may move on."""

    running: Running
    atlassian: Atlassian
    app: GitHubApp
    time: list[Any]

    @property
    def registration(self) -> Registration:
        return Registration(self.atlassian.client_id, self.atlassian.client_secret, self.door, self.door)

    @property
    def door(self) -> str:
        return f"{self.running.url}/atlassian"

    @property
    def gateway(self) -> str:
        return f"{self.door}/ex/jira/{CLOUD_ID}"

    @property
    def project(self) -> str:
        return served.world().teams[0].project

    @property
    def repository(self) -> str:
        return served.world().teams[0].repositories[0]

    def later(self, by: timedelta) -> None:
        self.time[0] += by

    def settings(self) -> override_settings:
        return override_settings(
            JIRA_OAUTH_CLIENT_ID=self.atlassian.client_id,
            JIRA_OAUTH_CLIENT_SECRET=self.atlassian.client_secret,
            ATLASSIAN_AUTH_URL=self.door,
            ATLASSIAN_API_URL=self.door,
        )

    def granted(self) -> dict[str, Any]:
        """What a person's consent gave: an access token and a refresh token."""
        found: dict[str, Any] = orjson.loads(self.atlassian.granted().body)
        return found

    def by_oauth(self, name: str = "Jira by OAuth", **fields: Any) -> Source:
        got = self.granted()
        values: dict[str, Any] = {"auth": "oauth", "token": got["access_token"], "email": ""}
        values |= {"secret": {"refresh_token": got["refresh_token"], "cloud_id": CLOUD_ID}}
        return self.connected("jira", name, self.running.jira_cloud_url, [self.project], values | fields)

    def by_app(self, name: str = "GitHub by App", **fields: Any) -> Source:
        values: dict[str, Any] = {"auth": "app", "token": "", "email": "", "secret": self.app_secret()}
        return self.connected("github", name, self.running.github_api_url, [self.repository], values | fields)

    def app_secret(self, **fields: str) -> dict[str, str]:
        return {"app_id": self.app.id, "installation": self.app.installation, "private_key": private_key(), **fields}

    def connected(self, kind: str, name: str, url: str, scopes: list[str], values: dict[str, Any]) -> Source:
        return sources.connect_source(
            **{"kind": kind, "name": name, "url": url, "scopes": scopes, "allow_private": True, **values}
        )

    def sign_in(self, kind: str = "jira", **fields: Any) -> SignIn:
        return SignIn(kind, self.running.jira_cloud_url, **{"allow_private": True, **fields})


@cache
def key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@cache
def private_key() -> str:
    form = serialization.PrivateFormat.TraditionalOpenSSL
    return key().private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()).decode()


@cache
def public_key() -> str:
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return key().public_key().public_bytes(serialization.Encoding.PEM, form).decode()


@contextmanager
def doors(clock: Clock | None = None, **options: Any) -> Iterator[Doors]:
    """A server with both doors; its clock stands still at ``served.NOW`` unless another is given."""
    time = [served.NOW]
    clock = clock or (lambda: time[0])
    atlassian = Atlassian(clock, scoped=(SCOPED,))
    app = GitHubApp(clock, public_key(), INNER)

    def both(sites: Mapping[str, Site]) -> Mapping[str, Site]:
        return app.sites(atlassian.sites(sites))

    tokens = Tokens((Token(DEMO_JIRA_TOKEN),), (Token(DEMO_GITHUB_TOKEN), Token(INNER, kind="app")))
    with serve(served.world(), clock=clock, doors=both, tokens=tokens, **options) as running:
        found = Doors(running, atlassian, app, time)
        with found.settings():
            yield found
