"""Why something that was typed is not kept: it cannot be, or somebody else was quicker."""

from __future__ import annotations

from people.refused import Conflict, Wrong

__all__ = ["Conflict", "Wrong"]
