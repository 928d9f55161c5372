"""A large organisation behind servers that are not the bottleneck: every answer is made once and then kept as bytes."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from simulator.faults import Answer, Turn
from simulator.records import Change, Commit, Issue, Pull, Review
from simulator.server import serve
from simulator.web import Reply
from simulator.world import World, default_start

ENTRIES = 8  # changelog entries of an issue, at least
REVIEWS, COMMITS = 2, 3  # of a pull request, at least
YEARS = 1.5
NOISE = 4_000_000_000  # above every id the world gives itself


@dataclass
class Evened:
    """A world in which no issue has fewer than ENTRIES changes and no pull request fewer reviews and commits."""

    world: World

    def __getattr__(self, name: str) -> Any:
        return getattr(self.world, name)

    def issues(self, project: str, now: datetime) -> Sequence[Issue]:
        return [even(issue) for issue in self.world.issues(project, now)]

    def issue(self, key_or_id: str, now: datetime) -> Issue | None:
        found = self.world.issue(key_or_id, now)
        return found and even(found)

    def pulls(self, repository: str, now: datetime) -> Sequence[Pull]:
        return [even_pull(pull) for pull in self.world.pulls(repository, now)]


def even(issue: Issue) -> Issue:
    """Labels put on and taken off, as teams and automations do all day."""
    missing = ENTRIES - len({change.id for change in issue.changes})
    if missing <= 0:
        return issue
    step = (issue.updated - issue.created) / (missing + 1)
    more = tuple(
        Change(
            NOISE + issue.id * 10 + number,
            issue.created + step * (number + 1),
            issue.reporter,
            "labels",
            None,
            "" if number % 2 == 0 else "triaged",
            None,
            "triaged" if number % 2 == 0 else "",
        )
        for number in range(missing)
    )
    return replace(issue, changes=tuple(sorted(issue.changes + more, key=lambda change: (change.at, change.id))))


def even_pull(pull: Pull) -> Pull:
    at = pull.created + timedelta(minutes=1)
    reviews = tuple(
        Review(NOISE + pull.id * 10 + number, pull.author, "COMMENTED", at, "")
        for number in range(REVIEWS - len(pull.reviews))
    )
    commits = tuple(
        Commit(f"{pull.id:032x}{number:08x}", pull.author, "", pull.created, pull.created, "Tidy")
        for number in range(COMMITS - len(pull.commits))
    )
    if not reviews and not commits:
        return pull
    return replace(pull, reviews=pull.reviews + reviews, commits=pull.commits + commits)


@dataclass
class Kept:
    """Answers by what was asked. A second reading gets the bytes of the first, and no work is done for it."""

    answers: dict[tuple[str, str, str, bytes], Reply] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self, turn: Turn, answer: Answer) -> Reply:
        request = turn.request
        key = (request.method, request.target, request.headers.get("if-none-match", ""), request.body)
        known = self.answers.get(key)
        if known is None:
            known = answer()
            with self.lock:
                self.answers[key] = known
        return known


def serve_large(issues: int, pulls: int, behind: int) -> None:
    """Serve as of ``behind`` days ago, until standard input ends. Each line on it is a command, answered by a line of JSON.

    ``changes N``: time goes on until at least N issues changed; ``told FILE``: what was asked so far, for a replay.
    """
    now = [datetime.now(UTC).replace(microsecond=0) - timedelta(days=behind)]
    world = World.sized(issues=issues, pulls=pulls, start=default_start(datetime.now(UTC).date(), YEARS), years=YEARS)
    kept = Kept()
    with serve(Evened(world), clock=lambda: now[0], faults=[kept]) as running:
        scopes = {"jira": [team.project for team in world.teams]}
        scopes["github"] = [name for team in world.teams for name in team.repositories]
        print(json.dumps({"url": running.url, **scopes}), flush=True)
        for line in sys.stdin:
            word, _, rest = line.strip().partition(" ")
            if word == "changes":
                answer = go_on(world, now, int(rest))
                kept.answers.clear()
            else:
                answer = tell(kept, Path(rest))
            print(json.dumps(answer), flush=True)


def go_on(world: World, now: list[datetime], changes: int) -> int:
    """Let an hour after the other pass until so many issues changed; the number of those that did."""
    since = now[0]
    while True:
        now[0] += timedelta(hours=1)
        issues = (issue for team in world.teams for issue in world.issues(team.project, now[0]))
        changed = sum(issue.updated > since for issue in issues)
        if changed >= changes:
            return changed


def tell(kept: Kept, file: Path) -> int:
    """Write the requests for pages of issues to ``file``, a line of JSON each; how many they are."""
    asked = [[method, target, body.decode()] for method, target, _, body in kept.answers if "search/jql" in target]
    file.write_text("\n".join(json.dumps(one) for one in asked))
    return len(asked)


if __name__ == "__main__":
    serve_large(*map(int, sys.argv[1:4]))
