"""The sentence above the sources: how many are fresh, what needs doing, what catches up by itself. PURE."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from dashboards import words
from dashboards.sentences import Phrase, Sentence
from delivery.freshness import State

NEEDS: Final = {
    "credentials": "needs a new token",
    "expired": "needs a new token",
    "permission": "needs more rights",
    "missing": "misses a project or repository",
    "unreachable": "does not answer",
    "answer": "does not answer as expected",
    "outdated": "needs a newer version",
    "address": "needs another address",
    "limited": "waits for its quota",
}
CATCHING_UP: Final = (State.READING, State.NEVER, State.PAUSED)
NUMBERS: Final = ("None", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten")


@dataclass(frozen=True, slots=True)
class Standing:
    """What the sentence needs to know of a source; ``error_kind`` of its first stopped part.

    ``missing``: how many things could not be read; ``alarm``: its token sees much less than before.
    """

    name: str
    state: State
    error_kind: str = ""
    left: str = ""
    missing: int = 0
    alarm: bool = False


def headline(sources: Sequence[Standing], *, kept: bool = False) -> Sentence:
    """How many are fresh; stressed, what needs doing; quietly, what catches up by itself.

    ``kept``: data of sources that are no longer connected is still there.
    """
    if not sources and kept:
        return (Phrase("No source is connected; "), Phrase("what was read before stays as it was.", "quiet"))
    if not sources:
        return (Phrase("No source is connected; "), Phrase("there is nothing to forecast from yet.", "quiet"))
    needs, quiet = _needs(sources), [_catching_up(one) for one in sources if one.state in CATCHING_UP]
    alone = len(sources) == 1 and bool(needs or quiet)  # its own trouble says already that it is not fresh
    phrases = [] if alone else [Phrase(_fresh(sources) + ("; " if needs or quiet else "."))]
    if needs:
        phrases.append(Phrase(words.listed(needs) + (", " if quiet else "."), "em"))
    if quiet:
        phrases.append(Phrase(f"{words.listed(quiet)}.", "quiet"))
    return tuple(phrases)


def level(sources: Sequence[Standing]) -> str:
    return "likely" if any(one.state == State.STOPPED for one in sources) else "at-risk"


def _needs(sources: Sequence[Standing]) -> list[str]:
    needs = [_need(one) for one in sources if one.state == State.STOPPED]
    needs += [_lack(one) for one in sources if one.state == State.PARTIAL]
    late = [one.name for one in sources if one.state == State.LATE]
    return [*needs, f"{words.listed(late)} {'is' if len(late) == 1 else 'are'} late"] if late else needs


def _fresh(sources: Sequence[Standing]) -> str:
    fresh, whole = sum(one.state == State.FRESH for one in sources), len(sources)
    if whole == 1:
        return f"{sources[0].name} is fresh"
    if fresh == whole:
        return "Both sources are fresh" if whole == 2 else f"All {_number(whole).lower()} sources are fresh"
    return f"{_number(fresh)} of {_number(whole).lower()} sources {'is' if fresh < 2 else 'are'} fresh"


def _number(count: int) -> str:
    return NUMBERS[count] if count < len(NUMBERS) else str(count)


def _need(source: Standing) -> str:
    return f"{source.name} {NEEDS.get(source.error_kind, 'has stopped')}"


def _lack(source: Standing) -> str:
    if source.alarm:
        return f"{source.name} shows much less than before"
    return f"{source.name} lacks {words.plural(source.missing, 'thing')} that could not be read"


def _catching_up(source: Standing) -> str:
    if source.state == State.PAUSED:
        return f"{source.name} is paused"
    if source.state == State.NEVER:
        return f"{source.name} was not read yet"
    return f"{source.name} catches up in {source.left}" if source.left else f"{source.name} is being read"
