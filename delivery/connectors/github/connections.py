"""Walking through a repository's pull requests and deployments over GraphQL. Yields raw, whole nodes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from delivery.connectors import refusals
from delivery.connectors.github import graphql
from delivery.connectors.github.graph import Graph, TooMuch

Json = dict[str, Any]
PARTS = {"PullRequest": ("reviews", "commits"), "Deployment": ("statuses",)}
OLDEST_FIRST = {"field": "CREATED_AT", "direction": "ASC"}
LAST_CREATED = {"field": "CREATED_AT", "direction": "DESC"}
LAST_UPDATED = {"field": "UPDATED_AT", "direction": "DESC"}


@dataclass(frozen=True, slots=True)
class RawPage:
    """Raw nodes, the cursor right after them, and how many nodes the whole connection has."""

    nodes: list[Json]
    after: str | None
    total: int | None


@dataclass(slots=True)
class Connection:
    """One connection of one repository, read in one order. ``first`` shrinks when GitHub finds it too much (G15)."""

    graph: Graph
    repository: str  # owner/name
    kind: str  # PullRequest or Deployment
    order: Json
    first: int
    most: int

    @property
    def name(self) -> str:
        return "pullRequests" if self.kind == "PullRequest" else "deployments"

    @property
    def missing(self) -> str:
        return f"There is no repository {self.repository} that this token can see: check the name and its access."

    def pages(self, after: str | None) -> Iterator[RawPage]:
        """Every page after a cursor (None: from the start)."""
        query = graphql.PULL_PAGE if self.kind == "PullRequest" else graphql.DEPLOYMENT_PAGE
        while True:
            data, errors = self._fitting(query, self._where(after))
            found = data["repository"].get(self.name) or {}
            nodes = self._mended(found.get("nodes"), after, errors)
            info = found.get("pageInfo") or {}
            yield RawPage([self._whole(node) for node in nodes], info.get("endCursor"), found.get("totalCount"))
            if not info.get("hasNextPage") or info.get("endCursor") == after:
                return
            after, self.first = info["endCursor"], self.most

    def _fitting(self, query: str, variables: Json) -> tuple[Json, list[Json]]:
        """An answer to a question of a size that GitHub can bear: half as many after each failure (G15)."""
        attempt = 1
        while True:
            try:
                return self.graph.ask(query, variables, missing=self.missing)
            except TooMuch as error:
                self.graph.http.pause(error.trouble, attempt)
            attempt += 1
            if "first" in variables:
                self.first = self.most = variables["first"] = max(1, variables["first"] // 2)

    def _where(self, after: str | None) -> Json:
        return {**self._named(), "first": self.first, "after": after, "order": self.order}

    def _named(self) -> Json:
        owner, _, name = self.repository.partition("/")
        return {"owner": owner, "name": name}

    def _mended(self, nodes: list[Json | None] | None, after: str | None, errors: list[Json]) -> list[Json]:
        """The nodes of a page; those an error took away are asked for again, one by one (G16)."""
        whole = [node for node in nodes or () if node and self._has_parts(node)]
        if nodes is not None and len(whole) == len(nodes) or not errors:
            return whole
        if self.kind != "PullRequest":
            raise refusals.unexpected(self.graph.http.site, "deployments with errors in them")
        known = {node["number"] for node in whole}
        data, _ = self._fitting(graphql.PULL_NUMBERS, self._where(after))
        listed = [node["number"] for node in data["repository"]["pullRequests"]["nodes"] if node]
        return whole + [self._one(number) for number in listed if number not in known]

    def _has_parts(self, node: Json) -> bool:
        return all(node.get(part) is not None for part in PARTS[self.kind])

    def _one(self, number: int) -> Json:
        data, _ = self._fitting(graphql.ONE_PULL, {**self._named(), "number": number})
        node = data["repository"].get("pullRequest")
        if not node or not self._has_parts(node):  # left out, it would be missing without a sign
            raise refusals.unexpected(self.graph.http.site, f"no answer about pull request {number}")
        return dict(node)

    def _whole(self, node: Json) -> Json:
        """A pull request with all of its reviews and commits: a page holds only the first of each.

        A deployment's first 100 statuses are all there ever are.
        """
        for part in PARTS[self.kind]:
            info, after = node[part].get("pageInfo") or {}, None
            while info.get("hasNextPage") and info["endCursor"] != after:
                after = info["endCursor"]
                variables = {**self._named(), "number": node["number"], "after": after}
                data, _ = self._fitting(graphql.more(part), variables)
                more = (data["repository"].get("pullRequest") or {}).get(part) or {}
                node[part]["nodes"] = [*(node[part].get("nodes") or ()), *(more.get("nodes") or ())]
                info = more.get("pageInfo") or {}
        return node
