"""Will we deliver, what threatens it, what first: three sentences and the deliverable they lead to. PURE.

Only facts that Headway measured, by fixed rules, so that the same numbers always give the same words.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

from dashboards import words
from dashboards.sentences import Phrase, Sentence
from delivery.core.chance import Level
from delivery.core.promise import Promise

NAMED: Final = 3  # groups


@dataclass(frozen=True, slots=True)
class Answers:
    """``threat`` and ``first`` are the deliverables that the last two sentences speak of."""

    will_we: Sentence
    threatens: Sentence
    do_first: Sentence
    threat: Promise | None
    first: Promise | None


@dataclass(frozen=True, slots=True)
class Step:
    """What the one primary button says, and the part of the deliverable's page that it leads to."""

    verb: str
    anchor: str


TRY_IT: Final = Step("Try what would help", "#what-if")
DECIDE: Final = Step("Decide what waits", "#scenarios")


def step(first: Promise | None, waiting: Collection[int | None]) -> Step:
    """``waiting``: ids of deliverables on which a decision of the reader waits; that comes before any trying."""
    return DECIDE if first is not None and first.id in waiting else TRY_IT


def answers(promises: Sequence[Promise]) -> Answers:
    """``promises`` are open ones, the likeliest to be missed first."""
    danger = [one for one in promises if one.level in (Level.LIKELY, Level.AT_RISK)]
    threat = _most_waited_for(promises, danger) or _strongest(danger)
    first = threat or _most_disputed(danger) or (danger[0] if danger else None)
    return Answers(
        will_we=_will_we(promises),
        threatens=_threatens(threat, danger),
        do_first=_do_first(first, danger),
        threat=threat,
        first=first,
    )


def _will_we(promises: Sequence[Promise]) -> Sentence:
    known = [one for one in promises if one.missing is not None]
    if not known:
        return (Phrase("Nobody can say yet: no deliverable has a forecast."),)
    likely = [one for one in known if one.level == Level.LIKELY]
    if not likely:
        return (Phrase(f"As it looks, yes: {_forecasts(len(known))} likely to miss."),)
    return (
        Phrase(_how_much(len(likely) / len(known))),
        Phrase(" "),
        *_where(likely),
        Phrase(f"{_by_how_much(likely)}."),
    )


def _forecasts(count: int) -> str:
    return f"none of the {count} with a forecast is" if count > 1 else "the one with a forecast is not"


def _how_much(share: float) -> str:
    if share <= 0.25:
        return "Most of it."
    return "More than half of it." if share < 0.5 else "Less than half of it."


def _where(likely: Sequence[Promise]) -> Sentence:
    """The one or two goals that hold half or more of what is likely to miss; teams where there are no goals."""
    goals = Counter(one.goal for one in likely if one.goal)
    top = _most(goals or Counter(one.team for one in likely))[:2]
    held = sum(count for _, count in top)
    if 2 * held < len(likely):
        return _spread(likely)
    names: list[Phrase] = []
    for name, _ in top:
        names += [*([Phrase(" and ")] if names else []), Phrase(name, "strong")]
    hold = "hold" if len(top) > 1 else "holds"
    return (*names, Phrase(f" {hold} {held} of the {len(likely)} likely to miss"))


def _spread(likely: Sequence[Promise]) -> Sentence:
    """Where nothing holds most of it: how many are in which group, or over how many teams of the only one."""
    whole, groups = len(likely), _most(Counter(one.group for one in likely))
    if len(groups) == 1:
        teams = len({one.team_slug for one in likely})
        over = f"spread over {words.plural(teams, 'team')}" if teams > 1 else "all of one team, for different goals"
        return (Phrase(f"The {whole} likely to miss are {over}"),)
    named = [f"{count} in {name}" for name, count in groups[:NAMED]]
    named[0] = f"{groups[0][1]} {'is' if groups[0][1] == 1 else 'are'} in {groups[0][0]}"
    rest = whole - sum(count for _, count in groups[:NAMED])
    told = [*named, f"{rest} elsewhere"] if rest else named
    return (Phrase(f"Of the {whole} likely to miss, {words.listed(told)}"),)


