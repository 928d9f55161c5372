"""Who may ask: the tokens the pretend servers accept, and what each may see."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from simulator.records import Person

DEMO_EMAIL = "headway@example.test"
DEMO_JIRA_TOKEN = "demo-jira-token"  # noqa: S105 - the demo's, on purpose
DEMO_GITHUB_TOKEN = "ghp_demo"  # noqa: S105


@dataclass(frozen=True, slots=True)
class Token:
    """A secret, its owner and its sight; ``projects`` or ``repositories`` None means all of them.

    GitHub's: ``kind`` is classic, fine-grained or app; ``denies`` are permissions it lacks (issues, actions, …).
    """

    secret: str
    email: str = DEMO_EMAIL
    timezone: str = "UTC"
    projects: frozenset[str] | None = None
    repositories: frozenset[str] | None = None
    kind: str = "classic"
    denies: frozenset[str] = frozenset()
    expires: datetime | None = None

    def sees_project(self, key: str) -> bool:
        return self.projects is None or key in self.projects

    def sees_repository(self, full_name: str) -> bool:
        return self.repositories is None or full_name in self.repositories


@dataclass(frozen=True, slots=True)
class Tokens:
    """The accepted tokens of both tools. A Jira secret is an API token on Cloud and a PAT on Data Center."""

    jira: tuple[Token, ...] = (Token(DEMO_JIRA_TOKEN),)
    github: tuple[Token, ...] = (Token(DEMO_GITHUB_TOKEN),)


def basic(header: str, tokens: Iterable[Token]) -> Token | None:
    """The token of a basic ``Authorization`` header: e-mail (or its first half) and secret must both fit."""
    scheme, _, credentials = header.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        user, _, secret = base64.b64decode(credentials, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    owners = (token for token in tokens if token.secret == secret)
    return next((token for token in owners if user in (token.email, token.email.partition("@")[0])), None)


def bearer(header: str, tokens: Iterable[Token], schemes: tuple[str, ...] = ("bearer",)) -> Token | None:
    """The token of a bearer ``Authorization`` header."""
    scheme, _, secret = header.partition(" ")
    if scheme.lower() not in schemes:
        return None
    return next((token for token in tokens if token.secret == secret.strip()), None)


def owner(token: Token, people: Iterable[Person]) -> Person:
    """The person behind a token: the one with its e-mail, else a service account that is nobody in the organisation."""
    known = next((person for person in people if person.email == token.email), None)
    name = token.email.partition("@")[0]
    return known or Person(
        id=f"token:{name}",
        name=f"{name.title()} (service)",
        email=token.email,
        role="admin",
        timezone=token.timezone,
        jira_account_id="557058:00000000-0000-4000-8000-000000000001",
        jira_name=name,
        github_login=f"{name}-service",
        github_id=9_000_000_001,
    )
