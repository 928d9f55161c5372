"""Why something that was typed is not kept: it cannot be, or somebody else was quicker."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Generic, TypeVar

Row = TypeVar("Row")


class Wrong(ValueError):
    """What was typed cannot be kept; ``errors`` says why, by field, in words that say what to do."""

    def __init__(self, errors: Mapping[str, str]):
        super().__init__(" ".join(errors.values()))
        self.errors = dict(errors)


class Conflict(Exception, Generic[Row]):
    """Somebody else has changed it meanwhile; ``row`` is how it stands now. Nothing was kept."""

    def __init__(self, row: Row):
        super().__init__("Somebody else has changed this meanwhile.")
        self.row = row
