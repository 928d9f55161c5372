"""Pages for who manages sources."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse

from delivery.access import can_manage_sources

View = Callable[..., HttpResponse]


def managed(view: View) -> View:
    """``view`` for who may manage sources; 403 for everybody else, whether or not the source is there."""

    @wraps(view)
    def opened(request: HttpRequest, *args: Any, **named: Any) -> HttpResponse:
        if not can_manage_sources(request.user):
            raise PermissionDenied
        return view(request, *args, **named)

    return opened
