"""How fresh a source is, in the states a person must be able to tell apart."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import psycopg2
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from delivery import locks, sources
from delivery.connectors.contract import ConnectorError
from delivery.freshness import RUNS
from delivery.models import Source, SourceSlice, SyncRun
from delivery.sources import SourceState, State
from delivery.standings import standings
from people.models import Account
from tests import builders
from tests.delivery import served
from tests.delivery.facts import day

pytestmark = pytest.mark.django_db
NOW = day(30)


def part(of: Source, scope: str = "ABC", **fields: Any) -> SourceSlice:
    values: dict[str, Any] = {"last_success": NOW - timedelta(minutes=4), "bookmark": NOW}
    return SourceSlice.objects.create(source=of, kind="issues", scope=scope, **(values | fields))


def ran(of: SourceSlice, **fields: Any) -> SyncRun:
    return SyncRun.objects.create(source=of.source, slice=of, **({"started": NOW - timedelta(minutes=5)} | fields))


def only() -> SourceState:
    (state,) = sources.freshness(NOW)
    return state


def test_a_source_that_was_read_lately_is_fresh_and_tells_what_it_holds() -> None:
    source = builders.source(name="Jira")
    run = ran(part(source), state=SyncRun.State.DONE)
    builders.item(source)
    builders.item(source, deleted=NOW)
    builders.repository(source)
    state = only()
    assert (state.name, state.kind, state.state, state.error) == ("Jira", "jira", State.FRESH, "")
    assert (state.items, state.repositories, state.last_success) == (1, 1, NOW - timedelta(minutes=4))
    assert state.runs == (run,)


def test_a_source_is_as_old_as_its_oldest_part() -> None:
    source = builders.source()
    part(source)
    part(source, "XYZ", last_success=NOW - timedelta(minutes=16))
    state = only()
    assert (state.state, state.last_success) == (State.LATE, NOW - timedelta(minutes=16))


def test_a_part_that_was_never_read_makes_the_age_unknown() -> None:
    source = builders.source()
    part(source)
    part(source, "XYZ", last_success=None)
    assert (only().state, only().last_success) == (State.NEVER, None)


def test_a_source_without_slices_was_never_read() -> None:
    builders.source()
    assert only().state == State.NEVER


def test_a_part_that_failed_stops_the_source_with_its_sentence() -> None:
    source = builders.source()
    part(source)
    part(source, "XYZ", error="There is no project XYZ.", error_kind="missing")
    assert (only().state, only().error) == (State.STOPPED, "There is no project XYZ.")


def test_a_paused_source_says_so() -> None:
    part(builders.source(paused=True), last_success=NOW - timedelta(days=3))
    assert only().state == State.PAUSED


def test_while_it_is_read_it_tells_how_far_how_fast_and_how_long() -> None:
    reading = part(builders.source(), last_success=None, read=600, expected=2400)
    ran(reading, started=NOW - timedelta(seconds=60), read=600)
    with HeldElsewhere(reading):
        state = only()
    assert (state.state, state.read, state.expected) == (State.READING, 600, 2400)
    assert (state.rate, state.left) == (10.0, timedelta(seconds=180))


@pytest.mark.parametrize(
    ("fields", "state"),
    [
        ({"error": "There is no project XYZ.", "error_kind": "missing"}, State.STOPPED),
        ({"last_success": NOW - timedelta(hours=2)}, State.LATE),
        ({"last_success": None}, State.READING),
        ({}, State.READING),
    ],
)
def test_being_read_hides_neither_an_error_nor_an_age(fields: dict[str, Any], state: State) -> None:
    source = builders.source()
    reading = part(source, "XYZ", **fields)
    part(source, "ABC")
    with HeldElsewhere(reading):
        assert (only().state, [one.busy for one in only().slices]) == (state, [False, True])
        assert [one.state for one in standings(Source.objects.all(), NOW)] == [state]


def test_a_run_of_a_dead_process_is_not_being_read() -> None:
    reading = part(builders.source(), last_success=None, read=600, expected=2400)
    ran(reading, read=600)
    assert (only().state, only().rate) == (State.NEVER, None)


def test_any_number_of_sources_takes_six_queries() -> None:
    for _ in range(4):
        source = builders.source()
        for scope in ("A", "B", "C"):
            ran(part(source, scope))
    with CaptureQueriesContext(connection) as queries:
        found = sources.freshness(NOW)
        assert [str(run.slice) for state in found for run in state.runs]
    assert len(found) == 4
    assert len(queries) == 6


def test_only_the_newest_runs_are_told() -> None:
    reading = part(builders.source())
    for minute in range(RUNS + 5):
        ran(reading, started=NOW - timedelta(minutes=minute), state=SyncRun.State.DONE)
    told = only().runs
    assert len(told) == RUNS
    assert told[0].started == NOW


def test_a_source_that_moved_takes_its_accounts_along() -> None:
    with served.office() as office:
        source = office.jira()
        account = Account.objects.create(kind="jira", origin=source.url, native_id="1", person=builders.person())
        office.jira(url=office.running.jira_cloud_url.replace("127.0.0.1", "localhost"))
        account.refresh_from_db()
        source.refresh_from_db()
        assert account.origin == source.url != office.running.jira_cloud_url


@pytest.mark.parametrize("kind", ["jira", "github"])
def test_another_server_under_a_known_name_is_refused(kind: str) -> None:
    with served.office() as office:
        source = office.jira() if kind == "jira" else office.github()
        Source.objects.update(identity="jira.example.com")  # the name was given to another server
        with pytest.raises(ConnectorError) as refused:
            office.jira() if kind == "jira" else office.github()
        assert refused.value.kind == "address"
        assert "is another server" in str(refused.value)
        assert "name of its own" in str(refused.value)
        assert Source.objects.get().identity == "jira.example.com"
        Source.objects.update(identity="")  # connected before Headway asked
        again = office.jira() if kind == "jira" else office.github()
        assert (again.pk, again.identity) == (source.pk, source.identity)


def test_two_sites_of_one_machine_are_two_servers() -> None:
    with served.office() as office:
        office.jira()
        with pytest.raises(ConnectorError, match="is another server"):
            office.jira(url=office.running.jira_datacenter_url, email="")


def test_the_same_organisation_at_another_port_of_this_machine_is_the_same() -> None:
    with served.office() as office:
        source, slices = office.jira(), set(SourceSlice.objects.values_list("pk", flat=True))
    with served.office() as office:
        again = office.jira()
        assert (again.pk, set(SourceSlice.objects.values_list("pk", flat=True))) == (source.pk, slices)
        assert again.url != source.url


class HeldElsewhere:
    """Another process holds the lock of a slice."""

    def __init__(self, reading: SourceSlice) -> None:
        self.number = reading.pk

    def __enter__(self) -> None:
        params = connection.get_connection_params()
        names = ("dbname", "user", "password", "host", "port")
        self.other = psycopg2.connect(**{name: params[name] for name in names if params.get(name)})
        self.other.cursor().execute("SELECT pg_advisory_lock(%s, %s)", [locks.SLICE, self.number])

    def __exit__(self, *error: object) -> None:
        with self.other.cursor() as cursor:  # closing alone lets go of it a moment later
            cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [locks.SLICE, self.number])
        self.other.close()
