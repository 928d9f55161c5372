"""Webhooks: verified, noted, answered at once, and heard afterwards: each is a hint what to read again (J34, G25)."""

from __future__ import annotations

import hashlib
import logging
import secrets as random_secrets
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Any
from urllib.parse import parse_qs

from django.core.cache import cache
from django.db.models import QuerySet
from redis.exceptions import RedisError

from delivery import secrets
from delivery.connectors.answer import Garbled, decode
from delivery.connectors.github.hooks import HOOKS as GITHUB
from delivery.connectors.hook import Dialect, Hint, is_signed
from delivery.connectors.jira.hooks import HOOKS as JIRA
from delivery.models import HookDelivery, Source

DIALECTS: Mapping[str, Dialect] = {"jira": JIRA, "github": GITHUB}
KEPT = timedelta(days=7)  # a replay of what is older is a hint like any other
LARGEST = 25 * 1024 * 1024  # bytes; GitHub sends no more
MODEST = 1024 * 1024  # and so much is looked at even from where forged ones came
FORGED, MINUTE = 20, 60  # forged ones from one address in so many seconds until only modest ones are looked at
LONGEST_ID = 250  # characters: an issue's is that of its repository and its number
REPLAYED = 3600  # seconds in which the same body is the same delivery, whatever number it comes under
NOBODY = "nobody knows this"  # what is compared where there is no secret, so that the answer takes as long

log = logging.getLogger(__name__)


class Accepted(Enum):
    """What became of a delivery. Why one is refused is not told: it would help only who tries."""

    NEW = "new"
    KNOWN = "known"  # sent again, or sent twice
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Sent:
    """A request to a hook's address. ``headers`` have lower-case names; ``sender`` is an address on the net."""

    headers: Mapping[str, str]
    body: bytes
    sender: str = ""


def make_secret(source: Source) -> str:
    """A new secret for the source's webhooks, to be shown once; the old one counts no more."""
    secret = random_secrets.token_urlsafe(32)
    sealed = secrets.seal(secret)
    Source.objects.filter(pk=source.pk).update(hook_secret=sealed, hook_heard=None)
    source.hook_secret, source.hook_heard = sealed, None
    return secret


def path_of(source: Source) -> str:
    """Where the source's webhooks come in, below PUBLIC_URL."""
    return f"/hooks/{source.kind}/{source.pk}/"


def is_unwelcome(sender: str, length: int) -> bool:
    """Whether a body of this length is not worth reading: too large for any webhook, or large and from a forger."""
    return length > LARGEST or (length > MODEST and _forged_by(sender) >= FORGED)


def listens(kind: str, number: int, sender: str) -> bool:
    """Whether there is a secret to check a delivery with. Where there is none it counts as forged, without a look."""
    if _listening(kind, number).exclude(hook_secret="").exists():
        return True
    _refuse(number, sender)
    return False


def accept(kind: str, number: int, sent: Sent, *, now: datetime) -> Accepted:
    """Verify a delivery and note what it hints at. Quick: whoever sends it waits ten seconds at most."""
    dialect = DIALECTS.get(kind)
    source = _listening(kind, number).only("hook_secret").first()
    secret = _secret(source)
    if dialect is None or not is_signed(sent.headers.get(dialect.signature, ""), sent.body, secret or NOBODY):
        return _refuse(number, sent.sender)
    if source is None or not secret:
        return _refuse(number, sent.sender)
    body = _body_key(source, sent.headers[dialect.signature])
    if _is_known(body):
        return Accepted.KNOWN
    payload = _payload(sent)
    event = dialect.event(sent.headers, payload)
    hint = dialect.hint(event, payload) or Hint("")
    _, new = HookDelivery.objects.get_or_create(
        source_id=source.pk,
        delivery=_name(sent, dialect),
        defaults={
            "event": event[:80],
            "received": now,
            "kind": hint.kind[:20],
            "scope": hint.scope[:200],
            "ids": [id[:LONGEST_ID] for id in hint.ids],
        },
    )
    with suppress(RedisError):
        cache.set(body, True, REPLAYED)  # now that it is noted
    return Accepted.NEW if new else Accepted.KNOWN


def forget_old(now: datetime) -> int:
    """Delete the deliveries that came in long ago; how many."""
    gone, _ = HookDelivery.objects.filter(received__lt=now - KEPT).delete()
    return gone


def _listening(kind: str, number: int) -> QuerySet[Source]:
    return Source.objects.filter(pk=number, kind=kind, disconnected=None)


def _secret(source: Source | None) -> str:
    if source is None or not source.hook_secret:
        return ""
    try:
        return secrets.unseal(source.hook_secret)
    except secrets.SecretError:
        log.error("The webhook secret of source %s cannot be opened: FIELD_KEY was changed.", source.pk)
        return ""


def _payload(sent: Sent) -> Mapping[str, Any]:
    """What was sent, as JSON or as the form that GitHub fills in unless told otherwise; empty when it is neither."""
    body = sent.body
    if sent.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        body = parse_qs(body).get(b"payload", [b""])[0]
    try:
        found = decode(body)
    except Garbled:
        return {}
    return found if isinstance(found, dict) else {}


def _name(sent: Sent, dialect: Dialect) -> str:
    """The sender's own number of a delivery; where it has none, the same body is the same delivery."""
    return sent.headers.get(dialect.delivery, "")[:100] or f"sha256:{hashlib.sha256(sent.body).hexdigest()}"


def _body_key(source: Source, signature: str) -> str:
    """The name of a body, by its signature: the number of a delivery is not signed, whoever replays it can change it."""
    return f"heard:{source.pk}:{hashlib.sha256(signature.strip().encode()).hexdigest()}"


def _is_known(body: str) -> bool:
    try:
        return bool(cache.get(body))
    except RedisError:
        return False


def _refuse(number: int, sender: str) -> Accepted:
    count = _forged_by(sender) + 1
    with suppress(RedisError):
        cache.set(_forger(sender), count, MINUTE)
    if count in (1, FORGED):  # and not a line for each
        log.warning("A webhook for source %s came without the right signature (%s lately).", number, count)
    return Accepted.REFUSED


def _forged_by(sender: str) -> int:
    try:
        return int(cache.get(_forger(sender)) or 0)
    except RedisError:
        return 0


def _forger(sender: str) -> str:
    return f"forged:{hashlib.sha256(sender.encode()).hexdigest()[:16]}"
