"""Where declared and computed status differ: every goal and deliverable, the widest gap first, both directions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from urllib.parse import urlencode

from django.http import QueryDict

from dashboards import words
from dashboards.pages.deliverables_csv import written
from dashboards.pages.disputes import Dispute, differing
from dashboards.pages.filters import Choice
from dashboards.sentences import Phrase, Sentence
from delivery.core.promise import Promise
from delivery.goal_tree import goals, running
from delivery.promises import promises
from people.access import User

KINDS: Final = {"": "Goals and deliverables", "goal": "Goals", "deliverable": "Deliverables"}
DIRECTIONS: Final = {
    "": "Both directions",
    "hopeful": "More hopeful than the forecast",
    "careful": "More careful than it",
}
COLUMNS: Final = (
    *(
        "what",
        "kind",
        "declared status",
        "declared",
        "computed status",
        "computed",
        "gap points",
        "said",
        "reason",
        "as of",
    ),
)
SHOWN: Final = 200


@dataclass(frozen=True, slots=True)
class Disagreement:
    promises: list[Promise]  # open ones: the shell counts them
    headline: Sentence
    rows: Sequence[Dispute]
    counted: str
    kinds: tuple[Choice, ...]
    directions: tuple[Choice, ...]
    ignored: tuple[str, ...]
    csv: str
    day: date


def disagreement(user: User, query: QueryDict, *, day: date) -> Disagreement:
    open_ones = promises(user, day=day)
    found = differing(open_ones, goals(user, day=day, within=running(day)), day)
    kind, direction = query.get("kind") or "", query.get("direction") or ""
    ignored = [f"There is no kind “{kind}”"] if kind not in KINDS else []
    ignored += [f"There is no direction “{direction}”"] if direction not in DIRECTIONS else []
    kept = [one for one in found if _fits(one, kind if kind in KINDS else "", direction)]
    return Disagreement(
        promises=open_ones,
        headline=headline(found),
        rows=kept,
        counted=f"{words.number(min(len(kept), SHOWN))} of {words.number(len(found))} shown",
        kinds=tuple(Choice(value, label, value == kind) for value, label in KINDS.items()),
        directions=tuple(Choice(value, label, value == direction) for value, label in DIRECTIONS.items()),
        ignored=tuple(ignored),
        csv=f"?{urlencode({'kind': kind, 'direction': direction, 'format': 'csv'})}",
        day=day,
    )


def _fits(one: Dispute, kind: str, direction: str) -> bool:
    right_way = one.hopeful if direction == "hopeful" else not one.hopeful if direction == "careful" else True
    return right_way and (not kind or one.kind.lower() == kind)


def headline(found: Sequence[Dispute]) -> Sentence:
    """12 words are more hopeful than the forecast; 3 are more careful."""
    if not found:
        return (Phrase("Every word agrees with its forecast."),)
    hopeful = sum(one.hopeful for one in found)
    careful = len(found) - hopeful
    return (
        Phrase(words.plural(hopeful, "word"), "em" if hopeful else ""),
        Phrase(f" {'is' if hopeful == 1 else 'are'} more hopeful than the forecast; "),
        Phrase(f"{careful} {'is' if careful == 1 else 'are'} more careful.", "quiet"),
    )


def as_csv(page: Disagreement) -> str:
    return written(COLUMNS, (_cells(one, page.day) for one in page.rows))


def _cells(one: Dispute, day: date) -> tuple[object, ...]:
    gap = "" if one.gap is None else round(100 * one.gap)
    computed = words.LEVELS[one.level]
    return (
        one.title,
        one.kind,
        one.declared_word,
        one.sure,
        computed,
        one.forecast,
        gap,
        one.note,
        one.reason,
        day.isoformat(),
    )
