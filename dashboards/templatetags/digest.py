"""Small words of the digest's templates."""

from __future__ import annotations

from typing import Any, Final

from django import template
from django.template.context import Context
from django.utils.html import format_html
from django.utils.safestring import SafeString

from dashboards import words

register = template.Library()

SHAPES: Final = {"likely": "◆", "at-risk": "▲", "on-track": "●", "none": "○"}


@register.filter
def to(path: str, addresses: Any) -> str:
    """Where a path of Headway leads the reader; ``addresses`` as of dashboards.digest.addresses."""
    return str(addresses.to(path))


@register.simple_tag(takes_context=True)
def here(context: Context, one: Any) -> SafeString | str:
    """The id of a line where links without a login arrive; none where the page is about the same further up."""
    at = context["addresses"].here(one, context["digest"])
    return format_html(' id="{}"', at) if at else ""


@register.filter
def ended(text: str) -> str:
    """With a full stop where nothing else ends it."""
    return words.ended(text)


@register.filter
def shape(level: str) -> str:
    return SHAPES[level]


@register.filter
def level_class(level: str) -> str:
    """The class of the headline's stressed part: nothing is in danger where all are on track."""
    return level if level in ("likely", "at-risk") else "ink"


@register.filter
def at_least_one(per_cent: int) -> int:
    """A width that can be seen."""
    return min(max(per_cent, 1), 99)


@register.filter
def the_rest(per_cent: int) -> int:
    return 100 - at_least_one(per_cent)


@register.filter
def change(kind: str) -> str:
    """What kind of change a line is about; empty for other lines."""
    return words.CHANGES.get(kind, "")
