"""What is awkward in the organisation itself, not in an answer: long histories, and people who work while one reads."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from simulator.faults.lists import objects_of, paged
from simulator.faults.turn import Answer, Turn
from simulator.organisation import Organisation
from simulator.overlay import Overlay
from simulator.records import Change, Issue
from simulator.web import Reply

FIRST_ID = 800_000_000  # of the changes that are made up here


class LongHistories:
    """Every ``every``-th issue has ``changes`` changes more: a machine rewrites its labels again and again (J9, J10)."""

    def __init__(self, world: Organisation, *, every: int = 200, changes: int = 2000) -> None:
        self._world, self._every, self._changes = world, every, changes

    def __getattr__(self, name: str) -> Any:
        return getattr(self._world, name)

    def issues(self, project: str, now: datetime) -> Sequence[Issue]:
        return [self._grown(issue) for issue in self._world.issues(project, now)]

    def issue(self, key_or_id: str, now: datetime) -> Issue | None:
        found = self._world.issue(key_or_id, now)
        return found and self._grown(found)

    def _grown(self, issue: Issue) -> Issue:
        if issue.id % self._every:
            return issue
        changes = sorted([*issue.changes, *self._rewritten(issue)], key=lambda change: (change.at, change.id))
        return replace(issue, changes=tuple(changes))

    def _rewritten(self, issue: Issue) -> Iterator[Change]:
        """All of them between the issue's creation and its last change, so that nothing else about it moves."""
        step = (issue.updated - issue.created) / (self._changes + 1)
        for number in range(self._changes):
            at = issue.created + step * (number + 1)
            at -= timedelta(microseconds=at.microsecond % 1000)  # what the tools write has milliseconds
            ends = ("", "machine") if number % 2 == 0 else ("machine", "")
            id = FIRST_ID + issue.id * self._changes + number
            yield Change(id, at, issue.reporter, "labels", None, ends[0], None, ends[1])


def edited(turn: Turn, answer: Answer, *, overlay: Overlay | None = None) -> Reply:
    """Somebody edits an issue of the page that was just given, before the next page is asked for (J13)."""
    reply = answer()
    keys = [row["key"] for row in objects_of(paged(reply)) if isinstance(row.get("key"), str) and "fields" in row]
    if keys and overlay is not None:
        overlay.edit(turn.rng.choice(keys), title=f"Edited while it was read, at request {turn.number}")
    return reply
