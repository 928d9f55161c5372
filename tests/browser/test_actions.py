"""From what needs somebody to an action that is settled, by the keyboard and without a violation."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, ViewportSize, expect

from delivery.models import Action
from people.models import Person
from tests import builders
from tests.browser.conftest import PHONE, WIDE, violations
from tests.dashboards.roles import Organisation, organisation

pytestmark = pytest.mark.django_db(transaction=True)
LogIn = Callable[[Person], None]


@pytest.fixture
def org() -> Organisation:
    made, today = organisation(), timezone.localdate()
    promise = builders.deliverable(made.team, title="Event schema v3", owner=made.lead, target=today)
    Action.objects.create(
        deliverable=promise,
        title="Choose the vendor",
        owner=made.lead,
        chosen=today - timedelta(days=9),
        due=today - timedelta(days=6),
        expected=0.12,
    )
    return made


def test_a_lead_settles_what_is_overdue_and_adds_the_next_by_the_keyboard(
    page: Page, log_in: LogIn, org: Organisation
) -> None:
    log_in(org.lead)
    expect(page.get_by_role("region", name="Needs you")).to_contain_text("Choose the vendor")
    page.get_by_role("link", name=re.compile("Settle.*Choose the vendor")).focus()
    page.keyboard.press("Enter")
    page.get_by_label("How does it stand?").select_option("done")
    page.get_by_role("button", name="Keep it").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("“Choose the vendor” is done.")).to_be_visible()
    page.get_by_role("link", name="Add an action").focus()
    page.keyboard.press("Enter")
    page.get_by_label("What will be done?").fill("Second reviewer")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("Enter a day, such as 2026-12-11.")
    expect(page.get_by_label("What will be done?")).to_have_value("Second reviewer")
    page.get_by_label("By when?").fill((timezone.localdate() + timedelta(days=5)).isoformat())
    page.get_by_role("button", name="Add the action").click()
    panel = page.get_by_role("region", name="What we are doing about it")
    panel.get_by_role("button", name=re.compile("Start.*Second reviewer")).click()
    expect(panel.get_by_role("row", name=re.compile("Second reviewer")).get_by_text("Started")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_axe_finds_nothing_and_nothing_is_wider_than_a_phone(
    page: Page, log_in: LogIn, live_server, org: Organisation, scheme: str, size: ViewportSize
) -> None:  # fmt: skip
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    page.set_viewport_size(size)
    log_in(org.lead)
    action = Action.objects.get()
    paths = ["/", f"/deliverables/{action.deliverable_id}/", f"/deliverables/{action.deliverable_id}/actions/new/"]
    for path in (*paths, "/actions/", f"/actions/{action.pk}/"):
        page.goto(live_server.url + path)
        assert violations(page) == [], path
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), path
