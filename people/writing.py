"""What the views of the REST API share that write: versions, and errors in the words of the form."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from django.db.models import Model
from drf_spectacular.utils import OpenApiResponse
from rest_framework.exceptions import ValidationError
from rest_framework.parsers import JSONParser
from rest_framework.request import Request
from rest_framework.response import Response

from people.reading import Reading, ReadingSchema
from people.refused import Conflict, Wrong
from people.versions import Changed, refusals

Row = TypeVar("Row", bound=Model)
WRITES = ("POST", "PATCH", "DELETE")
GONE = OpenApiResponse(description="It is taken away.")


class WritingSchema(ReadingSchema):
    """Also says what a write may be answered with."""

    def _get_response_bodies(self, direction: Any = "response") -> dict[str, Any]:
        bodies = super()._get_response_bodies(direction)
        if self.method not in WRITES:
            return bodies
        content = bodies["400"]["content"]
        answers = refusals(content)
        if not any(getattr(one, "name", "") == "If-Match" for one in self.get_override_parameters()):
            del answers["428"]
        told = {"400": "Something that was sent cannot be used; `errors` says what, by field.", "415": "Send JSON."}
        return bodies | answers | {code: {"description": text, "content": content} for code, text in told.items()}


class Writing(Reading[Row]):
    """A list whose rows can be written, too. A row’s ETag says its version; a change names it in If-Match."""

    schema = WritingSchema()
    parser_classes = (JSONParser,)

    def etag(self, row: Row) -> str:
        raise NotImplementedError

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return self.told(self.get_object())

    def told(self, row: Row, status: int = 200) -> Response:
        """The row with its ETag."""
        return Response(self.get_serializer(row).data, status, headers={"ETag": f'"{self.etag(row)}"'})


def _as_it_is(name: str) -> str:
    return name


@contextmanager
def in_problems(renamed: Callable[[str], str] = _as_it_is) -> Iterator[None]:
    """What the words refuse, as the problem that the API says; ``renamed`` makes a field of theirs one that was sent."""
    try:
        yield
    except Conflict:
        raise Changed from None
    except Wrong as wrong:
        raise ValidationError({renamed(name): [says] for name, says in wrong.errors.items()}) from None
