"""The rules that keep the register. Adding one: a function here, a line in RULES, two tests (it fires, it stays silent)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from delivery.core.drivers import Cause
from delivery.core.risk import (
    DeliverableEvidence,
    GoalEvidence,
    Proof,
    Reading,
    Rule,
    TeamEvidence,
)

TEN_WEEKS: Final = 70
FEW: Final = 3
"""Fewer open items than this say nothing in per cent."""
ENOUGH: Final = 5
"""Deployments from which a rate is told, and people from which a share of a team is."""
ENOUGH_REVIEWS: Final = 20
NAMED: Final = 5
ENOUGH_MOVED: Final = 8
Readings = tuple[Reading, ...] | None


def likely_to_miss(one: DeliverableEvidence) -> Readings:
    """A day that has passed is no longer likely to be missed: ``date_passed`` says so."""
    promise = one.promise
    if promise.target is None or promise.target < one.day:
        return ()
    value = None if promise.missing is None else 100 * promise.missing
    said = "" if value is None else f"The chance of missing is {round(value)}%."
    return (Reading(value, f"Likely to miss {promise.target.day} {promise.target:%B}", _proofs(said)),)


def date_passed(one: DeliverableEvidence) -> Readings:
    left = one.promise.days_left
    if left is None:
        return ()
    return (Reading(float(-left), "Its promised day has passed", _proofs(f"The promised day was {-left} days ago.")),)


def nothing_started(one: DeliverableEvidence) -> Readings:
    """FORECAST.md 6.4: of goals of which nothing was started ten weeks before their date, 26 % were met."""
    promise, left = one.promise, one.promise.days_left
    if left is None or not promise.items:
        return ()
    idle = not promise.items_begun and not promise.items_done and left <= TEN_WEEKS
    return (
        Reading(
            float(idle),
            "Nothing of it has been started",
            _proofs(f"None of its {promise.items} items is begun, {max(left, 0) // 7} weeks before the date."),
        ),
    )


def scope_grew(one: DeliverableEvidence) -> Readings:
    promise = one.promise
    if not promise.at_commitment:
        return ()
    growth = 100 * promise.grown / promise.at_commitment
    said = f"{promise.grown} items came in on top of the {promise.at_commitment} it was promised with."
    return (Reading(growth, f"Scope grew {round(growth)}% since the promise", _proofs(said)),)


def stuck_items(one: DeliverableEvidence) -> Readings:
    if one.open_items < FEW:
        return (Reading(0.0, "Items are stuck"),)
    if not one.known:
        return None
    share = 100 * one.stuck / one.open_items
    said = f"{one.stuck} of {one.open_items} open items are blocked, or older than 6 in 7 of the team’s items got."
    return (Reading(share, f"{one.stuck} of {one.open_items} open items are stuck", _proofs(said)),)


def waiting(one: DeliverableEvidence) -> Readings:
    """One cause for each deliverable that is waited for."""
    target = one.promise.target
    if target is None:
        return ()
    if not one.known:
        return None
    found = []
    for need in one.needs:
        late = None if need.p50 is None else float((need.p50 - target).days)
        said = "" if need.p50 is None else f"{need.title} is likely done on {need.p50.day} {need.p50:%B}."
        found.append(Reading(late, f"Waits for {need.title}", _proofs(said), cause=str(need.id)))
    return tuple(found)


def one_person(one: DeliverableEvidence) -> Readings:
    """Never who: the team’s page says who is in the team, a risk does not point at anybody."""
    if one.open_items < FEW:
        return (Reading(0.0, "One person holds most of the work"),)
    if not one.known:
        return None
    share = None if one.alone is None else 100 * one.alone
    said = "" if share is None else f"One person holds {round(share)}% of its open and recent work."
    return (Reading(share or 0.0, "One person holds most of the work", _proofs(said)),)


def absence(one: DeliverableEvidence) -> Readings:
    if (one.promise.days_left or 0) <= 0:
        return ()
    if one.capacity_lost is None:
        return None
    lost = 100 * one.capacity_lost
    said = f"Leave takes {round(lost)}% of the capacity that it has until its date."
    return (Reading(lost, "People it rests on are away before its date", _proofs(said)),)


def no_check_in(one: DeliverableEvidence) -> Readings:
    since = one.promise.declared_on or one.promise.start
    weeks = (one.day - since).days / 7
    said = (
        "Nobody has checked in yet."
        if one.promise.declared_on is None
        else f"The last check-in was on {since.day} {since:%B}."
    )
    return (Reading(weeks, f"No check-in for {int(weeks)} weeks", _proofs(said)),)


def nothing_finished(one: DeliverableEvidence) -> Readings:
    """Of a source that is not read nothing ever finishes."""
    weeks = one.promise.weeks_still
    if one.silent:
        return None
    if not one.promise.items_begun:
        return (Reading(0.0, "Nothing was finished for weeks"),)
    return (
        Reading(
            float(weeks), f"Nothing was finished for {weeks} weeks", _proofs(f"No item was finished for {weeks} weeks.")
        ),
    )


def declared_green(one: DeliverableEvidence) -> Readings:
    gap = one.promise.disagreement
    if one.promise.declared != "on_track":
        return (Reading(0.0, "Declared on track, forecast to miss"),)
    value = None if gap is None else 100 * gap
    chance = None if one.promise.missing is None else round(100 * (1 - one.promise.missing))
    said = "" if chance is None else f"Declared on track, {one.promise.confidence}% sure; the forecast says {chance}%."
    return (Reading(value, "Declared on track, but the forecast disagrees", _proofs(said)),)


def no_scope(one: DeliverableEvidence) -> Readings:
    return (Reading(float(not one.promise.items), "No work item is in its scope", _proofs("Its rules match no item.")),)


def no_date(one: DeliverableEvidence) -> Readings:
    return (Reading(float(one.promise.target is None), "No date is promised", _proofs("Nobody gave a date yet.")),)


def goal_untold(one: GoalEvidence) -> Readings:
    since = one.said or one.start
    weeks = (one.day - since).days / 7
    said = (
        "Nobody has checked in on it yet." if one.said is None else f"The last check-in was on {since.day} {since:%B}."
    )
    return (Reading(weeks, f"No word on this goal for {int(weeks)} weeks", _proofs(said)),)


def goal_without_work(one: GoalEvidence) -> Readings:
    if one.rests_on is None:
        return None
    return (
        Reading(float(not one.rests_on), "Nothing is promised for this goal", _proofs("No deliverable serves it.")),
    )


def piling_up(one: TeamEvidence) -> Readings:
    if one.silent:
        return None
    if one.arrived + one.left < ENOUGH_MOVED or not one.in_progress:
        return (Reading(0.0, "Work piles up"),)
    growth = 100 * (one.arrived - one.left) / max(one.in_progress - (one.arrived - one.left), 1)
    said = f"In four weeks {one.arrived} items were started and {one.left} ended; {one.in_progress} are in progress."
    return (Reading(growth, "More work is started than finished", _proofs(said)),)


def slow_reviews(one: TeamEvidence) -> Readings:
    if one.silent:
        return None
    said = "" if one.reviews is None else f"Half of first reviews take longer than {one.reviews:.1f} working days."
    return (Reading(one.reviews, "Pull requests wait long for a first review", _proofs(said)),)


def failing_deployments(one: TeamEvidence) -> Readings:
    if one.silent:
        return None
    if one.fail_rate is None or one.deployments < ENOUGH:
        return (Reading(None, "Deployments fail often"),)
    said = f"{round(100 * one.fail_rate)}% of {one.deployments} deployments in twelve weeks led to an incident."
    return (Reading(100 * one.fail_rate, "Deployments fail often", _proofs(said)),)


def silent_source(one: TeamEvidence) -> Readings:
    """One cause for each part of a source."""
    return tuple(
        Reading(
            days, f"{part} has not been read for days", _proofs(f"It was read last {days:.0f} days ago."), cause=part
        )
        for part, days in sorted(one.silent.items())
    )


def unread_items(one: TeamEvidence) -> Readings:
    said = f"{one.missing} things of its projects and repositories could not be read; Data sources names them."
    return (Reading(float(one.missing), "Some of its work could not be read", _proofs(said)),)


def unmapped_statuses(one: TeamEvidence) -> Readings:
    """Items in such a status count as not begun, whatever is done about them."""
    items = sum(one.unreadable.values())
    named = sorted(one.unreadable, key=lambda status: (-one.unreadable[status], status))[:NAMED]
    said = f"{items} open items are in a status whose meaning is not known, so they count as not begun."
    names = "The statuses with most of them: " + ", ".join(f"“{status}” ({one.unreadable[status]})" for status in named)
    title = f"{len(one.unreadable)} statuses have no meaning" if len(one.unreadable) != 1 else "A status has no meaning"
    return (Reading(float(items), title, _proofs(said, f"{names}.") if items else ()),)


def reviews_on_one(one: TeamEvidence) -> Readings:
    """Never who, and nothing of fewer than five people: there a share would be a figure about somebody."""
    whole, most = one.given
    if one.silent or one.people is None or whole < ENOUGH_REVIEWS:
        return None
    if one.people < ENOUGH:
        return ()
    share = 100 * most / whole
    said = f"Of {whole} reviews in eight weeks, {round(share)}% were given by the same person."
    return (Reading(share, "Reviews rest on one person", _proofs(said)),)


def _proofs(*texts: str) -> tuple[Proof, ...]:
    return tuple(Proof(text) for text in texts if text)


D, G, T = DeliverableEvidence, GoalEvidence, TeamEvidence
_ALL: Final = (
    Rule("likely_to_miss", "schedule", "Likely to miss its date", "Chance of missing the promised day", "%", 50, 40, 2, likely_to_miss, D),
    Rule("date_passed", "schedule", "Date passed", "Days since the promised day, while it is open", "days", 1, 1, 0, date_passed, D),
    Rule("nothing_started", "schedule", "Nothing started", "Nothing begun ten weeks before the date", "yes/no", 1, 1, 3, nothing_started, D),
    Rule("scope_grew", "scope", "Scope grew", "Items that came in since the promise, against those promised", "%", 25, 15, 3, scope_grew, D),
    Rule("stuck_items", "flow", "Stuck items", "Open items that are blocked or very old", "%", 30, 15, 3, stuck_items, D),
    Rule("waiting", "dependency", "Waiting for late work", "Days that what it waits for is likely done after its own date", "days", 1, -6, 2, waiting, D),
    Rule("one_person", "people", "Rests on one person", "Part of its open and recent work that one person holds", "%", 60, 50, 7, one_person, D),
    Rule("absence", "people", "People away", "Capacity until its date that absence takes", "%", 25, 15, 2, absence, D),
    Rule("no_check_in", "staleness", "No check-in", "Weeks since the last check-in", "weeks", 3, 2, 0, no_check_in, D),
    Rule("nothing_finished", "staleness", "Nothing finished", "Weeks since an item was last finished", "weeks", 4, 2, 0, nothing_finished, D),
    Rule("declared_green", "disagreement", "Declared green, forecast red", "Declared confidence less the forecast’s chance, where on track is declared", "points", 30, 20, 3, declared_green, D),
    Rule("no_scope", "data", "No scope", "No work item in the scope", "yes/no", 1, 1, 7, no_scope, D),
    Rule("no_date", "data", "No date", "No promised day", "yes/no", 1, 1, 7, no_date, D),
    Rule("goal_untold", "staleness", "Goal without a word", "Weeks since the last check-in on the goal", "weeks", 5, 3, 0, goal_untold, G),
    Rule("goal_without_work", "data", "Goal without work", "No deliverable serves the goal or one below it", "yes/no", 1, 1, 14, goal_without_work, G),
    Rule("piling_up", "flow", "Work piles up", "Growth of work in progress in four weeks", "%", 25, 10, 7, piling_up, T),
    Rule("slow_reviews", "flow", "Slow reviews", "Median working days until a first review", "days", 2, 1.5, 5, slow_reviews, T),
    Rule("failing_deployments", "quality", "Failing deployments", "Change fail rate over twelve weeks", "%", 20, 12, 5, failing_deployments, T),
    Rule("silent_source", "data", "Source not read", "Days since a part of a source was read", "days", 2, 1, 0, silent_source, T),
    Rule("unread_items", "data", "Unread items", "Things that could not be read", "items", 1, 1, 1, unread_items, T),
    Rule("unmapped_statuses", "data", "Statuses without a meaning", "Open items in a status whose meaning is not known", "items", 1, 1, 3, unmapped_statuses, T),
    Rule("reviews_on_one", "people", "Reviews rest on one person", "Part of the team’s reviews in eight weeks that one person gave", "%", 60, 50, 7, reviews_on_one, T),
)  # fmt: skip
RULES: Final[Mapping[str, Rule]] = {rule.slug: rule for rule in _ALL}

CAUSES: Final[Mapping[str, tuple[Cause, ...]]] = {
    "likely_to_miss": tuple(Cause),
    "date_passed": (Cause.SIZE, Cause.LATE_START),
    "nothing_started": (Cause.LATE_START,),
    "scope_grew": (Cause.SCOPE,),
    "stuck_items": (Cause.AGEING,),
    "waiting": (Cause.WAITING,),
    "one_person": (Cause.ABSENCE,),
    "absence": (Cause.ABSENCE,),
    "nothing_finished": (Cause.PACE, Cause.AGEING),
}
"""Which shares of the forecast belong to a risk."""
