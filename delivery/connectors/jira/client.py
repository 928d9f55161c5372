"""Jira, Cloud and Data Center alike: who am I, what is there, what changed since."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from delivery.connectors import refusals
from delivery.connectors.contract import Budget, Check, ConnectorError, Credentials, Found, Page, Slice
from delivery.connectors.http import Http
from delivery.connectors.jira import boards, issues, parse, projects, rights, search, worklogs
from delivery.connectors.jira.fields import Fields, discover
from delivery.connectors.jira.site import Facts, sign_in, site_of
from delivery.connectors.setup import Setup
from delivery.core.records import Record

Json = dict[str, Any]


class Jira:
    """A connector to one Jira. ``requests`` and ``received`` (bytes) count what it cost. Close it."""

    def __init__(self, credentials: Credentials, setup: Setup) -> None:
        site, headers = site_of(credentials)
        self._http = Http(site, headers, setup)
        self._deployment = credentials.deployment
        self._setup, self._email = setup, bool(credentials.email.strip())
        self._facts: Facts | None = None
        self._fields: Fields | None = None
        self._catalogue: list[Json] = []
        self._estimated: dict[str, Fields] = {}
        self._projects: dict[str, Json] = {}

    @property
    def requests(self) -> int:
        return self._http.requests

    @property
    def received(self) -> int:
        return self._http.received

    def close(self) -> None:
        self._http.close()

    def now(self) -> datetime | None:
        """The earliest of what Jira says itself and what its answers are dated, which a proxy may have done."""
        return min(self._facts.now, self._http.clock or self._facts.now) if self._facts else None

    def check(self, scopes: Sequence[str]) -> Check:
        """Sign in and look at every project of ``scopes``. Raises ConnectorError."""
        facts = self.facts()
        keys = tuple(str(self.project(key)["key"]) for key in scopes)
        if not keys and not projects.sees_any(self._http, facts):
            raise refusals.unexpected(self._http.site, "the token sees no project at all")
        kind = rights.kind(self._http, facts, email=self._email, renewed=self._setup.renew is not None)
        points, worklogs = self._setup.story_points_field, self._setup.worklogs
        return Check(
            facts.deployment,
            facts.account,
            facts.version,
            keys,
            facts.identity,
            browse=facts.browse if facts.browse != self._http.site.base else "",
            token_kind=kind,
            expires=rights.expires(self._http, facts, kind),
            lacks=tuple(rights.lacks(self._http, facts, keys, worklogs=worklogs, points=points)),
        )

    def slices(self, scopes: Sequence[str]) -> tuple[Slice, ...]:
        """Statuses and sprints before the issues that name them, worklogs after them."""
        kinds = ("statuses", "sprints", "issues", *(("worklogs",) if self._setup.worklogs else ()))
        return tuple(Slice(kind, scope) for kind in kinds for scope in scopes)

    def read(self, part: Slice, *, since: datetime | None, cursor: str = "") -> Iterator[Page]:
        """The pages of one slice; ``since`` and ``cursor`` matter for issues and worklogs. Raises ConnectorError."""
        project = self.project(part.scope)
        key = str(project["key"])
        if part.kind == "statuses":
            yield Page(self.statuses(project), "", scope=key)
            return
        if part.kind == "sprints":
            found, sprints, gaps = boards.read(self._http, key)
            yield Page((*found, *sprints), "", scope=key, gaps=tuple(gaps))
            return
        if part.kind == "worklogs":
            reading = parse.Reading(self.facts().browse, Fields())
            pages = worklogs.read(self._http, self.facts(), reading, since, cursor)
        else:
            pages = issues.read(self._http, self.facts(), self.fields(key), key, since, cursor)
        for page in pages:
            yield replace(page, scope=key)

    def discover(self, pattern: str = "") -> tuple[Found, ...]:
        """The projects the token may see, by key. Raises ConnectorError."""
        return projects.discover(self._http, self.facts(), pattern)

    def counted(self, kind: str) -> bool:
        return kind == "issues"

    def census(self, part: Slice) -> Iterator[tuple[str, ...]]:
        """The ids of every issue in the project now (J6, D1). Raises ConnectorError."""
        key = str(self.project(part.scope)["key"])
        jql = search.question(key, updated=None, created=None)
        return search.ids(self._http, jql, cloud=self.facts().cloud)

    def reread(self, part: Slice, ids: Sequence[str]) -> Iterator[Page]:
        """Issues by id or key, wherever they are now; of a project that is not there it is an error. Raises
        ConnectorError."""
        key = str(self.project(part.scope)["key"])
        for page in issues.reread(self._http, self.facts(), self.fields(key), ids):
            yield replace(page, scope=key)

    def matching(self, query: str) -> Iterator[tuple[str, ...]]:
        """The ids of the issues that a person's JQL names, wherever they are. Raises ConnectorError."""
        yield from search.matching(self._http, query, cloud=self.facts().cloud)

    def budget(self) -> Budget | None:
        return self._http.budget

    def facts(self) -> Facts:
        """Who we are and what answers, asked once for each connector: before anything else is believed (J18)."""
        if self._facts is None:
            self._facts = sign_in(self._http, self._deployment)
        return self._facts

    def project(self, key: str) -> Json:
        """The project of a key, asked once for each connector."""
        if key not in self._projects:
            self._projects[key] = projects.project(self._http, self.facts(), key)
        return self._projects[key]

    def statuses(self, project: Json) -> tuple[Record, ...]:
        """The statuses of the site, without those that belong to another project alone (J23)."""
        rows = self._listed("status")
        owners = [((row.get("scope") or {}).get("project") or {}).get("id") for row in rows]
        here = str(project.get("id"))
        return tuple(parse.status(row) for row, owner in zip(rows, owners, strict=True) if owner in (None, here))

    def fields(self, project: str) -> Fields:
        """Where this site keeps points, sprints, epics and flags (J20-J22)."""
        if self._fields is None:
            self._catalogue = self._listed("field")
            self._fields = discover(self._catalogue, self._setup.story_points_field)
        if self._fields.points:
            return self._fields
        if project not in self._estimated:
            self._estimated[project] = discover(self._catalogue, estimated=self._estimation(project))
        return self._estimated[project]

    def _listed(self, name: str) -> list[Json]:
        """The rows of one of Jira's dictionaries. What is no list must not read as an empty one."""
        rows = self._http.get(f"{self.facts().api}/{name}", remember=True).json
        if not isinstance(rows, list):
            raise refusals.unexpected(self._http.site, f"its {name} list is none")
        return [row for row in rows if isinstance(row, dict)]

    def _estimation(self, project: str) -> list[str]:
        """What the boards of a project estimate in. Where they cannot be read, issues come all the same."""
        try:
            found = [boards.estimation_field(self._http, board) for board in boards.boards(self._http, project)]
        except ConnectorError as error:
            if error.kind not in ("permission", "answer"):
                raise
            return []
        return [id for id in found if id.startswith("customfield_")]
