"""The letter in a real browser, as a mailbox on a desk and on a phone shows it."""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from playwright.sync_api import Page

from dashboards.digest.letter import as_html
from dashboards.digest.records import Count, Digest, Line, Listed, Promised, Section, Step, Words
from tests.browser.conftest import violations
from tests.digest.full import FORMS, OUTSIDE, page_of
from tests.digest.rows import PAGES

WIDTHS = (700, 600, 390, 320)
RTL = "منصة الأحداث للبيانات"
ORDER = """title => {
    const after = document.createRange();
    after.selectNodeContents(title.nextElementSibling ?? title.nextSibling);
    const [one, two] = [title.getClientRects()[0], after.getClientRects()[0]];
    return one.right <= two.left + 1 || one.bottom <= two.top + 1;
}"""


def longest(form: str) -> Digest:
    """Every section with one line; no rows are needed to look at it."""
    typed = FORMS.get(form, form)
    values: dict[str, Any] = {"title": typed, "level": "likely", "missing": 81, "chance": "81%", "odds": "about 4 in 5"}
    dates = {"promised": "11 December", "likely": "likely 22 December"}
    texts = {"driver": f"Waits for {typed}", "action": f"Under way: {typed} (Elif, due 2 December)."}
    risk = Promised(id=7, url="/deliverables/7/", is_new=True, **(values | dates | texts))
    line = Line("worse", typed, f"learned: {typed}.", "/deliverables/8/", now=81, before=60)
    changed = Section("What changed", (line,), 12, "/deliverables/")
    told: dict[str, Any] = dict.fromkeys(("changed", "disputed", "delivered", "learned"), changed)
    told |= {"asked": Section("What is asked", (replace(line, kind="Decision", verb="Decide"),))}
    told |= {"headline": (Words("7 of 42 deliverables", "em"), Words(" are likely to miss.")), "headline_url": "/"}
    told |= {"counts": (Count("likely", "likely to miss", 7, 30), Count("none", "no forecast yet", 35, 70))}
    told |= {"first": Step((Words("Ask the owner of "), Words(typed, "strong"), Words(" first.")), "Try it", "/x/")}
    told |= {
        "risks": (risk, risk),
        "risks_more": 5,
        "register": (Listed(3, typed, "/risks/3/", f"Threatens {typed}."),),
    }
    told |= {"about": typed, "why": f"You get this because you follow {typed}.", "stale": (f"{typed}: late",)}
    told |= {
        "subject": "7 of 42 likely to miss",
        "dated": "23 November",
        "level": "likely",
        "risks_title": "Likely to miss",
        "record": "8 of 10 came true.",
    }
    empty = dict.fromkeys((one.name for one in fields(Digest) if one.name != "version"), "")
    return Digest(**(empty | told))


def shown(page: Page, html: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.set_content(html)


@pytest.mark.parametrize("form", ["one word", "Chinese", "marks"])
def test_no_title_makes_it_wider_than_the_window(page: Page, form: str) -> None:
    made = longest(form)
    for addresses in (PAGES, OUTSIDE):
        html = as_html(made, addresses)
        for width in WIDTHS:
            shown(page, html, width)
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            sheet = page.locator("table.sheet, table[style*='max-width: 600px']").first.bounding_box()
            assert sheet is not None
            assert sheet["width"] <= min(600, width)


def test_its_page_is_no_wider_either(page: Page, tmp_path: Path) -> None:
    there = tmp_path / "read.html"
    there.write_text(page_of(longest("one word")).replace("/static/", f"file://{settings.BASE_DIR}/static/"))
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        page.goto(f"file://{there}")
        assert page.locator("body").evaluate("one => getComputedStyle(one).margin") == "0px"  # its styles are there
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_right_to_left_titles_stand_alone_in_english(page: Page) -> None:
    shown(page, as_html(longest(RTL), PAGES), 600)
    titles = page.locator("a[dir=auto], strong[dir=auto]").filter(has_text="منصة")
    assert titles.count() > 8
    for title in titles.all():
        assert title.evaluate("one => one.matches(':dir(rtl)')")
        assert title.evaluate("one => one.parentElement.closest('p').matches(':dir(ltr)')")
    assert page.get_by_text("late.").evaluate("one => one.matches(':dir(ltr)')")
    for line in page.locator("p", has=page.locator("> a[dir=auto] + span[dir=auto]")).all():
        assert line.locator("> span[dir=auto]").evaluate("one => one.matches(':dir(ltr)')")
        assert line.locator("> a[dir=auto]").evaluate(ORDER)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(page: Page, scheme: str) -> None:
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    shown(page, as_html(longest("sentences"), PAGES), 600)
    assert violations(page) == []
