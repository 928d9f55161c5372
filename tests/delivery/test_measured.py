"""What actions brought, from stored forecasts; and which kinds of them worked."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from delivery import measured, worked
from delivery.core import effect
from delivery.models import Action, ActionEvent, Commitment, Deliverable
from people.models import Role
from teams.models import Team
from tests import builders
from tests.builders import TODAY
from tests.dashboards.rows import forecast

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
CHOSEN, DUE = TODAY - 22 * DAY, TODAY - 8 * DAY
AGAIN = DUE + DAY
TARGET = CHOSEN + 40 * DAY


@pytest.fixture
def team() -> Team:
    return builders.team()


def promise(team: Team, after: float | None = 0.2, **fields: Any) -> Deliverable:
    """Promised for 40 days after the choice; done on any of the days 10.5 to 59.5 alike, as it looked then."""
    made = builders.deliverable(team, target=TARGET, **fields)
    forecast(made, 0.4, day=CHOSEN, target=TARGET)
    if after is not None:
        forecast(made, after, day=AGAIN, target=TARGET)
    return made


def done(about: Deliverable, **fields: Any) -> Action:
    values: dict[str, Any] = {"kind": "review", "chosen": CHOSEN, "due": DUE, "ended": DUE, "state": "done"}
    return Action.objects.create(deliverable=about, title="Second reviewer", **values | fields)


def without(open_until: date) -> float:
    quantiles = [10 + 0.5 * share for share in range(1, 100)]
    return effect.without(quantiles, target=40, open_until=(open_until - CHOSEN).days)


def measure(action: Action, day: date = TODAY) -> Action:
    measured.measure(day=day, at=builders.at(day))
    action.refresh_from_db()
    return action


def test_it_is_what_the_chance_was_to_be_without_less_what_it_is(team: Team) -> None:
    found = measure(done(promise(team, after=0.2)))
    assert found.measured == pytest.approx(without(AGAIN) - 0.2)
    assert (found.measured_on, found.unknown) == (TODAY, "")
    assert ActionEvent.objects.get().what == "measured"


def test_it_is_judged_by_the_date_of_the_day_it_was_chosen(team: Team) -> None:
    about = builders.deliverable(team, target=TARGET)
    forecast(about, 0.4, day=CHOSEN, target=TARGET)
    forecast(about, 0.01, day=AGAIN, target=TARGET + 300 * DAY)
    Commitment.objects.create(deliverable=about, given=CHOSEN + DAY, target=TARGET + 300 * DAY)
    found = measure(done(about))
    quantiles = [10 + 0.5 * share for share in range(1, 100)]
    assert found.measured == pytest.approx(without(AGAIN) - effect.missing_after(quantiles, (TARGET - AGAIN).days))


def test_what_was_delivered_in_time_has_no_chance_of_missing_left(team: Team) -> None:
    delivered = CHOSEN + 12 * DAY
    found = measure(done(promise(team, after=None, delivered=delivered)))
    assert found.measured == pytest.approx(without(delivered - DAY))


def test_what_was_delivered_too_late_has_missed(team: Team) -> None:
    about = promise(team, after=None, delivered=CHOSEN + 12 * DAY)
    first = Commitment.objects.get(deliverable=about)
    Commitment.objects.create(deliverable=about, given=first.given, target=CHOSEN + 11 * DAY)
    assert measure(done(about)).measured == 0.0  # and it was sure to, as it was open that long


@pytest.mark.parametrize(
    ("fields", "about", "why"),
    [
        ({"kind": "move_date"}, {}, measured.MOVES_THE_DATE),
        ({}, {"dropped": CHOSEN + DAY}, measured.DROPPED),
        ({}, {"after": None}, measured.NO_WITH),
        ({"chosen": CHOSEN - 9 * DAY}, {}, measured.NO_WITHOUT),
        ({"chosen": CHOSEN - 90 * DAY}, {}, measured.NO_TARGET),
    ],
)
def test_what_cannot_be_known_says_why_and_is_no_zero(
    team: Team, fields: dict[str, Any], about: dict[str, Any], why: str
) -> None:
    found = measure(done(promise(team, **about), **fields))
    assert (found.measured, found.measured_on, found.unknown) == (None, None, why)


def test_it_waits_for_its_due_date_and_for_the_forecast_after_it(team: Team) -> None:
    action = done(promise(team, after=None))
    assert measured.measure(day=DUE, at=builders.at(DUE)) == 0
    assert measured.measure(day=AGAIN, at=builders.at(AGAIN)) == 0
    assert measure(action, AGAIN + 3 * DAY).unknown == measured.NO_WITH


@pytest.mark.parametrize("state", ["proposed", "started", "dropped"])
def test_only_what_is_done_is_measured(team: Team, state: str) -> None:
    done(promise(team), state=state, ended=DUE if state == "dropped" else None)
    assert measured.measure(day=TODAY, at=builders.at(TODAY)) == 0


def test_it_is_measured_once(team: Team) -> None:
    done(promise(team))
    assert [measured.measure(day=TODAY, at=builders.at(TODAY)), measured.measure(day=TODAY, at=builders.at(TODAY))] == [
        1,
        0,
    ]
    assert ActionEvent.objects.count() == 1


def test_its_spread_is_that_of_deliverables_without_an_action(team: Team) -> None:
    for number in range(effect.FEWEST):
        promise(team, after=0.1 + 0.1 * number)
    done(promise(team, after=0.99), state="started", ended=None)
    found = measure(done(promise(team)))
    others = effect.usual([without(AGAIN) - 0.1 - 0.1 * number for number in range(effect.FEWEST)])
    assert others is not None
    assert (found.measured_low, found.measured_high) == (pytest.approx(others.low), pytest.approx(others.high))
    assert found.compared == effect.FEWEST


def test_too_few_to_compare_with_is_no_spread(team: Team) -> None:
    promise(team)
    found = measure(done(promise(team)))
    assert found.measured is not None
    assert (found.measured_low, found.measured_high, found.compared) == (None, None, 0)


def test_earlier_spans_stand_in_for_too_few(team: Team) -> None:
    length = AGAIN - CHOSEN
    for _ in range(effect.FEWEST - 1):
        about = promise(team, after=0.2)
        forecast(about, 0.4, day=CHOSEN - length, target=TARGET)
    assert measure(done(promise(team))).compared == 2 * (effect.FEWEST - 1)


def test_its_queries_do_not_grow_with_the_actions(team: Team, django_assert_max_num_queries: Any) -> None:
    for _ in range(effect.FEWEST):
        promise(team)
    for _ in range(5):
        done(promise(team))
    with django_assert_max_num_queries(1 + 4 + 5 * 5):  # the actions, one span, and for each: compare and keep
        assert measured.measure(day=TODAY, at=builders.at(TODAY)) == 5


def test_a_kind_is_told_of_from_five_measured_ones_on(team: Team) -> None:
    director, about = builders.person(role=Role.DIRECTOR), promise(team)
    for number in range(5):
        done(about, measured=0.1 * number, measured_on=TODAY, measured_high=0.25 if number else None, expected=0.2)
    done(about, kind="unblock", measured=0.5, measured_on=TODAY)
    review, unblock = worked.by_kind(director)
    assert (review.count, review.expected, review.measured, review.beyond, review.compared) == (5, 0.2, 0.2, 2, 4)
    assert (unblock.count, unblock.expected, unblock.measured, unblock.beyond) == (1, None, None, None)
