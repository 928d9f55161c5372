"""Rows as the text that COPY reads, column by column: what holds for a whole column is asked once, not for each value."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models

Row = Sequence[Any]
Column = Callable[[Sequence[Any]], Iterable[str]]

_NEEDS_ESCAPE = re.compile(r"[\x00\\\t\n\r]")
_ESCAPES = str.maketrans({"\x00": "", "\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
_NULL = "\\N"


def text_of(rows: Iterable[Row], columns: Sequence[Column]) -> io.BytesIO:
    """The rows as COPY's text format, UTF-8; half a surrogate pair becomes a question mark. At least one row."""
    rendered = [render(values) for render, values in zip(columns, zip(*rows, strict=True), strict=True)]
    lines = map("\t".join, zip(*rendered, strict=True))
    return io.BytesIO(("\n".join(lines) + "\n").encode("utf-8", "replace"))


def column_of(field: models.Field[Any, Any], *, cut: bool) -> Column:
    """How the values of a column of ``field`` are written. ``cut``: text that is too long for it is shortened."""
    if isinstance(field, ArrayField):
        limit = field.base_field.max_length
        return lambda values: [_array(value, limit) for value in values]
    if isinstance(field, models.CharField | models.TextField):
        limit = field.max_length if cut else None
        return lambda values: _texts(values, limit)
    if isinstance(field, models.DateTimeField):
        return lambda values: [_NULL if value is None else _instant(value) for value in values]
    return lambda values: [_NULL if value is None else str(value) for value in values]


def _texts(values: Sequence[str | None], limit: int | None) -> Iterable[str]:
    """Most columns hold nothing that needs escaping: one look at all of it finds that out."""
    try:
        plain = _NEEDS_ESCAPE.search("".join(values)) is None  # type: ignore[arg-type]
    except TypeError:  # a null among them
        return [_NULL if value is None else _text(value, limit) for value in values]
    if plain and (limit is None or max(map(len, values)) <= limit):  # type: ignore[arg-type]
        return values  # type: ignore[return-value]
    return [_text(value, limit) for value in values]  # type: ignore[arg-type]


def _text(text: str, limit: int | None) -> str:
    """COPY's spelling of ``text``; without NUL, which PostgreSQL refuses (J35)."""
    if limit is not None and len(text) > limit:
        text = text[:limit]
    return text.translate(_ESCAPES) if _NEEDS_ESCAPE.search(text) else text


def _instant(value: datetime) -> str:
    return value.isoformat()


def _array(values: Iterable[str] | None, limit: int | None) -> str:
    if not values:
        return _NULL if values is None else "{}"
    quoted = [
        '"' + value[:limit].replace("\x00", "").replace("\\", "\\\\").replace('"', '\\"') + '"' for value in values
    ]
    return ("{" + ",".join(quoted) + "}").translate(_ESCAPES)
