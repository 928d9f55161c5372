"""A clock that goes wrong."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, timedelta
from email.utils import format_datetime

import orjson

from simulator.faults.turn import Answer, Turn
from simulator.jira.dates import stamp
from simulator.web import Reply


def skew(turn: Turn, answer: Answer, *, minutes: float = 10.0) -> Reply:
    """``Date`` and Jira's ``serverTime`` so many minutes ahead (below 0: behind); what happened keeps its instants."""
    reply = answer()
    wrong = turn.at + timedelta(minutes=minutes)
    body = reply.body
    if turn.request.path.endswith("/serverInfo") and reply.status == 200:
        body = orjson.dumps({**orjson.loads(body), "serverTime": stamp(wrong, UTC)})
    return replace(reply, body=body, headers={**reply.headers, "Date": format_datetime(wrong, usegmt=True)})
