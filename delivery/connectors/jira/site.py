"""One Jira site: how to sign in, and what it says about itself."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from delivery.connectors import address, refusals
from delivery.connectors.contract import ConnectorError, Credentials
from delivery.connectors.http import Http
from delivery.connectors.instants import http_date, instant
from delivery.connectors.refusals import Site

# Bursts are counted for each endpoint (J30); the first part of a path that fits names its family.
LANES = (
    ("/changelog", "changelog"),
    ("/search", "search"),
    ("/rest/agile/", "agile"),
    ("/rest/software/", "agile"),
    ("/worklog", "worklog"),
    ("/issue/", "issue"),
)
# The rights that a token with scopes must have been given (J32); Jira only says that one is lacking. A list of boards
# tells their projects, too, so that it takes two.
NEEDS = (
    ("/sprint", "read:sprint:jira-software"),
    ("/configuration", "read:board-scope.admin:jira-software and read:project:jira"),
    ("/rest/agile/", "read:board-scope:jira-software and read:project:jira"),
    ("/myself", "read:jira-user"),
    ("", "read:jira-work"),
)
GATEWAY = "/ex/jira/"  # below api.atlassian.com, where scoped tokens work; no browser page lives there (J32)


@dataclass(frozen=True, slots=True)
class Facts:
    """What a site is. ``now`` is its own clock when we signed in; ``browse`` the address a browser opens.

    ``identity``: which Jira it is, by the address it calls its own; through whichever other one we reach it.
    """

    cloud: bool
    version: str
    account: str
    now: datetime
    browse: str
    identity: str

    @property
    def deployment(self) -> str:
        return "cloud" if self.cloud else "datacenter"

    @property
    def api(self) -> str:
        """Data Center has no version 3 (D1)."""
        return "/rest/api/3" if self.cloud else "/rest/api/2"


def site_of(credentials: Credentials) -> tuple[Site, dict[str, str]]:
    """Whom to talk to and the headers that sign in: basic with an e-mail, else a PAT as Bearer (J32, D3).

    Raises ConnectorError(kind="credentials") for what cannot be a token, before any library can quote it.
    """
    token, email = credentials.token.strip(), credentials.email.strip()
    if not token.isascii() or not token.isprintable() or " " in token or not token:
        message = "That cannot be a Jira token: copy it again, without spaces or line breaks."
        raise ConnectorError(message, kind="credentials")
    pair = b64encode(f"{email}:{token}".encode()).decode()
    site = Site(
        name="Jira",
        base=str(address.base_url(credentials.url)).rstrip("/"),
        token_advice="check the e-mail and make a new API token." if email else "make a new personal access token.",
        permission_advice="ask for Browse permission in the project, and check the token's scopes.",
        secrets=(token, pair),
        lanes=LANES,
        needs=NEEDS,
        subject=r"/project/([^/?]+)",
    )
    return site, {"Authorization": f"Basic {pair}" if email else f"Bearer {token}"}


def sign_in(http: Http, deployment: str) -> Facts:
    """Ask what answers (D5) and who we are (J18). ``deployment`` counts only where the site does not say."""
    answer = http.get("/rest/api/2/serverInfo", public=True)
    info = answer.json
    if not isinstance(info, dict) or not (info.get("deploymentType") or info.get("versionNumbers")):
        raise refusals.unexpected(http.site, "no Jira answers there")
    me = _myself(http)
    told = {"Cloud": "cloud", "Server": "datacenter"}.get(str(info.get("deploymentType")))
    kind = told or deployment or "datacenter"
    gateway = GATEWAY in http.site.base
    return Facts(
        cloud=kind == "cloud",
        version=str(info.get("version") or ""),
        account=str(me.get("displayName") or me.get("name") or ""),
        now=min(filter(None, (instant(info.get("serverTime")), http_date(answer.headers))), default=http.policy.now()),
        browse=str(info.get("baseUrl") or http.site.base).rstrip("/") if gateway else http.site.base,
        identity=address.identity(str(info.get("baseUrl") or "")),
    )


def _myself(http: Http) -> dict[str, Any]:
    """Who the token belongs to; a wrong one may be taken as anonymous and answered with 200 (J18)."""
    answer = http.get("/rest/api/2/myself")
    me = answer.json if isinstance(answer.json, dict) else {}
    anonymous = not (me.get("accountId") or me.get("key") or me.get("name"))
    if anonymous or "AUTHENTICATED_FAILED" in answer.headers.get("x-seraph-loginreason", ""):
        raise refusals.refused(http.site, 401, "the answer was for nobody", "")
    return me
