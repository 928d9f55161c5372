"""Where webhooks come in: signed ones are noted once and answered at once, all others learn nothing (J34, G25)."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

import orjson
import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from delivery import hooks, secrets, sources
from delivery.models import HookDelivery, Source
from simulator import webhooks
from simulator.webhooks import Delivery
from tests import builders

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clean_cache")]
MIB = 1024 * 1024


@pytest.fixture
def jira() -> Source:
    return builders.source(scopes=["ABC"])


@pytest.fixture
def secret(jira: Source) -> str:
    return hooks.make_secret(jira)


@pytest.fixture(autouse=True)
def queue_is_cleared() -> Iterator[None]:
    yield
    cache.clear()  # also the broker: the tasks that these tests queue have nobody to run them


def issue(identifier: str = "one", **fields: Any) -> Delivery:
    return webhooks.jira_issue("jira:issue_updated", "10042", "ABC-7", identifier, **fields)


def post(source: Source, delivery: Delivery, client: Client | None = None, url: str = "") -> Any:
    headers = dict(delivery.headers)
    kind = headers.pop("Content-Type")
    client = client or Client(enforce_csrf_checks=True)
    return client.post(url or hooks.path_of(source), delivery.body, content_type=kind, headers=headers)


def test_a_signed_webhook_is_noted_and_answered_at_once(jira: Source, secret: str) -> None:
    answer = post(jira, issue(summary="ü  and \u2028 spaces").signed(secret))
    assert (answer.status_code, answer.content, answer.cookies) == (202, b"", {})
    noted = HookDelivery.objects.get()
    assert (noted.source, noted.delivery, noted.event) == (jira, "one", "jira:issue_updated")
    assert (noted.kind, noted.scope, noted.ids, noted.done) == ("issues", "ABC", ["10042"], None)


def test_the_same_delivery_again_is_welcome_and_does_nothing(jira: Source, secret: str) -> None:
    """J34: retried; G25: a redelivery keeps its number."""
    delivery = issue().signed(secret)
    assert [post(jira, delivery).status_code for _ in range(3)] == [202, 202, 202]
    first = HookDelivery.objects.get()
    assert post(jira, issue(status="later").signed(secret)).status_code == 202
    assert HookDelivery.objects.get() == first


def test_a_body_replayed_under_other_numbers_is_the_same_delivery(jira: Source, secret: str) -> None:
    """Its number is not signed: whoever has overheard one delivery could make a thousand of it."""
    replayed = [issue(str(number)).signed(secret) for number in range(5)]
    assert {one.body for one in replayed} == {replayed[0].body}
    assert [post(jira, one).status_code for one in replayed] == [202] * 5
    assert [one.delivery for one in HookDelivery.objects.all()] == ["0"]
    assert post(jira, issue("6", status="later").signed(secret)).status_code == 202
    assert HookDelivery.objects.count() == 2


def test_an_issue_of_a_repository_with_a_long_name_is_named_whole(jira: Source) -> None:
    github = builders.source("github")
    secret = hooks.make_secret(github)
    scope = f"{'o' * 39}/{'r' * 100}"
    body = orjson.dumps({"issue": {"number": 123456}, "repository": {"full_name": scope}})
    headers = (("Content-Type", "application/json"), ("X-GitHub-Event", "issues"), ("X-GitHub-Delivery", "l1"))
    assert post(github, Delivery(body, headers, "X-Hub-Signature-256").signed(secret)).status_code == 202
    assert HookDelivery.objects.get().ids == [f"{scope}#123456"]


def test_without_a_number_of_its_own_the_same_body_is_the_same_delivery(jira: Source, secret: str) -> None:
    def bare(**fields: Any) -> Delivery:
        whole = issue(**fields).signed(secret)
        headers = tuple(pair for pair in whole.headers if "Identifier" not in pair[0])
        return Delivery(whole.body, headers, whole.signature)

    for delivery in (bare(), bare(), bare(summary="other")):
        assert post(jira, delivery).status_code == 202
    assert HookDelivery.objects.count() == 2


def test_whoever_does_not_know_the_secret_learns_nothing(jira: Source, secret: str) -> None:
    """One and the same answer, whether there is such a source or not."""
    paused, other = builders.source(), builders.source("github")
    hooks.make_secret(other)
    gone = builders.source(disconnected=timezone.now())
    Source.objects.filter(pk=gone.pk).update(hook_secret=secrets.seal(secret))
    good = issue().signed(secret)
    changed = Delivery(good.body + b" ", good.headers, good.signature)
    tries = [
        (jira, issue(), ""),
        (jira, issue().signed("another"), ""),
        (jira, changed, ""),
        (paused, issue().signed(""), ""),  # it has no secret
        (gone, good, ""),
        (jira, good, f"/hooks/github/{jira.pk}/"),
        (jira, good, f"/hooks/jira/{other.pk}/"),
        (jira, good, "/hooks/jira/999999/"),
        (jira, good, f"/hooks/gitlab/{jira.pk}/"),
    ]
    answers = [post(source, delivery, url=url) for source, delivery, url in tries]
    assert {(one.status_code, one.content) for one in answers} == {(401, b"")}
    assert not HookDelivery.objects.exists()


def test_only_a_post_is_a_webhook(jira: Source, secret: str) -> None:
    assert Client().get(hooks.path_of(jira)).status_code == 405


def test_a_new_secret_ends_the_old_one_and_lies_sealed(jira: Source, secret: str) -> None:
    newer = sources.make_hook_secret(jira)
    jira.refresh_from_db()
    assert newer not in jira.hook_secret
    assert len(newer) >= 32
    assert post(jira, issue().signed(secret)).status_code == 401
    assert post(jira, issue().signed(newer)).status_code == 202


def test_githubs_signature_is_read_from_its_own_header(jira: Source) -> None:
    github = builders.source("github", scopes=["acme/store"])
    secret = hooks.make_secret(github)
    delivery = webhooks.github_pull("closed", "acme/store", 41, "72d3162e").signed(secret)
    assert post(github, delivery).status_code == 202
    noted = HookDelivery.objects.get()
    assert (noted.delivery, noted.kind, noted.scope, noted.ids) == ("72d3162e", "pulls", "acme/store", ["41"])
    old = Delivery(delivery.body, delivery.headers[:-1], "X-Hub-Signature").signed(secret)  # sha256 in the sha1 header
    assert post(github, old).status_code == 401


def test_a_form_as_github_sends_it_unless_told_otherwise_is_understood(jira: Source) -> None:
    github = builders.source("github")
    secret = hooks.make_secret(github)
    body = (
        b"payload=%7B%22issue%22%3A%7B%22number%22%3A9%7D%2C%22repository%22%3A%7B%22full_name%22%3A%22a%2Fb%22%7D%7D"
    )
    headers = (
        ("Content-Type", "application/x-www-form-urlencoded"),
        ("X-GitHub-Event", "issues"),
        ("X-GitHub-Delivery", "f1"),
    )
    assert post(github, Delivery(body, headers, "X-Hub-Signature-256").signed(secret)).status_code == 202
    assert HookDelivery.objects.get().ids == ["a/b#9"]


@pytest.mark.parametrize("body", [b"", b"not json", b"[1]", b'{"webhookEvent": 5}', b'{"webhookEvent": "a\\u0000b"}'])
def test_what_is_signed_but_makes_no_sense_is_noted_and_harmless(jira: Source, secret: str, body: bytes) -> None:
    delivery = Delivery(body, issue().headers, "X-Hub-Signature").signed(secret)
    assert post(jira, delivery).status_code == 202
    assert HookDelivery.objects.get().kind == ""


def test_a_webhook_of_three_megabytes_is_read_and_one_of_26_is_not(jira: Source, secret: str) -> None:
    """GitHub sends at most 25 MB."""
    assert post(jira, issue(description="x" * 3 * MIB).signed(secret)).status_code == 202
    assert post(jira, issue("two", description="x" * 26 * MIB).signed(secret)).status_code == 413
    assert HookDelivery.objects.count() == 1


def test_from_where_forged_ones_come_large_bodies_are_not_even_read(
    jira: Source, secret: str, caplog: pytest.LogCaptureFixture
) -> None:
    large = issue(description="x" * 2 * MIB)
    with caplog.at_level(logging.WARNING):
        assert [post(jira, issue().signed("forged")).status_code for _ in range(hooks.FORGED)] == [401] * hooks.FORGED
    assert len(caplog.messages) == 2  # and not twenty
    assert post(jira, large.signed(secret)).status_code == 413
    assert post(jira, issue().signed(secret)).status_code == 202  # who sends from there for good is still heard
    cache.clear()
    assert post(jira, large.signed(secret)).status_code == 202


def test_behind_a_proxy_forgers_are_told_apart_by_the_address_the_proxy_adds(jira: Source, secret: str) -> None:
    large = issue(description="x" * 2 * MIB).signed(secret)

    def through(address: str, delivery: Delivery) -> int:
        whole = Delivery(delivery.body, (*delivery.headers, ("X-Forwarded-For", address)), delivery.signature)
        return int(post(jira, whole).status_code)

    with override_settings(ALLAUTH_TRUSTED_PROXY_COUNT=1):
        for _ in range(hooks.FORGED):
            through("198.51.100.9, 203.0.113.7", issue().signed("forged"))
        assert through("203.0.113.7", large) == 413
        assert through("203.0.113.7, 198.51.100.9", large) == 202


def test_no_secret_and_no_payload_shows_in_the_log(jira: Source, secret: str, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        post(jira, issue(summary="very private").signed(secret))
        post(jira, issue("two", summary="very private").signed("forged-secret"))
    told = "\n".join(record.getMessage() for record in caplog.records if record.name.startswith("delivery"))
    assert told
    for word in (secret, "forged-secret", "very private", "sha256="):
        assert word not in told


def test_with_another_field_key_webhooks_are_refused_and_the_operator_is_told(
    jira: Source, secret: str, caplog: pytest.LogCaptureFixture
) -> None:
    with override_settings(FIELD_KEY="9fY3q7Jw7s8Tq2mQd4m2o1Zl8s7Wc5bX0aYt3uVr6EE="):
        assert post(jira, issue().signed(secret)).status_code == 401
    assert "FIELD_KEY was changed" in caplog.text


def test_answering_asks_the_database_the_same_few_questions_whatever_the_body_holds(
    jira: Source, secret: str, django_assert_num_queries: Any
) -> None:
    """How quick that is, benchmarks.pages measures."""
    post(jira, issue("first").signed(secret))
    with CaptureQueriesContext(connection) as few:
        assert post(jira, issue("small", description="x").signed(secret)).status_code == 202
    with django_assert_num_queries(len(few)):
        assert post(jira, issue("large", description="x" * 200_000).signed(secret)).status_code == 202
    assert len(few) <= 6
