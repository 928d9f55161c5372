"""Issue keys in what people write: branches, titles, bodies, commit messages."""

from __future__ import annotations

import re
from collections.abc import Iterable

# A key is not the tail of a word, nor the head of a longer number. On a Data Center it may hold an underscore, which
# also stands between words (fix_ABC-1): then every tail is looked at, too, so matches overlap. Each is looked at for as
# long as a project's key may be and no longer: a text without an end must not take hours.
KEY = re.compile(r"(?<![A-Za-z0-9])(?=([A-Z][A-Z0-9_]{1,79}-[1-9]\d*(?!\d)))")


def keys(texts: Iterable[str | None], branch: str = "") -> tuple[str, ...]:
    """The keys in ``branch`` (in any case) and then in ``texts``, each once, first found first.

    Words such as UTF-8 look like keys, too: whoever links keeps those that are keys of work items.
    """
    found = dict.fromkeys(KEY.findall(branch.upper()))
    for text in texts:
        if text and "-" in text:
            found.update(dict.fromkeys(KEY.findall(text)))
    return tuple(found)
