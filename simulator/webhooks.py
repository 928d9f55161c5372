"""Webhooks as Jira and GitHub send them: of a change that happened, signed, twice, out of order, or forged."""

from __future__ import annotations

import hashlib
import hmac
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.request import Request, urlopen

import orjson


@dataclass(frozen=True, slots=True)
class Delivery:
    """One webhook: which header says what, and its body."""

    body: bytes
    headers: tuple[tuple[str, str], ...]
    signature: str  # the name of the header that carries it

    def signed(self, secret: str) -> Delivery:
        """With the signature that ``secret`` gives; a wrong secret makes a forged one."""
        digest = hmac.new(secret.encode(), self.body, hashlib.sha256).hexdigest()
        rest = tuple(pair for pair in self.headers if pair[0] != self.signature)
        return replace(self, headers=(*rest, (self.signature, f"sha256={digest}")))


def jira(event: str, payload: dict[str, Any], identifier: str) -> Delivery:
    """A webhook of Jira's, unsigned yet. ``identifier`` stays the same when it is sent again."""
    body = orjson.dumps({"timestamp": 1_793_000_000_000, "webhookEvent": event, **payload})
    headers = (("Content-Type", "application/json"), ("X-Atlassian-Webhook-Identifier", identifier))
    return Delivery(body, headers, "X-Hub-Signature")


def jira_issue(event: str, id: str, key: str, identifier: str, **fields: Any) -> Delivery:
    """``jira:issue_updated`` and its like; ``fields`` are what the issue held when it was sent."""
    project = {"id": "10000", "key": key.rpartition("-")[0]}
    issue = {"id": id, "key": key, "fields": {"project": project, **fields}}
    return jira(event, {"issue_event_type_name": "issue_generic", "issue": issue}, identifier)


def github(event: str, payload: dict[str, Any], guid: str) -> Delivery:
    """A webhook of GitHub's, unsigned yet. ``guid`` stays the same when it is delivered again."""
    headers = (
        ("Content-Type", "application/json"),
        ("User-Agent", "GitHub-Hookshot/1a2b3c4"),
        ("X-GitHub-Event", event),
        ("X-GitHub-Delivery", guid),
    )
    return Delivery(orjson.dumps(payload), headers, "X-Hub-Signature-256")


def github_pull(action: str, repository: str, number: int, guid: str, **fields: Any) -> Delivery:
    """``pull_request``; ``fields`` are what the pull request held when it was sent."""
    pull = {"number": number, **fields}
    repository_now = {"id": 1, "full_name": repository}
    return github("pull_request", {"action": action, "pull_request": pull, "repository": repository_now}, guid)


def unruly(deliveries: Sequence[Delivery], rng: random.Random, *, twice: float = 0.3) -> Iterator[Delivery]:
    """The same deliveries in another order, some of them twice."""
    sent = [*deliveries, *(one for one in deliveries if rng.random() < twice)]
    rng.shuffle(sent)
    yield from sent


def send(delivery: Delivery, url: str) -> int:
    """Post it; the status that came back."""
    request = Request(url, delivery.body, dict(delivery.headers), method="POST")  # noqa: S310 - our own address
    try:
        with urlopen(request, timeout=10) as answer:  # noqa: S310
            return int(answer.status)
    except OSError as error:
        status = getattr(error, "code", None)
        if status is None:
            raise
        return int(status)
