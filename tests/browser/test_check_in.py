"""The weekly check-in in a real browser: by keys alone, in two minutes; and nothing that was typed is lost."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from delivery.models import CheckIn, CheckInDraft, KeyResultValue
from people.models import Person
from tests.browser.keyboard import Keyboard
from tests.browser.plan import Plan, logins_expire, plan, sign_in, signed_in

pytestmark = pytest.mark.django_db(transaction=True)
LogIn = Callable[[Person], None]
STROKES_A_MINUTE = 200  # forty words, which most people type
MINUTES = 2


@pytest.fixture
def week() -> Plan:
    return plan()


def at(subject: Any) -> str:
    return f"/check-in/{type(subject).__name__.lower()}/{subject.pk}/"


def headed(page: Page, title: str) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text(title)


def begun(page: Page, title: str) -> None:
    """Its form is there, and keys go to last week's status."""
    headed(page, title)
    expect(page.get_by_role("radio", name="On track")).to_be_focused()


def test_a_week_of_words_is_given_by_keys_alone_in_two_minutes(
    page: Page, log_in: LogIn, live_server, week: Plan
) -> None:  # fmt: skip
    log_in(week.org.manager)
    page.goto(f"{live_server.url}/check-in/")
    keys = Keyboard(page)
    expect(page.get_by_role("link", name="Start")).to_be_focused()
    keys.press("Enter")
    _differs(page, keys, week)
    _measures(page, keys, week)
    begun(page, week.promised.title)
    keys.press("Tab", "Tab")
    keys.type("Consumers are moving over, two a week.")
    keys.press("Control+Enter")
    begun(page, week.unknown.title)
    keys.press("Control+Enter")
    expect(page.get_by_text("That was the last one this week.")).to_be_visible()
    assert keys.strokes < MINUTES * STROKES_A_MINUTE
    _are_kept(week)


def _differs(page: Page, keys: Keyboard, week: Plan) -> None:
    """At risk, where the forecast says that it is likely to be missed: a reason is asked for."""
    begun(page, week.goal.title)
    keys.press("2")
    expect(page.get_by_role("radio", name="At risk")).to_be_checked()
    keys.next_is(page.get_by_label("How sure are you?"))
    keys.press("PageDown", "PageDown")
    keys.next_is(page.get_by_label("What should readers know?"))
    keys.type("Two producers are left; the vendor answers.")
    keys.next_is(page.get_by_label("Why do you differ from the forecast?"))
    keys.type("A second reviewer starts tomorrow.")
    keys.press("Control+Enter")


def _measures(page: Page, keys: Keyboard, week: Plan) -> None:
    """A key result stands at another number than last week; there is no forecast to differ from."""
    begun(page, week.measured.title)
    keys.press("Tab")
    keys.next_is(page.get_by_label("What should readers know?"))
    keys.type("Alarms that nobody acts on are gone.")
    keys.next_is(page.get_by_label("Pages a week"))
    keys.type("19")
    keys.press("Control+Enter")


def _are_kept(week: Plan) -> None:
    said = [one.check_ins.order_by("-id")[0] for one in (week.goal, week.measured, week.promised, week.unknown)]  # type: ignore[attr-defined]
    assert [(one.status, one.confidence, one.note, one.reason) for one in said] == [
        ("at_risk", 60, "Two producers are left; the vendor answers.", "A second reviewer starts tomorrow."),
        ("on_track", 80, "Alarms that nobody acts on are gone.", ""),
        ("on_track", 80, "Consumers are moving over, two a week.", ""),
        ("on_track", 80, "", ""),
    ]
    assert {one.by for one in said} == {week.org.manager}
    assert CheckIn.objects.count() == 8
    week.key_result.refresh_from_db()
    assert week.key_result.current == 19
    assert KeyResultValue.objects.get().by == week.org.manager
    assert not CheckInDraft.objects.exists()


