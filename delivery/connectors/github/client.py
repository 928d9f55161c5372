"""GitHub: who am I, what is there, what changed since."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from urllib.parse import quote

from delivery.connectors import address, refusals
from delivery.connectors.answer import Answer
from delivery.connectors.contract import Budget, Check, ConnectorError, Credentials, Found, Page, Slice
from delivery.connectors.github import reading, rights, shipping
from delivery.connectors.github.graph import Graph
from delivery.connectors.github.repository import Repository
from delivery.connectors.github.site import graphql_url, site_of
from delivery.connectors.http import Http
from delivery.connectors.instants import http_date
from delivery.connectors.setup import Setup

Read = Callable[[Repository, datetime | None, str], Iterator[Page]]
READS: dict[str, Read] = {
    "pulls": reading.pulls,
    "deployments": reading.deployments,
    "issues": reading.work_items,
    "releases": shipping.releases,
    "workflows": shipping.workflow_runs,
}
APP = "GitHub App"


class GitHub:
    """A connector to one GitHub. One question at a time, as GitHub asks for (G12). Counts ``requests``, ``received``."""

    def __init__(self, credentials: Credentials, setup: Setup) -> None:
        site, headers = site_of(credentials)
        self._http = Http(site, headers, setup)
        self._graph = Graph(self._http, graphql_url(site.base))
        self._token = credentials.token.strip()
        self._bots = frozenset(login.strip().lower() for login in setup.bots)
        self._repositories: dict[str, Repository] = {}

    @property
    def requests(self) -> int:
        return self._http.requests

    @property
    def received(self) -> int:
        """Bytes of answers."""
        return self._http.received

    @property
    def points(self) -> int:
        """What the GraphQL questions cost, as far as GitHub said."""
        return self._graph.points

    def close(self) -> None:
        self._http.close()

    def now(self) -> datetime | None:
        return self._http.clock

    def budget(self) -> Budget | None:
        """REST and GraphQL have a quota each: of the two the one of which less is left."""
        return self._http.budget

    def check(self, scopes: Sequence[str]) -> Check:
        """Sign in, look at every repository of ``scopes`` and at each part that is read. Raises ConnectorError."""
        account, answer = self.viewer()
        headers = answer.headers
        names = tuple(self.repository(scope).name for scope in scopes)
        return Check(
            deployment="",
            account=account,
            version=headers.get("x-github-enterprise-version", ""),
            scopes=names,
            identity=address.identity(self._http.site.base),
            token_kind=rights.kind_of(self._token, headers) or ("app" if account == APP else ""),
            expires=rights.expiry(headers),
            lacks=tuple(lack for name in names for lack in rights.lacking(self._http, name, headers)),
        )

    def slices(self, scopes: Sequence[str]) -> tuple[Slice, ...]:
        """Pull requests first: most numbers rest on them."""
        return tuple(Slice(kind, scope) for kind in READS for scope in scopes)

    def read(self, part: Slice, *, since: datetime | None, cursor: str = "") -> Iterator[Page]:
        """The pages of one slice; the first begins with the repository itself. Raises ConnectorError."""
        repository = self.repository(part.scope)
        if since is not None and repository.rests(since):
            yield Page(repository.first(), "")
            return
        yield from READS[part.kind](repository, since, cursor)

    def discover(self, pattern: str = "") -> tuple[Found, ...]:
        """An App's token belongs to an installation, which has a list of its own (G23)."""
        app = rights.kind_of(self._token, {}) == "app" or self.viewer()[0] == APP
        return tuple(rights.visible(self._http, pattern, app=app))

    def counted(self, kind: str) -> bool:
        """Issues can be deleted and transferred, pull requests only with their repository. What was deployed, released
        or run stays so, though its record at GitHub may be taken away."""
        return kind == "issues"

    def census(self, part: Slice) -> Iterator[tuple[str, ...]]:
        yield from reading.census(self.repository(part.scope))

    def reread(self, part: Slice, ids: Sequence[str]) -> Iterator[Page]:
        """Pull requests and issues by their numbers; of what else was named, a new reading tells."""
        if part.kind in ("pulls", "issues"):
            yield from reading.again(self.repository(part.scope), part.kind, ids)

    def matching(self, query: str) -> Iterator[tuple[str, ...]]:
        """GitHub has a search, which gives 1,000 results at most: half an answer says nothing."""
        raise ConnectorError("Only Jira can be asked by JQL: of GitHub, name a label or a milestone.", kind="question")

    def viewer(self) -> tuple[str, Answer]:
        """Who the token belongs to, and the answer. An App's token is nobody's: ``/user`` is closed to it (G13)."""
        try:
            answer = self._http.get("/user")
        except ConnectorError as error:
            if error.kind != "permission":
                raise
            return APP, self._http.get("/installation/repositories?per_page=1", passing=(403, 404))
        if not isinstance(answer.json, dict) or not answer.json.get("login"):
            raise refusals.unexpected(self._http.site, "no GitHub answers there")
        return str(answer.json["login"]), answer

    def repository(self, scope: str) -> Repository:
        """The repository of an owner/name, under the name it has today (G10). Asked once for each connector."""
        if scope not in self._repositories:
            missing = f"There is no repository {scope} that this token can see: check the name and the token's access."
            if scope.count("/") != 1:
                raise ConnectorError(f"Write the repository as owner/name, not {scope}.", kind="missing")
            answer = self._http.get(f"/repos/{quote(scope)}", remember=True, missing=missing)
            if not isinstance(answer.json, dict) or not answer.json.get("full_name"):
                raise refusals.unexpected(self._http.site, "a repository without a name")
            now = http_date(answer.headers) or self._http.policy.now()
            self._repositories[scope] = Repository(self._graph, answer.json, now, self._bots)
        return self._repositories[scope]
