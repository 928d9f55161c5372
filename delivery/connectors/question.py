"""A question on its way to a source: what is known of it besides its address, and what comes of a failed attempt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypedDict

import httpx

from delivery.connectors import address, refusals
from delivery.connectors.contract import ConnectorError
from delivery.connectors.refusals import Site


class Asking(TypedDict, total=False):
    """What may be said of a question besides its address.

    ``missing`` is the sentence for a 404; a status in ``passing`` is handed back and not raised. ``about`` (ABC,
    acme/x) and ``needs`` (read:project) are for the sentence of a refusal. ``lane`` where the path does not tell it;
    ``cost`` what the turn takes of the quota. ``public``: anybody is answered, which says nothing of the token.
    ``secret``: the answer is one, so that nothing of it may be told.
    """

    missing: str
    passing: tuple[int, ...]
    about: str
    needs: str
    lane: str
    cost: int
    public: bool
    secret: bool


@dataclass(frozen=True, slots=True)
class Trouble:
    """A failed attempt that may be made again: the error if it stays so, the wait asked for, how often to try."""

    error: ConnectorError
    wait: float | None = None  # seconds
    few: bool = False
    parked: bool = False  # asking again is for later, by whoever comes then


@dataclass(slots=True)
class Question:
    """A request on its way, and what was already done for it."""

    request: httpx.Request
    lane: str
    asking: Asking
    kept: tuple[str, bytes] | None = None  # ETag and body of last time
    attempt: int = 1
    pardoned: bool = False  # a 401 was forgiven once


def onward(site: Site, client: httpx.Client, request: httpx.Request, response: httpx.Response) -> httpx.Request:
    """The same question at the place a redirect names, on the same host only; a POST stays one, but for 303.

    Raises ConnectorError: the credentials never go to another host (G10).
    """
    try:
        url = request.url.join(response.headers["Location"])
    except (httpx.InvalidURL, ValueError):
        raise refusals.unexpected(site, "it redirects to what is no address") from None
    same_host(site, url)
    if response.status_code == 303 or request.method == "GET":
        return client.build_request("GET", url)
    kind = {"Content-Type": request.headers.get("Content-Type", "")}
    return client.build_request(request.method, url, content=request.content, headers=kind)


def same_host(site: Site, url: httpx.URL) -> None:
    """Another host, a lower scheme or another port is somebody else; http → https of one host is not."""
    here = address.base_url(site.base)
    same = url.scheme == here.scheme and url.port == here.port
    upgraded = url.scheme == "https" and here.scheme == "http" and url.port is None and here.port is None
    if url.host != here.host or not (same or upgraded):
        raise refusals.elsewhere(site, url.netloc.decode("ascii", "replace").rpartition("@")[2])
