"""What every connector promises: who am I, what is there, what changed since.

A connector is pure: it talks HTTP and yields records; it knows no row, no setting and no clock. Sync drives it
slice by slice and stores a page and its cursor together, so a killed run resumes where the last page ended.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from delivery.core.records import Record


class ConnectorError(Exception):
    """Something a person can act on. ``str(error)`` is one plain sentence: what is wrong and what to do.

    ``kind``: credentials, permission, missing (no such project or repository), unreachable, answer (the server
    did not answer as Jira or GitHub does), limited (over the quota; ``retry_at`` tells when), outdated, address.
    ``detail`` is what the server said, shortened, without any secret.
    """

    def __init__(self, message: str, *, kind: str, detail: str = "", retry_at: datetime | None = None) -> None:
        super().__init__(message)
        self.kind = kind
        self.detail = detail
        self.retry_at = retry_at


@dataclass(frozen=True, slots=True)
class Credentials:
    """How to reach a source. ``token`` never appears in a repr, a log or an error."""

    url: str
    token: str
    email: str = ""
    deployment: str = ""  # jira: cloud or datacenter ("" = ask the server); github: ""

    def __repr__(self) -> str:
        return f"Credentials(url={self.url!r}, email={self.email!r}, token=…)"


@dataclass(frozen=True, slots=True)
class Check:
    """What the credentials turned out to be good for. ``account`` is who the token belongs to."""

    deployment: str
    account: str
    version: str
    scopes: tuple[str, ...]  # the wanted projects or repositories, as the source spells them
    identity: str = ""  # which server this is, at whatever address it answers (address.identity); "" = not known


@dataclass(frozen=True, slots=True)
class Slice:
    """A part of a source that is read, retried and bookmarked on its own.

    ``kind``: issues, sprints, statuses (Jira); pulls, deployments, issues (GitHub).
    ``scope``: a project key or a repository's owner/name.
    """

    kind: str
    scope: str


@dataclass(frozen=True, slots=True)
class Page:
    """One page of records. ``cursor`` resumes right after this page within the same read (opaque, JSON text).

    ``expected`` is the source's estimate of how many items the whole read will bring, when it gives one.
    ``scope`` is what the source calls the slice's scope today, where a new name does not come with a record.
    """

    records: tuple[Record, ...]
    cursor: str
    expected: int | None = None
    scope: str = ""


class Connector(Protocol):
    """The three questions."""

    def check(self, scopes: Sequence[str]) -> Check:
        """Are the credentials good, and may they see every one of ``scopes``? Raises ConnectorError."""
        ...

    def slices(self, scopes: Sequence[str]) -> tuple[Slice, ...]:
        """What is there to read, in the order in which it should be read."""
        ...

    def read(self, part: Slice, *, since: datetime | None, cursor: str = "") -> Iterator[Page]:
        """Everything of ``part`` that changed at or after ``since`` (None: everything), page by page.

        ``cursor`` is one that an earlier read of the same part and ``since`` gave: pages before it may be left out.
        A record may come twice; whoever stores it must not mind. Raises ConnectorError.
        """
        ...

    def now(self) -> datetime | None:
        """The source's own clock when it first answered this connector; None before that, or where it does not say.

        Bookmarks are instants of that clock: ours may be minutes ahead, and what changed in them would be skipped.
        """
        ...

    def close(self) -> None: ...
