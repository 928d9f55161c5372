"""The two Jira sites: who may in, and which function answers."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from dataclasses import replace
from urllib.parse import quote
from zoneinfo import ZoneInfo

from simulator.jira import agile, cloud_api, datacenter_api, software, worklogs
from simulator.jira.call import Call, Jira, error
from simulator.organisation import Clock, OneAtATime, Organisation
from simulator.tokens import Token, basic, bearer
from simulator.web import Refused, Reply, Request, Route, find, json_reply

HOUR = 3600
FAILED = {"X-Seraph-LoginReason": "AUTHENTICATED_FAILED"}
UNAUTHENTICATED = {"message": "Client must be authenticated to access this resource.", "status-code": 401}
Site = Callable[[Request], Reply]


def cloud(world: Organisation, *, clock: Clock, tokens: tuple[Token, ...]) -> Site:
    """Jira Cloud: REST v3, agile and software, basic authentication with an e-mail and an API token."""
    jira = Jira(shared(world), clock, tokens, cloud=True)
    return site(jira, (*cloud_api.ROUTES, *agile.ROUTES, *worklogs.ROUTES, *software.ROUTES))


def datacenter(world: Organisation, *, clock: Clock, tokens: tuple[Token, ...], budget: int | None = None) -> Site:
    """Jira Data Center: REST v2 and agile, with a PAT or a user's name; ``budget`` is requests per hour."""
    jira = Jira(shared(world), clock, tokens, cloud=False)
    answer = site(jira, (*datacenter_api.ROUTES, *agile.ROUTES, *worklogs.ROUTES))
    return answer if budget is None else limited(answer, budget)


def shared(world: Organisation) -> OneAtATime:
    return world if isinstance(world, OneAtATime) else OneAtATime(world)


def site(jira: Jira, routes: Iterable[Route]) -> Site:
    known = tuple(routes)

    def answer(request: Request) -> Reply:
        token = asker(jira, request)
        if token is None and not request.path.endswith("/serverInfo"):
            return unauthenticated(jira, request)
        route = find(known, request.method, request.path)
        if route is None:
            return error(404, f"null for uri: {request.base}{request.path}")
        token = token or Token("")
        # Whole seconds, so that the pages of one listing share it while the clock runs.
        now, zone = jira.clock().replace(microsecond=0), ZoneInfo(token.timezone)
        call = Call(jira, request, token, now, zone, jira.world.revision)
        try:
            return route[0](call, route[1])
        except Refused as refused:
            return refused.reply

    return answer


def asker(jira: Jira, request: Request) -> Token | None:
    header = request.headers.get("authorization", "")
    token = basic(header, jira.tokens)
    return token if jira.cloud or token else bearer(header, jira.tokens)


def unauthenticated(jira: Jira, request: Request) -> Reply:
    realm = f'OAuth realm="{quote(request.base, safe="")}"'
    if jira.cloud or not request.headers.get("authorization", "").lower().startswith("basic"):
        return json_reply(UNAUTHENTICATED, 401, {**FAILED, "WWW-Authenticate": realm})
    page = b"<html><head><title>Unauthorized (401)</title></head><body><h1>Unauthorized (401)</h1></body></html>"
    return Reply(401, page, "text/html;charset=UTF-8", {**FAILED, "WWW-Authenticate": realm})


def limited(answer: Site, budget: int) -> Site:
    """Data Center's token bucket as its headers tell it (D4); it empties for good, which is what a test wants."""
    lock = threading.Lock()
    left = budget

    def counted(request: Request) -> Reply:
        nonlocal left
        with lock:
            empty, left = left == 0, max(0, left - 1)
        headers = {
            "X-RateLimit-Limit": str(budget),
            "X-RateLimit-Remaining": str(left),
            "X-RateLimit-FillRate": str(budget),
            "X-RateLimit-Interval-Seconds": str(HOUR),
            "retry-after": str(HOUR if empty else 0),
        }
        if empty:
            return json_reply({"message": "Rate limit exceeded."}, 429, headers)
        reply = answer(request)
        return replace(reply, headers={**reply.headers, **headers})

    return counted
