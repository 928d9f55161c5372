"""The digest and alerts, shortened, for a channel: incoming webhooks of Slack and Microsoft Teams."""

from __future__ import annotations

import re
import ssl
from collections.abc import Callable, Iterable
from typing import Any, Final

import httpcore
import httpx
from django.conf import settings

from dashboards import words
from dashboards.digest.addresses import Addresses
from dashboards.digest.message import addresses_of
from dashboards.digest.plain import said
from dashboards.digest.post import Answer, Outcome, plain
from dashboards.digest.records import Digest
from dashboards.models import Delivery, Subscription
from delivery import secrets
from delivery.connectors.contract import ConnectorError
from delivery.connectors.wire import CheckedBackend, Wire

BEFORE: Final = (httpx.ConnectError, httpx.ConnectTimeout, httpcore.ConnectError, httpcore.ConnectTimeout)
AFTER: Final = (httpx.HTTPError, httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError)
NOT_AGAIN: Final = "It may have arrived, and is not sent again by itself."
TOO_MANY, NOT_NOW = 429, 503  # with these a server says that it has not taken it
MOST: Final = 5  # risks, and lines of what changed
WAIT: Final = httpx.Timeout(20.0, connect=10.0)
LINK: Final = re.compile(r"<([^|>]+)\|([^>]*)>")
LONGEST: Final = 2900  # letters of one block of Slack


def post(row: Delivery, digest: Digest | None, begin: Callable[[], None]) -> Answer:
    """Send it to the subscription's webhook. ``begin`` is called before anything leaves this machine.

    A webhook cannot be asked in two steps: what was not answered may be there, and is not sent again by itself.
    """
    told = row.subscription
    try:
        url = secrets.unseal(told.webhook)
    except secrets.SecretError as error:
        return Answer(Outcome.NEVER, str(error))
    lines = lines_of(digest, addresses_of(told, row.issue)) if digest else _alert(row)
    begin()
    return send(url, body_of(told.chat, lines))


def send(url: str, body: dict[str, Any]) -> Answer:
    """What became of one request. What lies under Wire (delivery/connectors) raises errors of httpcore, not of httpx."""
    wire = Wire(CheckedBackend(allow_private=settings.ALLOW_PRIVATE_SOURCES), ssl.create_default_context(), 30.0)
    try:
        with httpx.Client(transport=wire, timeout=WAIT, follow_redirects=False) as client:
            return _answer(client.post(url, json=body))
    except ConnectorError as error:
        return Answer(Outcome.NEVER, plain(error))
    except BEFORE as error:
        return Answer(Outcome.LATER, f"The chat’s webhook cannot be reached: {plain(error)}")
    except AFTER as error:
        return Answer(Outcome.LOST, f"The chat’s answer was lost ({plain(error).rstrip('.')}). {NOT_AGAIN}")


def _answer(answer: httpx.Response) -> Answer:
    """A server that fails, or one before it that got no answer, may have posted it all the same: nobody gets it twice."""
    code = answer.status_code
    if 200 <= code < 300:
        return Answer(Outcome.SENT, code=code)
    reason = f"The chat answers: {code} {plain(answer.text[:120])}".strip()
    if code in (TOO_MANY, NOT_NOW):
        return Answer(Outcome.LATER, reason, code)
    if code >= 500:
        return Answer(Outcome.LOST, f"{reason}. {NOT_AGAIN}", code)
    return Answer(Outcome.NEVER, reason, code)


Lines = list[tuple[str, str]]
"""Title and text of each block, a text with links in angle brackets: <address|words>."""


def lines_of(digest: Digest, addresses: Addresses) -> Lines:
    """Headline, what threatens, what changed, and where the rest is."""
    found: Lines = [(digest.subject, _quoted(f"{said(digest.headline)} {digest.calm}".strip()))]
    if digest.stale:
        found.append(("", _quoted(f"{'. '.join(digest.stale)}. {digest.stale_effect}")))
    if digest.first:
        found.append(("The one thing that would help most", _quoted(said(digest.first.says))))
    if digest.risks:
        told = [
            f"{_link(one.title, addresses.to(one.url))}: {one.chance}, {one.odds}. {_quoted(one.driver)}."
            for one in digest.risks
        ]
        found.append((digest.risks_title, _list(told, digest.risks_more)))
    changed = [f"{_link(one.title, addresses.to(one.url))} {_quoted(one.says)}" for one in digest.changed.lines]
    if changed:
        found.append((digest.changed.title, _list(changed, digest.changed.more)))
    asked = len(digest.asked.lines) + digest.asked.more
    waits = f"{words.plural(asked, 'thing')} {'waits' if asked == 1 else 'wait'} for you. " if asked else ""
    return [*found, ("", f"{waits}{_link('Read the whole digest', addresses.to('/digest/'))}")]


def _list(told: list[str], more: int) -> str:
    lines = [f"• {one}" for one in told[:MOST]]
    rest = len(told) - len(lines) + more
    return "\n".join([*lines, *([f"and {words.plural(rest, 'other')}"] if rest else [])])


def _alert(row: Delivery) -> Lines:
    told = row.words or {}
    lines = [f"• {_link(one['title'], one['url'])}: {_quoted(one['says'])}" for one in told["lines"]]
    return [(told["subject"], "\n".join(lines))]


def _link(text: str, url: str) -> str:
    return f"<{url}|{_quoted(text)}>" if url else _quoted(text)


def _quoted(text: str) -> str:
    """What somebody typed, so that it can neither link nor call anybody."""
    return text.replace("&", "&amp;").replace("<", "‹").replace(">", "›").replace("|", "¦").replace("@", "@\u200b")


def body_of(kind: str, lines: Iterable[tuple[str, str]]) -> dict[str, Any]:
    return _slack(lines) if kind == Subscription.Chat.SLACK else _teams(lines)


def _slack(lines: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """Block Kit; ``text`` is what notifications show."""
    told = list(lines)
    blocks = []
    for title, text in told:
        whole = f"*{_quoted(title)}*\n{text}" if title else text
        blocks.append({"type": "section", "text": {"type": "mrkdwn", "text": words.short(whole, LONGEST)}})
    return {"text": _quoted(told[0][0]), "blocks": blocks, "unfurl_links": False}


def _teams(lines: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """An Adaptive Card, as the webhooks of Teams' workflows take it."""
    body: list[dict[str, Any]] = []
    for title, text in lines:
        if title:
            body.append({"type": "TextBlock", "text": title, "weight": "Bolder", "wrap": True, "spacing": "Medium"})
        body.append({"type": "TextBlock", "text": _markdown(text), "wrap": True, "spacing": "Small"})
    card = {
        "type": "AdaptiveCard",
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "version": "1.4",
        "body": body,
    }
    content = {"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": None, "content": card}
    return {"type": "message", "attachments": [content]}


def _markdown(text: str) -> str:
    """Links as Adaptive Cards write them."""
    return LINK.sub(r"[\2](\1)", text).replace("\n", "\n\n")
