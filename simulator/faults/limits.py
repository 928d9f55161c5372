"""Too fast, too much, and not signed in any more."""

from __future__ import annotations

from simulator.faults.turn import Answer, Turn
from simulator.web import Reply, json_reply

SECONDARY = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."


def rate(turn: Turn, answer: Answer, *, wait: int = 1, silent: int = 0) -> Reply:
    """429 with ``Retry-After`` seconds, as Jira Cloud's burst limit gives it (J30); ``silent``: it says no time."""
    headers = {"RateLimit-Reason": "jira-burst-based"} if "/github" not in turn.request.path else {}
    message = "Too many requests."
    return json_reply(
        {"message": message, "errorMessages": ["Rate limit exceeded."]}, 429, _timed(headers, wait, silent)
    )


def secondary(turn: Turn, answer: Answer, *, wait: int = 1, silent: int = 0) -> Reply:
    """GitHub's secondary limit: 403, with ``Retry-After`` or (``silent``) without (G12)."""
    return json_reply({"message": SECONDARY, "documentation_url": "", "status": "403"}, 403, _timed({}, wait, silent))


def unauthorised(turn: Turn, answer: Answer) -> Reply:
    """A token that was good a moment ago is refused."""
    message = "Client must be authenticated to access this resource."
    return json_reply({"message": "Bad credentials", "errorMessages": [message], "status": "401"}, 401)


def _timed(headers: dict[str, str], wait: int, silent: int) -> dict[str, str]:
    return headers if silent else {**headers, "Retry-After": str(wait)}
