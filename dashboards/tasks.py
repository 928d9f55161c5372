"""What the digest does by itself. Every task may run twice and may be killed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from celery import shared_task
from django.utils import timezone

from dashboards.digest import alerts, due, handing

TOGETHER: Final = 500  # messages of one task: what all readers see alike is loaded once for each
BEAT: Final = 300.0  # seconds between two beats of digests_due


@shared_task  # type: ignore[untyped-decorator]
def digests_due(**_: Any) -> None:
    """Write down whose digest is due, and queue every message whose turn it is; the next beat queues what still waits."""
    now = timezone.now()
    due.take(now)
    queue(due.to_hand_over(now))


@shared_task  # type: ignore[untyped-decorator]
def hand_over(*, ids: Sequence[int], **_: Any) -> None:
    handing.hand_over(ids)


@shared_task  # type: ignore[untyped-decorator]
def look_out(**_: Any) -> None:
    """What is told at once."""
    now = timezone.now()
    if alerts.look_out(now):
        queue(due.to_hand_over(now))


def queue(ids: Sequence[int]) -> None:
    for first in range(0, len(ids), TOGETHER):
        hand_over.apply_async(kwargs={"ids": list(ids[first : first + TOGETHER])}, expires=BEAT)
