"""A source's page while it is read: it follows by itself, and what a reader has opened stays open."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.cache import cache
from django.utils import timezone
from playwright.sync_api import Page, ViewportSize, expect

from dashboards.pages.sources import asked
from delivery import secrets
from delivery.models import Source, SourceSlice
from people.models import Person, Role
from tests import builders
from tests.browser.conftest import PHONE

pytestmark = [
    pytest.mark.usefixtures("clean_cache"),
    pytest.mark.django_db(transaction=True),
]
LogIn = Callable[[Person], None]


@pytest.fixture
def source(log_in: LogIn) -> Source:
    """An administrator's, with fourteen parts that are fresh; somebody has just asked to have it read."""
    log_in(builders.person("Ada Admin", Role.ADMIN))
    made = builders.source(name="GitHub", kind="github", token=secrets.seal("x"))
    SourceSlice.objects.bulk_create(
        SourceSlice(source=made, kind="pulls", scope=f"acme/r{number:02}", last_success=timezone.now())
        for number in range(14)
    )
    cache.set(asked(made.pk), True, 60)
    return made


def test_what_is_opened_stays_open_and_goes_on_being_true(page: Page, live_server: Any, source: Source) -> None:
    page.goto(f"{live_server.url}/sources/{source.pk}/")
    page.get_by_text("2 more parts are fresh").click()
    expect(page.get_by_text("Pull requests of acme/r13")).to_be_visible()
    SourceSlice.objects.filter(scope="acme/r13").update(error="The token lacks pull requests: read.")
    expect(page.get_by_text("1 more part is fresh")).to_be_visible()
    expect(page.get_by_text("The token lacks pull requests: read.")).to_be_visible()
    expect(page.locator("#well")).to_have_attribute("open", "")


@pytest.mark.parametrize("width", [PHONE["width"], 320])
def test_a_phone_shows_how_a_part_stands_and_its_button(
    page: Page, live_server: Any, source: Source, width: int
) -> None:
    SourceSlice.objects.filter(scope="acme/r13").update(error="The token lacks pull requests: read of acme/r13.")
    page.set_viewport_size(ViewportSize(width=width, height=844))
    page.goto(f"{live_server.url}/sources/{source.pk}/")
    for there in (page.get_by_role("button", name="Retry"), page.get_by_text("Stopped", exact=True)):
        box = there.bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width