def test_enter_in_a_number_publishes_and_does_not_throw_a_draft_away(
    page: Page, log_in: LogIn, live_server, week: Plan
) -> None:  # fmt: skip
    log_in(week.org.manager)
    page.goto(live_server.url + at(week.measured))
    keys = Keyboard(page)
    keys.tab_to(page.get_by_label("What should readers know?"))
    keys.type("Begun on Monday.")
    keys.press("Control+s")
    expect(page.get_by_text("Your draft is kept.")).to_be_visible()
    expect(page.get_by_role("button", name="Start again")).to_be_visible()
    keys.tab_to(page.get_by_label("Pages a week"))
    keys.type("12")
    keys.press("Enter")
    expect(page.get_by_text(f"Your word on “{week.measured.title}” is published.")).to_be_visible()
    assert week.measured.check_ins.order_by("-id")[0].note == "Begun on Monday."  # type: ignore[attr-defined]
    assert KeyResultValue.objects.get().value == 12


def test_what_is_wrong_is_told_and_the_way_to_it_is_one_key(
    page: Page, log_in: LogIn, live_server, week: Plan
) -> None:  # fmt: skip
    log_in(week.org.manager)
    page.goto(live_server.url + at(week.goal))
    begun(page, week.goal.title)
    keys = Keyboard(page)
    keys.press("1", "Tab", "Tab")
    keys.type("All is well.")
    keys.press("Control+Enter")
    expect(page.get_by_role("alert")).to_be_focused()
    keys.next_is(page.get_by_role("link", name="Say why you differ from the forecast"))
    keys.press("Enter")
    expect(page.get_by_label("Why do you differ from the forecast?")).to_be_focused()
    expect(page.get_by_label("What should readers know?")).to_have_value("All is well.")
    keys.type("The vendor signed.")
    keys.press("Control+Enter")
    headed(page, week.measured.title)
    assert week.goal.check_ins.order_by("-id")[0].reason == "The vendor signed."  # type: ignore[attr-defined]


def test_a_draft_outlives_its_tab(page: Page, log_in: LogIn, live_server, week: Plan) -> None:  # noqa: ANN001
    log_in(week.org.manager)
    tab = page.context.new_page()
    tab.goto(live_server.url + at(week.measured))
    tab.get_by_role("radio", name="At risk").check()
    tab.get_by_label("Pages a week").fill("21")
    tab.get_by_label("What should readers know?").fill("Half a sentence, then the train")
    expect(tab.get_by_text("Draft saved at")).to_be_visible()
    _draft_says("Half a sentence, then the train", tab)
    tab.close()
    page.goto(f"{live_server.url}/check-in/")
    expect(page.get_by_role("listitem").filter(has_text=week.measured.title)).to_contain_text("Draft")
    page.goto(live_server.url + at(week.measured))
    expect(page.get_by_text("what you had typed is here")).to_be_visible()
    expect(page.get_by_role("radio", name="At risk")).to_be_checked()
    expect(page.get_by_label("Pages a week")).to_have_value("21")
    expect(page.get_by_label("What should readers know?")).to_have_value("Half a sentence, then the train")
    page.get_by_role("button", name="Publish and go on").click()
    expect(page.get_by_text("is published. Next:")).to_be_visible()
    assert not CheckInDraft.objects.exists()


def _draft_says(note: str, page: Page) -> None:
    """It is kept within the second after the last letter; wait for it as long as for anything on a page."""
    for _ in range(150):
        if CheckInDraft.objects.filter(values__note=note).exists():
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"No draft says {note}.")


