"""Where Jira and GitHub tell that something changed. Whoever cannot sign is told nothing at all (J34, G25)."""

from __future__ import annotations

import logging
import time

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from delivery import hooks, tasks
from delivery.hooks import Accepted, Sent

SLOWEST = 10.0  # seconds a body may take; senders wait no longer themselves
PIECE = 16 * 1024  # bytes between two looks at the clock
SOON = 2  # seconds in which deliveries gather, to be heard together

log = logging.getLogger(__name__)


@csrf_exempt
@login_not_required
@require_POST
def hook(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    """Verify, note, queue, answer: 202 for what was signed, be it new or known."""
    told = str(request.META.get("CONTENT_LENGTH") or "")
    length = int(told) if told.isdecimal() else 0
    sender = _sender(request)
    if hooks.is_unwelcome(sender, length):
        return _turned_away(413)
    if not hooks.listens(kind, pk, sender):
        return _turned_away(401)
    body = _read(request, length)
    if body is None:
        return _turned_away(408)
    headers = {name.lower(): value for name, value in request.headers.items()}
    outcome = hooks.accept(kind, pk, Sent(headers, body, sender), now=timezone.now())
    if outcome == Accepted.REFUSED:
        return _turned_away(401)
    if outcome == Accepted.NEW:
        _queue(pk)
    return HttpResponse(status=202)


def _read(request: HttpRequest, length: int) -> bytes | None:
    """The body, piece by piece: whoever only drips must not hold a thread for ever. None when it took too long.

    Not ``request.body``: Django's own limit for it is meant for forms.
    """
    end, body = time.monotonic() + SLOWEST, bytearray()
    while len(body) < length:
        if time.monotonic() > end:
            return None
        piece = request.read(min(PIECE, length - len(body)))
        if not piece:
            break  # they hung up; the signature will not fit
        body += piece
    return bytes(body)


def _sender(request: HttpRequest) -> str:
    """The address that spoke to us; behind a proxy the one that spoke to it, which it adds last."""
    told = request.headers.get("x-forwarded-for", "") if settings.ALLAUTH_TRUSTED_PROXY_COUNT else ""
    return told.rpartition(",")[2].strip() or str(request.META.get("REMOTE_ADDR", ""))


def _turned_away(status: int) -> HttpResponse:
    """An answer that Django does not log: whoever tries a thousand times would fill the log."""
    answer = HttpResponse(status=status)
    answer._has_been_logged = True  # type: ignore[attr-defined]
    return answer


def _queue(pk: int) -> None:
    """Have it heard soon, with what else comes until then. Without a queue it is heard at a later beat."""
    try:
        if not cache.add(f"hear:{pk}", True, SOON):
            return
        tasks.hear.apply_async(kwargs={"source_id": pk}, countdown=SOON)
    except (OperationalError, RedisError):
        log.exception("The queue does not answer: the webhooks of source %s are heard later.", pk)
