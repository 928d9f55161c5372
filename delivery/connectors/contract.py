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

MOST_MATCHES = 20_000  # items that one question may name


class ConnectorError(Exception):
    """Something a person can act on. ``str(error)`` is one plain sentence: what is wrong and what to do.

    ``kind``: credentials (wrong or withdrawn), expired (they were good and ran out), permission (they may not see
    this), missing (no such project or repository any more), unreachable, answer (the server did not answer as Jira or
    GitHub does), limited (over the quota; ``retry_at`` tells when), outdated, address, question (a person's question
    in the source's own language that it does not understand, or that is too wide).
    ``detail`` is what the server said, shortened, without any secret; ``against``: likewise, where ``message`` holds
    it already because the question itself was at fault (400), else None.
    """

    against: str | None = None

    def __init__(self, message: str, *, kind: str, detail: str = "", retry_at: datetime | None = None) -> None:
        super().__init__(message)
        self.kind = kind
        self.detail = detail
        self.retry_at = retry_at


@dataclass(frozen=True, slots=True)
class Credentials:
    """How to reach a source. ``token`` never appears in a repr, a log or an error.

    It is what goes over the wire: an API token, a personal access token, or the access token that OAuth or a GitHub
    App gave for an hour (``Setup.renew`` gets the next one).
    """

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
    browse: str = ""  # the address a browser opens, where it is another than the API's (J32)
    token_kind: str = ""  # classic, fine-grained, app, api, scoped, personal, oauth; "" = it does not show
    expires: datetime | None = None  # when the token runs out, where the source says it
    lacks: tuple[str, ...] = ()  # a sentence for each thing that will be missing: "the token lacks … on …"


@dataclass(frozen=True, slots=True)
class Found:
    """A project or repository that the token may see. ``size`` is the source's own count of items, if it tells one."""

    scope: str
    name: str
    archived: bool = False
    size: int | None = None


@dataclass(frozen=True, slots=True)
class Gap:
    """Something that is there and could not be read, so that it is missing here: ``what`` (a key, repository#number
    or a part of one) names it the same way each time, ``why`` is a sentence."""

    what: str
    why: str


@dataclass(frozen=True, slots=True)
class Budget:
    """What is left of a source's quota by its own last word. None: the source does not say (no limit known, G17)."""

    limit: int | None
    remaining: int | None
    resets: datetime | None


@dataclass(frozen=True, slots=True)
class Slice:
    """A part of a source that is read, retried and bookmarked on its own.

    ``kind``: statuses, sprints (with their boards), issues, worklogs (Jira); pulls, deployments, issues, releases
    (with tags), workflows (GitHub).
    ``scope``: a project key or a repository's owner/name.
    """

    kind: str
    scope: str


@dataclass(frozen=True, slots=True)
class Page:
    """One page of records. ``cursor`` resumes right after this page within the same read (opaque, JSON text).

    ``expected`` is the source's estimate of how many items the whole read will bring, when it gives one.
    ``scope`` is what the source calls the slice's scope today, where a new name does not come with a record.
    ``gaps`` are what of this page could not be read; ``records`` may hold GoneRecords of a ``reread``.
    """

    records: tuple[Record, ...]
    cursor: str
    expected: int | None = None
    scope: str = ""
    gaps: tuple[Gap, ...] = ()


class Connector(Protocol):
    """Who am I, what is there, what changed since; and two questions that keep the answers honest."""

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

    def discover(self, pattern: str = "") -> tuple[Found, ...]:
        """Every project or repository the token may see; ``pattern`` (``DATA*``, ``acme/*``) narrows. Raises
        ConnectorError."""
        ...

    def counted(self, kind: str) -> bool:
        """Whether slices of ``kind`` can be counted: whether ``census`` knows them."""
        ...

    def census(self, part: Slice) -> Iterator[tuple[str, ...]]:
        """The native ids of everything that is in ``part`` now, page by page, as cheaply as the source allows (J16).

        Raises ConnectorError where it could not be read to its end: half a census says nothing.
        """
        ...

    def reread(self, part: Slice, ids: Sequence[str]) -> Iterator[Page]:
        """These items of ``part`` by their native ids, as they are now.

        GitHub answers for an issue or a pull request by its number only: there ``ids`` are numbers, or an issue's
        whole key (``acme/x#12``, WorkItem.key); its ``census`` of issues gives native ids all the same.
        What is not there any more, or is hidden from the token (which looks the same), comes as a GoneRecord whose
        ``native_id`` is the id as it was asked for; a Jira issue that moved to another project comes as its record, a
        transferred GitHub issue is gone here and another one there. ``cursor`` of the pages is empty. Raises
        ConnectorError.
        """
        ...

    def matching(self, query: str) -> Iterator[tuple[str, ...]]:
        """The native ids that ``query`` names now, in the source's own language (JQL), each once, page by page.

        Of any project the token sees, whatever is read of it. Raises ConnectorError, of kind "question" where the
        query is at fault: the source refuses it (the text quotes its words), it names more than MOST_MATCHES items, or
        the source has no such language. Half an answer says nothing.
        """
        ...

    def budget(self) -> Budget | None:
        """What is left of the quota, as of the last answer; None before one, or where the source does not say."""
        ...

    def now(self) -> datetime | None:
        """The source's own clock when it first answered this connector; None before that, or where it does not say.

        Bookmarks are instants of that clock: ours may be minutes ahead, and what changed in them would be skipped. Where
        answers do not agree (several machines, a clock that jumps), the earliest: that only costs reading a little twice.
        """
        ...

    def close(self) -> None: ...
