"""A small organisation made by hand, and a server over it, for tests that look at exact answers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import httpx

from simulator.organisation import Organisation
from simulator.records import (
    Change,
    Commit,
    Deployment,
    Issue,
    Person,
    Pull,
    Repository,
    Review,
    Sprint,
    Status,
    Team,
)
from simulator.server import Running, serve
from simulator.tokens import DEMO_EMAIL, DEMO_JIRA_TOKEN, Token, Tokens

NOW = datetime(2026, 11, 10, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)
TODO, DOING, DONE = (
    Status("1", "To Do", "new"),
    Status("3", "In Progress", "indeterminate"),
    Status("5", "Done", "done"),
)
REPOSITORY = "acme/engine"
TOKENS = Tokens(
    jira=(
        Token(DEMO_JIRA_TOKEN),
        Token("berlin", email="lena@example.test", timezone="Europe/Berlin"),
        Token("narrow", email="narrow@example.test", projects=frozenset({"OPS"})),
    ),
    github=(Token("ghp_demo"), Token("ghp_narrow", repositories=frozenset())),
)
LENA = Person("p1", "Lena Fox", "lena@example.test", "lead", "Europe/Berlin", "712020:lena", "lfox", "lenafox", 101)
BOT = Person("b1", "Renovate", "", "bot", "UTC", "557058:renovate", "renovate", "renovate[bot]", 5_000_000_000, True)


def change(number: int, at: datetime, field: str = "status", author: str | None = "p1", **ends: str | None) -> Change:
    told = {"from_id": "1", "from_text": "To Do", "to_id": "3", "to_text": "In Progress"} | ends
    return Change(number, at, author, field, **told)


def issue(number: int, project: str = "ML", **different: Any) -> Issue:
    """Issue ``number`` was created that many minutes after the first day of the month."""
    created = datetime(2026, 10, 1, tzinfo=UTC) + timedelta(minutes=number)
    plain = Issue(
        id=number + (100_000 if project != "ML" else 0),
        key=f"{project}-{number}",
        project=project,
        type="Story",
        title=f"Work {number}",
        description="See https://example.test/a\n\n- one\n- two",
        status=TODO,
        created=created,
        updated=created,
        resolved=None,
        reporter="p1",
        assignee="p1",
        points=None,
        parent=None,
        labels=(),
        components=(),
        fix_versions=(),
        sprints=(),
        flagged=False,
        due=None,
        blocked_by=(),
        changes=(),
    )
    return replace(plain, **different)


def pull(number: int, **different: Any) -> Pull:
    created = datetime(2026, 10, 1, tzinfo=UTC) + timedelta(hours=number)
    plain = Pull(
        id=2_500_000_000 + number,
        number=number,
        repository=REPOSITORY,
        title=f"Change {number}",
        body="Why.",
        branch=f"feature/ML-{number}",
        author="p1",
        draft=False,
        created=created,
        updated=created + timedelta(hours=2),
        ready=created + timedelta(hours=1),
        merged=created + timedelta(hours=2),
        closed=created + timedelta(hours=2),
        merged_by="p1",
        merge_sha=f"{number:040x}",
        additions=10,
        deletions=4,
        changed_files=3,
        labels=("feature",),
        requested_reviewers=("p1",),
        commits=(Commit(f"{number + 7000:040x}", None, "ghost@example.test", created, created, "Do it\n\nwell"),),
        reviews=(Review(number + 3_000_000_000, "b1", "APPROVED", created + timedelta(minutes=30), "ok"),),
    )
    return replace(plain, **different)


@dataclass
class Pretend:
    """What is in it, a test may change while the server runs."""

    found: list[Issue]
    merged: Sequence[Pull] = ()
    people: Sequence[Person] = (LENA, BOT)
    teams: Sequence[Team] = (
        Team("ml", "Ranking", "ml", "UTC", "ML", 7, (REPOSITORY,), "p1", "p1"),
        Team("ops", "Platform", "data", "UTC", "OPS", 8, ("acme/ops",), "p1", "p1"),
    )

    def statuses(self) -> Sequence[Status]:
        return TODO, DOING, DONE

    def issues(self, project: str, now: datetime) -> Sequence[Issue]:
        return [issue for issue in self.found if issue.project == project and issue.created <= now]

    def issue(self, key_or_id: str, now: datetime) -> Issue | None:
        return next((issue for issue in self.found if key_or_id in (issue.key, str(issue.id))), None)

    def sprints(self, board_id: int, now: datetime) -> Sequence[Sprint]:
        start = datetime(2026, 11, 2, 9, tzinfo=UTC)
        open_end = Sprint(22, 7, "ML, next]", "future", None, None, None, "")
        first = Sprint(21, 7, "ML 1", "active", start, start + 14 * DAY, None, "Ship")
        return (first, open_end) if board_id == 7 else ()

    def repositories(self, now: datetime) -> Sequence[Repository]:
        born = datetime(2026, 1, 1, tzinfo=UTC)
        return [Repository(n, name, "ml", "main", born, NOW, False) for n, name in ((41, REPOSITORY), (42, "acme/ops"))]

    def pulls(self, repository: str, now: datetime) -> Sequence[Pull]:
        return self.merged if repository == REPOSITORY else ()

    def deployments(self, repository: str, now: datetime) -> Sequence[Deployment]:
        states = (("in_progress", NOW - DAY), ("success", NOW - DAY + timedelta(minutes=5)))
        row = Deployment(900, REPOSITORY, "production", "v1.2.0", "a" * 40, "p1", NOW - DAY, states)
        return (
            (row, replace(row, id=901, environment="staging", ref="b" * 40, statuses=()))
            if repository == REPOSITORY
            else ()
        )


@contextmanager
def running(world: Organisation, **options: Any) -> Iterator[tuple[Running, httpx.Client]]:
    """A server over the world, and a client that knows nothing but its address."""
    clock = options.pop("clock", lambda: NOW)
    with (
        serve(world, clock=clock, tokens=TOKENS, **options) as server,
        httpx.Client(base_url=server.url, timeout=5, trust_env=False) as client,
    ):
        yield server, client


def cloud(
    client: httpx.Client, path: str, body: object = None, *, secret: str = DEMO_JIRA_TOKEN, **query: Any
) -> httpx.Response:
    """Asks Jira Cloud: POST with a body, GET without."""
    email = next((token.email for token in TOKENS.jira if token.secret == secret), DEMO_EMAIL)
    method = "GET" if body is None else "POST"
    return client.request(
        method, f"/cloud/rest/{path}", json=body, params=query or None, auth=httpx.BasicAuth(email, secret)
    )


def datacenter(client: httpx.Client, path: str, *, secret: str = DEMO_JIRA_TOKEN, **query: Any) -> httpx.Response:
    headers = {"Authorization": f"Bearer {secret}"}
    return client.get(f"/datacenter/rest/{path}", params=query or None, headers=headers)


def github(client: httpx.Client, path: str, *, secret: str = "ghp_demo", **headers: str) -> httpx.Response:
    address = path if path.startswith("http") else f"/github/api/v3{path}"
    return client.get(address, headers={"Authorization": f"Bearer {secret}", **headers})


def ask(client: httpx.Client, query: str, **variables: object) -> Any:
    """Asks GitHub's GraphQL and gives the whole answer."""
    headers = {"Authorization": "Bearer ghp_demo"}
    return client.post("/github/api/graphql", json={"query": query, "variables": variables}, headers=headers).json()


def due(day: int) -> date:
    return date(2026, 12, day)
