"""What somebody sent with a login that had run out: kept sealed with the browser's session until they are back.

Only forms that take long to fill in are kept, only where the request came with its CSRF token, and only for minutes.
"""

from __future__ import annotations

import json
import time
from typing import Final

from django.http import HttpRequest, QueryDict

from delivery import secrets

KEPT: Final = 900  # seconds
LONGEST: Final = 200_000  # bytes of a form
FORMS: Final = "source_"  # the names of their addresses begin so
_NAME: Final = "typed"


def keep(request: HttpRequest) -> None:
    """Keep the form of this request, if it is one of those that are kept."""
    match = request.resolver_match
    if request.method != "POST" or match is None or not (match.url_name or "").startswith(FORMS):
        return
    text = request.POST.urlencode()
    if len(text) <= LONGEST:
        request.session[_NAME] = secrets.seal(json.dumps([_page(request), time.time(), text]))


def posted(request: HttpRequest) -> QueryDict | None:
    """The form of this request: sent with it, or sent before the login and not acted on yet; None when there is none."""
    if request.method == "POST":
        return request.POST
    return back(request)


def back(request: HttpRequest) -> QueryDict | None:
    """What was sent to this address before the login, once."""
    sealed = request.session.get(_NAME)
    if not sealed:
        return None
    try:
        path, at, text = json.loads(secrets.unseal(sealed))
    except (secrets.SecretError, ValueError):
        path, at, text = "", 0.0, ""
    if path and path != request.path and time.time() - at < KEPT:
        return None  # it waits for its own page
    del request.session[_NAME]
    return QueryDict(text) if path == request.path and time.time() - at < KEPT else None


def _page(request: HttpRequest) -> str:
    """Where they will be back: a part of a page that was asked for leads to its page."""
    here = request.htmx.current_url_abs_path if request.htmx else ""  # type: ignore[attr-defined]
    return str(here).partition("?")[0] or request.path
