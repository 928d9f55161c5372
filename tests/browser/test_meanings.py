"""What words mean, in a real browser: the effect comes without a reload, and the pages work without script too."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, ViewportSize, expect

from delivery import deployments, mappings
from delivery.models import Deployment, KindRule, Source, StageMapping
from delivery.store import pages
from people.models import Person, Role
from tests import builders
from tests.browser.conftest import PHONE, WIDE, violations
from tests.builders import PASSWORD
from tests.delivery import facts

pytestmark = pytest.mark.django_db(transaction=True)
LogIn = Callable[[Person], None]
SHOTS = os.environ.get("SHOTS", "")  # a folder: what the pages look like is kept there


@pytest.fixture
def admin() -> Person:
    return builders.person("Ada Admin", Role.ADMIN)


@pytest.fixture
def jira() -> Source:
    source = builders.source(name="Jira", scopes=["ABC", "XYZ"])
    pages.store(source, "statuses", list(facts.STATUSES.values()))
    for project in ("ABC", "XYZ"):
        moves = facts.path("To Do", 1, "In Progress", 3, "In Review", 7, "Done")
        pages.store(source, "issues", [facts.item(project=project, transitions=moves) for _ in range(6)])
        pages.store(source, "issues", [facts.item(project=project, type="Bug", labels=("ops",), now="In Review")])
    mappings.apply(source, [mappings.Change("4", "active", "XYZ"), mappings.Change("7", "dropped")])
    return source


@pytest.fixture
def github() -> Source:
    source = builders.source("github", name="GitHub", scopes=["acme/ranker"])
    ranker = builders.repository(source)
    for week in range(6):
        when = timezone.now() - timedelta(weeks=week + 1)
        for environment in ("prod-eu", "canary"):
            Deployment.objects.create(
                repository=ranker, native_id=f"{environment}{week}", environment=environment, state="success",
                created=when, finished=when,
            )  # fmt: skip
    deployments.apply(source, [deployments.Rule("acme/ranker", "deployment", "prod*")])
    return source


def keep(page: Page, name: str) -> None:
    if SHOTS:
        page.screenshot(path=str(Path(SHOTS) / f"{name}.png"), full_page=True)


def test_the_effect_of_a_status_is_shown_in_place_and_then_saved(
    page: Page, log_in: LogIn, live_server, admin: Person, jira: Source
) -> None:  # fmt: skip
    log_in(admin)
    page.goto(f"{live_server.url}/sources/{jira.pk}/statuses/")
    page.evaluate("document.body.dataset.same = 'yes'")
    page.get_by_label("In Review means").select_option("Done")
    page.get_by_role("button", name="Show the effect").click()
    effect = page.get_by_role("heading", name="7 of 14 items come out different.")
    expect(effect).to_be_focused()
    assert page.evaluate("document.body.dataset.same") == "yes"
    expect(page.get_by_label("In Review means")).to_have_value("done")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved. 7 items came out different.")).to_be_visible()
    assert StageMapping.objects.get(project="", status_id="4").stage == "done"


def test_a_rule_is_written_tried_and_saved(
    page: Page, log_in: LogIn, live_server, admin: Person, jira: Source
) -> None:  # fmt: skip
    log_in(admin)
    page.goto(f"{live_server.url}/sources/{jira.pk}/kinds/")
    page.get_by_role("button", name="Add a rule").click()
    pattern = page.get_by_label("Rule 1: is like")
    expect(pattern).to_be_focused()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_contain_text("Rule 1: Enter what it has to be")
    page.get_by_label("Rule 1: is like").fill("ops*")
    page.get_by_label("Rule 1: then it is").select_option("Incident")
    page.get_by_label("Rule 1: is like").press("Enter")
    expect(page.get_by_role("heading", name="2 of 14 items come out different.")).to_be_visible()
    expect(page.get_by_text("Decides about 2 items")).to_be_visible()
    assert not KindRule.objects.exists(), "the enter key only shows"
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved. 2 items changed kind.")).to_be_visible()
    assert KindRule.objects.get().pattern == "ops*"


def test_everything_works_without_script(browser: Browser, live_server, admin: Person, github: Source) -> None:  # noqa: ANN001
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{live_server.url}/accounts/login/")
    page.get_by_label("Work address").fill(admin.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"{live_server.url}/")
    page.goto(f"{live_server.url}/sources/{github.pk}/deployments/")
    page.get_by_role("button", name="Add a rule").click()
    page.get_by_label("Rule 2: named like").fill("canary")
    page.get_by_label("Rule 2: Repository").fill("acme/ranker")
    page.get_by_role("button", name="Show the effect").click()
    expect(page.get_by_role("heading", name="12 deployments in 12 weeks instead of 6.")).to_be_visible()
    page.locator("#remove-0").click()
    expect(page.get_by_label("Rule 1: named like")).to_have_value("canary")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved. 0 deployments came, 12 changed, 0 went.")).to_be_visible()
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_axe_finds_nothing_on_the_pages_of_meanings(
    page: Page, log_in: LogIn, live_server, admin: Person, jira: Source, github: Source, scheme: str, size: ViewportSize
) -> None:  # fmt: skip
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    page.set_viewport_size(size)
    log_in(admin)
    found = {}
    paths = (f"{jira.pk}/statuses", f"{jira.pk}/kinds", f"{github.pk}/deployments")
    for path in paths:
        page.goto(f"{live_server.url}/sources/{path}/")
        found[path] = violations(page)
        if path.endswith("statuses"):
            page.get_by_label("In Review means").select_option("Done")
        else:
            page.get_by_role("button", name="Add a rule").click()
            expect(page.locator("[id^=pattern-]:focus")).to_be_visible()
        page.get_by_role("button", name="Show the effect").click()
        expect(page.locator("#effect")).to_be_visible()
        if not path.endswith("statuses"):
            expect(page.get_by_role("alert")).to_be_visible()
        found[f"{path} with its effect"] = violations(page)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{path} is wider than the screen"
        keep(page, f"{path.replace('/', '-')}-{scheme}-{size['width']}")
    assert found == dict.fromkeys(found, [])
