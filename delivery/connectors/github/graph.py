"""Asking GitHub's GraphQL: 200 may mean an error, half an answer or a limit; too much work means ask for less."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from delivery.connectors import refusals
from delivery.connectors.answer import Answer
from delivery.connectors.contract import ConnectorError
from delivery.connectors.github.graphql import OPTIONAL
from delivery.connectors.http import Http, Trouble

Json = dict[str, Any]
TOO_MUCH = (502, 504)  # what GitHub says after 10 s of work (G15)
INACCESSIBLE = "Resource not accessible by"  # a fine-grained or an App's token without the permission
REFUSALS = ("FORBIDDEN", "INSUFFICIENT_SCOPES")
EXCEEDED = "RESOURCE_LIMITS_EXCEEDED"  # half an answer to a question that is too much as a whole (G16)


class TooMuch(Exception):
    """The question is too much work: ask for fewer. ``trouble`` is what to raise when even that does not help."""

    def __init__(self, trouble: Trouble) -> None:
        super().__init__(str(trouble.error))
        self.trouble = trouble


class BadCursor(Exception):
    """A cursor that GitHub no longer knows: begin anew."""


@dataclass(slots=True)
class Graph:
    """The GraphQL endpoint of one site, and the fields it turned out not to know.

    ``points`` counts what the questions cost, where the site says so (G16).
    """

    http: Http
    url: str
    unknown: set[str] = field(default_factory=set)
    points: int = 0

    def ask(
        self, query: str, variables: Json, *, missing: str, what: str = "", right: str = ""
    ) -> tuple[Json, list[Json]]:
        """Data, perhaps partial, and what went wrong with the rest (G16).

        ``missing`` is the sentence for a repository that is not there, ``what`` and ``right`` as in ``permitted``.
        Raises ConnectorError, TooMuch, BadCursor.
        """
        attempt = 1
        while True:
            answer = self.http.post(self.url, {"query": self._known(query), "variables": variables}, passing=TOO_MUCH)
            errors = self._errors(answer)
            trouble = self._limit(answer, errors, attempt)
            if trouble:
                self.http.pause(trouble, attempt)
                attempt += 1
            elif not self._learn(errors):
                data = self._data(answer, errors, missing, what, right)
                self._count(data.get("rateLimit"))
                return data, errors

    def _known(self, query: str) -> str:
        for name in self.unknown:
            for piece in OPTIONAL[name]:
                query = query.replace(piece, "")
        return query

    def _errors(self, answer: Answer) -> list[Json]:
        if answer.status in TOO_MUCH:
            raise TooMuch(Trouble(refusals.failing(self.http.site, answer.status, "")))
        if not isinstance(answer.json, dict) or not ("data" in answer.json or "errors" in answer.json):
            raise refusals.unexpected(self.http.site, "no GraphQL answers there")
        return [error for error in answer.json.get("errors") or () if isinstance(error, dict)]

    def _limit(self, answer: Answer, errors: list[Json], attempt: int) -> Trouble | None:
        """A rate limit that comes as 200 (G16)."""
        said = next((_text(error) for error in errors if _is_limit(error)), None)
        return None if said is None else self.http.limit(answer.headers, self.http.site.clean(said), attempt)

    def _learn(self, errors: list[Json]) -> bool:
        """Whether the site lacks a field we can do without (G17): then it is left out from now on."""
        named = {name for error in errors for name in OPTIONAL if f"'{name}'" in _text(error)}
        new = named - self.unknown
        self.unknown |= new
        return bool(new)

    def _count(self, told: Json | None) -> None:
        """What the question cost and what is left; an Enterprise Server without limits says null (G17)."""
        if isinstance(told, dict):
            self.points += int(told.get("cost") or 0)
            self.http.points(self.http.site.lane(self.url), told)

    def _data(self, answer: Answer, errors: list[Json], missing: str, what: str, right: str) -> Json:
        """A connection that the token may not see is promised by the schema: then the repository is null with it."""
        data = answer.json.get("data")
        repository = data.get("repository", data) if isinstance(data, dict) else None
        types = {str(error.get("type") or "") for error in errors}
        if repository is not None and EXCEEDED not in types:
            return dict(data)
        said = "; ".join(_text(error) for error in errors)
        if "NOT_FOUND" in types:
            raise refusals.refused(self.http.site, 404, said, missing)
        self.permitted(errors, what, right)
        if "INVALID_CURSOR_ARGUMENTS" in types:
            raise BadCursor(said)
        raise TooMuch(Trouble(self._odd(said)))

    def permitted(self, errors: list[Json], what: str = "", right: str = "") -> None:
        """Raises ConnectorError(kind="permission") when an answer lacks something because the token may not see it:
        ``what``, which ``right`` would open."""
        said = "; ".join(_text(error) for error in errors if error.get("type") in REFUSALS)
        if said and what and INACCESSIBLE in said:
            message = f"The token may not read {what}: give it {right}."
            raise ConnectorError(message, kind="permission", detail=self.http.site.clean(said))
        if said:
            raise refusals.refused(self.http.site, 403, said, "", about=refusals.About(what=what))

    def _odd(self, said: str) -> ConnectorError:
        """ "Something went wrong while executing your query" and its kind: mostly a timeout in other words."""
        return refusals.refused(self.http.site, 422, said, "")


def _is_limit(error: Json) -> bool:
    return error.get("type") in ("RATE_LIMITED", "RATE_LIMIT") or "rate limit" in _text(error).lower()


def _text(error: Json) -> str:
    return str(error.get("message") or "")
