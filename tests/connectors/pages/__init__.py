"""Recorded pages in the vendors' shapes, with made-up names."""

from pathlib import Path
from typing import Any

import orjson


def page(name: str) -> Any:
    """The JSON of a recorded page, fresh each time."""
    return orjson.loads((Path(__file__).parent / f"{name}.json").read_bytes())
