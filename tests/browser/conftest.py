"""A real browser on a real site with rows of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

from people.models import Person
from tests.browser import chromium
from tests.builders import PASSWORD

WIDE, PHONE = ViewportSize(width=1440, height=900), ViewportSize(width=390, height=844)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    executable = chromium.path()
    assert executable, chromium.HOW
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=executable, args=list(chromium.ARGUMENTS))
        yield launched
        launched.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A fresh page; whatever the browser complains about (script errors, policy violations) fails the test."""
    context = browser.new_context(viewport=WIDE, reduced_motion="reduce")
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    page.set_default_timeout(15_000)
    yield page
    context.close()
    expected = ("403 (Forbidden)", "404 (Not Found)", "400 (Bad Request)", "410 (Gone)")
    assert [text for text in complaints if not any(known in text for known in expected)] == []


@pytest.fixture
def log_in(page: Page, live_server) -> Callable[[Person], None]:  # noqa: ANN001
    """Log in through the form, as a person does."""

    def through_the_form(person: Person) -> None:
        page.goto(f"{live_server.url}/accounts/login/")
        page.get_by_label("Work address").fill(person.email)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url(f"{live_server.url}/")

    return through_the_form


def violations(page: Page) -> list[str]:
    """What axe finds on the page: rule, and the elements it is about."""
    results = Axe().run(
        page,
        options={
            "preload": False,
            "resultTypes": ["violations"],
            "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
        },
    )
    return [
        f"{found['id']}: {[node['target'] for node in found['nodes']][:4]}" for found in results.response["violations"]
    ]
