"""The top risks: what is likely to be missed, why, and what is done about it. Then what the register holds besides."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final

from django.urls import reverse

from dashboards import sentences, words
from dashboards.digest.records import Listed, Promised
from dashboards.digest.seen import Portfolio
from dashboards.pages.risk_rows import impact, threatened, weightiest
from delivery.core.chance import Level
from delivery.core.promise import Promise
from delivery.models import Action, Risk

MOST: Final = 7
MOST_AT_RISK: Final = 3
MOST_LISTED: Final = 3
NO_ACTION: Final = "No action under way."


def top(folio: Portfolio) -> tuple[Level, list[Promise], int]:
    """Level, the promises that are told, and how many stand at it: the likely ones, or without any those at risk."""
    for level, most in ((Level.LIKELY, MOST), (Level.AT_RISK, MOST_AT_RISK)):
        found = [one for one in folio.promises if one.level == level]
        if found:
            return level, found[:most], len(found)
    return Level.LIKELY, [], 0


def risks(folio: Portfolio, told: Sequence[Promise]) -> tuple[Promised, ...]:
    compares = sentences.compares(folio.tally)
    return tuple(_promised(one, folio, compares) for one in told)


def _promised(one: Promise, folio: Portfolio, compares: bool) -> Promised:
    day, missing = folio.seen.day, one.missing or 0.0
    return Promised(
        id=one.id,
        title=one.title,
        url=reverse("deliverable", args=[one.id]),
        level=one.level,
        missing=words.percent(missing),
        chance=words.per_cent(missing),
        odds=words.chance_in_words(words.percent(missing)),
        promised=words.long_day(one.target, day) if one.target else "",
        likely=_likely(one, day),
        driver=folio.seen.drivers.get(one.id) or sentences.stands_out(one),
        action=_action(folio.seen.actions.get(one.id), day),
        is_new=compares and one.id in folio.tally.new_likely,
    )


def _likely(one: Promise, day: date) -> str:
    """22 December, almost surely by 11 January."""
    if one.p50 is None:
        return "no end in sight within ten years"
    surely = f", almost surely by {words.long_day(one.p85, day)}" if one.p85 else ""
    return f"likely {words.long_day(one.p50, day)}{surely}"


def _action(row: Action | None, day: date) -> str:
    if row is None:
        return NO_ACTION
    begun = "Proposed" if row.state == Action.State.PROPOSED else "Under way"
    who = row.owner.name if row.owner else "nobody’s yet"
    return f"{begun}: {row.title} ({who}, due {words.long_day(row.due, day)})."


def register(folio: Portfolio) -> tuple[Listed, ...]:
    """The weightiest risks of goals and teams that the reader follows."""
    found = [one for one in folio.seen.risks if _concerns(folio, one)]
    return tuple(_listed(one) for one in weightiest(found)[:MOST_LISTED])


def _concerns(folio: Portfolio, risk: Risk) -> bool:
    about = risk.team or (risk.goal.team if risk.goal else None)
    group = risk.goal.group_id if risk.goal else None
    return folio.meant.concerns(team=about.pk if about else None, group=group)


def _listed(risk: Risk) -> Listed:
    what, _ = threatened(risk)
    told = [impact(risk.impact).lower() if risk.impact is not None else "impact not known"]
    if risk.probability is not None:
        told.insert(0, f"{words.chance_in_words(words.percent(risk.probability))} ({words.per_cent(risk.probability)})")
    owner = f"{risk.owner.name} owns it" if risk.owner else "nobody owns it"
    says = f"Threatens {what}: {', '.join([*told, owner, _doing(risk)])}."
    return Listed(risk.pk, risk.title, reverse("risk", args=[risk.pk]), says)


def _doing(risk: Risk) -> str:
    """1 action under way; what is only proposed is not."""
    states = [one.state for one in risk.actions.all() if one.ended is None]
    if begun := states.count(Action.State.STARTED):
        return f"{words.plural(begun, 'action')} under way"
    return f"{words.plural(len(states), 'action')} proposed" if states else "no action under way"
