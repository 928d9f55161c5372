"""E-mails that a mail server sent back after it had taken them: reports of RFC 3464, put in by ``manage.py bounce``."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes, policy
from email.message import Message
from typing import Any, Final

from dashboards.digest import standing
from dashboards.models import Delivery

IN_A_ROW: Final = 2  # digests that come back before nothing is sent any more
REASON: Final = "Sent back: {status} {said}"


@dataclass(frozen=True, slots=True)
class Bounce:
    """``message_id`` of what came back. ``permanent``: the address is wrong, not the moment."""

    message_id: str
    status: str
    said: str
    permanent: bool


def bounce_of(raw: bytes) -> Bounce | None:
    """What a report says; None where it is none, or names no message."""
    report: Any = message_from_bytes(raw, policy=policy.default)
    fields: dict[str, str] = {}
    identity = ""
    for part in report.walk():
        kind = part.get_content_type()
        if kind == "message/delivery-status":
            fields |= _fields(part)
        elif kind in ("message/rfc822", "text/rfc822-headers"):
            identity = identity or _identity(part)
    action = fields.get("action", "").lower()
    if not identity or action not in ("failed", "delayed"):
        return None
    said = fields.get("diagnostic-code", "").partition(";")[2].strip() or fields.get("diagnostic-code", "")
    status = fields.get("status", "")
    return Bounce(identity, status, " ".join(said.split())[:200], action == "failed" and not status.startswith("4"))


def _fields(part: Message) -> dict[str, str]:
    blocks: Any = part.get_payload()
    found = blocks if isinstance(blocks, list) else []
    return {name.lower(): str(value) for block in found for name, value in block.items()}


def _identity(part: Any) -> str:
    inner = part.get_payload()
    if isinstance(inner, list) and inner:
        return str(inner[0].get("Message-ID", "")).strip()
    told = message_from_bytes(str(inner).encode(), policy=policy.default)
    return str(told.get("Message-ID", "")).strip()


def record(bounce: Bounce, *, now: datetime) -> Delivery | None:
    """Write it into the log; an address whose digests came back IN_A_ROW times gets no more. None: not one of ours."""
    mails = Delivery.objects.filter(channel=Delivery.Channel.MAIL)  # a chat's message of the week has the same identity
    row = mails.filter(message_id=bounce.message_id).select_related("subscription").order_by("-pk").first()
    if row is None or not bounce.permanent:
        return row
    row.bounced, row.reason = now, REASON.format(status=bounce.status, said=bounce.said).strip()[:300]
    row.save(update_fields=["bounced", "reason"])
    digests = mails.filter(subscription=row.subscription, kind=Delivery.Kind.DIGEST, state=Delivery.State.SENT)
    latest = list(digests.order_by("-handed")[:IN_A_ROW])
    if len(latest) == IN_A_ROW and all(one.bounced for one in latest):
        standing.stop(row.subscription, now=now, why=f"Its mail server sent {IN_A_ROW} in a row back.")
    return row
