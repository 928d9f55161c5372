"""Addresses that work without a login, because whoever holds one got it by e-mail: signed, for one thing, read-only or
undone with one click. Those that show something expire.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from django.conf import settings
from django.core import signing
from django.db.models import F, Q
from django.urls import reverse

from dashboards.models import DigestIssue, Subscription

CONFIRM_FOR: Final = timedelta(days=7)
READ_FOR: Final = timedelta(days=60)
_CONFIRM, _STOP, _READ, _USEFUL = "digest.confirm", "digest.stop", "digest.read", "digest.useful"


def absolute(path: str) -> str:
    return f"{settings.PUBLIC_URL}{path}"


def confirm_url(subscription: Subscription) -> str:
    """Of an address that was asked; good for CONFIRM_FOR and as long as the address is the same."""
    return _url("digest_confirm", _CONFIRM, [subscription.pk, subscription.email])


def stop_url(subscription: Subscription) -> str:
    """Never expires: who has an old e-mail must be able to stop the next one."""
    return _url("digest_stop", _STOP, [subscription.pk])


def read_url(issue: DigestIssue) -> str:
    """The digest as a page, for a reader without a login, for READ_FOR."""
    return _url("digest_read", _READ, [issue.pk])


def useful_url(issue: DigestIssue) -> str:
    return _url("digest_useful", _USEFUL, [issue.pk])


def to_confirm(token: str) -> Subscription | None:
    """Whose address ``token`` confirms; None where it is not ours, has expired, or the address is another one by now.

    What was stopped is confirmed again only where the address was asked again: an older e-mail undoes nobody's word.
    """
    told = _told(token, _CONFIRM, CONFIRM_FOR)
    if not isinstance(told, list) or len(told) != 2:
        return None
    asked = Subscription.objects.filter(Q(stopped=None) | Q(asked__gt=F("stopped")))
    return asked.filter(pk=told[0], email=told[1], person=None).exclude(email="").first()


def to_stop(token: str) -> Subscription | None:
    told = _told(token, _STOP)
    return Subscription.objects.filter(pk=told[0]).select_related("person").first() if isinstance(told, list) else None


def to_read(token: str) -> DigestIssue | None:
    """The issue, as long as its reader still gets the digest: what is stopped shows nothing any more."""
    told = _told(token, _READ, READ_FOR)
    if not isinstance(told, list):
        return None
    rows = DigestIssue.objects.filter(pk=told[0], subscription__stopped=None, content__isnull=False)
    return rows.filter(subscription__confirmed__isnull=False).select_related("subscription").first()


def to_rate(token: str) -> DigestIssue | None:
    told = _told(token, _USEFUL, READ_FOR)
    return DigestIssue.objects.filter(pk=told[0]).first() if isinstance(told, list) else None


def _url(name: str, salt: str, told: list[Any]) -> str:
    return absolute(reverse(name, args=[signing.dumps(told, salt=salt)]))


def _told(token: str, salt: str, good_for: timedelta | None = None) -> Any:
    try:
        return signing.loads(token, salt=salt, max_age=good_for)
    except signing.BadSignature:
        return None
