"""Where the letter's links lead: to pages, or without a login to the part of the digest that is about the same."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta
from html import unescape
from typing import Any

import pytest

from dashboards.digest.addresses import Addresses
from dashboards.digest.chat import blocks_of
from dashboards.digest.letter import as_html, as_text
from dashboards.digest.records import Digest, Section, Words
from delivery.models import Commitment, Deliverable
from people.access import stand_in
from people.models import Role
from tests.builders import TODAY
from tests.dashboards.roles import Organisation
from tests.dashboards.rows import promised
from tests.digest.full import OUTSIDE, full, page_of
from tests.digest.rows import PAGES, told

pytestmark = pytest.mark.django_db
SECTIONS = ("asked", "changed", "disputed", "delivered", "learned")


@pytest.fixture
def outside(people: Organisation, still_clock: datetime) -> Digest:
    """All that somebody without a login is told."""
    full(people)
    return told(stand_in(Role.EXECUTIVE))


def ids_of(page: str) -> list[str]:
    return re.findall(r'\sid="([^"]+)"', page)


def hrefs(html: str) -> list[str]:
    return [unescape(one) for one in re.findall(r'href="([^"]+)"', html)]


def plain_html(made: Digest, addresses: Addresses) -> str:
    """Without its styles."""
    return re.sub(r' style="[^"]*"', "", as_html(made, addresses))


def links_of(made: Digest, addresses: Addresses) -> set[str]:
    """Of the HTML, the text and the chat."""
    chat = {part.url for block in blocks_of(made, addresses) for line in block.lines for part in line if part.url}
    return {
        *hrefs(as_html(made, addresses)),
        *re.findall(r"https://[^\s|]+", as_text(made, addresses)),
        *chat,
    }


def test_without_a_login_every_link_arrives_on_the_page(outside: Digest) -> None:
    of_a_goal = replace(outside.disputed.lines[0], url="/goals/7/")
    outside = replace(outside, disputed=replace(outside.disputed, lines=(*outside.disputed.lines, of_a_goal)))
    ids, links = ids_of(page_of(outside)), links_of(outside, OUTSIDE)
    assert len(ids) == len(set(ids))
    fragments = {one.partition("#")[2] for one in links if "#" in one}
    assert fragments - set(ids) == set()
    kinds = {one.partition("-")[0] for one in fragments}
    assert kinds == {"main", "deliverable", "risk", "goal", "bet"}
    told_of = {line.url.split("/")[2] for line in outside.changed.lines}
    assert {f"deliverable-{pk}" for pk in told_of} <= fragments
    assert all(one.startswith("https://headway.example/digest/") for one in links)


def test_what_moved_and_what_was_dropped_arrive_too(people: Organisation, still_clock: datetime) -> None:
    moved = promised(people.team, "Moved", 0.1, before=0.1)
    later = moved.commitments.get().target + timedelta(days=14)
    Commitment.objects.create(deliverable=moved, given=TODAY - timedelta(days=2), target=later, cause="scope")
    Deliverable.objects.filter(pk=promised(people.team, "Dropped", 0.4).pk).update(dropped=TODAY - timedelta(days=1))
    made = told(stand_in(Role.EXECUTIVE))
    assert {one.title for one in made.changed.lines} == {"Moved", "Dropped"}
    fragments = {one.partition("#")[2] for one in links_of(made, OUTSIDE) if "#" in one}
    assert f"deliverable-{moved.pk}" in fragments
    assert fragments <= set(ids_of(page_of(made)))


def test_the_step_that_helps_has_a_place_of_its_own_where_nothing_else_is_about_it(outside: Digest) -> None:
    assert outside.first is not None
    alone = replace(outside, first=replace(outside.first, url="/deliverables/987654/#what-if"))
    assert "deliverable-987654" in ids_of(page_of(alone))
    risk = f"deliverable-{outside.first.url.split('/')[2]}"
    assert ids_of(page_of(outside)).count(risk) == 1


def test_without_a_login_nothing_is_promised_that_the_page_has_not(outside: Digest) -> None:
    html, text = plain_html(outside, OUTSIDE), as_text(outside, OUTSIDE)
    assert outside.first is not None
    assert outside.first.verb in as_html(outside, PAGES)
    for promise in (outside.first.verb, "See the sources"):
        assert promise not in html
    assert f'href="{OUTSIDE.read}">Read it as a page</a>' in html
    for more in (outside.risks_more, outside.changed.more):
        assert more
        assert f"And {more} others." in html
        assert f">{more} others</a>" not in html
        assert f"And {more} others." in text


@pytest.mark.parametrize("addresses", [PAGES, OUTSIDE], ids=["pages", "outside"])
def test_the_headline_leads_to_its_page(people: Organisation, still_clock: datetime, addresses: Addresses) -> None:
    promised(people.team, "Late", 0.8)
    made = told(people.director, teams=(("streaming", "Streaming & Events"),))
    there = addresses.to(made.headline_url)
    title = re.findall(r"<h1.*?</h1>", as_html(made, addresses), re.DOTALL)
    assert [hrefs(one) for one in title] == [[there]]
    lines = as_text(made, addresses).splitlines()
    assert lines.index(there) == lines.index("  1  likely to miss") + 2


@pytest.mark.parametrize("name", SECTIONS)
def test_others_that_no_page_lists_are_only_counted(outside: Digest, people: Organisation, name: str) -> None:
    lines = told(people.director).asked.lines if name == "asked" else getattr(outside, name).lines
    none: dict[str, Any] = dict.fromkeys(SECTIONS, Section("", ()))
    listed = replace(outside, **(none | {name: Section("Some", lines, 12, "/a-list/")}), risks_more=0)
    counted = replace(outside, **(none | {name: Section("Some", lines, 12)}), risks_more=0)
    for letter in (plain_html(listed, PAGES), page_of(listed, PAGES)):
        assert 'a-list/">12 others</a>' in letter
    assert "12 others: https://headway.example/a-list/" in as_text(listed, PAGES)
    for letter in (plain_html(counted, PAGES), page_of(counted, PAGES)):
        assert "And 12 others." in letter
        assert "12 others</a>" not in letter
    assert "\nAnd 12 others.\n" in as_text(counted, PAGES)


def test_what_people_typed_says_itself_which_way_it_runs(people: Organisation, still_clock: datetime) -> None:
    full(people, "منصة الأحداث")
    made = told(people.director)
    about = replace(
        made, about="منصة", first=replace(made.first, says=(Words("منصة", "strong"),)) if made.first else None
    )
    for letter in (as_html(about, PAGES), page_of(about, PAGES)):
        shown = re.sub(r"<title>.*?</title>|<div class=\"preheader\".*?</div>", "", letter)
        around = re.findall(r"<(\w+)([^>]*)>[^<>]*[\u0600-\u06ff][^<>]*<", shown)
        assert len(around) > 50
        assert [(tag, marks) for tag, marks in around if not re.search('dir="(auto|ltr)"', marks)] == []
