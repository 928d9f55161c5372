"""Changes that say which version they are based on, so that nobody's change is lost unseen."""

from __future__ import annotations

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework import status
from rest_framework.exceptions import APIException
from rest_framework.request import Request

IF_MATCH = OpenApiParameter(
    "If-Match",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    required=True,
    description="The ETag of the version that the change is based on.",
)


ANY = "*"


class Unmatched(APIException):
    """Nothing was said of the version that was read."""

    status_code = status.HTTP_428_PRECONDITION_REQUIRED
    default_detail = "Send the ETag of what you have read in If-Match, so that nobody’s change is lost."


class Changed(APIException):
    """The row is not what the change was based on."""

    status_code = status.HTTP_412_PRECONDITION_FAILED
    default_detail = "Somebody else has changed this meanwhile. Read it again, then send yours with its new ETag."


def refusals(content: dict[str, Any]) -> dict[str, Any]:
    """What a change may be answered with for its version's sake, to be added to a schema's answers."""
    return {
        "412": {"description": "Somebody else has changed it meanwhile.", "content": content},
        "428": {"description": "If-Match is missing.", "content": content},
    }


def wanted(request: Request) -> str:
    """The ETag that the change is based on, without what may stand around it; ``*`` is any. Raises Unmatched."""
    told = request.headers.get("If-Match", "").strip().removeprefix("W/").strip('"')
    if not told:
        raise Unmatched
    return told


def seen_version(row: int, request: Request) -> int:
    """The number that the change is based on, ``row`` being the present one; 0, which none is, for what is no version."""
    told = wanted(request)
    if told == ANY:
        return row
    return int(told) if told.isdecimal() and len(told) < 10 and told.isascii() else 0


def seen_content(row: str, request: Request) -> str:
    """The same for rows whose version is a hash of their content."""
    told = wanted(request)
    return row if told == ANY else told
