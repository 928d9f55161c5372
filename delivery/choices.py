"""What of a source is read, and how: what a person chose, and what fits the patterns among it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from delivery import discovery
from delivery.connectors.contract import Connector
from delivery.models import Source


@dataclass(frozen=True, slots=True)
class Choices:
    """What of a source is read, and how. ``backfill_from``: history before it is not read; None = all of it.

    ``patterns`` (``acme/*``, ``DATA*``) name scopes that join by themselves, now and later. ``share``: the most of the
    source's quota that Headway takes, in per cent. ``story_points_field`` "" = found by itself.
    """

    scopes: tuple[str, ...] = ()
    patterns: tuple[str, ...] = ()
    backfill_from: date | None = None
    share: int = 50
    worklogs: bool = False
    story_points_field: str = ""


def choices_of(known: Source | None) -> Choices:
    """What a source that is connected anew reads, where nobody says otherwise."""
    if known is None:
        return Choices()
    return Choices(
        scopes=tuple(known.scopes),
        patterns=tuple(known.patterns),
        backfill_from=known.backfill_from,
        share=known.share,
        worklogs=known.worklogs,
        story_points_field=known.story_points_field,
    )


def with_matching(connector: Connector, choices: Choices) -> Choices:
    """The scopes, and what fits the patterns now. Raises ConnectorError."""
    if not choices.patterns:
        return choices
    known = {scope.lower() for scope in choices.scopes}
    more = [scope for scope in discovery.there(connector, choices.patterns) if scope.lower() not in known]
    return replace(choices, scopes=(*choices.scopes, *more))


def choose(source: Source, choices: Choices) -> None:
    """Put ``choices`` into the row, which is not saved yet."""
    source.scopes = list(dict.fromkeys(choices.scopes))
    source.patterns = [pattern.strip() for pattern in dict.fromkeys(choices.patterns) if pattern.strip()]
    source.backfill_from, source.share = choices.backfill_from, min(max(choices.share, 1), 100)
    source.worklogs, source.story_points_field = choices.worklogs, choices.story_points_field.strip()
