"""Promised days: moved with a cause, corrected without rewriting the past, and never edited."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from threading import Barrier
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from delivery import commitments
from delivery.models import Commitment, Deliverable
from delivery.refused import Conflict, Wrong
from people.models import Person, Role
from tests import builders
from tests.builders import TODAY, at
from tests.dashboards.rows import forecast

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def lead() -> Person:
    return builders.person("Elif", role=Role.LEAD)


@pytest.fixture
def row(db: None) -> Deliverable:
    return builders.deliverable(builders.team(), start=TODAY - 9 * DAY)


def give(row: Deliverable, by: Person, target: date, *, day: date = TODAY, **told: Any) -> Commitment:
    latest = commitments.latest_of(row, day)
    seen = told.pop("seen", latest.pk if latest else 0)
    return commitments.commit(row, target, by=by, day=day, seen=seen, **told)


def targets(row: Deliverable, day: date) -> list[date]:
    return [one.target for one in commitments.standing_of(row, day)]


def test_the_first_day_needs_no_cause_and_every_later_one_needs_cause_and_sentence(
    row: Deliverable, lead: Person
) -> None:
    first = give(row, lead, TODAY + 20 * DAY, day=TODAY - 9 * DAY)
    assert (first.given, first.by, first.cause, first.corrects) == (TODAY - 9 * DAY, lead, "", None)
    with pytest.raises(Wrong) as wrong:
        give(row, lead, TODAY + 30 * DAY)
    assert set(wrong.value.errors) == {"cause", "note"}
    moved = give(row, lead, TODAY + 30 * DAY, cause="vendor", note=" The contract came late. ")
    assert (moved.cause, moved.note) == ("vendor", "The contract came late.")
    assert targets(row, TODAY - DAY) == [TODAY + 20 * DAY]
    assert targets(row, TODAY) == [TODAY + 20 * DAY, TODAY + 30 * DAY]


@pytest.mark.parametrize(
    ("target", "more", "field", "says"),
    [
        (TODAY - DAY, {}, "target", "A promise lies ahead"),
        (date(2200, 1, 1), {}, "target", "before 2200"),
        (TODAY + 20 * DAY, {}, "target", "promised already"),
        (TODAY + 30 * DAY, {"cause": "weather"}, "cause", "Choose one of: scope"),
        (TODAY + 30 * DAY, {"note": "x" * 10_000}, "note", "these are 10,000"),
        (TODAY + 30 * DAY, {"note": " \n "}, "note", "Say in a sentence"),
    ],
)
def test_what_cannot_be_promised_says_what_to_do_and_keeps_nothing(
    row: Deliverable, lead: Person, target: date, more: dict[str, Any], field: str, says: str
) -> None:
    give(row, lead, TODAY + 20 * DAY)
    with pytest.raises(Wrong) as wrong:
        give(row, lead, target, **{"cause": "scope", "note": "More", **more})
    assert set(wrong.value.errors) == {field}
    assert says in wrong.value.errors[field]
    assert Commitment.objects.count() == 1


def test_no_day_before_the_start_and_none_after_the_end(row: Deliverable, lead: Person) -> None:
    Deliverable.objects.update(start=TODAY + 9 * DAY)
    row.refresh_from_db()
    with pytest.raises(Wrong, match="The work starts on 2 December 2026"):
        give(row, lead, TODAY + 8 * DAY)
    Deliverable.objects.filter(pk=row.pk).update(delivered=TODAY)  # since the form was shown
    with pytest.raises(Wrong, match="nothing left to promise"):
        give(row, lead, TODAY + 10 * DAY)


def test_a_correction_counts_from_its_day_on_and_days_past_stay_what_they_were(row: Deliverable, lead: Person) -> None:
    first = give(row, lead, date(2037, 1, 15), day=TODAY - 9 * DAY)
    made = commitments.correct(first, date(2027, 1, 15), by=lead, day=TODAY - 2 * DAY, cause="", note="Mistyped")
    assert (made.given, made.corrects, made.corrected_on) == (TODAY - 9 * DAY, first, TODAY - 2 * DAY)
    again = commitments.correct(made, date(2027, 2, 15), by=lead, day=TODAY, cause="", note="Still mistyped")
    assert targets(row, TODAY - 3 * DAY) == [date(2037, 1, 15)]
    assert targets(row, TODAY - DAY) == [date(2027, 1, 15)]
    assert targets(row, TODAY) == [date(2027, 2, 15)]
    for gone in (first, made):
        with pytest.raises(Conflict):
            commitments.correct(gone, date(2027, 3, 15), by=lead, day=TODAY, cause="", note="Too late")
    assert list(Commitment.objects.as_of(TODAY)) == [again]


def test_a_correction_says_what_was_wrong_and_of_a_move_the_cause(row: Deliverable, lead: Person) -> None:
    give(row, lead, TODAY + 20 * DAY, day=TODAY - 9 * DAY)
    moved = give(row, lead, TODAY + 30 * DAY, cause="scope", note="More", day=TODAY - 3 * DAY)
    with pytest.raises(Wrong) as wrong:
        commitments.correct(moved, TODAY - 4 * DAY, by=lead, day=TODAY, cause="", note=" ")
    assert set(wrong.value.errors) == {"target", "cause", "note"}
    made = commitments.correct(moved, moved.target, by=lead, day=TODAY, cause="data", note="It was the data")
    assert [one.cause for one in commitments.standing_of(row, TODAY)] == ["", "data"]
    assert made.chance == moved.chance


def test_the_chance_of_that_day_is_kept_with_it_and_stays(row: Deliverable, lead: Person) -> None:
    forecast(row, 0.5, day=TODAY - DAY)
    with_chance = give(row, lead, TODAY + 34 * DAY)
    assert with_chance.chance == pytest.approx(0.5, abs=0.03)  # the middle future ends 36 days after the forecast
    late = give(row, lead, TODAY + 90 * DAY, cause="scope", note="More")
    assert late.chance is not None
    assert with_chance.chance is not None
    assert with_chance.chance < late.chance < 1
    forecast(row, 0.99)
    with_chance.refresh_from_db()
    assert with_chance.chance == pytest.approx(0.5, abs=0.03)


@pytest.mark.parametrize("old", [None, 3])
def test_without_a_fresh_forecast_no_chance_is_made_up(row: Deliverable, lead: Person, old: int | None) -> None:
    if old is not None:
        forecast(row, 0.5, day=TODAY - old * DAY)
    assert give(row, lead, TODAY + 34 * DAY).chance is None


@pytest.mark.parametrize(
    "change",
    [
        {"target": TODAY + 99 * DAY},
        {"given": TODAY - 99 * DAY},
        {"cause": "scope"},
        {"note": "Otherwise"},
        {"corrected_on": TODAY},
    ],
    ids=lambda one: next(iter(one)),
)
def test_the_database_itself_refuses_to_edit_an_entry(row: Deliverable, lead: Person, change: dict[str, Any]) -> None:
    give(row, lead, TODAY + 20 * DAY, day=TODAY - 9 * DAY)
    with pytest.raises(IntegrityError), transaction.atomic():
        Commitment.objects.update(**change)


def test_who_looked_at_an_older_promise_is_told_the_latest(row: Deliverable, lead: Person) -> None:
    give(row, lead, TODAY + 20 * DAY)
    with pytest.raises(Conflict) as conflict:
        give(row, lead, TODAY + 30 * DAY, seen=0)
    assert conflict.value.row.target == TODAY + 20 * DAY
    gone = commitments.latest_of(row, TODAY)
    assert gone is not None
    commitments.correct(gone, TODAY + 21 * DAY, by=lead, day=TODAY, cause="", note="Mistyped")
    with pytest.raises(Conflict) as conflict:
        give(row, lead, TODAY + 30 * DAY, seen=gone.pk, cause="scope", note="More")
    assert conflict.value.row.target == TODAY + 21 * DAY


@pytest.mark.django_db(transaction=True)
def test_of_two_who_move_it_at_once_one_wins_and_the_other_is_told(row: Deliverable, lead: Person) -> None:
    first = give(row, lead, TODAY + 20 * DAY)
    both = Barrier(2, timeout=30)

    def move(days: int) -> str:
        try:
            both.wait()
            give(row, lead, TODAY + days * DAY, seen=first.pk, cause="scope", note=f"{days} days")
        except Conflict as conflict:
            return str(conflict.row.note)
        finally:
            connection.close()
        return ""

    with ThreadPoolExecutor(2) as threads:
        said = list(threads.map(move, (30, 40)))
    kept = Commitment.objects.exclude(pk=first.pk).get()
    assert sorted(said) == ["", kept.note]
    assert at(kept.given) == at(TODAY)
