"""An import and a person’s word on the same row, at once: each waits for the other, and is told what it left."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import date, timedelta
from typing import Any, Final

import pytest
from django.db import connection, transaction

from delivery import check_ins, commitments, csv_plans, deliverables, goals
from delivery.csv_plans import Changed, Plan
from delivery.models import CheckIn, Commitment, Deliverable, Goal, KeyResult, KeyResultValue, PlanChange
from delivery.refused import Conflict, Wrong
from tests.builders import TODAY, at
from tests.delivery import csv_world

pytestmark = pytest.mark.django_db(transaction=True)
NOW: Final = at(TODAY, 10)
RESULTS: Final = '[{""title"": ""B"", ""start"": 0, ""target"": 99.5, ""current"": 55}]'
DELIVERABLE: Final = "slug,promised,slip_cause,slip_note,delivered\na-second,2199-01-01,vendor,Late,"
GOAL: Final = f'slug,dropped,key_results\na-goal,,"{RESULTS}"'


def commit(made: dict[str, Any]) -> object:
    row, latest = made["second"], made["promise"]
    told = {"cause": "scope", "note": "More"}
    return commitments.commit(row, date(2199, 2, 2), by=made["lead"], day=TODAY, seen=latest.pk, **told)


def correct(made: dict[str, Any]) -> object:
    entry = made["promise"]
    return commitments.correct(entry, entry.target + timedelta(days=1), by=made["lead"], day=TODAY, cause="", note="X")


def end(made: dict[str, Any]) -> object:
    return deliverables.end_deliverable(
        made["second"], delivered=TODAY, why="Done", by=made["lead"], at=NOW, seen=made["second"].version
    )


def drop(made: dict[str, Any]) -> object:
    row = made["goal"]
    return goals.drop_goal(row, day=TODAY, why="No more", by=made["lead"], at=NOW, seen=row.version)


def check_in(made: dict[str, Any]) -> object:
    values = {made["result"].pk: 60.0}
    told = check_ins.CheckInTold("on_track", values=values)
    return check_ins.check_in(made["goal"], told, chance=None, by=made["lead"], day=TODAY, at=NOW, seen=0)


WORDS: Final = [
    pytest.param("deliverables", DELIVERABLE, commit, id="promise"),
    pytest.param("deliverables", DELIVERABLE, correct, id="correction"),
    pytest.param("deliverables", DELIVERABLE, end, id="end"),
    pytest.param("goals", GOAL, drop, id="drop"),
    pytest.param("goals", GOAL, check_in, id="check-in"),
]


@pytest.fixture
def made() -> dict[str, Any]:
    world = csv_world.made()
    return world | {
        "promise": Commitment.objects.get(deliverable=world["second"]),
        "result": KeyResult.objects.get(title="B"),
    }


def planned(kind: str, text: str) -> Plan:
    plan = csv_plans.plan(kind, text, user=None, now=NOW)
    assert (plan.faults, plan.count("changed")) == ((), 1)
    return plan


def and_meanwhile(first: Callable[[], object], second: Callable[[], object]) -> Exception | None:
    """What came of ``second``, which came while ``first`` was done and not yet kept; it must have waited."""

    def act() -> Exception | None:
        try:
            second()
        except (Changed, Conflict, Wrong) as refused:
            return refused
        finally:
            connection.close()
        return None

    with ThreadPoolExecutor(1) as threads:
        with transaction.atomic():
            first()
            other = threads.submit(act)
            until_it_waits(other)
        return other.result(timeout=30)


def until_it_waits(other: Future[Any]) -> None:
    ends = time.monotonic() + 30
    while time.monotonic() < ends:
        assert not other.done(), "It did not wait."
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))"
            )
            if cursor.fetchone()[0]:
                return
        time.sleep(0.02)
    raise AssertionError("It neither waited nor ended.")


@pytest.mark.parametrize(("kind", "text", "word"), WORDS)
def test_a_word_waits_for_an_import_and_meets_what_it_left(
    made: dict[str, Any], kind: str, text: str, word: Callable[[dict[str, Any]], object]
) -> None:
    plan = planned(kind, text)
    refused = and_meanwhile(lambda: csv_plans.apply(plan, now=NOW), lambda: word(made))
    if word is check_in:  # a later value is no clash
        assert refused is None
        assert [one.value for one in KeyResultValue.objects.order_by("pk")] == [55, 60]
        assert PlanChange.objects.get(what="B").before == "55"
    elif word is correct:  # an earlier entry can be corrected after it was moved
        assert refused is None
        assert [one.cause for one in commitments.standing_of(made["second"], TODAY)] == ["", "vendor"]
    else:
        assert isinstance(refused, Conflict)
    if kind == "deliverables":
        assert commitments.standing_of(made["second"], TODAY)[-1].target == date(2199, 1, 1)
        assert Deliverable.objects.get(slug="a-second").delivered is None
    else:
        assert Goal.objects.get(slug="a-goal").dropped is None


@pytest.mark.parametrize(("kind", "text", "word"), WORDS)
def test_an_import_waits_for_a_word_and_is_looked_at_again(
    made: dict[str, Any], kind: str, text: str, word: Callable[[dict[str, Any]], object]
) -> None:
    plan = planned(kind, text)
    refused = and_meanwhile(lambda: word(made), lambda: csv_plans.apply(plan, now=NOW))
    assert isinstance(refused, Changed)
    assert refused.plan.digest != plan.digest
    assert not Commitment.objects.filter(cause="vendor").exists()
    assert not KeyResultValue.objects.filter(value=55).exists()


def test_what_only_names_a_row_does_not_wait_for_an_import(made: dict[str, Any]) -> None:
    """A forecast, a word or a scope’s answer that is added meanwhile would otherwise wait, or lock each other up."""
    plan = planned("deliverables", DELIVERABLE)

    def add() -> None:
        CheckIn.objects.create(deliverable=made["second"], day=TODAY, status="on_track")
        connection.close()

    with ThreadPoolExecutor(1) as threads, transaction.atomic():
        csv_plans.apply(plan, now=NOW)
        threads.submit(add).result(timeout=30)
    assert CheckIn.objects.exists()
