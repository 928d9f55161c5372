"""Every page of plans in a real browser: axe finds nothing, by day and by night, and none is wider than a phone."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from people.models import Person
from tests.browser.conftest import PHONE, WIDE, violations
from tests.browser.plan import Plan, plan

pytestmark = pytest.mark.django_db(transaction=True)
LogIn = Callable[[Person], None]


@pytest.fixture
def made() -> Plan:
    return plan()


def addresses(made: Plan) -> Iterator[str]:
    yield from ("/goals/", f"/goals/?open={made.company.pk}", "/goals/?find=zebra&level=x", "/goals/new/")
    for goal in (made.goal, made.measured):
        yield f"/goals/{goal.pk}/"
    yield from (f"/goals/{made.measured.pk}/{form}/" for form in ("edit", "move", "drop"))
    yield "/check-in/"
    yield from (f"/check-in/goal/{one.pk}/" for one in (made.goal, made.measured))
    yield from (f"/check-in/deliverable/{one.pk}/" for one in (made.promised, made.unknown))
    yield from ("/disagreement/", "/deliverables/new/", "/deliverables/slips/", "/import/")
    yield from (f"/deliverables/{made.unknown.pk}/{form}/" for form in ("edit", "end", "promise"))
    moved = made.unknown.commitments.order_by("-id")[0]  # type: ignore[attr-defined]
    yield f"/commitments/{moved.pk}/correct/"


def looked_at(page: Page) -> list[str]:
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return violations(page) + ([f"scrolls sideways by {wide} px"] if wide else [])


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_axe_finds_nothing_and_nothing_is_wider_than_the_screen(
    page: Page, log_in: LogIn, live_server, made: Plan, scheme: str, size: ViewportSize
) -> None:  # fmt: skip
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    page.set_viewport_size(size)
    log_in(made.org.director)
    found = {}
    for path in addresses(made):
        answer = page.goto(live_server.url + path)
        assert answer is not None
        assert answer.status == 200, path
        found[path] = looked_at(page)
    assert {path: broken for path, broken in found.items() if broken} == {}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_axe_finds_nothing_where_something_is_to_mend(
    page: Page, log_in: LogIn, live_server, made: Plan, scheme: str, size: ViewportSize
) -> None:  # fmt: skip
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    page.set_viewport_size(size)
    log_in(made.org.director)
    found = {}
    forms = (
        ("/goals/new/", "Keep it"),
        ("/deliverables/new/", "Keep it"),
        (f"/goals/{made.goal.pk}/drop/", "Drop it"),
        (f"/deliverables/{made.promised.pk}/end/", "Keep it"),
        (f"/deliverables/{made.promised.pk}/promise/", "Move the promise"),
        (f"/check-in/goal/{made.goal.pk}/", "Publish and go on"),
        ("/import/", "Look at it"),
    )
    for path, button in forms:
        page.goto(live_server.url + path)
        page.get_by_role("button", name=button).click()
        expect(page.get_by_role("alert")).to_be_focused()
        found[path] = looked_at(page)
    assert {path: broken for path, broken in found.items() if broken} == {}


def test_a_week_without_anything_to_say_is_told(page: Page, log_in: LogIn, live_server, made: Plan) -> None:  # noqa: ANN001
    log_in(made.org.executive)
    page.goto(f"{live_server.url}/check-in/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Nothing waits for your word.")
    assert looked_at(page) == []
