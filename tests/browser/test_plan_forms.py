"""The forms of deliverables in a real browser: two who write one, a login that runs out, and a promise that moves."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from delivery.models import Commitment, Deliverable
from people.models import Person
from tests import builders
from tests.browser.conftest import violations
from tests.browser.keyboard import Keyboard
from tests.browser.plan import Plan, logins_expire, plan, sign_in, signed_in

pytestmark = pytest.mark.django_db(transaction=True)
LogIn = Callable[[Person], None]
TITLE, DONE = "What will be delivered?", "When is it done?"


@pytest.fixture
def made() -> Plan:
    return plan()


def edit(row: Deliverable) -> str:
    return f"/deliverables/{row.pk}/edit/"


def keep(page: Page) -> None:
    page.get_by_role("button", name="Keep it").click()


def test_a_deliverable_is_written_down_by_keys_alone(page: Page, log_in: LogIn, live_server, made: Plan) -> None:  # noqa: ANN001
    jira = builders.project(made.org.team)
    builders.item(jira, labels=["backfill"])
    builders.item(jira, labels=["backfill"])
    log_in(made.org.manager)
    page.goto(f"{live_server.url}/deliverables/new/")
    keys = Keyboard(page)
    keys.tab_to(page.get_by_label(TITLE))
    keys.type("Backfill of 2026")
    keys.next_is(page.get_by_role("radio", name="Feature"))
    keys.press("2")
    expect(page.get_by_role("radio").nth(1)).to_be_focused()
    chosen = page.get_by_role("radio").nth(1).get_attribute("value")
    keys.tab_to(page.get_by_label("Where of rule 1"), most=12)
    keys.type(jira.name)
    keys.next_is(page.get_by_label("By of rule 1"))
    keys.type("Label")
    keys.next_is(page.get_by_label("Which of rule 1"))
    keys.type("backfill")
    expect(page.locator("#scope-count")).to_contain_text("2 items")
    keys.press("Enter")
    expect(page.get_by_text("“Backfill of 2026” is written down.")).to_be_visible()
    kept = Deliverable.objects.get(title="Backfill of 2026")
    assert (kept.kind, kept.team, kept.owner, kept.items.count()) == (chosen, made.org.team, made.org.manager, 2)


def test_a_login_that_expires_mid_form_loses_nothing(
    page: Page, log_in: LogIn, live_server, made: Plan
) -> None:  # fmt: skip
    log_in(made.org.manager)
    page.goto(live_server.url + edit(made.promised))
    logins_expire()
    page.get_by_label(TITLE).fill("Event schema v4 🎉")
    page.get_by_label(DONE).fill("Nobody reads v3.\nمرحبا")
    page.get_by_role("checkbox", name=made.measured.title).check()
    keep(page)
    page.wait_for_url("**/accounts/login/**")
    sign_in(page, made.org.manager)
    expect(page.get_by_label(TITLE)).to_have_value("Event schema v4 🎉")
    expect(page.get_by_label(DONE)).to_have_value("Nobody reads v3.\nمرحبا")
    expect(page.get_by_role("checkbox", name=made.measured.title)).to_be_checked()
    made.promised.refresh_from_db()
    assert made.promised.title == "Event schema v3"
    keep(page)
    expect(page.get_by_text("“Event schema v4 🎉” is kept.")).to_be_visible()
    made.promised.refresh_from_db()
    assert (made.promised.title, made.promised.done_when) == ("Event schema v4 🎉", "Nobody reads v3.\nمرحبا")
    assert set(made.promised.goals.all()) == {made.goal, made.measured}


def test_the_second_of_two_sees_both_versions_and_chooses_field_by_field(
    page: Page, log_in: LogIn, live_server, browser: Browser, made: Plan
) -> None:  # fmt: skip
    log_in(made.org.manager)
    context, theirs = signed_in(browser, live_server.url, made.org.director)
    page.goto(live_server.url + edit(made.promised))
    theirs.goto(live_server.url + edit(made.promised))
    for who, says in ((theirs, "Theirs"), (page, "Mine")):
        who.get_by_label(TITLE).fill(f"{says} in the title")
        who.get_by_label(DONE).fill(f"{says} at the end")
        keep(who)
    clash = page.get_by_role("alert")
    expect(clash).to_be_focused()
    for says in ("Theirs in the title", "Mine in the title", "Theirs at the end", "Mine at the end"):
        expect(clash.get_by_text(says)).to_be_visible()
    expect(page.get_by_label(TITLE)).to_have_value("Mine in the title")
    assert violations(page) == []
    keys = Keyboard(page)
    keys.press("Tab", "ArrowRight")
    expect(clash.get_by_text("Theirs in the title")).to_be_visible()
    keys.press("Control+Enter")
    expect(page.get_by_text("“Theirs in the title” is kept.")).to_be_visible()
    context.close()
    made.promised.refresh_from_db()
    assert (made.promised.title, made.promised.done_when) == ("Theirs in the title", "Mine at the end")


def test_two_who_move_one_promise_see_both_days(
    page: Page, log_in: LogIn, live_server, browser: Browser, made: Plan
) -> None:  # fmt: skip
    log_in(made.org.manager)
    context, theirs = signed_in(browser, live_server.url, made.org.director)
    today = timezone.localdate()
    page.goto(f"{live_server.url}/deliverables/{made.promised.pk}/promise/")
    theirs.goto(f"{live_server.url}/deliverables/{made.promised.pk}/promise/")
    for who, days in ((theirs, 45), (page, 50)):
        who.get_by_label("Which day?").fill((today + timedelta(days=days)).isoformat())
        who.get_by_label("What moved it?").select_option("vendor")
        who.get_by_label("What happened?").fill(f"It takes {days} days.")
        who.get_by_role("button", name="Move the promise").click()
    expect(page.get_by_role("alert")).to_be_focused()
    their_day = today + timedelta(days=45)
    expect(page.get_by_role("alert")).to_contain_text(f"to {their_day:%-d %B %Y}")
    expect(page.get_by_label("What happened?")).to_have_value("It takes 50 days.")
    page.get_by_role("button", name="Move the promise").click()
    expect(page.get_by_text(f"is promised for {today + timedelta(days=50):%-d %B %Y}.")).to_be_visible()
    context.close()
    moved = Commitment.objects.filter(deliverable=made.promised).order_by("id")[1:]
    assert [one.note for one in moved] == ["It takes 45 days.", "It takes 50 days."]


def test_its_end_is_told_by_keys_alone(page: Page, log_in: LogIn, live_server, made: Plan) -> None:  # noqa: ANN001
    log_in(made.org.manager)
    page.goto(f"{live_server.url}/deliverables/{made.promised.pk}/end/")
    keys = Keyboard(page)
    keys.tab_to(page.get_by_role("radio", name="Open"))
    keys.press("3")
    expect(page.get_by_role("radio", name="Dropped")).to_be_focused()
    keys.tab_to(page.get_by_label("Why?"), most=8)
    keys.type("Nobody waits for it.")
    keys.press("Control+Enter")
    expect(page.get_by_text(f"“{made.promised.title}” is dropped.")).to_be_visible()
    made.promised.refresh_from_db()
    assert made.promised.dropped == timezone.localdate()
