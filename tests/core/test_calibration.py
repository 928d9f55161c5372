"""Self-calibration: hand-worked fits, and what must hold of any."""

from __future__ import annotations

from math import sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from delivery.core.calibration import (
    SHIPPED,
    Correction,
    Floats,
    Marks,
    Scores,
    fit,
    marks_of,
    normal_scores,
    pits,
    recalibrate,
)

USUAL = Marks(0.0, 0.0)
DAYS = np.random.default_rng(1).integers(1, 300, 500).astype(float)
shifts = st.floats(-2, 2)
scales = st.floats(0.1, 2)


def scores(z: Floats | list[float], *, censored: bool = False, marks: Marks = USUAL) -> Scores:
    values = np.array(z, dtype=float)
    return Scores(values, np.full(len(values), censored), np.tile(np.array(marks), (len(values), 1)))


def calibrated(n: int) -> Floats:
    return normal_scores((np.arange(n) + 0.5) / n)


def test_ten_outcomes_one_deviation_early() -> None:
    found = fit(scores([-1.0] * 10))
    assert found.shift == pytest.approx(-10 / (40 + 10))
    assert found.scale == pytest.approx(sqrt((40 + 10) / (40 + 10) - 0.2**2))
    assert (found.slopes, found.n) == (USUAL, 10)


def test_a_team_is_shrunk_to_its_organisation_as_that_is_to_the_default() -> None:
    above = Correction(shift=-0.5, scale=0.6, n=100)
    found = fit(scores([0.3, -0.7]), above)
    assert found.shift == pytest.approx((40 * -0.5 + 0.3 - 0.7) / 42)
    assert found.scale**2 == pytest.approx((40 * (0.36 + 0.25) + 0.09 + 0.49) / 42 - found.shift**2)
    assert found.n == 100
    assert fit(scores([]), above) == above


def test_calibrated_scores_ask_for_nothing() -> None:
    found = fit(scores(calibrated(1000)))
    assert found.shift == pytest.approx(0, abs=1e-6)
    assert found.scale == pytest.approx(1, abs=0.01)


def test_a_biased_and_too_wide_forecast_is_moved_and_narrowed() -> None:
    found = fit(scores(-0.8 + 0.4 * calibrated(2000)))
    assert found.shift == pytest.approx(-0.8, abs=0.02)
    assert found.scale == pytest.approx(0.4, abs=0.05)  # 3.4's own second moment would stay at 0.9


@given(n=st.integers(1, 400), z=st.floats(-2.5, 2.5))
def test_the_more_outcomes_the_less_it_is_shrunk(n: int, z: float) -> None:
    fewer, more = fit(scores([z] * n)), fit(scores([z] * (n + 1)))
    assert abs(fewer.shift) <= abs(more.shift) <= abs(z)
    assert fewer.shift * z >= 0


def test_an_open_one_that_has_hardly_begun_says_next_to_nothing() -> None:
    found = fit(scores([-2.5] * 10, censored=True))
    assert found.shift == pytest.approx(0, abs=0.01)
    assert found.scale == pytest.approx(1, abs=0.01)


def test_open_ones_that_are_late_already_count_as_late_as_they_may_become() -> None:
    late = fit(scores([1.5] * 20, censored=True))
    assert late.shift > fit(scores([1.5] * 20)).shift > 0


def test_censoring_is_undone_where_the_record_is_long_enough() -> None:
    rng = np.random.default_rng(3)
    z = rng.normal(-0.5, 0.5, 4000)
    seen = rng.normal(-0.5, 0.7, 4000)  # how much of each has passed
    found = fit(Scores(np.minimum(z, seen), seen < z, np.zeros((4000, 2))))
    assert found.shift == pytest.approx(-0.5, abs=0.05)
    assert found.scale == pytest.approx(0.5, abs=0.05)
    dropped = fit(scores(z[z <= seen]))
    assert dropped.shift < found.shift - 0.1  # leaving the open ones out favours optimists


def test_slopes_tell_deliverables_apart() -> None:
    few, many = marks_of(1, 1), marks_of(12, 0)
    noise = 0.3 * calibrated(500)
    both = Scores(
        np.concatenate([-1 + noise, noise]), np.zeros(1000, dtype=bool), np.repeat(np.array([few, many]), 500, axis=0)
    )
    found = fit(both)
    assert found.centre(few) == pytest.approx(-1, abs=0.1)
    assert found.centre(many) == pytest.approx(0, abs=0.1)
    assert found.scale == pytest.approx(0.35, abs=0.1)


def test_marks_are_the_size_beside_the_usual_and_the_share_begun() -> None:
    assert marks_of(4, 1) == (0, 0.25)
    assert marks_of(0, 0) == marks_of(1, 0)


def test_a_pit_counts_half_of_a_tie_and_an_open_one_what_has_passed() -> None:
    percentiles = np.tile(np.arange(1.0, 100.0), (4, 1))
    found = pits(percentiles, np.array([50.0, 50.5, 0.0, 50.0]), np.array([False, False, False, True]))
    assert found == pytest.approx([0.5, 0.505, 0.005, 0.505])
    never = np.full((1, 99), np.inf)
    assert pits(never, np.array([9.0]), np.array([False])) == pytest.approx([0.005])


def test_no_correction_leaves_the_days_as_they_are() -> None:
    assert recalibrate(DAYS, SHIPPED, USUAL) is DAYS
    almost = Correction(shift=1e-12, scale=1.0)
    assert np.array_equal(recalibrate(DAYS, almost, USUAL), DAYS)


@given(shift=shifts, scale=scales)
def test_order_is_kept_and_no_day_is_invented(shift: float, scale: float) -> None:
    found = recalibrate(DAYS, Correction(shift=shift, scale=scale), USUAL)
    order = np.argsort(DAYS, kind="stable")
    assert (np.diff(found[order]) >= 0).all()
    assert set(found) <= set(DAYS)


@given(shift=st.floats(-2, 0), scale=scales)
def test_a_later_centre_is_never_earlier(shift: float, scale: float) -> None:
    early = recalibrate(DAYS, Correction(shift=shift, scale=scale), USUAL)
    late = recalibrate(DAYS, Correction(shift=shift + 0.5, scale=scale), USUAL)
    assert (early <= late).all()


def test_narrowing_draws_the_percentiles_together() -> None:
    days = np.exp(calibrated(10_000))
    found = recalibrate(days, Correction(shift=-0.5, scale=0.5), USUAL)
    assert np.log(np.quantile(found, [0.159, 0.5, 0.841])) == pytest.approx([-1, -0.5, 0], abs=0.01)


def test_what_never_ends_may_still_never_end() -> None:
    days = np.array([5.0, np.inf, np.inf, np.inf])
    assert list(recalibrate(days, Correction(shift=0.3, scale=0.9), USUAL)) == [5, np.inf, np.inf, np.inf]


def test_corrected_forecasts_hold_what_they_say() -> None:
    """A forecaster who is late and too wide, on new outcomes after 2,000 of them (fewer leave it on the wide side)."""
    rng = np.random.default_rng(4)
    shown = np.exp(4 + calibrated(2000))
    learnt = fit(scores(rng.normal(-0.6, 0.5, 2000)))
    fixed = recalibrate(shown, learnt, USUAL)
    outcomes = np.exp(4 + rng.normal(-0.6, 0.5, 2000))
    low, high = np.quantile(fixed, [0.1, 0.9])
    assert np.mean((outcomes >= low) & (outcomes <= high)) == pytest.approx(0.8, abs=0.04)
