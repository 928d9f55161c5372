"""Sources and questions for the tests of what workers share."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

from delivery import secrets, throttle
from delivery.connectors.contract import ConnectorError
from delivery.models import Source


def source(**fields: object) -> Source:
    values: dict[str, object] = {"kind": "jira", "url": "https://jira.example.test", "account": "ada", "share": 50}
    token = secrets.seal(str(fields.pop("token", "a-token")))
    return Source(**{**values, **fields}, token=token)


def cloud(**fields: object) -> Source:
    return source(deployment="cloud", **fields)


def quota(limit: int, left: int, seconds: int = 3600) -> dict[str, str]:
    """The headers of GitHub."""
    at = datetime.now(UTC)
    reset = int((at + timedelta(seconds=seconds)).timestamp())
    told = {"limit": limit, "remaining": left, "reset": reset}
    return {"date": format_datetime(at, usegmt=True), **{f"x-ratelimit-{name}": str(one) for name, one in told.items()}}


def asked(one: Source, times: int = 1, patience: float = 0.0, lane: str = "core") -> int:
    """How many turns there are until it is not ours any more."""
    shared = throttle.gate_for(one)
    for number in range(times):
        try:
            with shared.turn(lane, patience=patience):
                pass
        except ConnectorError:
            return number
    return times


def good(one: Source, times: int, lane: str = "search") -> None:
    shared = throttle.gate_for(one)
    for _ in range(times):
        with shared.turn(lane):
            pass
        shared.told(lane, {}, 200)
