"""Webhooks: verified, noted, answered at once, and heard afterwards: each is a hint what to read again (J34, G25)."""

from __future__ import annotations

import secrets as random_secrets
from datetime import datetime, timedelta

from delivery import secrets
from delivery.models import HookDelivery, Source

KEPT = timedelta(days=7)


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


def forget_old(now: datetime) -> int:
    """Delete the deliveries that were heard long ago; how many."""
    old = HookDelivery.objects.filter(received__lt=now - KEPT)
    gone, _ = old.delete()
    return gone
