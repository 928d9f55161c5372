"""The five DORA metrics, worked out by hand on six deployments."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from delivery.core import dora
from delivery.core.dora import Deployed, Failure, Merged, Records
from delivery.core.period import Period

NOVEMBER = Period(date(2026, 11, 2), date(2026, 11, 30))  # four weeks
DAY = timedelta(days=1)


def at(day: int, hour: int = 12) -> datetime:
    return datetime(2026, 11, day, hour, tzinfo=UTC)


def deployed(number: int, day: int, **fields: object) -> Deployed:
    values: dict[str, object] = {"repository": 1, "finished": at(day, 13), "succeeded": True, "created": at(day)}
    return Deployed(id=number, **(values | fields))  # type: ignore[arg-type]


def merged(number: int, day: int, commit: int | None = None, **fields: object) -> Merged:
    values: dict[str, object] = {"repository": 1, "first_commit": at(commit, 13) if commit else None}
    return Merged(id=number, merged=at(day), **(values | fields))  # type: ignore[arg-type]


SIX = [deployed(n, day) for n, day in enumerate((3, 4, 10, 11, 17, 17), start=1)]


def test_frequency_is_per_week_and_tells_failed_attempts() -> None:
    failed = deployed(9, 5, succeeded=False)
    found = dora.deployment_frequency(Records([*SIX, failed, deployed(8, 6, finished=None)]), NOVEMBER)
    assert (found.value, found.n, found.left_out) == (1.5, 6, 2)
    assert found.why == "2 that did not succeed or are not over"


def test_days_with_a_deployment() -> None:
    found = dora.days_with_deployment(Records(SIX), NOVEMBER)
    assert found.value == pytest.approx(5 / 28)
    assert found.n == 6


def test_four_deployments_are_not_enough_data() -> None:
    five = dora.five(Records(SIX[:4]), NOVEMBER)
    assert five.frequency.value is five.fail_rate.value is five.rework.value is None
    assert five.lead_time.p50 is five.recovery.p50 is None
    assert five.frequency.n == 4


def test_change_lead_time_is_from_the_first_commit_to_production() -> None:
    changes = [merged(n, 4 + n, commit=2) for n in range(5)]  # merged on the 4th to the 8th
    found = dora.change_lead_time(Records(SIX, changes), NOVEMBER)
    # the one of the 4th at 12:00 ships that day at 13:00, the others on the 10th
    assert (found.n, found.left_out) == (5, 0)
    assert found.p50 == 8 * DAY
    assert dora.ship(Records(SIX, changes)) == {0: 2, 1: 3, 2: 3, 3: 3, 4: 3}


def test_what_the_very_first_deployment_shipped_is_left_out_and_told() -> None:
    changes = [merged(1, 2, commit=1), merged(2, 4), *(merged(n, 9, commit=8) for n in range(3, 8))]
    found = dora.change_lead_time(Records(SIX, changes), NOVEMBER)
    assert (found.p50, found.n, found.left_out) == (2 * DAY, 5, 2)
    assert found.why == "2 shipped by the first deployment seen, or without known commits"


def test_a_deployment_of_a_known_merge_contains_only_what_was_merged_before_it() -> None:
    changes = [merged(1, 3, sha="a"), merged(2, 4, sha="b")]
    records = Records([deployed(1, 5, sha="a"), deployed(2, 6, sha="b"), deployed(3, 7, sha="a")], changes)
    assert dora.ship(records) == {1: 1, 2: 2}


def test_each_repository_ships_its_own() -> None:
    changes = [merged(1, 3), merged(2, 3, repository=2), merged(3, 3, repository=3)]
    assert dora.ship(Records([deployed(1, 4), deployed(2, 9, repository=2)], changes)) == {1: 1, 2: 2}


def test_a_failed_deployment_ships_nothing() -> None:
    assert dora.ship(Records([deployed(1, 4, succeeded=False)], [merged(1, 3)])) == {}


def test_the_fail_rate_counts_deployments_not_incidents() -> None:
    incidents = [Failure(1, 3, at(10), None), Failure(2, 3, at(11), None), Failure(3, None, at(12), None)]
    found = dora.change_fail_rate(Records(SIX, failures=incidents), NOVEMBER)
    assert found.value == pytest.approx(1 / 6)
    assert (found.n, found.left_out) == (6, 1)
    assert found.why == "1 incident(s) tied to no deployment"


def test_recovery_runs_from_the_failed_deployment_to_the_resolved_incident() -> None:
    incidents = [Failure(n, n, at(18), at(18, 13)) for n in range(1, 6)] + [Failure(6, 6, at(18), None)]
    found = dora.recovery_time(Records(SIX, failures=incidents), NOVEMBER)
    assert found.p50 == 8 * DAY  # 15, 14, 8, 7 and 1 days
    assert (found.n, found.left_out, found.why) == (5, 1, "1 not resolved yet")


def test_rework_is_a_deployment_that_first_contains_a_fix() -> None:
    incidents = [Failure(1, 2, at(5), at(10), fixes=frozenset({7})), Failure(2, 4, at(12), None)]
    found = dora.rework_rate(Records(SIX, [merged(7, 9)], incidents), NOVEMBER)
    assert found.value == pytest.approx(1 / 6)
    assert (found.n, found.left_out) == (6, 1)


def test_deployments_belong_to_the_teams_own_days() -> None:
    late = [deployed(n, 1, finished=datetime(2026, 11, 29, 23, 30, tzinfo=UTC)) for n in range(5)]
    assert dora.deployment_frequency(Records(late), NOVEMBER).n == 5
    assert dora.deployment_frequency(Records(late, zone="Europe/Berlin"), NOVEMBER).n == 0
