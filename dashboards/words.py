"""Numbers, dates and chances as people read them (DESIGN.md section 6)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Final

from delivery.core.chance import Level, percent_missing

LEVELS: Final = {
    Level.LIKELY: "Likely to miss",
    Level.AT_RISK: "At risk",
    Level.ON_TRACK: "On track",
    Level.NONE: "No forecast yet",
}
CHANGES: Final = {"new": "New", "worse": "Worse", "better": "Better", "gone": "Gone", "moved": "Moved"}
"""What a line of the digest about a change begins with."""
BETS: Final = {"validated": "Succeeded", "disproved": "Learned", "overran": "Missed", "dropped": "Missed"}
IN_WORDS: Final = (
    (5, "about 1 in 20"),
    (7.1, "about 1 in 14"),
    (10, "about 1 in 10"),
    (12.5, "about 1 in 8"),
    (16.7, "about 1 in 6"),
    (20, "about 1 in 5"),
    (25, "about 1 in 4"),
    (30, "about 3 in 10"),
    (33.3, "about 1 in 3"),
    (40, "about 2 in 5"),
    (47, "a little under even"),
    (50, "even odds"),
    (53, "a little over even"),
    (60, "about 3 in 5"),
    (66.7, "about 2 in 3"),
    (75, "about 3 in 4"),
    (80, "about 4 in 5"),
    (85.5, "about 6 in 7"),
    (87.5, "about 7 in 8"),
    (90, "about 9 in 10"),
)
NEAR: Final = timedelta(days=14)
HALF_A_YEAR: Final = timedelta(days=183)
LONGEST_IN_DAYS: Final = 21
ENDS: Final = (".", "?", "!", "…", "。", "？", "！", "؟")  # noqa: RUF001
LITTLE: Final = 3  # letters: for, of, and


def percent(missing: float) -> int:
    """The whole per cent to show for a chance of missing (0-1); the rule is delivery.core.chance's."""
    return percent_missing(1 - missing)


def per_cent(missing: float | None) -> str:
    """81%, or not known."""
    return "not known" if missing is None else f"{short_of_certain(percent(missing))}%"


def to_make_it(missing: float) -> str:
    """What is left to 100% of the chance of missing that is shown: 19%."""
    return f"{short_of_certain(100 - percent(missing))}%"


def short_of_certain(per_cent: int) -> str:
    """A whole per cent of a forecast: a sample cannot know 0 or 100, so these are under 1 and over 99."""
    return {0: "under 1", 100: "over 99"}.get(per_cent, str(per_cent))


def chance_in_words(per_cent: float) -> str:
    """A chance in whole per cent, in the nearest of the words that people use."""
    if per_cent < 5:
        return "less than 1 in 20"
    if per_cent >= 95:
        return "almost certain"
    return min(IN_WORDS, key=lambda anchor: abs(anchor[0] - per_cent))[1]


def short_day(day: date) -> str:
    """For tables and charts: 11 Dec."""
    return f"{day.day} {day:%b}"


def dated(day: date, today: date) -> str:
    """For tables: 11 Dec; the year where it is another one and not the coming or the past winter."""
    return f"{short_day(day)}{_year(day, today)}"


def long_day(day: date, today: date) -> str:
    """For sentences: 11 December; the year as in ``dated``."""
    return f"{day.day} {day:%B}{_year(day, today)}"


def _year(day: date, today: date) -> str:
    return f" {day.year}" if day.year != today.year and abs(day - today) > HALF_A_YEAR else ""


def near_day(day: date, today: date) -> str:
    """Fri 27 Nov within two weeks, 11 Dec beyond."""
    return f"{day:%a} {dated(day, today)}" if abs(day - today) <= NEAR else dated(day, today)


def full_day(day: date) -> str:
    """Fri 11 December 2026."""
    return f"{day:%a} {day.day} {day:%B} {day.year}"


def days(count: int) -> str:
    """A span of days: 1 day, 21 days, then weeks."""
    return plural(count, "day") if abs(count) <= LONGEST_IN_DAYS else plural(round(count / 7), "week")


def decimal_days(span: timedelta | None) -> str:
    """A measured duration: 6.4 days; hours below one day; not known without one."""
    if span is None:
        return "not known"
    if span < timedelta(days=1):
        return plural(max(round(span / timedelta(hours=1)), 1), "hour")
    return f"{decimal(span / timedelta(days=1))} days"


def ago(then: datetime, now: datetime) -> str:
    """How long ago: just now, 6 min ago, 3 hours ago, 2 days ago."""
    minutes = int((now - then) / timedelta(minutes=1))
    if minutes < 1:
        return "just now"
    if minutes < 60:
        return f"{minutes} min ago"
    if minutes < 48 * 60:
        return f"{plural(minutes // 60, 'hour')} ago"
    return f"{days(minutes // (24 * 60))} ago"


def plural(count: int, one: str, many: str = "") -> str:
    """1 deliverable, 2 deliverables, 1,200 items."""
    return f"{number(count)} {one if abs(count) == 1 else many or one + 's'}"


def times(count: int) -> str:
    """once, twice, 3 times."""
    return {1: "once", 2: "twice"}.get(count, f"{number(count)} times")


def number(value: int) -> str:
    """Thousands have a comma, a minus is a minus."""
    return f"{value:,}".replace("-", "−")


def decimal(value: float) -> str:
    """One decimal, with a real minus."""
    return f"{value:,.1f}".replace("-", "−")


def listed(words: Sequence[str]) -> str:
    """a, b and c."""
    return " and ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))


def points(now: float, before: float) -> int:
    """How many points a chance of missing rose since ``before``, from the per cents that were shown."""
    return percent(now) - percent(before)


def moved(rise: int) -> str:
    """up 12 points, down 1 point, unchanged."""
    if not rise:
        return "unchanged"
    return f"{'up' if rise > 0 else 'down'} {plural(abs(rise), 'point')}"


def compared(now: int, before: int) -> str:
    """A count beside last week's: 3 more than last week."""
    if now == before:
        return "same as last week"
    return f"{number(abs(now - before))} {'more' if now > before else 'fewer'} than last week"


def word_of(verdict: str) -> str:
    """What a bet’s verdict counts as; empty while it is open. One that settled its question is never called missed."""
    return BETS.get(verdict, "")


def capital(text: str) -> str:
    """The first letter of a sentence."""
    return text[:1].upper() + text[1:]


def ended(text: str) -> str:
    """As a sentence: with a full stop where nothing else ends it, also within quotes or brackets."""
    return text if text.rstrip("”’\"')").endswith(ENDS) else f"{text}."


def short(text: str, longest: int) -> str:
    """Whole words of ``text`` where they fit into ``longest`` letters, else cut; never ends on a little word."""
    if len(text) <= longest:
        return text
    cut = text[: longest - 1]
    whole = cut.rsplit(" ", 1)[0]
    words = (whole if len(whole) > longest / 2 else cut).split(" ")
    while len(words) > 1 and len(words[-1]) <= LITTLE:
        words.pop()
    return f"{' '.join(words).rstrip(' ,:;-')}…"
