"""From a promise that is likely to be missed to a decision about it, in a real browser."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.core.cache import cache
from django.utils import timezone
from playwright.sync_api import Page, ViewportSize, expect

from delivery.models import Action, Commitment
from people.models import Person
from tests.browser.conftest import PHONE, WIDE, violations
from tests.delivery.scenarios_world import Late, late

pytestmark = pytest.mark.django_db(transaction=True)
LogIn = Callable[[Person], None]


@pytest.fixture
def world(settings) -> Late:  # noqa: ANN001
    cache.clear()
    settings.CELERY_TASK_ALWAYS_EAGER = True
    now = timezone.now()
    return late(timezone.localdate(), now)


def test_a_director_proposes_and_the_manager_decides(page: Page, log_in: LogIn, live_server, world: Late) -> None:  # noqa: ANN001
    here = f"{live_server.url}/deliverables/{world.late.pk}/"
    log_in(world.director)
    page.goto(here)
    expect(page.get_by_role("heading", name="What drives the chance of missing?")).to_be_visible()
    expect(page.get_by_role("img", name=re.compile("^Waterfall in points: usual here"))).to_be_visible()
    lever = page.get_by_label("Move to a later release")
    lever.focus()
    for _ in range(8):
        page.keyboard.press("ArrowRight")
    expect(page.locator("#outcome")).to_contain_text("Moving 8 items later brings the chance of missing from")
    expect(page).to_have_url(re.compile("later=8"))
    page.get_by_label("Move the promised day").focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator("#outcome")).to_contain_text("moving the date to")
    expect(page.locator("#suggestions")).to_contain_text("Try it")
    page.locator("#what-if").get_by_role("button", name="Propose to Ines Duarte").press("Enter")
    expect(page.get_by_text("is proposed to Ines Duarte.")).to_be_visible()
    page.context.clear_cookies()
    log_in(world.manager)
    page.goto(here)
    page.get_by_role("link", name=re.compile("^Decide")).press("Enter")
    page.get_by_label("Why does the date move?").select_option("scope")
    page.get_by_label("What should everybody know?").fill("The audit comes later.")
    page.get_by_role("button", name="Accept it").press("Enter")
    expect(page.locator(".log .is-decision").first).to_contain_text("The audit comes later.")
    expect(page.locator(".log")).to_contain_text("Accepted: Moving 8 items later")
    assert Action.objects.get().kind == "remove_scope"
    assert Commitment.objects.filter(deliverable=world.late).count() == 2


def test_it_works_without_script(browser, live_server, world: Late) -> None:  # noqa: ANN001
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{live_server.url}/accounts/login/")
    page.get_by_label("Work address").fill(world.director.email)
    page.get_by_label("Password").fill("correct horse battery")
    page.get_by_role("button", name="Sign in").click()
    page.goto(f"{live_server.url}/deliverables/{world.late.pk}/")
    page.get_by_text("More levers").click()
    page.get_by_label("Clear what is stuck").check()
    page.get_by_role("button", name="Try it").click()
    expect(page.locator("#outcome")).to_contain_text("Clearing what is stuck")
    page.get_by_role("link", name="Show them").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("What would help Cold-start ranking v2 most?")
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_axe_finds_nothing(
    page: Page, log_in: LogIn, live_server, world: Late, scheme: str, size: ViewportSize
) -> None:  # fmt: skip
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    page.set_viewport_size(size)
    log_in(world.director)
    found = {}
    page.goto(f"{live_server.url}/deliverables/{world.late.pk}/?later=8&first=on")
    page.wait_for_selector("html[data-charts=drawn]")
    page.get_by_text("What is behind each cause").click()
    page.get_by_text("Give it a name and a note").click()
    expect(page.locator("#suggestions")).to_contain_text("Try it")
    found["levers"] = violations(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_role("button", name="Keep it").click()
    expect(page.get_by_text("is kept.")).to_be_visible()
    page.get_by_role("link", name=re.compile("^Open")).first.click()
    found["scenarios"] = violations(page)
    page.goto(f"{live_server.url}/deliverables/{world.late.pk}/suggestions/")
    found["suggestions"] = violations(page)
    assert found == dict.fromkeys(found, [])
