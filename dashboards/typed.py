"""What somebody sent with a login that had run out: kept sealed for this browser's session until they are back.

Only forms that take long to fill in are kept, only where the request came with its CSRF token, and only for minutes:
in the cache, which forgets by itself, because anybody may send one.
"""

from __future__ import annotations

import secrets as random_secrets
from typing import Final

from django.core.cache import cache
from django.http import HttpRequest, QueryDict

from delivery import secrets

KEPT: Final = 900  # seconds
LONGEST: Final = 400_000  # bytes of a form as it was sent: an emoji takes twelve
FORMS: Final = (
    "source_",
    "goal_",
    "check_in",
    "deliverable_",
    "commitment_",
    "action_",
    "scenario_",
    "risk",
    "digest_subscription",
    "digest_reader",
    "bet_",
)  # the names of their addresses begin so
MOST: Final = 5  # forms of one browser, each of its own page
_NAME: Final = "typed"


def keep(request: HttpRequest) -> None:
    """Keep the form of this request, if it is one of those that are kept."""
    match = request.resolver_match
    if request.method != "POST" or match is None or not (match.url_name or "").startswith(FORMS):
        return
    text, page = request.POST.urlencode(), _page(request)
    if len(text) <= LONGEST:
        kept = {**_kept(request), page: random_secrets.token_urlsafe(24)}
        request.session[_NAME] = dict(list(kept.items())[-MOST:])
        cache.set(_key(request, page), secrets.seal(text), KEPT)


def posted(request: HttpRequest) -> QueryDict | None:
    """The form of this request: sent with it, or sent before the login and not acted on yet; None when there is none."""
    if request.method == "POST":
        return storable(request.POST)
    return back(request)


def back(request: HttpRequest) -> QueryDict | None:
    """What was sent to this address before the login, once; what was sent to another waits for its own page."""
    kept = _kept(request)
    if request.path not in kept:
        return None
    try:
        text = secrets.unseal(cache.get(_key(request, request.path), ""))
    except secrets.SecretError:
        text = ""  # forgotten
    cache.delete(_key(request, request.path))
    request.session[_NAME] = {page: key for page, key in kept.items() if page != request.path}
    return storable(QueryDict(text)) if text else None


def storable(data: QueryDict) -> QueryDict:
    """Without NUL, which nobody types and no database takes; lines end with a newline alone, as they do elsewhere."""
    if not any(sign in text for texts in data.lists() for text in texts[1] for sign in "\0\r"):
        return data
    clean = data.copy()
    for name, texts in data.lists():
        clean.setlist(name, [text.replace("\0", "").replace("\r\n", "\n").replace("\r", "\n") for text in texts])
    return clean


def _kept(request: HttpRequest) -> dict[str, str]:
    """Keys by page; of a session from before there were several, nothing."""
    kept = request.session.get(_NAME)
    return kept if isinstance(kept, dict) else {}


def _key(request: HttpRequest, page: str) -> str:
    return f"typed-{request.session[_NAME][page]}"


def _page(request: HttpRequest) -> str:
    """Where they will be back: a part of a page that was asked for leads to its page."""
    here = request.htmx.current_url_abs_path if request.htmx else ""  # type: ignore[attr-defined]
    return str(here).partition("?")[0] or request.path
