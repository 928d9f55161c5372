"""A form that was refused: the way back to it, and what was typed."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme

LONGEST = 20_000  # characters of one field that are shown again
SECRET = ("password", "token", "key")


@dataclass(frozen=True, slots=True)
class Unsaved:
    """``back`` is the page the form is on; ``typed`` what was in its fields, without secrets."""

    back: str
    typed: tuple[tuple[str, str], ...]


def page(request: HttpRequest) -> Unsaved:
    """What another site sent is not shown: it was not typed here."""
    back = _back(request)
    return Unsaved(back or "/", _typed(request) if back else ())


def _back(request: HttpRequest) -> str:
    came_from: str = request.META.get("HTTP_REFERER", "")
    if not url_has_allowed_host_and_scheme(came_from, {request.get_host()}, require_https=request.is_secure()):
        return ""
    parts = urlsplit(came_from)
    return parts.path + (f"?{parts.query}" if parts.query else "")


def _typed(request: HttpRequest) -> tuple[tuple[str, str], ...]:
    return tuple(
        (name.replace("_", " ").capitalize(), text[:LONGEST])
        for name, texts in request.POST.lists()
        for text in texts
        if text.strip() and name != "next" and not any(word in name for word in SECRET)
    )
