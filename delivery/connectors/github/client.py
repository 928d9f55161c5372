"""GitHub: who am I, what is there, what changed since."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from urllib.parse import quote

from delivery.connectors import address, refusals
from delivery.connectors.contract import Check, ConnectorError, Credentials, Page, Slice
from delivery.connectors.github import reading
from delivery.connectors.github.graph import Graph
from delivery.connectors.github.reading import Repository
from delivery.connectors.github.site import graphql_url, site_of
from delivery.connectors.http import Http
from delivery.connectors.instants import http_date
from delivery.connectors.setup import Setup

READS = {"pulls": reading.pulls, "deployments": reading.deployments, "issues": reading.work_items}


class GitHub:
    """A connector to one GitHub. One question at a time, as GitHub asks for (G12). Counts ``requests``, ``received``."""

    def __init__(self, credentials: Credentials, setup: Setup) -> None:
        site, headers = site_of(credentials)
        self._http = Http(site, headers, setup)
        self._graph = Graph(self._http, graphql_url(site.base))
        self._repositories: dict[str, Repository] = {}

    @property
    def requests(self) -> int:
        return self._http.requests

    @property
    def received(self) -> int:
        """Bytes of answers."""
        return self._http.received

    def close(self) -> None:
        self._http.close()

    def now(self) -> datetime | None:
        return self._http.clock

    def check(self, scopes: Sequence[str]) -> Check:
        """Sign in and look at every repository of ``scopes``. Raises ConnectorError."""
        account, version = self.viewer()
        names = tuple(self.repository(scope).name for scope in scopes)
        return Check("", account, version, names, address.identity(self._http.site.base))

    def slices(self, scopes: Sequence[str]) -> tuple[Slice, ...]:
        """Pull requests first: most numbers rest on them."""
        return tuple(Slice(kind, scope) for kind in READS for scope in scopes)

    def read(self, part: Slice, *, since: datetime | None, cursor: str = "") -> Iterator[Page]:
        """The pages of one slice; the first begins with the repository itself. Raises ConnectorError."""
        yield from READS[part.kind](self.repository(part.scope), since, cursor)

    def viewer(self) -> tuple[str, str]:
        """Who the token belongs to, and what answers. An App's token is nobody's: ``/user`` is closed to it (G13)."""
        try:
            answer = self._http.get("/user")
        except ConnectorError as error:
            if error.kind != "permission":
                raise
            return "GitHub App", ""
        if not isinstance(answer.json, dict) or not answer.json.get("login"):
            raise refusals.unexpected(self._http.site, "no GitHub answers there")
        return str(answer.json["login"]), answer.headers.get("x-github-enterprise-version", "")

    def repository(self, scope: str) -> Repository:
        """The repository of an owner/name, under the name it has today (G10). Asked once for each connector."""
        if scope not in self._repositories:
            missing = f"There is no repository {scope} that this token can see: check the name and the token's access."
            if scope.count("/") != 1:
                raise ConnectorError(f"Write the repository as owner/name, not {scope}.", kind="missing")
            answer = self._http.get(f"/repos/{quote(scope)}", missing=missing)
            if not isinstance(answer.json, dict) or not answer.json.get("full_name"):
                raise refusals.unexpected(self._http.site, "a repository without a name")
            now = http_date(answer.headers) or self._http.policy.now()
            self._repositories[scope] = Repository(self._graph, answer.json, now)
        return self._repositories[scope]
