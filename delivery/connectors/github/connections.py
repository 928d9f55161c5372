"""Walking through a connection of a repository over GraphQL. Yields raw, whole nodes, and what stayed unanswered."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from delivery.connectors import refusals
from delivery.connectors.contract import ConnectorError, Gap
from delivery.connectors.github import graphql
from delivery.connectors.github.graph import Graph, TooMuch
from delivery.connectors.github.graphql import Kind

Json = dict[str, Any]
OLDEST_FIRST = {"field": "CREATED_AT", "direction": "ASC"}
LAST_CREATED = {"field": "CREATED_AT", "direction": "DESC"}
LAST_UPDATED = {"field": "UPDATED_AT", "direction": "DESC"}
LAST_TAGGED = {"field": "TAG_COMMIT_DATE", "direction": "DESC"}
RIGHTS = {
    "pullRequests": ("pull requests", "Pull requests: read"),
    "issues": ("issues", "Issues: read"),
    "deployments": ("deployments", "Deployments: read"),
    "releases": ("releases", "Contents: read"),
    "refs": ("tags", "Contents: read"),
}
NOTHING: Json = {"nodes": [], "pageInfo": {"hasNextPage": False}}
PATIENCE = 3  # times that the same page may be given
UNBEARABLE = ("answer", "unreachable")  # how it looks when one node is more than GitHub can put together
UNANSWERED = "GitHub keeps answering with an error about it: it is asked for again at the next reading."
PARTLY = "GitHub answered only in part about it: it is asked for again at the next reading."


@dataclass(frozen=True, slots=True)
class RawPage:
    """Raw nodes, the cursor right after them, how many the whole connection has, and those GitHub kept back."""

    nodes: list[Json]
    after: str | None = None
    total: int | None = None
    gaps: tuple[Gap, ...] = ()


@dataclass(slots=True)
class Connection:
    """One connection of one repository, read in one order. ``first`` shrinks when GitHub finds it too much (G15)."""

    graph: Graph
    repository: str  # owner/name
    kind: Kind
    order: Json = field(default_factory=lambda: OLDEST_FIRST)
    first: int = graphql.MANY
    most: int = graphql.MANY
    more: Json = field(default_factory=dict)

    @property
    def missing(self) -> str:
        return f"There is no repository {self.repository} that this token can see: check the name and its access."

    def pages(self, after: str | None) -> Iterator[RawPage]:
        """Every page after a cursor (None: from the start)."""
        seen: dict[str | None, int] = {}
        while True:
            found, gaps = self._page(after)
            for node in found["nodes"]:
                gaps += self._completed(node)
            info = found["pageInfo"]
            yield RawPage(found["nodes"], info.get("endCursor"), found.get("totalCount"), tuple(gaps))
            if not info.get("hasNextPage"):
                return
            after, self.first = self._next(info, seen), self.most

    def ids(self) -> Iterator[list[Json]]:
        """The nodes of a census. Raises ConnectorError for a page that did not come whole: half says nothing."""
        after: str | None = None
        seen: dict[str | None, int] = {}
        while True:
            data, _ = self.fitting(graphql.census(), self._where(after))
            found = data["repository"].get(self.kind.connection) or {}
            nodes, info = found.get("nodes"), found.get("pageInfo")
            if not isinstance(nodes, list) or not all(nodes) or not isinstance(info, dict):
                raise refusals.unexpected(self.graph.http.site, f"half of a list of {self.kind.connection}")
            yield nodes
            if not info.get("hasNextPage"):
                return
            after, self.first = self._next(info, seen), self.most

    def _next(self, info: Json, seen: dict[str | None, int]) -> str:
        """The next cursor. One that leads in a circle is followed a few times, for a page may be given twice; then it
        is an error: stopping there would lose the rest without a sign."""
        after = info.get("endCursor")
        seen[after] = seen.get(after, 0) + 1
        if not after or seen[after] > PATIENCE:
            raise refusals.unexpected(self.graph.http.site, f"a list of {self.kind.connection} without an end")
        return str(after)

    def several(self, numbers: Sequence[int]) -> tuple[RawPage, list[int]]:
        """The nodes of these numbers, and the numbers that GitHub does not know (any more)."""
        nodes, gone = list[Json](), list[int]()
        gaps = list[Gap]()
        for number, node, absent in self._aliased(numbers):
            if node is None and absent:
                gone.append(number)
                continue
            whole = node if node and self._is_whole(node) else self._one({"number": number})
            if whole is None:
                gaps.append(self._gap({"number": number}))
            else:
                nodes.append(whole)
                gaps += self._completed(whole)
        return RawPage(nodes, gaps=tuple(gaps)), gone

    def _aliased(self, numbers: Sequence[int]) -> Iterator[tuple[int, Json | None, bool]]:
        """Each number with its node, if it came, and whether GitHub does not know it. What is too much is asked for in
        halves (G15); those that are too much alone come last. Raises ConnectorError when all of several are."""
        left, alone = [(list(numbers), 1)], list[int]()
        while left:
            some, attempt = left.pop()
            try:
                data, errors = self._ask(graphql.several(self.kind, some), self._named())
            except TooMuch as error:
                alone += some if len(some) == 1 else ()
                if len(alone) == len(numbers) > 1:
                    raise error.trouble.error from None
                if len(some) > 1:
                    self.graph.http.pause(error.trouble, attempt)
                    half = len(some) // 2
                    left += [(some[half:], attempt + 1), (some[:half], attempt + 1)]
                continue
            absent = {error["path"][-1] for error in errors if error.get("type") == "NOT_FOUND" and error.get("path")}
            yield from ((number, data["repository"].get(f"n{number}"), f"n{number}" in absent) for number in some)
        yield from ((number, None, False) for number in alone)

    def of_tags(self, tags: Sequence[str]) -> tuple[list[Json], set[str]]:
        """The releases that these tags have, and the tags of which GitHub did not say whether they have one (G16)."""
        variables = {**self._named(), **{f"t{index}": tag for index, tag in enumerate(tags)}}
        data, errors = self.fitting(graphql.releases_of(len(tags)), variables)
        failed = {part for error in errors if error.get("type") != "NOT_FOUND" for part in error.get("path") or ()}
        found = [data["repository"].get(f"t{index}") for index in range(len(tags))]
        unsaid = {tag for index, tag in enumerate(tags) if not found[index] and f"t{index}" in failed}
        return [node for node in found if node], unsaid

    def fitting(self, query: str, variables: Json) -> tuple[Json, list[Json]]:
        """An answer to a question of a size that GitHub can bear: half as many after each failure (G15)."""
        attempt = 1
        while True:
            try:
                return self._ask(query, variables)
            except TooMuch as error:
                self.graph.http.pause(error.trouble, attempt)
            attempt += 1
            if "first" in variables:
                self.first = self.most = variables["first"] = max(1, variables["first"] // 2)

    def _ask(self, query: str, variables: Json) -> tuple[Json, list[Json]]:
        what, right = self._about()
        return self.graph.ask(query, variables, missing=self.missing, what=what, right=right)

    def _about(self) -> tuple[str, str]:
        """What is asked for, and the permission that opens it."""
        what, right = RIGHTS[self.kind.connection]
        return f"{what} of {self.repository}", right

    def _page(self, after: str | None) -> tuple[Json, list[Gap]]:
        """A page whose nodes are whole, and the gaps in it."""
        try:
            data, errors = self.fitting(graphql.page(self.kind), self._where(after))
        except ConnectorError as error:
            if self.first > 1 or error.kind not in UNBEARABLE:
                raise
            return self._mended({}, after)  # one node is too much: the others must not wait for it
        found = data["repository"].get(self.kind.connection) or {}
        if not found and not errors and self.kind.nullable:
            return NOTHING, []
        nodes = found.get("nodes")
        if nodes is None:
            self.graph.permitted(errors, *self._about())
        if isinstance(nodes, list) and found.get("pageInfo") and all(self._is_whole(node) for node in nodes):
            return found, []
        return self._mended(found, after)

    def _mended(self, found: Json, after: str | None) -> tuple[Json, list[Gap]]:
        """A page of which an error took something away (G16): it is listed, and what lacks is asked for one by one."""
        whole = {node[self.kind.key]: node for node in found.get("nodes") or () if self._is_whole(node)}
        data, _ = self.fitting(graphql.listing(self.kind), self._where(after))
        listed = data["repository"].get(self.kind.connection) or {}
        if not isinstance(listed.get("nodes"), list) or not listed.get("pageInfo"):
            raise refusals.unexpected(self.graph.http.site, f"no list of {self.kind.connection}")
        nodes, gaps = list[Json](), list[Gap]()
        for row in listed["nodes"]:
            node = row and (whole.get(row[self.kind.key]) or self._one(row))
            if node:
                nodes.append(node)
            else:
                gaps.append(self._gap(row or {}))
        return {**listed, "nodes": nodes}, gaps

    def _one(self, row: Json) -> Json | None:
        """One node alone; None when GitHub does not answer about it."""
        query = graphql.one(self.kind)
        try:
            if not self.kind.one:
                data, _ = self.fitting(query, {"id": row["id"]})
                node = data.get("node")
            else:
                data, _ = self.fitting(query, {**self._named(), "number": row["number"]})
                node = data["repository"].get(self.kind.one)
        except ConnectorError as error:
            if error.kind not in UNBEARABLE:
                raise
            return None
        return dict(node) if node and self._is_whole(node) else None

    def _is_whole(self, node: Json | None) -> bool:
        return bool(node) and all(node.get(part) is not None for part in self.kind.parts)  # type: ignore[union-attr]

    def _gap(self, row: Json, why: str = UNANSWERED) -> Gap:
        name = row.get(self.kind.name) or "?"
        return Gap(f"{self.kind.noun}{name}" if self.kind.noun else f"{self.repository}#{name}", why)

    def _completed(self, node: Json) -> list[Gap]:
        """Reads a node's connections to their end: a page holds only the first of each. What did not come is told."""
        for part in self.kind.parts if self.kind.one else ():
            info, after = node[part].get("pageInfo") or {}, None
            while info.get("hasNextPage") and info["endCursor"] != after:
                after = info["endCursor"]
                variables = {**self._named(), "number": node["number"], "after": after}
                rest = self._rest(part, variables)
                if not rest or rest.get("nodes") is None:
                    return [self._gap(node, PARTLY)]
                node[part]["nodes"] = [*(node[part].get("nodes") or ()), *rest["nodes"]]
                info = rest.get("pageInfo") or {}
        return []

    def _rest(self, part: str, variables: Json) -> Json | None:
        """More of one connection of a node; None when GitHub does not answer about it."""
        try:
            data, _ = self.fitting(graphql.more(self.kind, part), variables)
        except ConnectorError as error:
            if error.kind not in UNBEARABLE:
                raise
            return None
        return (data["repository"].get(self.kind.one) or {}).get(part)

    def _where(self, after: str | None) -> Json:
        return {**self._named(), "first": self.first, "after": after, "order": self.order, **self.more}

    def _named(self) -> Json:
        owner, _, name = self.repository.partition("/")
        return {"owner": owner, "name": name}
