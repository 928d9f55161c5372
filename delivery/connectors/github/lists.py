"""REST's lists: one answer after the other, along the links that GitHub gives."""

from __future__ import annotations

import re
from collections.abc import Iterator

from delivery.connectors import refusals
from delivery.connectors.answer import Answer
from delivery.connectors.http import Http

NEXT = re.compile(r'<([^>]+)>\s*;\s*rel="next"')


def pages(http: Http, path: str, *, missing: str = "", passing: tuple[int, ...] = ()) -> Iterator[Answer]:
    """The answers of a list. Links are followed to the letter: past 10,000 rows they hold a cursor, and page numbers
    are refused (G9); they name a repository by its id (G10). Another host is refused. Raises ConnectorError."""
    following, asked = path, set[str]()
    while following:
        if following in asked:  # stopping here would lose the rest without a sign
            raise refusals.unexpected(http.site, "a list without an end")
        asked.add(following)
        answer = http.get(following, missing=missing, passing=passing)
        found = NEXT.search(answer.headers.get("link", ""))
        following = found[1] if found else ""
        yield answer
