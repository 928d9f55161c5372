"""One way to ask Jira and GitHub: JSON over kept-alive connections, with the manners and retries both need.

Never retried: a plain 403, 404, 410, and a 401 before anything worked. Retried a bounded number of times, with growing
and scattered waits: limits (429, limited 403), 5xx, timeouts, broken connections, cut or garbled bodies. Threads may
share one Http.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Unpack

import httpcore
import httpx
import orjson

from delivery.connectors import address, budgets, refusals, retry, wire
from delivery.connectors.answer import Answer, Garbled, decode
from delivery.connectors.contract import Budget, ConnectorError
from delivery.connectors.instants import http_date, instant
from delivery.connectors.question import Asking, Question, Trouble, onward, same_host
from delivery.connectors.refusals import Site
from delivery.connectors.retry import RetryPolicy
from delivery.connectors.setup import Setup

USER_AGENT = "Headway/0.1.0"
TIMEOUT = httpx.Timeout(60.0, connect=10.0)  # seconds
FEW = 3  # tries for what is more often a wrong address than a passing fault
REDIRECTS = 5
START = 120  # characters of what is no JSON that are told
AGAIN = 2.0  # seconds after a 401 to a token that was good a moment ago
TOLD = ("retry-after", "ratelimit", "x-ratelimit", "beta-ratelimit")  # headers worth a line in the log

log = logging.getLogger(__name__)
__all__ = ["Http", "Trouble"]


class Http:
    """Asks one site. ``requests`` and ``received`` (bytes of body) count what went over the wire. Close it."""

    def __init__(self, site: Site, headers: Mapping[str, str], setup: Setup) -> None:
        self.site = site
        self.requests = 0
        self.received = 0
        self.clock: datetime | None = None  # the earliest that an answer gave as the site's
        self.token_expires: datetime | None = None  # where the site says it (GitHub)
        self.policy = setup.policy or RetryPolicy()
        self._setup = setup
        self._gate = setup.gate
        self._base = address.base_url(site.base)
        self._worked = False
        self._quotas: dict[str, tuple[budgets.Quota, datetime]] = {}
        self._counting, self._renewing = threading.Lock(), threading.Lock()
        backend = wire.CheckedBackend(allow_private=setup.allow_private, lookup=setup.lookup)
        self._client = httpx.Client(
            transport=wire.Wire(backend, wire.tls_context(self._base, setup.ca_file), self.policy.longest_request),
            headers={"User-Agent": USER_AGENT, "Accept": "application/json", "Accept-Encoding": wire.PACKED, **headers},
            timeout=TIMEOUT,
        )

    @property
    def budget(self) -> Budget | None:
        """The tightest quota that was told, None where the site tells of none (G17)."""
        told = sorted(self._quotas.values(), key=lambda pair: pair[0].tightness())
        return told[0][0].budget(told[0][1]) if told else None

    def get(
        self,
        path: str,
        params: Mapping[str, str | int] | None = None,
        *,
        remember: bool = False,
        **asking: Unpack[Asking],
    ) -> Answer:
        """The answer to a GET; ``path`` is below the base or a whole URL of the same host (a Link header, G9).

        ``remember``: keep it with its ETag, so that it is free while it stays the same; for dictionaries and first
        pages, not for deep ones (G14).
        """
        request = self._client.build_request("GET", self._url(path), params=params)
        if remember and self._setup.memory:
            return self._remembered(request, asking)
        return self._ask(self._question(request, asking))

    def post(self, path: str, body: Any, **asking: Unpack[Asking]) -> Answer:
        """The answer to a POST of JSON. Only for questions: it is sent again after a failure."""
        request = self._client.build_request(
            "POST", self._url(path), content=orjson.dumps(body), headers={"Content-Type": "application/json"}
        )
        return self._ask(self._question(request, asking))

    def close(self) -> None:
        self._client.close()

    def pause(self, trouble: Trouble, attempt: int) -> None:
        """Sleep before the next attempt, or raise the trouble's error when there is to be none."""
        if trouble.parked or attempt >= (min(FEW, self.policy.tries) if trouble.few else self.policy.tries):
            raise trouble.error
        wait = self.policy.backoff(attempt) if trouble.wait is None else trouble.wait
        if wait > self.policy.longest_wait:
            raise trouble.error
        self.policy.sleep(wait)

    def limit(self, headers: Mapping[str, str], said: str, attempt: int, lane: str = "") -> Trouble:
        """The trouble of being over a limit. GitHub says so with 200 and an error in the body, too (G16)."""
        found = retry.limit(headers, said, attempt, self.policy)
        lane = lane or headers.get("x-ratelimit-resource", "")  # GitHub's lanes bear its own names
        self._gate.told(lane, headers, 429, limited=True)
        if found.asked is not None:
            self._gate.hold("" if found.whole else lane, found.asked)
        told = {name: text for name, text in headers.items() if name.lower().startswith(TOLD)}
        reason = self.site.clean(found.reason) or "no reason"
        log.warning("%s limits us in %s: %s; %s", self.site, lane or "all", reason, self.site.clean(str(told)))
        retry_at = self.policy.now() + timedelta(seconds=found.wait)
        return Trouble(refusals.limited(self.site, retry_at, said), found.wait, parked=found.parked)

    def points(self, lane: str, told: Any) -> None:
        """What GraphQL's ``rateLimit {cost limit remaining resetAt}`` says; its null means no limit (G17)."""
        quota = budgets.graphql(told, self.policy.now())
        if quota is not None:
            self._quotas[lane] = quota, self.policy.now()
            self._gate.spent(lane, int(told.get("cost") or 1) - 1)

    def _url(self, path: str) -> httpx.URL:
        if not path.startswith(("http://", "https://")):
            return self._base.copy_with(raw_path=self._base.raw_path.rstrip(b"/") + path.encode())
        url = httpx.URL(path)
        same_host(self.site, url)
        return url

    def _question(self, request: httpx.Request, asking: Asking) -> Question:
        return Question(request, asking.get("lane") or self.site.lane(request.url.path), asking)

    def _remembered(self, request: httpx.Request, asking: Asking) -> Answer:
        memory, question = self._setup.memory, self._question(request, asking)
        assert memory is not None
        key = f"{request.headers['Accept']} {request.url}"
        question.kept = memory.get(key)
        if question.kept:
            request.headers["If-None-Match"] = question.kept[0]
        return self._ask(question, key)

    def _ask(self, question: Question, key: str = "") -> Answer:
        while True:
            outcome = self._once(question, key)
            if isinstance(outcome, Answer):
                return outcome
            self.pause(outcome, question.attempt)
            question.attempt += 1

    def _once(self, question: Question, key: str) -> Answer | Trouble:
        try:
            response = self._send(question)
        except (httpx.TimeoutException, httpcore.TimeoutException) as error:
            return self._silence(error)
        except httpx.RemoteProtocolError:  # of httpx itself: it cannot read the place a redirect names
            raise refusals.unexpected(self.site, "it redirects to what is no address") from None
        except httpcore.RemoteProtocolError as error:
            return Trouble(refusals.broken(self.site, str(error)), few=isinstance(error, wire.Unfit))
        except (httpx.TransportError, httpcore.NetworkError, httpcore.ProtocolError) as error:
            few = isinstance(error, httpcore.ConnectError)
            return Trouble(refusals.unreachable(self.site, str(error)), few=few)
        status = 401 if self._for_nobody(response) else response.status_code
        if status == 304 and question.kept:
            self._note(question, response)
            return Answer(200, decode(question.kept[1]), response.headers, unchanged=True)
        text = "" if question.asking.get("secret") else response.text
        said = refusals.said(_json(response), text) if response.status_code >= 300 else ""
        too_fast = retry.is_limit(status, response.headers, said)  # a 403 may be that also where it is expected
        if status < 300 or (status in question.asking.get("passing", ()) and not too_fast):
            self._note(question, response)
            return self._read(question, response, key)
        if too_fast:
            return self.limit(response.headers, self.site.clean(said), question.attempt, question.lane)
        return self._refusal(question, response, status, said)

    def _silence(self, error: Exception) -> Trouble:
        if isinstance(error, httpcore.ConnectTimeout):
            return Trouble(refusals.unreachable(self.site, str(error)), few=True)
        return Trouble(refusals.slow(self.site, str(error)))

    def _send(self, question: Question) -> httpx.Response:
        request = question.request
        if "Authorization" in self._client.headers:
            request.headers["Authorization"] = self._client.headers["Authorization"]
        for _ in range(REDIRECTS):
            with self._gate.turn(question.lane, question.asking.get("cost", 1), patience=self.policy.longest_wait):
                response = self._client.send(request)
            response.stream = httpx.ByteStream(b"")  # the old one leads back to the response: the body would stay long
            with self._counting:
                self.requests += 1
                self.received += len(response.content)
                told = http_date(response.headers)
                self.clock = min(filter(None, (self.clock, told)), default=None)
            if not response.has_redirect_location:
                return response
            request = onward(self.site, self._client, request, response)
        raise refusals.unexpected(self.site, "it redirects in a circle")

    def _note(self, question: Question, response: httpx.Response) -> None:
        """What an answer that was no refusal says of quotas and of the token."""
        now = self.policy.now()
        self._worked = self._worked or not question.asking.get("public", False)
        self._gate.told(question.lane, response.headers, response.status_code)
        quota = budgets.quota(response.headers, now)
        if quota is not None:
            self._quotas[question.lane] = quota, http_date(response.headers) or now
        expires = response.headers.get("github-authentication-token-expiration")
        if expires:
            self.token_expires = instant(expires.replace(" UTC", "+00:00").replace(" +", "+").replace(" -", "-"))

    def _read(self, question: Question, response: httpx.Response, key: str) -> Answer | Trouble:
        try:
            answer = Answer(response.status_code, decode(response.content), response.headers)
        except Garbled as broken:
            if response.status_code >= 400:
                return Answer(response.status_code, None, response.headers)
            body = b"" if question.asking.get("secret") else broken.body
            start = self.site.clean(body.decode("utf-8", "replace"))[:START]
            error = refusals.garbled(self.site, page=broken.page, start=start)
            return Trouble(error, few=broken.page)
        etag = response.headers.get("etag", "")
        if key and etag and response.status_code == 200 and self._setup.memory:
            self._setup.memory.put(key, etag, response.content)
        return answer

    def _refusal(self, question: Question, response: httpx.Response, status: int, said: str) -> Trouble:
        """What to do about a status that is no success. Raises ConnectorError when asking again would not help."""
        headers = response.headers
        if status >= 500 or status == 408:
            wait = retry.asked_wait(headers, self.policy.now())  # J30: some 503 carry a Retry-After
            if wait is not None and wait > 0:
                return self.limit(headers, self.site.clean(said), question.attempt, question.lane)
            self._gate.told(question.lane, headers, status)
            return Trouble(refusals.failing(self.site, status, said))
        self._gate.told(question.lane, headers, status)
        asking, path = question.asking, question.request.url.path
        about = self.site.about(path, asking.get("about", ""), asking.get("needs", ""), worked=self._worked)
        missing = asking.get("missing", "")
        error = refusals.refused(self.site, status, said, missing, headers=headers, about=about)
        if status == 401 and error.kind in ("credentials", "expired"):
            return self._unauthorised(question, error, said)
        raise error

    def _unauthorised(self, question: Question, error: ConnectorError, said: str) -> Trouble:
        """A token of an hour is renewed; another one that was good a moment ago is tried once more."""
        if self.token_expires is not None and self.token_expires <= self.policy.now():
            error = refusals.expired(self.site, said)
        if question.pardoned or not (self._setup.renew or self._worked):
            raise error
        question.pardoned = True
        if self._setup.renew:
            self._renew(question.request.headers.get("Authorization", ""))
        return Trouble(error, wait=0.0 if self._setup.renew else AGAIN)

    def _renew(self, refused: str) -> None:
        """Sign in with the next token, unless another thread has done so since ``refused`` was sent."""
        assert self._setup.renew is not None
        with self._renewing:
            if self._client.headers.get("Authorization", "") != refused:
                return
            token = self._setup.renew(refused.partition(" ")[2])
            self.site = replace(self.site, secrets=(*self.site.secrets, token))
            self._client.headers["Authorization"] = f"Bearer {token}"

    def _for_nobody(self, response: httpx.Response) -> bool:
        """Whether Jira answered as if nobody had asked: with 200 and nothing in it (J18), or with a captcha's 403."""
        reason = response.headers.get("x-seraph-loginreason", "")
        if response.status_code == 403:
            return "AUTHENTICATION_DENIED" in reason or "CAPTCHA" in response.headers.get(
                "x-authentication-denied-reason", ""
            )
        return response.status_code < 300 and any(word in reason for word in refusals.NOBODY)


def _json(response: httpx.Response) -> Any:
    try:
        return decode(response.content)
    except Garbled:
        return None
