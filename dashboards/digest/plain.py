"""A digest as plain text of 72 columns: the same content in the same order as the HTML."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from textwrap import wrap
from typing import Final
from unicodedata import east_asian_width

from dashboards import words
from dashboards.digest.addresses import Addresses
from dashboards.digest.brief import brief
from dashboards.digest.records import Digest, Line, Promised, Section, Step, Words

WIDTH: Final = 72
_SECOND: Final = "\x00"  # stands for the second column of a wide letter; no text of PostgreSQL can hold it


def as_text(digest: Digest, addresses: Addresses) -> str:
    digest = brief(digest)
    blocks = [_top(digest, addresses), *_body(digest, addresses), _foot(digest, addresses)]
    return "\n\n".join("\n".join(block) for block in blocks if block) + "\n"


def _top(digest: Digest, addresses: Addresses) -> list[str]:
    lines = ["HEADWAY, WEEKLY DIGEST", *wrapped(f"{digest.about}, {digest.dated}"), ""]
    lines += wrapped(said(digest.headline))
    if digest.calm:
        return lines + wrapped(digest.calm)
    there = ["", addresses.to(digest.headline_url)]
    widest = max((len(words.number(one.count)) for one in digest.counts), default=1)
    counts = [f"  {words.number(one.count):>{widest}}  {one.word}" for one in digest.counts if one.count]
    return [*lines, "", *counts, *there] if counts else [*lines, *there]


def _body(digest: Digest, addresses: Addresses) -> Iterator[list[str]]:
    if digest.stale:
        sources = [] if addresses.read else [addresses.to(digest.stale_url)]
        yield [*wrapped(f"{'. '.join(digest.stale)}. {digest.stale_effect}"), *sources]
    if digest.first:
        yield _titled("The one thing that would help most")
        yield [*wrapped(said(digest.first.says)), "", _help(digest.first, addresses)]
    if digest.risks:
        yield _titled(digest.risks_title)
        for number, one in enumerate(digest.risks, 1):
            yield _risk(number, one, addresses)
        if digest.risks_more:
            yield _more(digest.risks_more, digest.risks_url, addresses)
    if digest.register:
        yield _titled("Also in the register")
        yield from (
            [*wrapped(f"{words.ended(one.title)} {one.says}"), addresses.to(one.url)] for one in digest.register
        )
    for section in (digest.asked, digest.changed, digest.disputed, digest.delivered, digest.learned):
        yield from _section(section, addresses)


def _risk(number: int, one: Promised, addresses: Addresses) -> list[str]:
    new = " (new)" if one.is_new else ""
    indent = " " * (len(str(number)) + 2)
    dates = f"Promised {one.promised}, {one.likely}." if one.promised else f"{words.capital(one.likely)}."
    told = [f"{one.chance}, {one.odds}. {dates}", words.ended(one.driver), one.action]
    lines = wrapped(f"{number}. {one.title}{new}", indent="", then=indent)
    for each in told:
        lines += wrapped(each, indent=indent, then=indent)
    return [*lines, f"{indent}{addresses.to(one.url)}"]


def _section(section: Section, addresses: Addresses) -> Iterator[list[str]]:
    if not section.lines and not section.note:
        return
    yield _titled(section.title)
    if section.note:
        yield wrapped(section.note)
    if any(one.verb for one in section.lines):
        yield from (_asked(one, addresses) for one in section.lines)
    elif section.lines:
        yield [text for one in section.lines for text in wrapped(f"- {label(one)}{one.title} {one.says}", then="  ")]
    if section.more:
        yield _more(section.more, section.more_url, addresses)


def _more(count: int, url: str, addresses: Addresses) -> list[str]:
    """Where the others are; nowhere if there is no such list, or none without a login."""
    others = words.plural(count, "other")
    return [f"{others}: {addresses.to(url)}"] if url and not addresses.read else [f"And {others}."]


def _help(step: Step, addresses: Addresses) -> str:
    """Without a login nothing can be tried, only read."""
    return addresses.home if addresses.read else addresses.to(step.url)


def label(line: Line) -> str:
    """What kind of change it is."""
    return f"{words.CHANGES[line.kind]}: " if line.kind in words.CHANGES else ""


def _asked(one: Line, addresses: Addresses) -> list[str]:
    return [*wrapped(f"{one.kind}: {one.title}, {one.says}"), f"{one.verb}: {addresses.to(one.url)}"]


def _foot(digest: Digest, addresses: Addresses) -> list[str]:
    lines = ["-- "]
    if digest.record:
        lines += [*wrapped(f"How accurate the forecasts have been: {digest.record}"), ""]
    lines += [*wrapped(f"{digest.explained} {digest.why}"), "", f"Open Headway: {addresses.home}"]
    if addresses.useful:
        lines += [f"This was useful: {addresses.useful}?said=yes", f"It was not:      {addresses.useful}?said=no"]
    if addresses.settings:
        lines += [f"Change this email: {addresses.settings}"]
    return [*lines, f"Stop this email: {addresses.stop}"] if addresses.stop else lines


def said(sentence: Iterable[Words]) -> str:
    return "".join(one.text for one in sentence)


def _titled(title: str) -> list[str]:
    return [title.upper()]


def wrapped(text: str, indent: str = "", then: str = "") -> list[str]:
    """An address that somebody typed stays whole, however long. Chinese and emoji take two columns a letter."""
    wide = "".join(f"{one}{_SECOND}" if east_asian_width(one) in "WF" else one for one in text)
    width = WIDTH if wide == text else WIDTH - 1  # a line may end between the two columns of a letter
    whole = "://" in text
    lines = wrap(
        wide, width, initial_indent=indent, subsequent_indent=then, break_long_words=not whole, break_on_hyphens=False
    )
    return [one.replace(_SECOND, "") for one in lines]
