"""The sentences that answer a page's question, made from the numbers beside them. PURE.

A sentence is a tuple of phrases, so that a template can stress some without the text ever being markup.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

from dashboards import words
from delivery.core.chance import Level
from delivery.core.promise import Promise, Tally

Stress = Literal["", "em", "strong", "quiet"]


@dataclass(frozen=True, slots=True)
class Phrase:
    text: str
    stress: Stress = ""


Sentence = tuple[Phrase, ...]

STILL: Final = 3  # weeks without a finished item that are worth a word
TEN_WEEKS: Final = 70  # days
WORST_FIRST: Final = (Level.LIKELY, Level.AT_RISK, Level.ON_TRACK, Level.NONE)


def worst(tally: Tally) -> Level:
    """The level that the headline speaks of: the worst at which any promise stands."""
    return next((level for level in WORST_FIRST if tally.now.get(level)), Level.NONE)


def overview_headline(tally: Tally) -> Sentence:
    """7 of 42 deliverables are likely to miss their date; 3 more than last week."""
    level, all_of_them = worst(tally), sum(tally.now.values())
    count = tally.now.get(level, 0)
    if level == Level.LIKELY:
        told = "is likely to miss its date" if count == 1 else "are likely to miss their date"
        return _counted(count, all_of_them, told, _since_last_week(tally, level))
    if level == Level.AT_RISK:
        told = f"{'is' if count == 1 else 'are'} at risk; none is likely to miss"
        return _counted(count, all_of_them, told, _since_last_week(tally, level))
    if level == Level.ON_TRACK:
        whole = f"All {count} deliverables" if count > 1 else "The one deliverable"
        return (Phrase(f"{whole} with a forecast {'are' if count > 1 else 'is'} on track.", "em"),)
    return (Phrase(f"{words.plural(all_of_them, 'deliverable')}, and no forecast yet."),)


def _counted(count: int, whole: int, told: str, compared: str) -> Sentence:
    start = (Phrase(f"{count} of {words.plural(whole, 'deliverable')}", "em"), Phrase(f" {told}"))
    return (*start, Phrase("; "), Phrase(f"{compared}.", "quiet")) if compared else (*start, Phrase("."))


def _since_last_week(tally: Tally, level: Level) -> str:
    return words.compared(tally.now.get(level, 0), tally.before.get(level, 0)) if compares(tally) else ""


def compares(tally: Tally) -> bool:
    """Whether there was a forecast a week ago: else there is nothing to compare with."""
    return any(count for level, count in tally.before.items() if level != Level.NONE)


def promise_headline(promise: Promise) -> Sentence:
    """About a 4 in 5 chance of missing 11 December; most likely done on 22 December, 11 days late."""
    if promise.delivered:
        return _delivered(promise, promise.delivered)
    if promise.target is None:
        return _undated(promise)
    target = words.long_day(promise.target, promise.day)
    if promise.missing is None:
        return (Phrase(f"No forecast yet for {target}."),)
    stress: Stress = "em" if promise.level in (Level.LIKELY, Level.AT_RISK) else ""
    chance = Phrase(f"{odds(words.percent(promise.missing))} {target}", stress)
    if promise.p50 is None:
        return (chance, Phrase("; no end in sight within ten years."))
    likely = f"; most likely done on {words.long_day(promise.p50, promise.day)}, "
    return (chance, Phrase(likely), Phrase(f"{lateness(promise.p50, promise.target)}.", "quiet"))


def _undated(promise: Promise) -> Sentence:
    if promise.p50 is None:
        return (Phrase("No date is promised, and there is no forecast yet."),)
    return (Phrase(f"No date is promised; most likely done on {words.long_day(promise.p50, promise.day)}."),)


def _delivered(promise: Promise, delivered: date) -> Sentence:
    done = Phrase(f"Delivered on {words.long_day(delivered, promise.day)}")
    if promise.target is None:
        return (done, Phrase("."))
    return (done, Phrase(", "), Phrase(f"{lateness(delivered, promise.target)}.", "quiet"))


def odds(per_cent: int) -> str:
    """How a sentence about a chance of missing begins: About a 4 in 5 chance of missing."""
    in_words = words.chance_in_words(per_cent)
    if in_words == "almost certain":
        return "Almost certain to miss"
    if in_words == "even odds" or in_words.endswith("even"):
        return f"{words.capital(in_words.removesuffix(' odds'))} odds of missing"
    return f"{words.capital(in_words.replace('about ', 'about a ').replace('than ', 'than a '))} chance of missing"


def lateness(finish: date, target: date) -> str:
    """11 days late, 9 days early, on the day."""
    late = (finish - target).days
    if late == 0:
        return "on the day"
    return f"{words.days(abs(late))} {'late' if late > 0 else 'early'}"


def confident_date(promise: Promise) -> str:
    """The date that can be promised with confidence: P85."""
    if promise.delivered or promise.p85 is None or not promise.quantiles:
        return ""
    say = words.long_day(promise.p85, promise.day)
    if promise.level == Level.ON_TRACK:
        return f"Almost surely done by {say}: about 6 in 7 simulated futures are."
    return f"To promise with confidence, say {say}: about 6 in 7 simulated futures are done by then."


def stands_out(promise: Promise) -> str:
    """The one or two strongest measured facts about a promise, in words."""
    if promise.delivered:
        return "Delivered"
    if promise.missing is None:
        return promise.reason or "No date is promised yet"
    found = sorted(_facts(promise), key=lambda fact: -fact[0])[:2]
    if not found:
        return "No blocked items, scope as agreed"
    first, *second = [text for _, text in found]
    return "; ".join([first, *(text[:1].lower() + text[1:] for text in second)])


def _facts(promise: Promise) -> list[tuple[float, str]]:
    """Facts with their weight: a share where there is one."""
    open_items = promise.items - promise.items_done
    found: list[tuple[float, str]] = []
    if promise.days_left is not None and promise.days_left < 0:
        found.append((2.0, f"The promised day was {words.days(-promise.days_left)} ago"))
    if promise.waits_for:
        found.append((0.9, f"Waits for {and_others(promise.waits_for)}"))
    if promise.at_commitment and promise.grown / promise.at_commitment >= 0.1:
        growth = promise.grown / promise.at_commitment
        found.append((min(growth, 1.0), f"Scope grew {round(100 * growth)}% since the date was set"))
    if promise.blocked:
        found.append((promise.blocked / max(open_items, 1), _blocked(promise.blocked, open_items)))
    if promise.moves > 1:
        found.append((0.2, f"The date moved {words.times(promise.moves)}"))
    return [*found, *_progress(promise, open_items)]


def _progress(promise: Promise, open_items: int) -> list[tuple[float, str]]:
    """How the work itself gets on: one fact, the first that holds. FORECAST.md 6.4: of goals of which nothing was
    started ten weeks before their date, 26% were met, of those half done 75%.
    """
    left, still = promise.days_left, promise.weeks_still
    if not promise.items or not open_items:
        return []
    if not promise.items_begun and not promise.items_done and left is not None and left <= TEN_WEEKS:
        return [(1.0, f"Nothing started {_before(left)}")]
    if still >= STILL:
        return [(min(0.1 * still, 0.85), f"No item finished for {words.plural(still, 'week')}")]
    if not promise.items_done:
        return [(0.15, "No item finished yet")]
    return [(0.05, f"Last {words.plural(open_items, 'item')} open")] if open_items <= 5 else []


def _before(left: int) -> str:
    if left <= 0:
        return "by the promised day"
    return f"{words.plural(left // 7, 'week') if left >= 14 else words.days(left)} before the date"


def _blocked(blocked: int, open_items: int) -> str:
    return f"{blocked} of {words.plural(max(open_items, blocked), 'open item')} blocked"


def and_others(titles: Sequence[str]) -> str:
    """Event schema v3; Event schema v3 and 2 others."""
    rest = len(titles) - 1
    return titles[0] if not rest else f"{titles[0]} and {words.plural(rest, 'other')}"
