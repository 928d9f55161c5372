"""The primary limit: so many points an hour for each token, told in every answer (G11)."""

from __future__ import annotations

from simulator.github.call import WINDOW, Call, error
from simulator.tokens import owner
from simulator.web import Reply


def state(call: Call, resource: str) -> dict[str, int | str]:
    """What ``/rate_limit`` tells of a resource."""
    limit = call.hub.budget or 0
    used = min(limit, call.hub.spend(call.token, resource, 0))
    return {"limit": limit, "used": used, "remaining": limit - used, "reset": reset(call), "resource": resource}


def reset(call: Call) -> int:
    """When the present hour ends, in seconds since the epoch."""
    return (int(call.hub.clock().timestamp()) // WINDOW + 1) * WINDOW


def headers(call: Call, resource: str) -> dict[str, str]:
    """Nothing at all on a server that does not limit (G17)."""
    if call.hub.budget is None:
        return {}
    return {f"x-ratelimit-{name}": str(value) for name, value in state(call, resource).items()}


def is_spent(call: Call, resource: str) -> bool:
    budget = call.hub.budget
    return budget is not None and call.hub.spend(call.token, resource, 0) >= budget


def exceeded(call: Call) -> Reply:
    """403, as the REST API has it."""
    id = owner(call.token, call.hub.world.people).github_id
    return error(403, f"API rate limit exceeded for user ID {id}.", "using-the-rest-api/rate-limits-for-the-rest-api")
