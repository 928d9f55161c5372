"""API errors as RFC 9457 problem details, in words a person can act on."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import exception_handler


def as_problem_details(error: Exception, context: dict[str, Any]) -> Response | None:
    """Turn what REST framework raised into ``application/problem+json``; None for a real failure."""
    response = exception_handler(error, context)
    if response is None:
        return None
    status = HTTPStatus(response.status_code)
    body: dict[str, Any] = {"type": "about:blank", "title": status.phrase, "status": status.value}
    if isinstance(error, exceptions.ValidationError):
        body |= {"detail": "Some of what was sent cannot be used.", "errors": response.data}
    else:
        body["detail"] = str(response.data.get("detail", status.phrase) if response.data else status.phrase)
    response.data = body
    response.content_type = "application/problem+json"
    return response
