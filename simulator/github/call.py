"""One GitHub, and one request to it by somebody."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TypeVar

from simulator.organisation import Clock, OneAtATime
from simulator.records import Person, Pull, Repository
from simulator.tokens import Token
from simulator.web import Refused, Reply, Request, json_reply, whole_number

Found = TypeVar("Found")
DOCS = "https://docs.github.com/rest"
KEPT_LISTINGS = 16
WINDOW = 3600  # seconds of the primary limit


@dataclass(slots=True)
class Hub:
    """GitHub for as long as the server lives; ``budget`` None is an Enterprise Server without limits (G17)."""

    world: OneAtATime
    clock: Clock
    tokens: tuple[Token, ...]
    budget: int | None
    people: dict[str, Person] = field(init=False)
    kept: OrderedDict[tuple[object, ...], Any] = field(default_factory=OrderedDict)
    keeping: threading.RLock = field(default_factory=threading.RLock)  # making one listing may need another
    used: dict[tuple[str, str, int], int] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self.people = {person.id: person for person in self.world.people}

    def keep(self, key: tuple[object, ...], make: Callable[[], Sequence[Found]]) -> Sequence[Found]:
        """A listing made once for all of its pages; the oldest of a few gives way."""
        key = (*key, self.world.revision)
        with self.keeping:
            known: Sequence[Found] | None = self.kept.get(key)
            if known is None:
                known = self.kept[key] = make()
                while len(self.kept) > KEPT_LISTINGS:
                    self.kept.popitem(last=False)
            return known

    def spend(self, token: Token, resource: str, points: int) -> int:
        """Counts points against a token's hour and tells how many were used before."""
        key = (token.secret, resource, int(self.clock().timestamp()) // WINDOW)
        with self.lock:
            before = self.used.get(key, 0)
            self.used[key] = before + points
        return before


@dataclass(frozen=True, slots=True)
class Call:
    """One request: who asks, and when."""

    hub: Hub
    request: Request
    token: Token
    now: datetime

    @property
    def api(self) -> str:
        return f"{self.request.base}/api/v3"

    @property
    def html(self) -> str:
        return self.request.base

    def repositories(self) -> Sequence[Repository]:
        """The repositories that the token may see, as of this second."""
        return self.hub.keep(
            ("repositories", self.token, self.now),
            lambda: [
                repository
                for repository in self.hub.world.repositories(self.now)
                if self.token.sees_repository(repository.full_name)
            ],
        )

    def find_repository(self, name_or_id: str) -> Repository | None:
        low, id = name_or_id.lower(), whole_number(name_or_id)
        found = (one for one in self.repositories() if one.full_name.lower() == low or one.id == id)
        return next(found, None)

    def repository(self, parts: dict[str, str]) -> Repository:
        """The repository of a path, by owner and name or by id; a hidden one is as missing as a wrong one (G13)."""
        name = parts.get("id") or f"{parts['owner']}/{parts['name']}"
        found = self.find_repository(name)
        if found is not None:
            return found
        today = self.find_repository(self.hub.world.extra("name_now", name) or "")
        if today is None:
            raise missing("repos/repos#get-a-repository")
        raise self.moved(f"/repositories/{today.id}", self.request.path.partition(name)[2])

    def moved(self, place: str, rest: str = "") -> Refused:
        """301: it lives under another address of the same host, which names the repository by its id (G10)."""
        query = self.request.target.partition("?")[2]
        address = f"{self.api}{place}{rest}{'?' if query else ''}{query}"
        body = {"message": "Moved Permanently", "url": address, "documentation_url": DOCS}
        return Refused(json_reply(body, 301, {"Location": address}))

    def pulls(self, repository: Repository) -> Sequence[Pull]:
        key = ("pulls", repository.full_name, self.now)
        return self.hub.keep(key, lambda: self.hub.world.pulls(repository.full_name, self.now))

    def pull(self, repository: Repository, number: str) -> Pull:
        found = pull_numbered(self.pulls(repository), whole_number(number))
        if found is None:
            raise missing("pulls/pulls#get-a-pull-request")
        return found


def pull_numbered(pulls: Sequence[Pull], number: int | None) -> Pull | None:
    """By halving: the numbers ascend, with gaps where an issue took one."""
    low, high = 0, len(pulls)
    while number is not None and low < high:
        middle = (low + high) // 2
        if pulls[middle].number < number:
            low = middle + 1
        else:
            high = middle
    return pulls[low] if low < len(pulls) and pulls[low].number == number else None


def iso(when: datetime | None) -> str | None:
    """``2026-11-10T08:21:33Z``: whole seconds in UTC, as everywhere in GitHub's answers."""
    return when.astimezone(UTC).isoformat()[:19] + "Z" if when else None


def refusal(status: int, message: str, page: str = "", **more: object) -> Refused:
    return Refused(error(status, message, page, **more))


def missing(page: str = "") -> Refused:
    return refusal(404, "Not Found", page)


def error(status: int, message: str, page: str = "", **more: object) -> Reply:
    """GitHub's error body, where even the status is a text."""
    address = f"{DOCS}/{page}" if page else DOCS
    return json_reply({"message": message, **more, "documentation_url": address, "status": str(status)}, status)
