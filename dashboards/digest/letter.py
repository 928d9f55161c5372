"""A digest as the two parts of an e-mail: plain text, and HTML whose styles stand in every element."""

from __future__ import annotations

import re
from functools import cache
from typing import Final

import css_inline
from django.template.loader import render_to_string

from dashboards.digest.addresses import Addresses
from dashboards.digest.brief import TITLE, brief
from dashboards.digest.plain import as_text
from dashboards.digest.records import Digest

__all__ = ["LARGEST", "as_html", "as_text"]

LARGEST: Final = 100_000
"""Bytes of HTML: Gmail cuts off what comes after 102 kB."""
TITLES: Final = (TITLE, TITLE // 2, TITLE // 4)
"""Letters of a title: fewer where the whole would be too large, as with many marks that HTML writes as six letters."""


def as_html(digest: Digest, addresses: Addresses) -> str:
    """What is for dark mode and small screens stays in the one style element; all else reads without it."""
    for longest in TITLES:
        html = _html(brief(digest, longest), addresses)
        if len(html.encode()) < LARGEST:
            break
    return html


def _html(digest: Digest, addresses: Addresses) -> str:
    told = render_to_string("digest/email/digest.html", {"digest": digest, "addresses": addresses})
    return _inliner().inline(re.sub(r">\s+<", ">\n<", told))


@cache
def _inliner() -> css_inline.CSSInliner:
    """Nothing is fetched: there is nothing but the style element."""
    return css_inline.CSSInliner(keep_style_tags=False, keep_at_rules=True, load_remote_stylesheets=False)
