"""GitHub, laid out as an Enterprise Server: REST under /api/v3 and GraphQL at /api/graphql."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from simulator.github import graphql_api, limits, rest, rest_issues, rest_shipped
from simulator.github.call import Call, Hub, error
from simulator.organisation import Clock, OneAtATime, Organisation
from simulator.tokens import Token, bearer
from simulator.web import Refused, Reply, Request, find

VERSION = "2022-11-28"
ROUTES = (*rest.ROUTES, *rest_issues.ROUTES, *rest_shipped.ROUTES, *graphql_api.ROUTES)
FREE = ("/api/v3/rate_limit",)


def site(
    world: Organisation, *, clock: Clock, tokens: tuple[Token, ...], budget: int | None
) -> Callable[[Request], Reply]:
    """``budget``: requests, or GraphQL points, that a token has in an hour; None does not limit."""
    shared = world if isinstance(world, OneAtATime) else OneAtATime(world)
    hub = Hub(shared, clock, tokens, budget)

    def answer(request: Request) -> Reply:
        token = asker(hub, request)
        if token is None:
            return unauthenticated(request)
        # Whole seconds, so that the pages of one listing share it while the clock runs.
        call = Call(hub, request, token, hub.clock().replace(microsecond=0))
        reply = checked(call)
        return replace(reply, headers={**reply.headers, **common_headers(call)})

    return answer


def asker(hub: Hub, request: Request) -> Token | None:
    header = request.headers.get("authorization", "")
    return bearer(header, hub.tokens, ("bearer", "token"))


def unauthenticated(request: Request) -> Reply:
    if request.headers.get("authorization") or not request.path.endswith("/graphql"):
        message = "Bad credentials" if request.headers.get("authorization") else "Requires authentication"
        return error(401, message)
    return error(401, "This endpoint requires you to be authenticated.", "../graphql/guides/forming-calls-with-graphql")


def resource_of(call: Call) -> str:
    return "graphql" if call.request.path.endswith("/graphql") else "core"


def checked(call: Call) -> Reply:
    """The limit, the API version, then the answer; only an answer with a body costs anything."""
    path = call.request.path
    resource = resource_of(call)
    asked = call.request.headers.get("x-github-api-version", VERSION)
    if asked != VERSION:
        return error(400, f"'{asked}' is not a supported API version.", "about-the-rest-api/api-versions")
    if resource == "core" and path not in FREE and limits.is_spent(call, resource):
        return limits.exceeded(call)
    reply = answered(call)
    if resource == "core" and path not in FREE and reply.status != 304:
        call.hub.spend(call.token, resource, 1)
    return reply


def answered(call: Call) -> Reply:
    route = find(ROUTES, call.request.method, call.request.path)
    if route is None:
        return error(404, "Not Found")
    try:
        return route[0](call, route[1])
    except Refused as refused:
        return refused.reply


def common_headers(call: Call) -> dict[str, str]:
    return {
        **limits.headers(call, resource_of(call)),
        "X-GitHub-Media-Type": "github.v3; format=json",
        "x-github-api-version-selected": VERSION,
        **signed(call),
        "X-GitHub-Enterprise-Version": "3.19.2",
        "Vary": "Accept, Authorization, Cookie, X-GitHub-OTP",
    }


def signed(call: Call) -> dict[str, str]:
    """What an answer tells of the token: a classic one's scopes, and when it runs out."""
    told = {"X-OAuth-Scopes": "read:org, repo"} if call.token.kind == "classic" else {}
    if call.token.expires:
        told["github-authentication-token-expiration"] = f"{call.token.expires:%Y-%m-%d %H:%M:%S} UTC"
    return told
