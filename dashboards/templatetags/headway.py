"""The components of DESIGN.md section 4 as template tags; their markup is in templates/components."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from dashboards import glyphs, words
from dashboards.charts.common import Figure, as_json
from dashboards.definitions import PLANNED
from dashboards.icons import ICONS
from dashboards.sentences import Sentence
from delivery.core.chance import Level

register = template.Library()

WARM: Final = 10  # points from which a rise is told in colour


@register.simple_tag
def icon(name: str, size: str = "") -> SafeString:
    """A 16 px icon; ``size`` small makes it 14."""
    extra = f" icon--{size}" if size else ""
    drawing = mark_safe(ICONS[name])  # noqa: S308 - our own drawings
    return format_html('<svg class="icon{}" viewBox="0 0 16 16" aria-hidden="true">{}</svg>', extra, drawing)


@register.inclusion_tag("components/_level.html")
def level(of: Level, text: str = "") -> dict[str, Any]:
    """Shape and word; ``text`` replaces the word: 1 of 6 likely to miss."""
    return {"level": of, "word": text or words.LEVELS[of]}


@register.inclusion_tag("components/_level_pill.html")
def level_pill(of: Level, text: str = "") -> dict[str, Any]:
    return {"level": of, "word": text or words.LEVELS[of]}


@register.inclusion_tag("components/_level_shape.html")
def level_shape(of: Level) -> dict[str, Any]:
    return {"level": of, "word": words.LEVELS[of]}


@register.inclusion_tag("components/_delta.html")
def delta(now: float | None, before: float | None) -> dict[str, Any]:
    """How many points a chance of missing moved since last week; nothing where either is not known."""
    rise = None if now is None or before is None else words.points(now, before)
    return {"rise": rise, "size": abs(rise or 0), "warm": (rise or 0) >= WARM}


@register.inclusion_tag("components/_delta.html")
def worth(points: int) -> dict[str, Any]:
    """Points that something takes off a chance of missing."""
    return {"rise": -points, "size": abs(points), "warm": -points >= WARM}


@register.inclusion_tag("components/_chance.html")
def chance(missing: float | None, with_words: bool = True) -> dict[str, Any]:
    """A chance of missing as number, bar and words. Stands in an element with data-level."""
    if missing is None:
        return {"known": False}
    shown = words.percent(missing)
    told = words.per_cent(missing)
    return {"known": True, "percent": shown, "told": told, "words": words.chance_in_words(shown) if with_words else ""}


@register.inclusion_tag("components/_range.html")
def range_glyph(of: glyphs.Range) -> dict[str, Any]:
    return {"range": of}


@register.inclusion_tag("components/_range_scale.html")
def range_scale(marks: Sequence[glyphs.Mark]) -> dict[str, Any]:
    return {"marks": marks}


@register.inclusion_tag("components/_avatar.html")
def avatar(initials: str) -> dict[str, Any]:
    return {"initials": initials or "?"}


@register.inclusion_tag("components/_person.html")
def person(name: str, initials: str) -> dict[str, Any]:
    """Avatar and name."""
    return {"name": name, "initials": initials}


@register.inclusion_tag("components/_spark.html")
def spark(counts: Sequence[int], says: str) -> dict[str, Any]:
    """Weekly bars, the last one dark. ``says`` is the picture in words."""
    return {"bars": glyphs.bars(counts), "says": says}


@register.inclusion_tag("components/_spark_line.html")
def spark_line(of: glyphs.Line, says: str) -> dict[str, Any]:
    """A way from start to target, which is dashed. ``says`` is the picture in words."""
    return {"line": of, "says": says}


@register.inclusion_tag("components/_chart.html")
def chart(figure: Figure) -> dict[str, Any]:
    """A figure with its key, its words and its numbers in a table; charts.js draws it."""
    return {"figure": figure, "json": mark_safe(as_json(figure))}  # noqa: S308 - as_json escapes for script


@register.inclusion_tag("components/_swatch.html")
def swatch(name: str) -> dict[str, Any]:
    return {"swatch": name}


@register.inclusion_tag("components/_counted.html")
def how_counted(name: str) -> dict[str, Any]:
    """The definition of the numbers of plans, one click away."""
    return {"text": PLANNED[name]}


@register.inclusion_tag("components/_said.html")
def said(sentence: Sentence) -> dict[str, Any]:
    """A sentence with its stressed phrases."""
    return {"sentence": sentence}
