"""Words for numbers, held against the examples of DESIGN.md section 6."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from dashboards import words

TODAY = date(2026, 11, 10)


@pytest.mark.parametrize(
    ("per_cent", "said"),
    [
        (0, "less than 1 in 20"), (4, "less than 1 in 20"), (5, "about 1 in 20"), (6, "about 1 in 20"),
        (8, "about 1 in 14"), (10, "about 1 in 10"), (12, "about 1 in 8"), (17, "about 1 in 6"),
        (20, "about 1 in 5"), (25, "about 1 in 4"), (30, "about 3 in 10"), (33, "about 1 in 3"),
        (40, "about 2 in 5"), (43, "about 2 in 5"), (44, "a little under even"), (47, "a little under even"),
        (49, "even odds"), (50, "even odds"), (53, "a little over even"), (57, "about 3 in 5"), (60, "about 3 in 5"),
        (67, "about 2 in 3"), (72, "about 3 in 4"), (75, "about 3 in 4"), (81, "about 4 in 5"),
        (85, "about 6 in 7"), (87, "about 7 in 8"), (90, "about 9 in 10"), (94, "about 9 in 10"),
        (95, "almost certain"), (100, "almost certain"),
    ],
)  # fmt: skip
def test_a_chance_in_words_is_the_one_people_would_say(per_cent: int, said: str) -> None:
    assert words.chance_in_words(per_cent) == said


def test_a_per_cent_is_rounded_down_as_the_levels_are() -> None:
    assert [words.percent(missing) for missing in (0.1499, 0.15, 0.4999, 0.5, 0.81)] == [14, 15, 49, 50, 81]
    assert words.per_cent(0.81) == "81%"
    assert words.per_cent(None) == "not known"


def test_no_forecast_reads_as_certain() -> None:
    assert [words.per_cent(missing) for missing in (0.0004, 0.01, 0.9999, 1)] == ["under 1%", "1%", "99%", "over 99%"]
    assert [words.to_make_it(missing) for missing in (0.0004, 0.19, 0.9999, 1)] == ["over 99%", "81%", "1%", "under 1%"]


def test_dates_leave_the_year_out_where_nobody_could_be_mistaken() -> None:
    assert words.short_day(date(2026, 12, 11)) == "11 Dec"
    assert words.dated(date(2027, 1, 11), TODAY) == "11 Jan"
    assert words.dated(date(2027, 9, 1), TODAY) == "1 Sep 2027"
    assert words.long_day(date(2026, 12, 1), TODAY) == "1 December"
    assert words.long_day(date(2028, 3, 2), TODAY) == "2 March 2028"
    assert words.full_day(date(2026, 12, 11)) == "Fri 11 December 2026"


def test_a_day_within_two_weeks_carries_its_weekday() -> None:
    assert words.near_day(date(2026, 11, 13), TODAY) == "Fri 13 Nov"
    assert words.near_day(date(2026, 11, 4), TODAY) == "Wed 4 Nov"
    assert words.near_day(date(2026, 11, 24), TODAY) == "Tue 24 Nov"
    assert words.near_day(date(2026, 11, 25), TODAY) == "25 Nov"


def test_spans_are_days_up_to_three_weeks_then_weeks() -> None:
    assert [words.days(count) for count in (1, 2, 21, 22, 25, 70)] == [
        "1 day",
        "2 days",
        "21 days",
        "3 weeks",
        "4 weeks",
        "10 weeks",
    ]


def test_measured_durations_keep_one_decimal_and_never_become_zero() -> None:
    assert words.decimal_days(timedelta(days=6, hours=10)) == "6.4 days"
    assert words.decimal_days(timedelta(hours=5)) == "5 hours"
    assert words.decimal_days(timedelta(minutes=2)) == "1 hour"
    assert words.decimal_days(None) == "not known"


@pytest.mark.parametrize(
    ("back", "said"),
    [
        (timedelta(seconds=20), "just now"), (timedelta(minutes=6), "6 min ago"), (timedelta(hours=1), "1 hour ago"),
        (timedelta(hours=47), "47 hours ago"), (timedelta(hours=49), "2 days ago"), (timedelta(days=40), "6 weeks ago"),
    ],
)  # fmt: skip
def test_how_long_ago(back: timedelta, said: str) -> None:
    now = datetime(2026, 11, 10, 8, tzinfo=UTC)
    assert words.ago(now - back, now) == said


def test_changes_are_points_with_a_direction() -> None:
    assert words.points(0.81, 0.69) == 12
    assert [words.moved(rise) for rise in (12, 1, 0, -3)] == [
        "up 12 points",
        "up 1 point",
        "unchanged",
        "down 3 points",
    ]


def test_counts_are_compared_with_last_week() -> None:
    assert [words.compared(7, 4), words.compared(4, 4), words.compared(3, 7)] == [
        "3 more than last week",
        "same as last week",
        "4 fewer than last week",
    ]


def test_numbers_have_commas_a_real_minus_and_the_right_plural() -> None:
    assert words.number(-1200) == "−1,200"
    assert words.decimal(-0.25) == "−0.2"
    assert [words.plural(1, "item"), words.plural(1200, "item"), words.plural(2, "entry", "entries")] == [
        "1 item",
        "1,200 items",
        "2 entries",
    ]
    assert [words.times(count) for count in (1, 2, 3)] == ["once", "twice", "3 times"]


def test_lists_end_with_and() -> None:
    assert [words.listed([]), words.listed(["a"]), words.listed(["a", "b"]), words.listed(["a", "b", "c"])] == [
        "",
        "a",
        "a and b",
        "a, b and c",
    ]


def test_long_titles_are_cut_between_words() -> None:
    assert words.short("Event schema v3", 26) == "Event schema v3"
    assert words.short("Real-time features for home feed", 26) == "Real-time features…"
    assert words.short("Donaudampfschifffahrtsgesellschaft", 10) == "Donaudamp…"
