"""Mail servers that say what no standard knows, or nothing: each message in its own row, and nobody held up."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import closing, suppress

import pytest
from django.db import OperationalError
from django.db.models import QuerySet
from pytest_django.fixtures import Settings

from dashboards.digest import post
from dashboards.digest.handing import BROKEN, hand_over
from dashboards.models import Delivery
from tests.dashboards.roles import Organisation
from tests.digest.rows import subscribed, waiting
from tests.mail_server import MailServer

pytestmark = pytest.mark.django_db
S = Delivery.State


def again(row: Delivery) -> Delivery:
    row.refresh_from_db()
    return row


@pytest.mark.parametrize("answer", ["garbage", "999 Hello", "354 Go on", "199 Well"])
def test_an_answer_that_is_none_is_for_now(people: Organisation, mail: MailServer, answer: str) -> None:
    rows = [waiting(subscribed(one)) for one in (people.director, people.manager, people.lead)]
    mail.rules[people.director.email] = [answer]
    assert hand_over([row.pk for row in rows]) == {S.WAITING: 1, S.SENT: 2}
    assert again(rows[0]).attempts == 1
    assert again(rows[0]).next_try is not None
    assert answer.split()[-1][-3:] in again(rows[0]).reason
    assert hand_over([again(rows[0]).pk], clock=lambda: again(rows[0]).next_try) == {S.SENT: 1}  # type: ignore[arg-type, return-value]


@pytest.mark.parametrize(
    ("answer", "state", "code"),
    [
        ("252 Cannot verify, but take it", S.SENT, 252),
        ("garbage", S.LOST, None),
        ("354 Go on", S.LOST, None),
        ("452 Full", S.WAITING, 452),
        ("554 Spam", S.FAILED, 554),
    ],
)
def test_only_a_clear_no_after_the_text_is_one(
    people: Organisation, mail: MailServer, answer: str, state: str, code: int | None
) -> None:
    row, other = waiting(subscribed(people.director)), waiting(subscribed(people.manager))
    mail.data[people.director.email] = [answer]
    hand_over([row.pk, other.pk])
    assert (again(row).state, again(row).code, again(other).state) == (state, code, S.SENT)


@pytest.fixture
def silent(settings: Settings) -> Iterator[list[socket.socket]]:
    """A server that takes every connection and says nothing; its connections."""
    talks: list[socket.socket] = []
    with closing(socket.create_server(("127.0.0.1", 0))) as server:

        def listen() -> None:
            with suppress(OSError):
                while True:
                    talks.append(server.accept()[0])

        threading.Thread(target=listen, daemon=True).start()
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = server.getsockname()
        settings.EMAIL_TIMEOUT = 0.2
        yield talks
        for talk in talks:
            talk.close()


def test_a_server_that_says_nothing_is_waited_for_once(people: Organisation, silent: list[socket.socket]) -> None:
    rows = [waiting(subscribed(one)) for one in people.everybody()]
    assert hand_over([row.pk for row in rows]) == {S.WAITING: len(rows)}
    assert len(silent) == 1
    assert all("cannot be reached" in again(row).reason for row in rows)


@pytest.mark.parametrize(
    ("at", "state", "says"),
    [("rules", S.WAITING, "ended the talk before the message"), ("data", S.LOST, "answer was lost")],
    ids=["before the text", "after the text"],
)
def test_a_server_that_falls_silent_is_waited_for_a_few_times(
    people: Organisation, mail: MailServer, settings: Settings, at: str, state: str, says: str
) -> None:
    settings.EMAIL_TIMEOUT = 0.2
    rows = [waiting(subscribed(one)) for one in people.everybody()]
    for one in people.everybody():
        getattr(mail, at)[one.email] = ["250-"]  # an answer of which the end never comes
    hand_over([row.pk for row in rows])
    assert mail.talks == post.MOST_CUT
    cut, left = rows[: post.MOST_CUT], rows[post.MOST_CUT :]
    assert left
    assert all(again(row).state == state and says in row.reason for row in cut)
    assert {again(row).state for row in left} == {S.WAITING}


def test_what_was_ended_meanwhile_stays_so(
    people: Organisation, mail: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = waiting(subscribed(people.director))

    def prepare(_post: post.Post, _message: object) -> post.Answer:
        Delivery.objects.filter(pk=row.pk).update(state=S.SKIPPED)
        return post.Answer(post.Outcome.LATER, "Busy")

    monkeypatch.setattr(post.Post, "prepare", prepare)
    assert hand_over([row.pk]) == {}
    assert (again(row).state, again(row).attempts) == (S.SKIPPED, 0)


def test_a_mark_that_could_not_be_written_has_handed_nothing_over(
    people: Organisation, mail: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    row, other = waiting(subscribed(people.director)), waiting(subscribed(people.manager))
    whole = QuerySet.update
    failed: list[QuerySet[Delivery]] = []

    def update(rows: QuerySet[Delivery], **values: object) -> int:
        if values.get("state") == S.HANDING and not failed:
            failed.append(rows)
            raise OperationalError("deadlock detected")
        return whole(rows, **values)

    monkeypatch.setattr(QuerySet, "update", update)
    assert hand_over([row.pk, other.pk]) == {S.WAITING: 1, S.SENT: 1}
    assert again(row).reason == BROKEN
    assert [to for to, _ in mail.taken] == [people.manager.email]
