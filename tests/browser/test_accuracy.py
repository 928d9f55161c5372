"""The Accuracy page in a real browser: drawn, readable on a phone, and nothing for axe to find."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from delivery.models import Deliverable
from people.models import Person, Role
from tests import builders
from tests.browser.conftest import PHONE, violations
from tests.builders import at
from tests.dashboards.rows import forecast

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_record_is_drawn_and_accessible(page: Page, log_in: Callable[[Person], None], theme: str) -> None:
    start = timezone.localdate() - timedelta(days=120)
    team = builders.team("Ranking", slug="ranking")
    for number in range(24):
        made = builders.deliverable(team, start=start, delivered=start + timedelta(days=20 if number < 15 else 90))
        Deliverable.objects.filter(pk=made.pk).update(created=at(start))
        forecast(made, 0.2 if number % 2 else 0.6, day=start, target=start + timedelta(days=30))
    page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
    log_in(builders.person("Mara Lindqvist", Role.DIRECTOR))
    page.get_by_role("link", name="Accuracy").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Of 24 forecasts whose date is over")
    page.wait_for_selector("html[data-charts=drawn]")
    assert page.locator("figure[aria-labelledby='reliability-shown-title'] .scatterlayer path.point").count() >= 2
    assert violations(page) == []
    page.set_viewport_size(PHONE)
    page.reload()
    page.wait_for_selector("html[data-charts=drawn]")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert violations(page) == []
