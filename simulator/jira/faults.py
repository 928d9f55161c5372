"""What only Jira does: an index that is behind, and answers for nobody."""

from __future__ import annotations

from datetime import timedelta

from simulator.faults.turn import Answer, Turn
from simulator.organisation import OneAtATime, Organisation
from simulator.web import Reply, json_reply

FAILED = {"X-Seraph-LoginReason": "AUTHENTICATED_FAILED"}
LISTS = ("project", "status", "field", "issuetype")


class Lagging(OneAtATime):
    """Searches show what was ``seconds`` ago; who asks for an issue by its id sees it as it is (J8)."""

    def __init__(self, world: Organisation, *, seconds: float = 60.0) -> None:
        super().__init__(world)
        self.behind = timedelta(seconds=seconds)

    @property
    def lag(self) -> timedelta:
        return self.behind


def anon(turn: Turn, answer: Answer) -> Reply:
    """A wrong or expired token is taken as nobody's: 200 with nothing in it, and only a header tells (J18)."""
    path = turn.request.path
    if not path.startswith(("/cloud/", "/datacenter/")) or path.endswith("/serverInfo"):
        return answer()
    if path.endswith(LISTS):
        return json_reply([], headers=FAILED)
    nothing = {"issues": [], "values": [], "total": 0, "isLast": True}
    return json_reply(nothing, headers=FAILED)