def test_a_second_window_does_not_write_over_the_draft_of_the_first(
    page: Page, log_in: LogIn, live_server, week: Plan
) -> None:  # fmt: skip
    log_in(week.org.manager)
    page.goto(live_server.url + at(week.unknown))
    other = page.context.new_page()
    other.goto(live_server.url + at(week.unknown))
    other.get_by_label("What should readers know?").fill("In the first")
    expect(other.get_by_text("Draft saved at")).to_be_visible()
    page.get_by_label("What should readers know?").fill("In the second")
    page.get_by_role("button", name="Save draft").click()
    expect(page.get_by_text("You have typed something else in another window: “In the first”.")).to_be_visible()
    expect(page.get_by_label("What should readers know?")).to_have_value("In the second")
    assert CheckInDraft.objects.get().values["note"] == "In the first"
    page.get_by_role("button", name="Save draft").click()
    expect(page.get_by_text("Your draft is kept.")).to_be_visible()
    assert CheckInDraft.objects.get().values["note"] == "In the second"


def test_publishing_waits_for_the_draft_that_is_on_its_way(
    page: Page, log_in: LogIn, live_server, week: Plan
) -> None:  # fmt: skip
    log_in(week.org.manager)
    page.goto(live_server.url + at(week.measured))
    held: list[Route] = []
    begun(page, week.measured.title)
    page.route("**/draft/", lambda route: held.append(route))
    keys = Keyboard(page)
    with page.expect_request("**/draft/"):
        keys.press("3")
    keys.press("Control+Enter")
    page.wait_for_timeout(300)
    assert CheckIn.objects.count() == 4
    held[0].continue_()
    expect(page.get_by_text("is published. Next:")).to_be_visible()
    assert CheckIn.objects.latest("id").status == "off_track"
    assert not CheckInDraft.objects.exists()


def test_a_login_that_expires_mid_form_loses_nothing(
    page: Page, log_in: LogIn, live_server, week: Plan
) -> None:  # fmt: skip
    log_in(week.org.manager)
    page.goto(live_server.url + at(week.measured))
    logins_expire()
    page.get_by_label("What should readers know?").fill("Typed for long. مرحبا")
    expect(page.get_by_text("You are signed out")).to_be_visible()
    page.get_by_label("Pages a week").fill("17")
    page.get_by_role("button", name="Publish and go on").click()
    page.wait_for_url("**/accounts/login/**")
    sign_in(page, week.org.manager)
    headed(page, week.measured.title)
    expect(page.get_by_label("What should readers know?")).to_have_value("Typed for long. مرحبا")
    expect(page.get_by_label("Pages a week")).to_have_value("17")
    assert CheckIn.objects.count() == 4
    page.get_by_role("button", name="Publish and go on").click()
    expect(page.get_by_text("is published. Next:")).to_be_visible()
    assert KeyResultValue.objects.get().value == 17


def test_the_second_of_two_sees_both_words_and_chooses(
    page: Page, log_in: LogIn, live_server, browser: Browser, week: Plan
) -> None:  # fmt: skip
    log_in(week.org.manager)
    context, theirs = signed_in(browser, live_server.url, week.org.director)
    for subject, choice in ((week.measured, "Publish mine too"), (week.unknown, "Leave theirs, forget mine")):
        page.goto(live_server.url + at(subject))
        theirs.goto(live_server.url + at(subject))
        theirs.get_by_label("What should readers know?").fill("The vendor is gone.")
        theirs.get_by_text("Likely to miss").click()
        theirs.get_by_role("button", name="Publish and go on").click()
        expect(theirs.get_by_text("is published.")).to_be_visible()
        page.get_by_label("What should readers know?").fill("All is well.")
        page.get_by_role("button", name="Publish and go on").click()
        clash = page.get_by_role("alert")
        expect(clash).to_be_focused()
        expect(clash).to_contain_text("Mara Lindqvist has published a word on this while you were typing.")
        expect(clash).to_contain_text("“The vendor is gone.”")
        expect(page.get_by_label("What should readers know?")).to_have_value("All is well.")
        page.get_by_role("button", name=choice).click()
        expect(clash).to_have_count(0)
    context.close()
    said = [[word.note for word in one.check_ins.order_by("id")][1:] for one in (week.measured, week.unknown)]  # type: ignore[attr-defined]
    assert said == [["The vendor is gone.", "All is well."], ["The vendor is gone."]]
    assert not CheckInDraft.objects.exists()
