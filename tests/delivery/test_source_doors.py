"""Whose a source is: taking over, parting, renewing and connecting at the same time, each over real sockets."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from delivery import removal, secrets, sources, throttle
from delivery.connectors.contract import ConnectorError
from delivery.models import Source
from delivery.sources import Choices, SignIn
from simulator.faults import Answer, Turn
from simulator.server import serve
from simulator.tokens import DEMO_EMAIL, DEMO_JIRA_TOKEN
from simulator.web import Reply
from tests.connectors.pretend import answering, value
from tests.delivery import served
from tests.delivery.own_redis import OwnRedis
from tests.delivery.served import NOW, Gate, Office


@pytest.fixture(scope="module")
def office() -> Iterator[Office]:
    with served.office() as running:
        yield running


@dataclass
class Held:
    """Every request is held from the first one on, until it is opened."""

    asked: threading.Event = field(default_factory=threading.Event)
    opened: threading.Event = field(default_factory=threading.Event)

    def __call__(self, turn: Turn, answer: Answer) -> Reply:
        self.asked.set()
        self.opened.wait(60)
        return answer()


@contextmanager
def holding() -> Iterator[tuple[Office, Held]]:
    held = Held()
    held.opened.set()
    with serve(served.world(), clock=lambda: NOW, faults=[held]) as running:
        try:
            yield Office(running, served.world(), Gate(), [NOW]), held
        finally:
            held.opened.set()


def meanwhile(held: Held, asking: Callable[[], Any], change: Callable[[], Any]) -> Any:
    """What became of ``asking`` when ``change`` came while its server was asked: an error, or nothing."""
    told: list[Any] = []

    def ask() -> None:
        try:
            asking()
            told.append(None)
        except Exception as error:
            told.append(error)
        finally:
            connection.close()

    held.asked.clear()
    held.opened.clear()
    thread = threading.Thread(target=ask)
    thread.start()
    assert held.asked.wait(30)
    change()
    held.opened.set()
    thread.join(60)
    return told[0]


def renewal(**fields: Any) -> SignIn:
    words: dict[str, Any] = {"url": "", "token": DEMO_JIRA_TOKEN, "email": DEMO_EMAIL, **fields}
    return SignIn("jira", **words)


@pytest.mark.django_db
def test_what_is_to_be_new_takes_over_no_source_that_is_read(office: Office) -> None:
    source = office.jira(scopes=office.projects[:1], choices=Choices(share=20))
    with pytest.raises(ConnectorError, match="There is a source called Jira already") as refused:
        office.jira(new=True, choices=Choices(share=90))
    assert refused.value.kind == "address"
    source.refresh_from_db()
    assert (source.scopes, source.share) == (office.projects[:1], 20)
    sources.disconnect(source, keep=True, now=NOW)
    assert office.jira(new=True).pk == source.pk


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("disconnected", [True, False], ids=["a former one", "a new one"])
def test_two_who_connect_one_name_at_once_get_one_source_and_one_sentence(disconnected: bool) -> None:
    with holding() as (office, held):
        if disconnected:
            sources.disconnect(office.jira(scopes=office.projects[1:]), keep=True, now=NOW)

        def first() -> None:
            """Somebody who was quicker, as far as the row goes."""
            if disconnected:
                Source.objects.update(disconnected=None, share=11)
            else:
                Source.objects.create(name="Jira", kind="jira", url="https://jira.example.test", share=11)

        error = meanwhile(held, lambda: office.jira(new=True), first)
    assert isinstance(error, ConnectorError), repr(error)
    assert "There is a source called Jira already" in str(error)
    assert Source.objects.get().share == 11


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("keep", [True, False])
@pytest.mark.parametrize("doing", ["renew", "connect", "edit"])
def test_who_parts_from_a_source_while_its_server_is_asked_has_parted(doing: str, keep: bool) -> None:
    with holding() as (office, held):
        source, fewer = office.jira(), Choices(tuple(office.projects[:1]))
        ways: dict[str, Callable[[], Any]] = {
            "renew": lambda: sources.renew_token(Source.objects.get(), renewal()),
            "connect": lambda: office.jira(),
            "edit": lambda: sources.edit_source(Source.objects.get(), name="Jira", choices=fewer),
        }
        part = Source.objects.get()
        error = meanwhile(held, ways[doing], lambda: sources.disconnect(part, keep=keep, now=NOW))
    assert isinstance(error, ConnectorError), repr(error)
    source.refresh_from_db()
    assert (source.token, source.disconnected, source.removing) == ("", NOW, not keep)
    assert source.scopes == office.projects


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("doing", ["renew", "edit"])
def test_a_source_that_is_deleted_while_its_server_is_asked_is_a_sentence(doing: str) -> None:
    with holding() as (office, held):
        source = office.jira()

        def delete() -> None:
            sources.disconnect(Source.objects.get(), keep=False, now=NOW)
            assert removal.remove(Source.objects.get())

        choices = Choices(tuple(office.projects))
        ask = {
            "renew": lambda: sources.renew_token(source, renewal()),
            "edit": lambda: sources.edit_source(source, name="Jira", choices=choices),
        }
        error = meanwhile(held, ask[doing], delete)
    assert isinstance(error, ConnectorError), repr(error)
    assert "meanwhile" in str(error)
    assert not Source.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_who_take_one_name_by_editing_get_a_sentence() -> None:
    with holding() as (office, held):
        source, choices = office.jira(), Choices(tuple(office.projects))

        def first() -> None:
            Source.objects.create(name="Ours", kind="jira", url="https://jira.example.test")

        error = meanwhile(held, lambda: sources.edit_source(source, name="Ours", choices=choices), first)
    assert isinstance(error, ConnectorError), repr(error)
    assert "There is a source called Ours already" in str(error)


@pytest.mark.django_db
def test_a_new_token_is_taken_also_where_a_project_has_vanished(office: Office) -> None:
    """With the old one run out there would be no way left: an edit wants a good token first."""
    source = office.jira()
    there = [*office.projects, "GONE"]
    Source.objects.update(scopes=there, token=secrets.seal("old"), token_expires=NOW - timedelta(days=1))
    source.refresh_from_db()
    renewed = sources.renew_token(source, renewal())
    assert (secrets.unseal(renewed.token), renewed.token_expires, renewed.scopes) == (DEMO_JIRA_TOKEN, None, there)
    choices = Choices(tuple(office.projects))
    assert sources.edit_source(renewed, name="Jira", choices=choices).scopes == office.projects


@pytest.mark.django_db
def test_whatever_a_person_asks_of_a_source_keeps_its_manners(office: Office, redis_server: OwnRedis) -> None:
    """J30, G12: "not before" and the share hold for the wizard, for connecting and for renewing, too."""
    source = office.jira()
    throttle.gate_for(source).hold("", 3600)
    office.running.forget()
    how = renewal(url=source.url, deployment="cloud")
    private = SignIn("jira", source.url, DEMO_JIRA_TOKEN, DEMO_EMAIL, allow_private=True)
    asks: list[Callable[[], Any]] = [
        lambda: sources.renew_token(source, how),
        lambda: sources.check_sign_in(private),
        lambda: sources.discover(private),
        lambda: office.jira(),
        lambda: office.jira(name="Another"),
    ]
    for ask in asks:
        with pytest.raises(ConnectorError) as refused:
            ask()
        assert refused.value.kind == "limited"
    assert office.running.requests == []


@pytest.mark.django_db
def test_a_private_address_that_was_allowed_lends_nothing_to_another(office: Office) -> None:
    """SSRF: who may renew a token may not look around inside."""
    source = office.jira()
    with answering(lambda asked: value({})) as inside:
        for url in (inside.url, office.running.jira_cloud_url.replace("127.0.0.1", "localhost")):
            with pytest.raises(ConnectorError, match="its address is private"):
                sources.renew_token(source, renewal(url=url))
        assert inside.asked == []
    assert sources.renew_token(source, renewal(url=source.url)).allow_private


@pytest.mark.django_db
def test_parting_takes_the_kept_answers_and_connecting_again_reads_again(
    office: Office, redis_server: OwnRedis
) -> None:
    source, other = office.jira(), office.github()
    for one in (source, other):
        throttle.memory_for(one).put("key", "etag", b'{"private": true}')
    Source.objects.filter(pk=source.pk).update(token=secrets.seal("a newer one"))
    source.refresh_from_db()
    throttle.memory_for(source).put("key", "etag", b'{"private": true}')
    sources.pause(source)
    sources.disconnect(source, keep=True, now=NOW)
    assert throttle.memory_for(other).get("key") is not None
    assert len(redis_server.client.keys("*:etag:*")) == 1
    assert not office.jira().paused
    sources.pause(source)
    assert office.jira().paused  # connected anew without having been disconnected