def _most(places: Counter[str]) -> list[tuple[str, int]]:
    return sorted(places.items(), key=lambda place: (-place[1], place[0]))


def _by_how_much(likely: Sequence[Promise]) -> str:
    late = [(one.p50 - one.target).days for one in likely if one.p50 and one.target]
    if not late or max(late) <= 0:
        return ""
    return f"; the latest by {words.days(max(late))}"


def _most_waited_for(promises: Sequence[Promise], danger: Sequence[Promise]) -> Promise | None:
    """The open deliverable that most of those in danger wait for, two at least."""
    waits = Counter(title for one in danger for title in dict.fromkeys(one.waits_for))
    found = [one for one in promises if waits[one.title] >= 2]
    return max(found, key=lambda one: (waits[one.title], one.missing or 0), default=None)


def _strongest(danger: Sequence[Promise]) -> Promise | None:
    """The likeliest to be missed of those with blocked items or a scope that grew."""
    return next((one for one in danger if one.blocked or _grew(one)), None)


def _most_disputed(danger: Sequence[Promise]) -> Promise | None:
    disputed = [one for one in danger if one.declared == "on_track"]
    return max(disputed, key=lambda one: one.disagreement or 0, default=None)


def _grew(promise: Promise) -> bool:
    return promise.at_commitment > 0 and promise.grown / promise.at_commitment >= 0.1


def _waiting(threat: Promise, danger: Sequence[Promise]) -> int:
    return sum(threat.title in one.waits_for for one in danger)


def _threatens(threat: Promise | None, danger: Sequence[Promise]) -> Sentence:
    if not danger:
        return (Phrase("Nothing that Headway measures: no promise is likely to miss or at risk."),)
    if threat is None:
        return _nothing_shared(danger)
    waiting = _waiting(threat, danger)
    if waiting >= 2:
        cannot = Phrase(f": {waiting} of the {len(danger)} in danger cannot finish without it.{_own_chance(threat)}")
        return (Phrase("One piece of work, "), Phrase(threat.title, "strong"), cannot)
    return (Phrase(threat.title, "strong"), Phrase(f" most of all: {_cause(threat)}."))


def _nothing_shared(danger: Sequence[Promise]) -> Sentence:
    green = sum(one.declared == "on_track" for one in danger)
    calm = f"No shared cause: the {len(danger)} in danger have no blocked items and no grown scope."
    if not green:
        return (Phrase(calm),)
    return (Phrase(f"{calm} {green} of them {'is' if green == 1 else 'are'} declared on track."),)


def _own_chance(threat: Promise) -> str:
    return "" if threat.missing is None else f" Its own chance of missing is {words.per_cent(threat.missing)}."


def _cause(threat: Promise) -> str:
    causes = []
    if threat.blocked:
        causes.append(f"{threat.blocked} of its {words.plural(threat.items - threat.items_done, 'open item')} blocked")
    if _grew(threat):
        causes.append(f"{words.plural(threat.grown, 'item')} came in since the date was set")
    return words.listed(causes)


def _do_first(first: Promise | None, danger: Sequence[Promise]) -> Sentence:
    if first is None:
        return (Phrase("Nothing has to be done first. Read on for the teams."),)
    name, waiting = Phrase(first.title, "strong"), _waiting(first, danger)
    others = (
        f"; {words.plural(waiting, 'other')} in danger {'waits' if waiting == 1 else 'wait'} for it" if waiting else ""
    )
    if first.blocked:
        blocked = words.plural(first.blocked, "blocked item")
        return (Phrase(f"Clear the {blocked} of "), name, Phrase(f"{others}."))
    if _grew(first):
        return (Phrase("Agree what "), name, Phrase(f" can leave out: {_added(first)}{others}."))
    if first.declared == "on_track":
        return (Phrase("Ask the owner of "), name, Phrase(f" what they know that the forecast does not{others}."))
    return (Phrase("Look at "), name, Phrase(f" together with its owner{others}."))


def _added(first: Promise) -> str:
    came = words.plural(first.grown, "item")
    return f"{came} came in on top of the {first.at_commitment} it was promised with"
