"""Goals in a real browser: one moved by keys alone, two who write the same one, and a login that runs out."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from delivery.models import Goal
from people.models import Person
from tests.browser.conftest import violations
from tests.browser.keyboard import Keyboard
from tests.browser.plan import Plan, logins_expire, plan, sign_in, signed_in

pytestmark = pytest.mark.django_db(transaction=True)
LogIn = Callable[[Person], None]
TITLE = "What will be true?"


@pytest.fixture
def made() -> Plan:
    return plan()


def edit(goal: Goal) -> str:
    return f"/goals/{goal.pk}/edit/"


def mover(page: Page, goal: Goal) -> Locator:
    return page.get_by_role("link", name=re.compile(f"Move ?: {goal.title}"))


def test_a_goal_is_moved_by_keys_alone(page: Page, log_in: LogIn, live_server, made: Plan) -> None:  # noqa: ANN001
    log_in(made.org.manager)
    page.goto(f"{live_server.url}/goals/?open={made.company.pk}")
    keys = Keyboard(page)
    keys.next_is(page.get_by_role("link", name="Skip to content"))
    keys.press("Enter")
    keys.tab_to(mover(page, made.goal), most=40)
    keys.press("Enter")
    expect(page.get_by_role("radio", name=made.company.title)).to_be_focused()
    keys.press("ArrowDown")
    expect(page.get_by_role("radio", name=made.aim.title)).to_be_checked()
    keys.press("Enter")
    expect(page.get_by_text(f"“{made.goal.title}” serves “{made.aim.title}” now.")).to_be_visible()
    expect(page.get_by_role("row", name=made.goal.title)).to_be_in_viewport()
    made.goal.refresh_from_db()
    assert made.goal.parent == made.aim
    _back_to_the_top(page, keys, made)


def _back_to_the_top(page: Page, keys: Keyboard, made: Plan) -> None:
    """The way back begins where the way there ended: in the row of the goal."""
    keys.tab_to(mover(page, made.goal), most=3)
    keys.press("Enter")
    expect(page.get_by_role("radio", name=made.aim.title)).to_be_focused()
    keys.press("ArrowUp", "ArrowUp")
    expect(page.get_by_role("radio", name="None: it stands at the top")).to_be_checked()
    keys.press("Enter")
    expect(page.get_by_text(f"“{made.goal.title}” stands at the top now.")).to_be_visible()
    made.goal.refresh_from_db()
    assert made.goal.parent is None


def test_enter_in_a_line_keeps_a_goal_and_asks_for_no_more_rows(
    page: Page, log_in: LogIn, live_server, made: Plan
) -> None:  # fmt: skip
    log_in(made.org.manager)
    page.goto(f"{live_server.url}/goals/new/?parent={made.company.pk}")
    keys = Keyboard(page)
    keys.tab_to(page.get_by_label(TITLE))
    keys.type("Nobody waits a day for an answer")
    keys.press("Enter")
    expect(page.get_by_text("“Nobody waits a day for an answer” is written down.")).to_be_visible()
    kept = Goal.objects.get(title="Nobody waits a day for an answer")
    assert (kept.level, kept.team, kept.owner, kept.parent) == ("team", made.org.team, made.org.manager, made.company)


def test_a_login_that_expires_mid_form_loses_nothing(
    page: Page, log_in: LogIn, live_server, made: Plan
) -> None:  # fmt: skip
    log_in(made.org.manager)
    page.goto(live_server.url + edit(made.measured))
    logins_expire()
    page.get_by_label(TITLE).fill("Nobody is woken at night 🌙")
    page.get_by_label("Why does it matter?").fill("Sleep.\nAnd calm.")
    page.get_by_label("Key result of key result 2").fill("Nights woken")
    page.get_by_label("From of key result 2").fill("9")
    page.get_by_label("To of key result 2").fill("0")
    page.get_by_role("button", name="Keep it").click()
    page.wait_for_url("**/accounts/login/**")
    sign_in(page, made.org.manager)
    expect(page.get_by_label(TITLE)).to_have_value("Nobody is woken at night 🌙")
    expect(page.get_by_label("Why does it matter?")).to_have_value("Sleep.\nAnd calm.")
    expect(page.get_by_label("Key result of key result 2")).to_have_value("Nights woken")
    made.measured.refresh_from_db()
    assert made.measured.title == "Fewer pages at night"
    page.get_by_role("button", name="Keep it").click()
    expect(page.get_by_text("Saved. What was changed is in its history.")).to_be_visible()
    made.measured.refresh_from_db()
    assert (made.measured.title, made.measured.why) == ("Nobody is woken at night 🌙", "Sleep.\nAnd calm.")
    assert [one.title for one in made.measured.key_results.all()] == ["Pages a week", "Nights woken"]  # type: ignore[attr-defined]


@pytest.mark.parametrize(("choice", "kept"), [("Keep mine", "Mine"), ("Take theirs", "Theirs")])
def test_the_second_of_two_sees_both_versions_and_chooses(
    page: Page, log_in: LogIn, live_server, browser: Browser, made: Plan, choice: str, kept: str
) -> None:  # fmt: skip
    log_in(made.org.manager)
    context, theirs = signed_in(browser, live_server.url, made.org.director)
    page.goto(live_server.url + edit(made.goal))
    theirs.goto(live_server.url + edit(made.goal))
    for who, title in ((theirs, "Theirs"), (page, "Mine")):
        who.get_by_label(TITLE).fill(title)
        who.get_by_role("button", name="Keep it").click()
    clash = page.get_by_role("alert")
    expect(clash).to_be_focused()
    expect(clash.get_by_role("row", name="Title Theirs Mine")).to_be_visible()
    expect(page.get_by_label(TITLE)).to_have_value("Mine")
    assert violations(page) == []
    page.get_by_role("link" if kept == "Theirs" else "button", name=choice).click()
    expect(clash).to_have_count(0)
    if kept == "Theirs":
        expect(page.get_by_label(TITLE)).to_have_value("Theirs")
    made.goal.refresh_from_db()
    assert made.goal.title == kept
    context.close()


def test_two_who_move_and_drop_one_goal_see_how_it_stands(
    page: Page, log_in: LogIn, live_server, browser: Browser, made: Plan
) -> None:  # fmt: skip
    log_in(made.org.manager)
    context, theirs = signed_in(browser, live_server.url, made.org.director)
    page.goto(f"{live_server.url}/goals/{made.goal.pk}/move/")
    other = page.context.new_page()
    other.goto(f"{live_server.url}/goals/{made.goal.pk}/drop/")
    theirs.goto(f"{live_server.url}/goals/{made.goal.pk}/move/")
    theirs.get_by_role("radio", name="None: it stands at the top").check()
    theirs.get_by_role("button", name="Move it").click()
    expect(theirs.get_by_text("stands at the top now")).to_be_visible()
    page.get_by_role("radio", name=made.aim.title).check()
    page.get_by_role("button", name="Move it").click()
    expect(page.get_by_role("alert")).to_be_focused()
    expect(page.get_by_role("alert")).to_contain_text("It stands at the top now.")
    expect(page.get_by_role("radio", name=made.aim.title)).to_be_checked()
    page.get_by_role("button", name="Move it").click()
    expect(page.get_by_text(f"serves “{made.aim.title}” now.")).to_be_visible()
    other.get_by_label("Why?").fill("Nobody needs it.")
    other.get_by_role("button", name="Drop it").click()
    expect(other.get_by_role("alert")).to_be_focused()
    expect(other.get_by_label("Why?")).to_have_value("Nobody needs it.")
    other.get_by_role("button", name="Drop it").click()
    expect(other.get_by_text(f"“{made.goal.title}” is dropped.")).to_be_visible()
    context.close()
