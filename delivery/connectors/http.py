"""One way to ask Jira and GitHub: JSON over kept-alive connections, with the manners and retries both need.

Never retried: a plain 401, 403, 404, 410. Retried a bounded number of times, with growing and scattered waits:
limits (429, limited 403), 5xx, timeouts, broken connections, cut or garbled bodies.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import httpcore
import httpx
import orjson

from delivery.connectors import address, refusals, retry, wire
from delivery.connectors.answer import Answer, Garbled, decode
from delivery.connectors.contract import ConnectorError
from delivery.connectors.instants import http_date
from delivery.connectors.refusals import Site
from delivery.connectors.retry import RetryPolicy
from delivery.connectors.setup import Setup

USER_AGENT = "Headway/0.1.0"
TIMEOUT = httpx.Timeout(60.0, connect=10.0)  # seconds
FEW = 3  # tries for what is more often a wrong address than a passing fault
REDIRECTS = 5


@dataclass(frozen=True, slots=True)
class Trouble:
    """A failed attempt that may be made again: the error if it stays so, the wait asked for, how often to try."""

    error: ConnectorError
    wait: float | None = None  # seconds
    few: bool = False


class Http:
    """Asks one site. ``requests`` and ``received`` (bytes of body) count what went over the wire. Close it."""

    def __init__(self, site: Site, headers: Mapping[str, str], setup: Setup) -> None:
        self.site = site
        self.requests = 0
        self.received = 0
        self.clock: datetime | None = None  # the site's, at its first answer
        self.policy = setup.policy or RetryPolicy()
        self._base = address.base_url(site.base)
        backend = wire.CheckedBackend(allow_private=setup.allow_private, lookup=setup.lookup)
        self._client = httpx.Client(
            transport=wire.Wire(backend, wire.tls_context(self._base, setup.ca_file)),
            headers={"User-Agent": USER_AGENT, "Accept": "application/json", **headers},
            timeout=TIMEOUT,
        )

    def get(
        self,
        path: str,
        params: Mapping[str, str | int] | None = None,
        *,
        missing: str = "",
        passing: tuple[int, ...] = (),
    ) -> Answer:
        """The answer to a GET; ``path`` is below the base or a whole URL of the same host (a Link header, G9).

        ``missing`` is the sentence for a 404; a status in ``passing`` is handed back and not raised.
        """
        return self._ask(self._client.build_request("GET", self._url(path), params=params), missing, passing)

    def post(self, path: str, body: Any, *, missing: str = "", passing: tuple[int, ...] = ()) -> Answer:
        """The answer to a POST of JSON. Only for questions: it is sent again after a failure."""
        request = self._client.build_request(
            "POST", self._url(path), content=orjson.dumps(body), headers={"Content-Type": "application/json"}
        )
        return self._ask(request, missing, passing)

    def close(self) -> None:
        self._client.close()

    def pause(self, trouble: Trouble, attempt: int) -> None:
        """Sleep before the next attempt, or raise the trouble's error when there is to be none."""
        if attempt >= (min(FEW, self.policy.tries) if trouble.few else self.policy.tries):
            raise trouble.error
        wait = self.policy.backoff(attempt) if trouble.wait is None else trouble.wait
        if wait > self.policy.longest_wait:
            raise trouble.error
        self.policy.sleep(wait)

    def limit(self, headers: Mapping[str, str], said: str, attempt: int) -> Trouble:
        """The trouble of being over a limit. GitHub says so with 200 and an error in the body, too (G16)."""
        wait = retry.limit_wait(headers, said, attempt, self.policy)
        retry_at = self.policy.now() + timedelta(seconds=wait)
        return Trouble(refusals.limited(self.site, retry_at, said), wait)

    def _url(self, path: str) -> httpx.URL:
        if not path.startswith(("http://", "https://")):
            return self._base.copy_with(raw_path=self._base.raw_path.rstrip(b"/") + path.encode())
        url = httpx.URL(path)
        self._same_host(url)
        return url

    def _ask(self, request: httpx.Request, missing: str, passing: tuple[int, ...]) -> Answer:
        attempt = 1
        while True:
            outcome = self._once(request, attempt, missing, passing)
            if isinstance(outcome, Answer):
                return outcome
            self.pause(outcome, attempt)
            attempt += 1

    def _once(self, request: httpx.Request, attempt: int, missing: str, passing: tuple[int, ...]) -> Answer | Trouble:
        try:
            response = self._send(request)
        except (httpx.TimeoutException, httpcore.TimeoutException) as error:
            return self._silence(error)
        except (httpx.TransportError, httpcore.NetworkError, httpcore.ProtocolError, httpx.DecodingError) as error:
            few = isinstance(error, httpcore.ConnectError)
            return Trouble(refusals.unreachable(self.site, str(error)), few=few)
        if response.status_code < 300 or response.status_code in passing:
            return self._read(response)
        return self._refusal(response, attempt, missing)

    def _silence(self, error: Exception) -> Trouble:
        if isinstance(error, httpcore.ConnectTimeout):
            return Trouble(refusals.unreachable(self.site, str(error)), few=True)
        return Trouble(refusals.slow(self.site, str(error)))

    def _send(self, request: httpx.Request) -> httpx.Response:
        for _ in range(REDIRECTS):
            self.requests += 1
            response = self._client.send(request)
            self.received += len(response.content)
            self.clock = self.clock or http_date(response.headers)
            if response.next_request is None:
                return response
            self._same_host(response.next_request.url)
            request = response.next_request
        raise refusals.unexpected(self.site, "it redirects in a circle")

    def _read(self, response: httpx.Response) -> Answer | Trouble:
        try:
            return Answer(response.status_code, decode(response.content), response.headers)
        except Garbled as broken:
            if response.status_code >= 400:
                return Answer(response.status_code, None, response.headers)
            error = refusals.garbled(self.site, page=broken.page, start=broken.start)
            return Trouble(error, few=broken.page)

    def _refusal(self, response: httpx.Response, attempt: int, missing: str) -> Trouble:
        """What to do about a status that is no success. Raises ConnectorError when asking again would not help."""
        status, text = response.status_code, response.text
        said = refusals.said(_json(response), text)
        if retry.is_limit(status, response.headers, said):
            return self.limit(response.headers, self.site.clean(said), attempt)
        if status >= 500 or status == 408:
            wait = retry.asked_wait(response.headers, self.policy.now())  # J30: some 503 carry a Retry-After
            if wait is not None and wait > 0:
                return self.limit(response.headers, self.site.clean(said), attempt)
            return Trouble(refusals.failing(self.site, status, said))
        raise refusals.refused(self.site, status, said, missing)

    def _same_host(self, url: httpx.URL) -> None:
        """Another host, a lower scheme or another port is somebody else; http → https of one host is not."""
        here = self._base
        same = url.scheme == here.scheme and url.port == here.port
        upgraded = url.scheme == "https" and here.scheme == "http" and url.port is None and here.port is None
        if url.host != here.host or not (same or upgraded):
            raise refusals.elsewhere(self.site, url.netloc.decode("ascii", "replace").rpartition("@")[2])


def _json(response: httpx.Response) -> Any:
    try:
        return decode(response.content)
    except Garbled:
        return None
