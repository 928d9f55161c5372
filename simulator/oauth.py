"""Atlassian's door: consent, codes, access tokens for an hour, refresh tokens that work once, and the gateway to the
site behind it (J32, J33)."""

from __future__ import annotations

import secrets
import threading
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from urllib.parse import urlencode

from simulator.organisation import Clock
from simulator.tokens import DEMO_EMAIL, DEMO_JIRA_TOKEN, Token, basic
from simulator.web import Reply, Request, json_reply

CLOUD_ID = "1324a887-45db-4bf4-8e99-ef0ff456d421"
HOUR = timedelta(hours=1)
SIGNED = "authorization"
Site = Callable[[Request], Reply]


@dataclass(slots=True)
class Atlassian:
    """Who may ask, and what was given out. ``scoped`` are API tokens with scopes, which work at the gateway only.

    ``refreshes`` counts the refreshes that were asked for; ``break_off``: the next one takes effect, and its answer is
    lost on the way. ``before_refresh`` is called in each.
    """

    clock: Clock
    client_id: str = "headway"
    client_secret: str = "headway-client-secret"  # noqa: S105 - pretended
    scoped: tuple[Token, ...] = ()
    refreshes: int = 0
    break_off: bool = False
    before_refresh: Callable[[], None] = lambda: None
    codes: dict[str, str] = field(default_factory=dict)  # to its callback
    access: dict[str, datetime] = field(default_factory=dict)  # until when
    refresh: set[str] = field(default_factory=set)  # not used yet
    lock: threading.Lock = field(default_factory=threading.Lock)

    def sites(self, sites: Mapping[str, Site]) -> dict[str, Site]:
        """The sites of a server with this door before its Cloud site."""
        cloud = sites["cloud"]
        return {**sites, "cloud": lambda request: at_site(request, cloud), "atlassian": lambda r: self.answer(r, cloud)}

    def answer(self, request: Request, cloud: Site) -> Reply:
        if request.path == "/authorize":
            return self.authorize(request)
        if request.path == "/oauth/token" and request.method == "POST":
            return self.token(request)
        if request.path == "/oauth/token/accessible-resources":
            return self.resources(request)
        if request.path.startswith(f"/ex/jira/{CLOUD_ID}/"):
            return self.gateway(request, cloud)
        return json_reply({"code": 404, "message": "Not Found"}, 404)

    def authorize(self, request: Request) -> Reply:
        """Everybody consents at once, and is sent back with a code."""
        words = request.query
        if words.get("client_id") != self.client_id or words.get("response_type") != "code":
            return Reply(400, b"<html><body>Something went wrong</body></html>", "text/html;charset=UTF-8")
        with self.lock:
            code = secrets.token_urlsafe(24)
            self.codes[code] = words.get("redirect_uri", "")
        back = urlencode({"state": words.get("state", ""), "code": code})
        return Reply(302, headers={"Location": f"{words.get('redirect_uri', '')}?{back}"})

    def token(self, request: Request) -> Reply:
        words = request.json()
        words = words if isinstance(words, dict) else {}
        if (words.get("client_id"), words.get("client_secret")) != (self.client_id, self.client_secret):
            return json_reply({"error": "access_denied", "error_description": "Unauthorized"}, 401)
        if words.get("grant_type") == "authorization_code":
            with self.lock:
                callback = self.codes.pop(words.get("code", ""), None)
            if callback is None or callback != words.get("redirect_uri"):
                return json_reply({"error": "invalid_grant", "error_description": "Invalid authorization code"}, 403)
            return self.granted()
        return self.refreshed(str(words.get("refresh_token")))

    def refreshed(self, token: str) -> Reply:
        self.before_refresh()
        with self.lock:
            self.refreshes += 1
            known = token in self.refresh
            self.refresh.discard(token)
        if not known:
            said = "Unknown or invalid refresh token."
            return json_reply({"error": "invalid_grant", "error_description": said}, 403)
        reply = self.granted()
        if self.break_off:
            self.break_off = False
            return replace(reply, cut=10)
        return reply

    def granted(self) -> Reply:
        with self.lock:
            access, refresh = f"ey{secrets.token_urlsafe(600)}", secrets.token_urlsafe(120)
            self.access[access] = self.clock() + HOUR
            self.refresh.add(refresh)
        body = {"access_token": access, "refresh_token": refresh, "expires_in": 3600, "token_type": "Bearer"}
        return json_reply({**body, "scope": "read:jira-work read:jira-user offline_access"})

    def resources(self, request: Request) -> Reply:
        if not self.is_good(request):
            return json_reply({"code": 401, "message": "Unauthorized"}, 401)
        base = request.base.removesuffix("/atlassian")
        row = {"id": CLOUD_ID, "url": f"{base}/cloud", "name": "headway-demo", "avatarUrl": f"{base}/avatar.png"}
        wiki = ["read:confluence-content.all"]
        return json_reply([{**row, "scopes": ["read:jira-work", "read:jira-user"]}, {**row, "scopes": wiki}])

    def gateway(self, request: Request, cloud: Site) -> Reply:
        """The site's API, for access tokens and tokens with scopes; the site's own tokens are nobody here."""
        if not self.is_good(request) and basic(request.headers.get(SIGNED, ""), self.scoped) is None:
            return json_reply({"code": 401, "message": "Unauthorized"}, 401)
        word = b64encode(f"{DEMO_EMAIL}:{DEMO_JIRA_TOKEN}".encode()).decode()
        path = request.path.removeprefix(f"/ex/jira/{CLOUD_ID}")
        base = f"{request.base.removesuffix('/atlassian')}/cloud"
        headers = {**request.headers, SIGNED: f"Basic {word}"}
        return cloud(replace(request, path=path, base=base, headers=headers))

    def is_good(self, request: Request) -> bool:
        scheme, _, token = request.headers.get(SIGNED, "").partition(" ")
        until = self.access.get(token)
        return scheme.lower() == "bearer" and until is not None and self.clock() < until


def at_site(request: Request, cloud: Site) -> Reply:
    """A site tells its cloud id to anybody."""
    if request.path == "/_edge/tenant_info":
        return json_reply({"cloudId": CLOUD_ID, "perimeter": None})
    return cloud(request)
