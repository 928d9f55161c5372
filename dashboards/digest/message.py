"""The e-mail around a digest: who it is from and to, what threads the weeks, and how it is stopped with one click."""

from __future__ import annotations

from email.charset import QP, Charset
from email.utils import formataddr, formatdate, parseaddr
from typing import Final
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.utils.crypto import salted_hmac

from dashboards.digest import links
from dashboards.digest.addresses import Addresses
from dashboards.digest.letter import as_html, as_text
from dashboards.digest.post import envelope
from dashboards.digest.records import Digest
from dashboards.models import Delivery, DigestIssue, Subscription

LIST: Final = "Headway weekly digest"
SALT, LETTERS = "dashboards.digest.message", 16  # of the part of an identity that nobody can guess
FORM: Final = Charset("utf-8")
FORM.body_encoding = QP  # seven bits and short lines: what every server on the way takes as it is


def addresses_of(row: Subscription, issue: DigestIssue | None) -> Addresses:
    """Somebody without a login is led to the digest as a page; a test, which is no issue, can only lead to pages."""
    outside = row.person_id is None
    return Addresses(
        base=settings.PUBLIC_URL,
        read=links.read_url(issue) if issue and outside else "",
        stop=links.stop_url(row),
        useful=links.useful_url(issue) if issue else "",
        settings="" if outside else links.absolute("/digest/subscription/"),
    )


def message_of(row: Delivery, digest: Digest) -> EmailMultiAlternatives:
    """The e-mail of a digest: the text part first, then the HTML."""
    told = row.subscription
    addresses = addresses_of(told, row.issue)
    test = "Test: " if row.kind == Delivery.Kind.TEST else ""
    made = _message(told, f"{test}{digest.subject}", as_text(digest, addresses), message_id(row), addresses.stop)
    if row.kind == Delivery.Kind.DIGEST:
        made.extra_headers |= {"References": thread_id(told), "In-Reply-To": thread_id(told)}
    made.attach_alternative(as_html(digest, addresses), "text/html")
    return made


def plain_message(row: Delivery, subject: str, text: str, *, stop: bool = True) -> EmailMultiAlternatives:
    """An alert or a request to confirm: a text, and no more."""
    stop_url = links.stop_url(row.subscription) if stop else ""
    return _message(row.subscription, subject, text, message_id(row), stop_url)


def _message(row: Subscription, subject: str, text: str, identity: str, stop: str) -> EmailMultiAlternatives:
    headers = {
        "Message-ID": identity,
        "Date": formatdate(),
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "All",
    }
    if stop:
        headers |= {
            "List-Unsubscribe": f"<{stop}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
            "List-ID": f"{LIST} <digest.{host()}>",
        }
    made = EmailMultiAlternatives(
        _line(subject), text, to=[formataddr((_line(row.reader_name), envelope(row.address)))], headers=headers
    )
    made.encoding = FORM
    return made


def _line(text: str) -> str:
    """In one line: a name or title that somebody typed can never begin a header of its own."""
    return " ".join(text.split())


def message_id(row: Delivery) -> str:
    """The same whenever the same message is handed over again, with a part that nobody can guess: who knows the identity
    of a message can say that it came back.
    """
    if row.message_id:
        return row.message_id
    name = f"{row.kind}.{row.pk}"
    if row.kind == Delivery.Kind.DIGEST and row.issue:
        name = f"{row.kind}.{row.subscription_id}.{row.issue.week}"
    return f"<{name}.{_unguessed(name)}@{host()}>"


def _unguessed(name: str) -> str:
    return salted_hmac(SALT, name, algorithm="sha256").hexdigest()[:LETTERS]


def thread_id(row: Subscription) -> str:
    """What all weeks of a reader refer to, so that their mailbox shows them as one thread."""
    return f"<digest.{row.pk}@{host()}>"


def host() -> str:
    """The part of Headway's own addresses after the @."""
    sender = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]
    name = sender if "." in sender else urlsplit(settings.PUBLIC_URL).hostname or "localhost"
    return name.encode("idna").decode("ascii")
