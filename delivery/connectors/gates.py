"""How many questions a source bears, and what one process knows of its limits."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from delivery.connectors import budgets
from delivery.connectors.contract import ConnectorError

LONGEST = 7 * 24 * 3600.0  # seconds; no hold is believed beyond it


@dataclass(frozen=True, slots=True)
class Manners:
    """What a source bears. ``start`` and ``most``: requests out at once, at first and at best (D4, G12).

    ``share``: the most of a quota that is taken, in per cent. ``per_minute``: points by lane, where a source has such
    a limit and does not tell of it (G12). ``where``: the source in the words of a sentence.
    """

    where: str
    start: int
    most: int
    share: int = 50
    per_minute: Mapping[str, int] = field(default_factory=dict)


def manners(kind: str, deployment: str, url: str, *, share: int) -> Manners:
    """The manners towards a source of ``kind`` (jira, github)."""
    if kind == "github":
        public = not url or "//api.github.com" in url or "//github.com" in url or ".ghe.com" in url
        return Manners(f"GitHub at {url or 'https://api.github.com'}", 1, 3, share, GITHUB if public else {})
    most = 4 if deployment == "datacenter" else 8
    return Manners(f"Jira at {url}", 2, most, share)


GITHUB = {"core": 900, "graphql": 2000}  # secondary limits of github.com, which no header tells


@dataclass(slots=True)
class Window:
    """A quota and what of it was ours, and ``others``'; ``ends`` is on this process's steady clock."""

    limit: int = 0
    ours: int = 0
    ends: float = 0.0
    others: int = 0


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether it is our turn: ``why`` is go, or held, share, paced, full; then ``wait`` seconds before asking again."""

    why: str
    wait: float = 0.0


class Known:
    """What this process knows of a credential's limits: enough to keep its manners alone, and to tell Redis again.

    ``now``: the process's steady clock, in seconds. Threads may share one.
    """

    def __init__(self, share: int, now: Callable[[], float]) -> None:
        self.share = share
        self.alone = threading.Semaphore(1)
        self._now = now
        self._lock = threading.Lock()
        self._holds: dict[str, float] = {}
        self._windows: dict[str, Window] = {}

    def verdict(self, lane: str, cost: int) -> Verdict:
        """Whether it is our turn as far as this process knows; if so, it is counted."""
        with self._lock:
            now = self._now()
            held = max(self._holds.get("", 0.0), self._holds.get(lane, 0.0)) - now
            if held > 0:
                return Verdict("held", held)
            windows = [self._window(pool, now) for pool in dict.fromkeys(("", lane))]
            for window in windows:
                most = max(1, window.limit * self.share // 100)
                if window.limit and window.ours and window.ours + cost > most:
                    return Verdict("share", window.ends - now)
            for window in windows:
                window.ours += cost
            return Verdict("go")

    def facts(self, pool: str) -> tuple[int, int, int, int]:
        """Hold and window (milliseconds from now), ours, limit."""
        with self._lock:
            now = self._now()
            window = self._window(pool, now)
            left = max(window.ends - now, 0.0) if window.limit else 0.0
            hold = max(self._holds.get(pool, 0.0) - now, 0.0)
            return int(hold * 1000), int(left * 1000), window.ours, window.limit

    def learn(self, pool: str, ours: int, left: float, limit: int) -> None:
        """What all workers know together; ``left``: seconds to the window's end."""
        with self._lock:
            others = self._window(pool, self._now()).others
            self._windows[pool] = Window(limit, ours, self._now() + left if left > 0 else 0.0, others)

    def hold(self, pool: str, seconds: float) -> None:
        with self._lock:
            until = self._now() + min(seconds, LONGEST)
            self._holds[pool] = max(self._holds.get(pool, 0.0), until)

    def told(self, pool: str, quota: budgets.Quota, *, alone: bool = False) -> None:
        """A quota as an answer told it; a bucket that fills up has no window.

        ``alone``: no other process can tell what it takes, so that all that goes counts as ours.
        """
        if quota.remaining == 0:
            self.hold(pool, quota.refills or quota.resets or 0.0)
        if quota.refills is None and quota.limit and quota.resets:
            with self._lock:
                now = self._now()
                window = self._window(pool, now)
                window.limit, window.ends = quota.limit, window.ends or now + quota.resets
                taken = quota.limit - (quota.limit if quota.remaining is None else quota.remaining)
                if alone:
                    window.ours = max(window.ours, taken - window.others)
                else:
                    window.others = max(taken - window.ours, 0)

    def _window(self, pool: str, now: float) -> Window:
        window = self._windows.setdefault(pool, Window())
        if window.ends and now >= window.ends:
            window = self._windows[pool] = Window()
        return window


def refusal(manners: Manners, verdict: Verdict, now: datetime) -> ConnectorError:
    """Why it is not our turn for longer than anybody has patience, with the instant at which it goes on."""
    soon = 30.0 if verdict.why == "full" else 0.0
    retry_at = now + timedelta(seconds=min(verdict.wait, LONGEST) + soon)
    goes_on = f"it goes on at {retry_at:%Y-%m-%d %H:%M} UTC."
    if verdict.why == "share":
        message = f"Headway has taken its share ({manners.share} %) of what {manners.where} allows: {goes_on}"
    elif verdict.why == "full":
        message = f"{manners.where} is being asked by other work of Headway, as much at a time as it bears: {goes_on}"
    elif verdict.why == "paced":
        message = f"Headway asks {manners.where} slowly, because little of what it allows is left: {goes_on}"
    else:
        message = f"{manners.where} is over its rate limit until {retry_at:%Y-%m-%d %H:%M} UTC: it goes on then."
    return ConnectorError(message, kind="limited", retry_at=retry_at)
