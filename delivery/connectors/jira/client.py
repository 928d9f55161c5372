"""Jira, Cloud and Data Center alike: who am I, what is there, what changed since."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import quote

from delivery.connectors import refusals
from delivery.connectors.contract import Check, Credentials, Page, Slice
from delivery.connectors.http import Http
from delivery.connectors.jira import boards, issues, parse, sprints
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
        self._points_field = setup.story_points_field
        self._facts: Facts | None = None
        self._fields: Fields | None = None
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
        """What Jira says itself; a proxy in between writes its own Date."""
        return self._facts.now if self._facts else None

    def check(self, scopes: Sequence[str]) -> Check:
        """Sign in and look at every project of ``scopes``. Raises ConnectorError."""
        facts = self.facts()
        keys = tuple(str(self.project(key)["key"]) for key in scopes)
        if not keys and not self.sees_projects():
            raise refusals.unexpected(self._http.site, "the token sees no project at all")
        return Check(facts.deployment, facts.account, facts.version, keys, facts.identity)

    def slices(self, scopes: Sequence[str]) -> tuple[Slice, ...]:
        """Statuses and sprints before the issues that name them."""
        return tuple(Slice(kind, scope) for kind in ("statuses", "sprints", "issues") for scope in scopes)

    def read(self, part: Slice, *, since: datetime | None, cursor: str = "") -> Iterator[Page]:
        """The pages of one slice; ``since`` and ``cursor`` matter for issues only. Raises ConnectorError."""
        project = self.project(part.scope)
        if part.kind == "statuses":
            yield Page(self.statuses(project), "", scope=str(project["key"]))
        elif part.kind == "sprints":
            yield Page(self.sprints(str(project["key"])), "", scope=str(project["key"]))
        else:
            key = str(project["key"])
            for page in issues.read(self._http, self.facts(), self.fields(key), key, since, cursor):
                yield replace(page, scope=key)

    def facts(self) -> Facts:
        """Who we are and what answers, asked once for each connector: before anything else is believed (J18)."""
        if self._facts is None:
            self._facts = sign_in(self._http, self._deployment)
        return self._facts

    def project(self, key: str) -> Json:
        """The project of a key; ConnectorError when the token does not see it: it must not read as "no issues".

        Jira answers to a project's former key with the project and its key of today, as long as no other project has
        taken the former one. So another key in the answer is a new name, and never an issue that moved.
        """
        if key not in self._projects:
            path = f"{self.facts().api}/project/{quote(key, safe='')}"
            missing = f"There is no project {key} that this token can see: check the key or ask for Browse permission."
            json = self._http.get(path, missing=missing).json
            if not isinstance(json, dict) or not json.get("key"):
                raise refusals.unexpected(self._http.site, "a project without a key")
            self._projects[key] = json
        return self._projects[key]

    def sees_projects(self) -> bool:
        """Whether there is any project for this token. None at all means an anonymous answer (J18)."""
        if self.facts().cloud:
            json = self._http.get(f"{self.facts().api}/project/search", {"maxResults": 1}).json
            return bool(isinstance(json, dict) and json.get("values"))
        return bool(self._http.get(f"{self.facts().api}/project").json)

    def statuses(self, project: Json) -> tuple[Record, ...]:
        """The statuses of the site, without those that belong to another project alone (J23)."""
        rows = self._http.get(f"{self.facts().api}/status").json or []
        owners = [((row.get("scope") or {}).get("project") or {}).get("id") for row in rows]
        here = str(project.get("id"))
        return tuple(parse.status(row) for row, owner in zip(rows, owners, strict=True) if owner in (None, here))

    def sprints(self, project: str) -> tuple[Record, ...]:
        """Every sprint of the project's boards, each once (J29)."""
        found = (sprint for board in boards.boards(self._http, project) for sprint in boards.sprints(self._http, board))
        return tuple(sprints.rows(found))

    def fields(self, project: str) -> Fields:
        """Where this site keeps points, sprints, epics and flags (J20-J22)."""
        if self._fields is None:
            self._fields = discover(self._http.get(f"{self.facts().api}/field").json or [], self._points_field)
        if self._fields.points:
            return self._fields
        found = (boards.estimation_field(self._http, board) for board in boards.boards(self._http, project))
        return replace(self._fields, points=tuple(dict.fromkeys(id for id in found if id.startswith("customfield_"))))
