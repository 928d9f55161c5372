"""What goals and deliverables are called in files and by other systems: a name of their own that never changes."""

from __future__ import annotations

import secrets
from typing import Final

LONGEST_SLUG: Final = 80


def any_slug() -> str:
    """A name for what nobody has named: no two are the same."""
    return f"x-{secrets.token_hex(6)}"
