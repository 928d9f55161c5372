"""When a digest is due: hand-worked instants, clocks that change, weeks of every year."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboards.digest.schedule import WEEK, is_quiet, last_slot, monday_of, next_slot, slot_of, week_of

ZONES = (
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "Asia/Kolkata",
    "Pacific/Auckland",
    "Pacific/Kiritimati",
    "Asia/Kathmandu",
)


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type,misc]


@pytest.mark.parametrize(
    ("now", "at"),
    [
        (utc(2026, 11, 23, 5, 59), utc(2026, 11, 16, 6)),  # seven in Berlin is six in UTC, in winter
        (utc(2026, 11, 23, 6), utc(2026, 11, 23, 6)),
        (utc(2026, 11, 29, 23), utc(2026, 11, 23, 6)),
        (utc(2026, 7, 6, 5), utc(2026, 7, 6, 5)),  # and five in summer
    ],
)
def test_it_is_due_by_the_readers_own_clock(now: datetime, at: datetime) -> None:
    assert last_slot(now, zone="Europe/Berlin", weekday=0, hour=7).at == at


def test_the_week_is_that_of_the_readers_day() -> None:
    """Monday morning in Auckland is still Sunday in UTC."""
    slot = last_slot(utc(2026, 11, 22, 19), zone="Pacific/Auckland", weekday=0, hour=7)
    assert (slot.week, slot.day, slot.at) == ("2026-W48", date(2026, 11, 23), utc(2026, 11, 22, 18))


def test_an_hour_that_spring_leaves_out_is_the_one_after_it() -> None:
    """On 29 March 2026 clocks in Berlin go from two to three: 02:00 does not exist, and 01:00 UTC is 03:00 there."""
    slot = last_slot(utc(2026, 3, 29, 12), zone="Europe/Berlin", weekday=6, hour=2)
    assert slot.at == utc(2026, 3, 29, 1)
    assert slot.at.astimezone(ZoneInfo("Europe/Berlin")).hour == 3


def test_an_hour_that_autumn_has_twice_is_the_first() -> None:
    """On 25 October 2026 02:00 comes twice in Berlin: at 00:00 and at 01:00 UTC."""
    before, between, after = utc(2026, 10, 24, 23, 59), utc(2026, 10, 25, 0, 30), utc(2026, 10, 25, 1, 30)
    slots = [last_slot(now, zone="Europe/Berlin", weekday=6, hour=2) for now in (before, between, after)]
    assert [one.at for one in slots] == [utc(2026, 10, 18), utc(2026, 10, 25), utc(2026, 10, 25)]
    assert slots[1].week == slots[2].week == "2026-W43"


@given(
    now=st.integers(0, 10_000_000).map(lambda minutes: utc(2020, 1, 1) + timedelta(minutes=minutes)),
    zone=st.sampled_from(ZONES),
    weekday=st.integers(0, 6),
    hour=st.integers(0, 23),
)
def test_slots_follow_each_other_week_by_week(now: datetime, zone: str, weekday: int, hour: int) -> None:
    last, coming = (find(now, zone=zone, weekday=weekday, hour=hour) for find in (last_slot, next_slot))
    assert last.at <= now < coming.at
    assert coming.day - last.day == WEEK
    assert last.day.weekday() == weekday
    assert week_of(last.day) == last.week != coming.week
    assert abs((coming.at - last.at) - WEEK) <= timedelta(hours=1)
    assert slot_of(last.week, zone=zone, weekday=weekday, hour=hour) == last


@given(st.dates(date(2000, 1, 1), date(2050, 12, 31)))
def test_a_weeks_name_leads_back_to_its_monday(day: date) -> None:
    assert monday_of(week_of(day)) == day - timedelta(days=day.weekday())


@pytest.mark.parametrize("text", ["2026-47", "2026-W00", "2026-W54", "2025-W53", "W47", "2026-W4", "٢٠٢٦-W47", ""])
def test_what_is_no_week_is_said_to_be_none(text: str) -> None:
    with pytest.raises(ValueError, match=r"week|Write"):
        monday_of(text)


@pytest.mark.parametrize(
    ("hour", "start", "end", "quiet"),
    [
        (20, 19, 7, True),
        (6, 19, 7, True),
        (7, 19, 7, False),
        (12, 19, 7, False),
        (13, 12, 14, True),
        (14, 12, 14, False),
        (3, 5, 5, False),
    ],
)
def test_quiet_hours_may_go_over_midnight(hour: int, start: int, end: int, quiet: bool) -> None:
    assert is_quiet(utc(2026, 11, 23, hour), zone="UTC", start=start, end=end) is quiet


def test_quiet_hours_are_of_the_readers_clock() -> None:
    assert is_quiet(utc(2026, 11, 23, 14), zone="Asia/Kolkata", start=19, end=7)
