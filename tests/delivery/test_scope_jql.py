"""Rules by JQL: asked of a Jira over a real socket, kept with dates, and never in a sync's way."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from delivery import connecting, locks, scope_jql, scopes, sync
from delivery.connectors.contract import ConnectorError
from delivery.models import Scope, Source, SourceSlice, SyncRun, WorkItem
from tests import builders
from tests.delivery import asked_for
from tests.delivery.asked_for import SITES, Tracker, matched, ruled, scoped
from tests.delivery.facts import day
from tests.delivery.scripted import Scripted

pytestmark = pytest.mark.django_db
NOW = day(60)
both = pytest.mark.parametrize("site", SITES)


@pytest.fixture
def jira() -> Iterator[Tracker]:
    with asked_for.tracker() as running:
        yield running


@pytest.fixture
def scripted(monkeypatch: pytest.MonkeyPatch) -> Scripted:
    """What every source is connected to."""
    connector = Scripted([])
    monkeypatch.setattr(connecting, "connect_to", lambda source, policy=None: connector)
    return connector


def refresh(*rules: Scope) -> None:
    for one in rules:
        one.refresh_from_db()


@both
def test_what_the_first_answer_names_was_in_since_its_creation_and_later_ones_since_they_were_seen(
    site: str, jira: Tracker
) -> None:
    source = jira.source(site)
    one, two, three, *_ = jira.issues()
    jira.read(source, [one, two, three])
    jira.label([one, two], "q4")
    (rule,) = ruled(source, "labels = q4 ORDER BY created")
    scope_jql.ask(rule, now=jira.now)
    assert matched(rule) == {one.key: one.created, two.key: two.created}
    assert (rule.asked, rule.error) == (jira.now, "")
    first = jira.now
    scopes.resolve(source=source, now=first)
    jira.wait(days=2)
    jira.label([one])
    jira.label([three], "q4")
    scope_jql.ask(rule, now=jira.now)
    assert matched(rule) == {two.key: two.created, three.key: jira.now}
    scopes.resolve(source=source, now=jira.now)
    assert scoped(rule.deliverable) == {
        one.key: (one.created, jira.now),
        two.key: (two.created, None),
        three.key: (jira.now, None),
    }


def test_epics_sub_tasks_what_is_deleted_and_other_sources_are_not_taken(scripted: Scripted) -> None:
    source = builders.source()
    item = builders.item(source, native_id="1")
    builders.item(source, native_id="2", level=1)
    builders.item(source, native_id="3", level=-1)
    builders.item(source, native_id="4", deleted=day(1))
    builders.item(builders.source(), native_id="1")
    scripted.named = {"x": ["1", "2", "3", "4", "5"]}
    (rule,) = ruled(source, "x")
    scope_jql.ask(rule, now=NOW)
    assert matched(rule) == {item.key: item.created}
    WorkItem.objects.filter(pk=item.pk).update(level=-1)  # an item became a sub-task since
    scopes.resolve(source=source, now=NOW)
    assert scoped(rule.deliverable) == {}


@both
def test_a_bad_jql_keeps_what_matched_and_says_what_jira_said(site: str, jira: Tracker) -> None:
    source = jira.source(site)
    one, *_ = jira.issues()
    jira.read(source, [one])
    jira.label([one], "q4")
    good, bad = ruled(source, "labels = q4", "colour = red")
    scope_jql.ask_due(source, now=jira.now)
    refresh(good, bad)
    assert (good.error, good.asked) == ("", jira.now)
    assert "Field 'colour' does not exist" in bad.error
    assert bad.asked is None
    Scope.objects.filter(pk=good.pk).update(value="labels = (")
    refresh(good)
    jira.wait(hours=1)
    scope_jql.ask(good, now=jira.now)
    assert good.error.startswith("Jira does not understand this JQL")
    assert (good.asked, list(matched(good))) == (jira.now, [one.key])
    Scope.objects.filter(pk=good.pk).update(value="labels = q4")
    refresh(good)
    scope_jql.ask(good, now=jira.now)
    refresh(good)
    assert (good.error, matched(good)) == ("", {one.key: one.created})


def test_a_first_answer_after_a_failure_is_still_the_first(scripted: Scripted) -> None:
    source = builders.source()
    item = builders.item(source, native_id="1")
    scripted.named = {"x": ConnectorError("No.", kind="question")}
    (rule,) = ruled(source, "x")
    scope_jql.ask(rule, now=NOW)
    scripted.named = {"x": ["1"]}
    scope_jql.ask(rule, now=day(70))
    assert matched(rule) == {item.key: item.created}


def test_a_backfill_does_not_look_like_scope_that_grew(scripted: Scripted) -> None:
    source = builders.source()
    part = SourceSlice.objects.create(source=source, kind="issues", scope="ABC")
    scripted.named = {"x": ["1"]}
    (rule,) = ruled(source, "x")
    scope_jql.ask(rule, now=NOW)
    assert (rule.asked, matched(rule)) == (None, {})
    item = builders.item(source, native_id="1")
    part.last_success = day(61)
    part.save()
    scope_jql.ask(rule, now=day(61))
    assert (rule.asked, matched(rule)) == (day(61), {item.key: item.created})


def test_a_sync_brings_the_scope_up_to_date_and_a_bad_rule_does_not_fail_it() -> None:
    with asked_for.tracker() as jira:
        source = jira.source(scopes=[jira.project])
        one, two, *_ = jira.issues()
        jira.label([one], "q4")
        good, bad = ruled(source, "labels = q4", "colour = red")
        runs = sync.sync_source(source, now=jira.now)
        assert {run.state for run in runs} == {SyncRun.State.DONE}
        assert scoped(good.deliverable) == {one.key: (one.created, None)}
        jira.wait(hours=1)
        jira.label([two], "q4")
        new = jira.world.add(jira.project, labels=("q4",), type="Story")
        runs = sync.sync_source(source, now=jira.now)
        assert {run.state for run in runs} == {SyncRun.State.DONE}
        assert scoped(good.deliverable) == {
            one.key: (one.created, None),
            two.key: (jira.now, None),
            new.key: (jira.now, None),
        }
        refresh(bad)
        assert "colour" in bad.error


def test_parts_that_settle_one_after_the_other_ask_once_and_the_next_sync_again(scripted: Scripted) -> None:
    source = builders.source()
    builders.item(source)
    ruled(source, "x", "y")
    sync.settle(source, now=NOW)
    sync.settle(source, now=NOW + timedelta(seconds=30))
    assert scripted.queries == ["x", "y"]
    sync.settle(source, now=NOW + timedelta(minutes=5))
    assert scripted.queries == ["x", "y"] * 2


def test_nobody_asks_for_what_has_ended_or_where_the_source_is_paused_or_asked_already(scripted: Scripted) -> None:
    source, paused = builders.source(), builders.source(paused=True)
    (ended,) = ruled(source, "ended")
    ended.deliverable.delivered = NOW.date()
    ended.deliverable.save()
    ruled(paused, "paused")
    for one in (source, paused):
        scope_jql.ask_due(one, now=NOW)
        assert one not in scope_jql.due(NOW)
    assert scripted.queries == []
    ruled(source, "open")
    scope_jql.ask_due(source, now=NOW)
    assert scripted.queries == ["open"]


def test_while_another_process_asks_nobody_asks_the_same(scripted: Scripted, monkeypatch: pytest.MonkeyPatch) -> None:
    source = builders.source()
    ruled(source, "x")
    taken: list[tuple[int, int]] = []
    monkeypatch.setattr(locks, "held", lambda sort, number: _Held(taken, (sort, number)))
    scope_jql.ask_due(source, now=NOW)
    assert taken == [(locks.ASKING, source.pk)]
    assert scripted.queries == []


class _Held:
    """A lock that somebody else holds."""

    def __init__(self, taken: list[tuple[int, int]], wanted: tuple[int, int]) -> None:
        taken.append(wanted)

    def __enter__(self) -> bool:
        return False

    def __exit__(self, *_: Any) -> None: ...


@pytest.mark.parametrize(
    ("kind", "asked"), [("credentials", 1), ("limited", 1), ("unreachable", 2), ("question", 3), ("answer", 3)]
)
def test_what_is_true_of_the_whole_source_is_asked_for_once_and_told_of_every_rule(
    kind: str, asked: int, scripted: Scripted
) -> None:
    source = builders.source()
    rules = ruled(source, "a", "b", "c")
    scripted.named = {one.value: ConnectorError(f"No {kind}.", kind=kind) for one in rules}
    scope_jql.ask_due(source, now=NOW)
    refresh(*rules)
    assert len(scripted.queries) == asked
    assert [one.error for one in rules] == [f"No {kind}."] * 3


def test_a_source_that_cannot_be_opened_and_a_fault_of_ours_are_told_and_fail_nothing(
    scripted: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = builders.source()
    (rule,) = ruled(source, "x")
    monkeypatch.setattr(Scripted, "matching", lambda self, query: 1 / 0)
    sync.settle(source, now=NOW)
    refresh(rule)
    assert "Headway itself failed" in rule.error
    monkeypatch.undo()
    source.token = "sealed by another key"
    source.save()
    sync.settle(source, now=NOW)
    refresh(rule)
    assert "FIELD_KEY" in rule.error


def test_the_beat_asks_what_no_sync_asked_for_unless_only_a_person_can_mend_the_sign_in(scripted: Scripted) -> None:
    source = builders.source()
    part = SourceSlice.objects.create(source=source, kind="issues", scope="ABC", last_success=day(1))
    builders.source()
    (rule,) = ruled(source, "x")
    assert list(scope_jql.due(NOW)) == [source]
    scope_jql.ask(rule, now=NOW)
    assert list(scope_jql.due(NOW + timedelta(minutes=3))) == []
    assert list(scope_jql.due(NOW + timedelta(minutes=5))) == [source]
    assert list(sync.behind() | scope_jql.due(NOW + timedelta(minutes=5))) == [source]
    part.error_kind = "credentials"
    part.save()
    assert list(scope_jql.due(NOW + timedelta(minutes=5))) == []


def test_a_rule_that_was_taken_away_or_rewritten_while_it_was_asked_for_gets_no_rows(scripted: Scripted) -> None:
    source = builders.source()
    builders.item(source, native_id="1")
    scripted.named = {"x": ["1"], "y": ["1"]}
    gone, changed = ruled(source, "x", "y")
    Scope.objects.filter(pk=gone.pk).delete()
    Scope.objects.filter(pk=changed.pk).update(value="z")
    for one in (gone, changed):
        scope_jql.ask(one, now=NOW)
    refresh(changed)
    assert (changed.asked, matched(changed)) == (None, {})


def test_resolving_takes_as_many_statements_with_many_jql_rules_as_with_one() -> None:
    source = builders.source()
    ruled(source, *(f"q{number}" for number in range(6)))
    with CaptureQueriesContext(connection) as queries:
        scopes.resolve(now=NOW)
    assert len([query for query in queries if "SAVEPOINT" not in query["sql"]]) == 2


def test_a_rule_of_a_source_is_asked_of_that_source_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[Source] = []

    def connect(source: Source, policy: Any = None) -> Scripted:
        opened.append(source)
        return Scripted([])

    monkeypatch.setattr(connecting, "connect_to", connect)
    one, other = builders.source(), builders.source()
    ruled(one, "x", "y")
    ruled(other, "z")
    scope_jql.ask_due(one, now=NOW)
    assert opened == [one]
