"""Projects as of a second, kept while somebody pages through them.

A world makes its issues when asked; making a project once for all the pages of a walk, and finding parents and named
issues in it, is what keeps a page cheap.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from simulator.organisation import OneAtATime
from simulator.records import Issue

MOST_ISSUES = 60_000  # kept over all snapshots; beyond, the oldest go, but the newest stays


@dataclass(slots=True)
class Snapshot:
    """A project's issues in the world's order, and by key or id once somebody asks for one."""

    issues: Sequence[Issue]
    named: dict[str, Issue] = field(default_factory=dict)

    def find(self, key_or_id: str) -> Issue | None:
        if not self.named:
            self.named = {name: issue for issue in self.issues for name in (issue.key, str(issue.id))}
        return self.named.get(key_or_id)


@dataclass(slots=True)
class Snapshots:
    """Of one site; several threads may ask."""

    world: OneAtATime
    kept: OrderedDict[tuple[str, datetime, int], Snapshot] = field(default_factory=OrderedDict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def of(self, project: str, now: datetime) -> Snapshot:
        key = (project, now, self.world.revision)
        with self.lock:
            known = self.kept.get(key)
            if known is None:
                known = self.kept[key] = Snapshot(self.world.issues(project, now))
                self.shrink()
            return known

    def shrink(self) -> None:
        total = sum(len(one.issues) for one in self.kept.values())
        while total > MOST_ISSUES and len(self.kept) > 1:
            _, oldest = self.kept.popitem(last=False)
            total -= len(oldest.issues)

    def issue(self, key_or_id: str, now: datetime) -> Issue | None:
        """By id or any key it ever had. Only what no snapshot knows, an old key or a first id, is the world's to find."""
        project, _, number = key_or_id.rpartition("-")
        if project and number.isdecimal() and (found := self.of(project, now).find(key_or_id)):
            return found
        mark = (now, self.world.revision)
        here = (one for (_, *at), one in list(self.kept.items()) if tuple(at) == mark)
        known = next((found for one in here if (found := one.find(key_or_id))), None)
        if known is None and (known := self.world.issue(key_or_id, now)):
            self.of(known.project, now)
        return known
