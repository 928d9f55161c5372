"""One GitHub: github.com, an Enterprise Server, or Enterprise Cloud with a host of its own."""

from __future__ import annotations

import httpx

from delivery.connectors import address
from delivery.connectors.contract import ConnectorError, Credentials
from delivery.connectors.refusals import Site

API = "https://api.github.com"
LANES = (("/graphql", "graphql"), ("/search/", "search"), ("", "core"))  # quotas of their own, by GitHub's own names
VERSION = "2022-11-28"  # one REST version, pinned (G24)


def site_of(credentials: Credentials) -> tuple[Site, dict[str, str]]:
    """Whom to talk to and the headers that sign in. The token is opaque: its length and letters may change (G23).

    Raises ConnectorError(kind="credentials") for what cannot be a token, before any library can quote it.
    """
    token = credentials.token.strip()
    if not token.isascii() or not token.isprintable() or " " in token or not token:
        message = "That cannot be a GitHub token: copy it again, without spaces or line breaks."
        raise ConnectorError(message, kind="credentials")
    site = Site(
        name="GitHub",
        base=rest_base(credentials.url or API),
        token_advice="it may have expired or been withdrawn; make a new one.",
        permission_advice=(
            "give it read access to contents, pull requests, issues, deployments and actions of the repository."
        ),
        secrets=(token,),
        lanes=LANES,
        subject=r"/repos/([^/]+/[^/?]+)",
    )
    return site, {
        "Authorization": f"Bearer {token}",
        "Accept": "application/vnd.github+json",
        "X-GitHub-Api-Version": VERSION,
    }


def rest_base(text: str) -> str:
    """Where REST lives. The address of the web pages is understood, too: people copy that one."""
    url = address.base_url(text)
    if url.host in ("github.com", "www.github.com"):
        return API
    if url.host.endswith(".ghe.com"):  # Enterprise Cloud with a host of its own has its API beside it
        return f"{url.scheme}://api.{url.host.removeprefix('api.')}"
    if url.path in ("", "/") and not url.host.startswith("api."):
        url = url.copy_with(raw_path=b"/api/v3")
    return str(url).rstrip("/")


def graphql_url(base: str) -> str:
    """Where GraphQL lives beside REST: ``/api/graphql`` on an Enterprise Server, ``/graphql`` on an api host (G17)."""
    url = httpx.URL(base)
    path = url.path.rstrip("/")
    return str(url.copy_with(raw_path=(path.removesuffix("/v3") + "/graphql").encode()))
