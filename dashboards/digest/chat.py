"""The digest and alerts, shortened, for a channel: incoming webhooks of Slack and Microsoft Teams."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Sequence
from typing import Any, Final

import httpcore
import httpx
from django.conf import settings

from dashboards import words
from dashboards.digest import blocks
from dashboards.digest.addresses import Addresses
from dashboards.digest.blocks import Block, Part
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


def post(row: Delivery, digest: Digest | None, begin: Callable[[], None]) -> Answer:
    """Send it to the subscription's webhook. ``begin`` is called before anything leaves this machine.

    A webhook cannot be asked in two steps: what was not answered may be there, and is not sent again by itself.
    """
    told = row.subscription
    try:
        url = secrets.unseal(told.webhook)
    except secrets.SecretError as error:
        return Answer(Outcome.NEVER, str(error))
    body = body_of(told.chat, blocks_of(digest, addresses_of(told, row.issue)) if digest else _alert(row))
    begin()
    return send(url, body)


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


def blocks_of(digest: Digest, addresses: Addresses) -> list[Block]:
    """Headline, what threatens, what changed, and where the rest is."""
    found = [_said(digest.subject, f"{said(digest.headline)} {digest.calm}".strip())]
    if digest.stale:
        found.append(Block("", [*([Part(f"{one}.")] for one in digest.stale), [Part(digest.stale_effect)]]))
    if digest.first:
        found.append(_said("The one thing that would help most", said(digest.first.says)))
    if digest.risks:
        told = [
            [Part(one.title, addresses.to(one.url)), Part(f": {one.chance}, {one.odds}. {words.ended(one.driver)}")]
            for one in digest.risks
        ]
        found.append(Block(digest.risks_title, _list(told, digest.risks_more)))
    changed = [[Part(one.title, addresses.to(one.url)), Part(f" {one.says}")] for one in digest.changed.lines]
    if changed:
        found.append(Block(digest.changed.title, _list(changed, digest.changed.more)))
    return [*found, _rest(digest, addresses)]


def _said(title: str, text: str) -> Block:
    return Block(title, [[Part(text)]])


def _rest(digest: Digest, addresses: Addresses) -> Block:
    asked = words.plural(digest.waiting, "thing")
    waits = f"{asked} {'waits' if digest.waiting == 1 else 'wait'} for you. " if digest.waiting else ""
    return Block("", [[Part(waits), Part("Read the whole digest", addresses.to("/digest/"))]])


def _list(told: list[list[Part]], more: int, most: int = MOST) -> list[list[Part]]:
    lines = [[Part("• "), *one] for one in told[:most]]
    rest = len(told) - len(lines) + more
    return [*lines, *([[Part(f"and {words.plural(rest, 'other')}")]] if rest else [])]


def _alert(row: Delivery) -> list[Block]:
    told = row.words or {}
    lines = [[Part(one["title"], one["url"]), Part(f": {one['says']}")] for one in told["lines"]]
    return [Block(told["subject"], _list(lines, told.get("more", 0), len(lines)))]


def body_of(kind: str, told: Sequence[Block]) -> dict[str, Any]:
    return blocks.slack(told) if kind == Subscription.Chat.SLACK else blocks.teams(told)
