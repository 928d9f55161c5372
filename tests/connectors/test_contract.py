"""What any connector must do, tried on each of them over a real socket (delivery/connectors/contract.py)."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime, timedelta
from fnmatch import fnmatchcase
from typing import Any

import pytest

from delivery.connectors.contract import Connector, ConnectorError, Credentials, Page, Slice
from delivery.core.records import GoneRecord, PullRequestRecord, WorkItemRecord
from simulator.server import Running
from tests.connectors import simulated
from tests.connectors.pretend import Waits
from tests.connectors.simulated import NOW
from tests.connectors.subjects import SUBJECTS, Subject

pytestmark = pytest.mark.parametrize("subject", SUBJECTS, ids=lambda one: one.name)
MAIN = (WorkItemRecord, PullRequestRecord)


@pytest.fixture(scope="module")
def server() -> Iterator[Running]:
    with simulated.running() as running:
        yield running


@contextmanager
def opened(subject: Subject, server: Running, credentials: Credentials | None = None) -> Iterator[Connector]:
    with simulated.opened(subject.kind, credentials or subject.at(server)) as connector:
        yield connector


def main_slice(subject: Subject) -> Slice:
    return Slice(subject.counted, subject.scopes()[0])


def items(pages: Iterable[Page]) -> list[Any]:
    return [record for page in pages for record in page.records if isinstance(record, MAIN)]


def id_of(record: Any) -> str:
    """By what the contract asks for it again: a pull request by its number."""
    return str(record.number) if isinstance(record, PullRequestRecord) else str(record.native_id)


def plain(record: Any) -> Any:
    """A record without the people it met, which depend on what came before it in the same read."""
    return tuple(getattr(record, field.name) for field in fields(record) if field.name != "accounts")


def test_a_check_says_who_what_and_which_server(subject: Subject, server: Running) -> None:
    with opened(subject, server) as connector:
        check = connector.check(subject.scopes())
    assert check.account
    assert check.scopes == tuple(subject.scopes())
    assert check.identity


def test_a_wrong_token_is_told_as_such_and_never_shown(subject: Subject, server: Running) -> None:
    with opened(subject, server, subject.wrong(server)) as connector, pytest.raises(ConnectorError) as caught:
        connector.check(subject.scopes())
    assert caught.value.kind == "credentials"
    assert "nobody-gave-this" not in f"{caught.value} {caught.value.detail} {connector!r}"
    assert str(caught.value).endswith(".")


def test_a_scope_that_is_not_there_is_missing_and_not_empty(subject: Subject, server: Running) -> None:
    with opened(subject, server) as connector:
        with pytest.raises(ConnectorError) as caught:
            connector.check([subject.nowhere])
        assert caught.value.kind == "missing"
        assert subject.nowhere in str(caught.value)
        with pytest.raises(ConnectorError) as caught:
            list(connector.read(Slice(subject.counted, subject.nowhere), since=None))
        assert caught.value.kind == "missing"


def test_nobody_answering_is_unreachable_after_a_few_tries(subject: Subject, server: Running) -> None:
    credentials = Credentials("http://127.0.0.1:9", "a-token", subject.at(server).email)
    waits = Waits()
    with simulated.opened(subject.kind, credentials, waits) as connector, pytest.raises(ConnectorError) as caught:
        connector.check(subject.scopes())
    assert caught.value.kind == "unreachable"
    assert len(waits.seconds) < 5


def test_discovering_finds_what_can_be_read_and_a_pattern_narrows_it(subject: Subject, server: Running) -> None:
    with opened(subject, server) as connector:
        found = [one.scope for one in connector.discover()]
        narrowed = [one.scope for one in connector.discover(subject.pattern)]
    assert set(subject.scopes()) <= set(found)
    assert len(found) == len(set(found))
    assert 0 < len(narrowed) < len(found)
    assert all(fnmatchcase(scope.lower(), subject.pattern.lower()) for scope in narrowed)


def test_slices_are_of_the_scopes_each_once(subject: Subject, server: Running) -> None:
    with opened(subject, server) as connector:
        slices = connector.slices(subject.scopes())
    assert len(slices) == len(set(slices))
    assert {part.scope for part in slices} == set(subject.scopes())
    assert main_slice(subject) in slices


def test_every_slice_can_be_read_and_all_its_instants_are_aware(subject: Subject, server: Running) -> None:
    with opened(subject, server) as connector:
        for part in connector.slices(subject.scopes()[:1]):
            for page in connector.read(part, since=None):
                assert not page.gaps
                for instant in instants(page.records):
                    assert instant.utcoffset() == timedelta(0)


def instants(value: Any) -> Iterator[datetime]:
    if isinstance(value, datetime):
        yield value
    elif isinstance(value, tuple):
        for part in value:
            yield from instants(part)
    elif is_dataclass(value):
        for field in fields(value):
            yield from instants(getattr(value, field.name))


def test_reading_twice_brings_the_same(subject: Subject, server: Running) -> None:
    with opened(subject, server) as one, opened(subject, server) as other:
        first = {id_of(record): plain(record) for record in items(one.read(main_slice(subject), since=None))}
        second = {id_of(record): plain(record) for record in items(other.read(main_slice(subject), since=None))}
    assert first
    assert first == second


def test_after_every_page_its_cursor_leads_to_the_rest(subject: Subject, server: Running) -> None:
    part = main_slice(subject)
    with opened(subject, server) as connector:
        pages = list(connector.read(part, since=None))
    everything = {id_of(record) for record in items(pages)}
    assert len(pages) > 1
    for number in range(1, len(pages)):
        with opened(subject, server) as connector:
            rest = items(connector.read(part, since=None, cursor=pages[number - 1].cursor))
        assert {id_of(record) for record in items(pages[:number])} | {id_of(one) for one in rest} == everything


def test_a_cursor_of_another_form_is_no_cursor(subject: Subject, server: Running) -> None:
    part = main_slice(subject)
    with opened(subject, server) as connector:
        everything = {id_of(record) for record in items(connector.read(part, since=None))}
    with opened(subject, server) as connector:
        assert {id_of(one) for one in items(connector.read(part, since=None, cursor='["old"]'))} == everything


def test_what_changed_since_comes_at_the_cost_of_what_changed(subject: Subject, server: Running) -> None:
    part, since = main_slice(subject), NOW - timedelta(days=7)
    with opened(subject, server) as connector:
        everything = items(connector.read(part, since=None))
        whole = connector.requests  # type: ignore[attr-defined]
    with opened(subject, server) as connector:
        recent = items(connector.read(part, since=since))
        few = connector.requests  # type: ignore[attr-defined]
    wanted = {id_of(record) for record in everything if record.updated >= since}
    assert wanted
    assert wanted <= {id_of(record) for record in recent}
    assert len(recent) < len(everything) / 2
    assert few <= whole


def test_a_read_that_is_left_early_leaves_no_thread(subject: Subject, server: Running) -> None:
    before = set(threading.enumerate())
    with opened(subject, server) as connector:
        pages = connector.read(main_slice(subject), since=None)
        next(pages)
        pages.close()  # type: ignore[attr-defined]
    mine = [thread for thread in set(threading.enumerate()) - before if thread.name.startswith("fetch")]
    assert not mine


def test_a_census_counts_what_a_whole_read_brings(subject: Subject, server: Running) -> None:
    with opened(subject, server) as connector:
        for part in connector.slices(subject.scopes()[:1]):
            if not connector.counted(part.kind):
                continue
            counted = [id for page in connector.census(part) for id in page]
            read = {record.native_id for record in items(connector.read(part, since=None))}
            assert set(counted) == read


def test_items_come_again_by_id_and_one_that_is_not_there_is_gone(subject: Subject, server: Running) -> None:
    part = main_slice(subject)
    with opened(subject, server) as connector:
        some = items(connector.read(part, since=None))[:3]
        again = [
            record
            for page in connector.reread(part, [*(id_of(record) for record in some), subject.unknown])
            for record in page.records
        ]
    assert [plain(record) for record in again if isinstance(record, MAIN)] == [plain(record) for record in some]
    assert [(gone.kind, gone.native_id) for gone in again if isinstance(gone, GoneRecord)] == [
        (part.kind, subject.unknown)
    ]


def test_the_source_s_own_clock_is_known_once_it_answered(subject: Subject, server: Running) -> None:
    with opened(subject, server) as connector:
        assert connector.now() is None
        connector.check(subject.scopes())
        told = connector.now()
    assert told is not None
    assert abs(told - NOW) < timedelta(seconds=2)
    assert told.tzinfo is UTC


def test_closing_twice_does_no_harm(subject: Subject, server: Running) -> None:
    with opened(subject, server) as connector:
        connector.check(subject.scopes()[:1])
        connector.close()
