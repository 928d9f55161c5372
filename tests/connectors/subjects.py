"""Every connector, ready to be held to the contract. A new one is one more line in SUBJECTS."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from delivery.connectors.contract import Credentials
from simulator.server import Running
from tests.connectors import simulated


def _projects() -> list[str]:
    return [team.project for team in simulated.world().teams]


def _repositories() -> list[str]:
    return [team.repositories[0] for team in simulated.world().teams]


@dataclass(frozen=True, slots=True)
class Subject:
    """A connector of ``kind`` at a running server: where it is, what is to be read there, what is not there."""

    name: str
    kind: str
    at: Callable[[Running], Credentials]
    scopes: Callable[[], list[str]]
    nowhere: str  # a scope nobody has
    pattern: str  # fits some scopes and not all of them
    counted: str  # the kind of slice whose items the contract counts, and asks for again by id
    unknown: str  # the id of an item nobody has

    def wrong(self, server: Running) -> Credentials:
        """The same place with a token that is none."""
        return replace(self.at(server), token="nobody-gave-this")


SUBJECTS = (
    Subject("jira-cloud", "jira", simulated.cloud, _projects, "NOWHERE", "R*", "issues", "999999999"),
    Subject("jira-datacenter", "jira", simulated.datacenter, _projects, "NOWHERE", "R*", "issues", "999999999"),
    Subject("github", "github", simulated.github, _repositories, "nobody/nothing", "*ranking*", "pulls", "999999"),
)
