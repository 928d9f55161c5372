"""GitHub's door for Apps: an assertion signed with the App's key buys a token of an installation for an hour (G23)."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import jwt

from simulator.organisation import Clock
from simulator.web import Reply, Request, json_reply

API = "/api/v3"
HOUR = timedelta(hours=1)
SKEW = 60  # seconds by which an assertion may come from the future
LONGEST = 600  # seconds that an assertion may live
PERMISSIONS = dict.fromkeys(("metadata", "contents", "pull_requests", "issues", "deployments", "actions"), "read")
Site = Callable[[Request], Reply]


@dataclass(slots=True)
class GitHubApp:
    """An App with one installation. ``inner`` is the secret of the token that stands behind what is given out."""

    clock: Clock
    public_key: str
    inner: str
    id: str = "4711"
    installation: str = "42"
    permissions: Mapping[str, str] = field(default_factory=lambda: dict(PERMISSIONS))
    suspended: bool = False
    given: dict[str, datetime] = field(default_factory=dict)  # until when
    lock: threading.Lock = field(default_factory=threading.Lock)

    def sites(self, sites: Mapping[str, Site]) -> dict[str, Site]:
        """The sites of a server with this door before its GitHub."""
        hub = sites["github"]
        return {**sites, "github": lambda request: self.answer(request, hub)}

    def answer(self, request: Request, hub: Site) -> Reply:
        if request.path.startswith(f"{API}/app/"):
            return self.own(request)
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        until = self.given.get(token)
        if until is None:
            return hub(request)
        if self.clock() >= until:
            return refusal(401, "Bad credentials")
        if request.path == f"{API}/user":
            return refusal(403, "Resource not accessible by integration")
        return hub(replace(request, headers={**request.headers, "authorization": f"{scheme} {self.inner}"}))

    def own(self, request: Request) -> Reply:
        """What only the App itself may ask."""
        if trouble := self.mistrust(request.headers.get("authorization", "")):
            return refusal(401, trouble)
        path = request.path.removeprefix(API)
        if path == "/app/installations" and request.method == "GET":
            account = {"login": "acme", "id": 1, "type": "Organization"}
            return json_reply([{"id": int(self.installation), "account": account, "suspended_at": None}])
        if path != f"/app/installations/{self.installation}/access_tokens" or request.method != "POST":
            return refusal(404, "Not Found")
        if self.suspended:
            return refusal(403, "This installation has been suspended")
        return self.token()

    def mistrust(self, header: str) -> str:
        """Why an assertion is not believed, as GitHub says it; empty when it is."""
        try:
            claims = jwt.decode(
                header.partition(" ")[2],
                self.public_key,
                algorithms=["RS256"],
                options={"verify_exp": False, "verify_iat": False},
            )
        except jwt.InvalidTokenError:
            return "A JSON web token could not be decoded"
        now = self.clock().timestamp()
        if str(claims.get("iss")) != self.id:
            return "Integration not found"
        if claims["exp"] <= now:
            return "'Expiration time' claim ('exp') must be a numeric value representing the future time"
        if claims["exp"] > now + LONGEST:
            return "'Expiration time' claim ('exp') is too far in the future"
        if claims["iat"] > now + SKEW:
            return "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued"
        return ""

    def token(self) -> Reply:
        """Long and with dots, as they are since 2026."""
        parts = (secrets.token_urlsafe(length) for length in (24, 300, 64))
        token = "ghs_" + ".".join(parts)
        until = self.clock() + HOUR
        with self.lock:
            self.given[token] = until
        body = {
            "token": token,
            "expires_at": until.astimezone(UTC).isoformat()[:19] + "Z",
            "permissions": dict(self.permissions),
            "repository_selection": "selected",
        }
        return json_reply(body, 201)


def refusal(status: int, message: str) -> Reply:
    return json_reply({"message": message, "documentation_url": "https://docs.github.com/rest"}, status)
