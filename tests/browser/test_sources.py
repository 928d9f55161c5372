"""Connecting Jira and GitHub in a real browser by keyboard, against pretend servers over HTTP, with all that goes wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.utils import timezone
from playwright.sync_api import Locator, Page, ViewportSize, expect

from delivery import sources, sync
from delivery.models import Missing, Source
from people.models import Person, Role
from simulator.server import Running, serve
from simulator.tokens import DEMO_EMAIL, DEMO_GITHUB_TOKEN, DEMO_JIRA_TOKEN, Token, Tokens
from simulator.world import World
from tests import builders
from tests.browser.conftest import PHONE, WIDE, violations
from tests.builders import PASSWORD

pytestmark = pytest.mark.django_db(transaction=True)
LogIn = Callable[[Person], None]
BLIND = Token("token-that-sees-nothing", projects=frozenset(), repositories=frozenset())
MOST_TABS = 150


@pytest.fixture(scope="module")
def world() -> World:
    start = (timezone.now() - timedelta(days=200)).date()
    return World(start=start, people=12, teams=2, years=0.55, rate=2.0)


@pytest.fixture
def tools(world: World) -> Iterator[Running]:
    tokens = Tokens(jira=(Token(DEMO_JIRA_TOKEN), BLIND), github=(Token(DEMO_GITHUB_TOKEN), BLIND))
    with serve(world, clock=timezone.now, tokens=tokens) as running:
        yield running


@pytest.fixture
def admin(log_in: LogIn, settings: Any) -> Person:
    settings.ALLOW_PRIVATE_SOURCES = True
    cache.clear()
    person = builders.person("Ada Admin", Role.ADMIN)
    log_in(person)
    return person


def tab_to(page: Page, there: Locator) -> None:
    """The Tab key alone."""
    there.wait_for(state="attached")
    for _ in range(MOST_TABS):
        if there.evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"No Tab leads to {there}.")


def press(page: Page, name: str) -> None:
    tab_to(page, page.get_by_role("button", name=name, exact=True))
    page.keyboard.press("Enter")


def typed(page: Page, label: str, text: str) -> None:
    tab_to(page, page.get_by_label(label, exact=True))
    page.keyboard.press("Control+a")
    page.keyboard.type(text)


def chosen(page: Page, steps: int) -> None:
    """The way to sign in that is so many arrows below the first."""
    tab_to(page, page.locator("[name=way]").first)
    page.keyboard.press("Space")
    for _ in range(steps):
        page.keyboard.press("ArrowDown")
    press(page, "Go on")


def begun(page: Page, live_server: Any, steps: int = 0) -> None:
    page.goto(f"{live_server.url}/sources/new/")
    chosen(page, steps)
    expect(page.get_by_role("heading", name="Sign in", exact=True)).to_be_visible()


def at_jira(page: Page, tools: Running, **other: str) -> None:
    typed(page, "Where is it?", other.get("url", tools.jira_cloud_url))
    typed(page, "Whose token is it?", DEMO_EMAIL)
    typed(page, "The token", other.get("token", DEMO_JIRA_TOKEN))
    press(page, "Check")


def test_jira_is_connected_by_keyboard_and_draws_before_all_is_read(
    page: Page, live_server: Any, admin: Person, tools: Running, world: World
) -> None:
    page.goto(f"{live_server.url}/sources/")
    tab_to(page, page.get_by_role("link", name="Connect a source"))
    page.keyboard.press("Enter")
    chosen(page, 0)
    at_jira(page, tools)
    expect(page.get_by_role("heading", name="The token is good")).to_be_visible()
    project = world.teams[0].project
    typed(page, "Which projects?", project)
    expect(page.get_by_role("checkbox")).to_have_count(1)
    tab_to(page, page.get_by_role("checkbox"))
    page.keyboard.press("Space")
    press(page, "Go on")
    tab_to(page, page.get_by_role("radio", name="12 months"))
    page.keyboard.press("2")
    expect(page.get_by_role("radio", name="6 months")).to_be_checked()
    press(page, "Connect and read")
    page.wait_for_url("**/first/")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Jira is connected")

    source = Source.objects.get()
    assert source.scopes == [project]
    sync.sync_slice(source.slices.get(kind="issues", scope=project), now=timezone.now())
    expect(page.locator(".chart__plot svg.main-svg").first).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_contain_text("still being read")
    sync.sync_source(source, now=timezone.now())
    expect(page.get_by_role("heading", level=1)).to_contain_text("Jira is read whole")
    expect(page.get_by_role("link", name="What statuses mean")).to_be_visible()


def test_github_is_connected_by_keyboard_and_by_a_pattern(
    page: Page, live_server: Any, admin: Person, tools: Running, world: World
) -> None:
    begun(page, live_server, steps=4)
    typed(page, "Where is it?", tools.github_api_url)
    typed(page, "The token", DEMO_GITHUB_TOKEN)
    press(page, "Check")
    owner = world.teams[0].repositories[0].split("/")[0]
    count = sum(len(team.repositories) for team in world.teams)
    typed(page, "Any that come later?", f"{owner}/*")
    expect(page.get_by_text(f"{owner}/* takes in {count} repositories now")).to_be_visible()
    press(page, "Go on")
    press(page, "Connect and read")
    page.wait_for_url("**/first/")
    source = Source.objects.get()
    assert len(source.scopes) == count
    for part in source.slices.filter(kind="pulls"):
        sync.sync_slice(part, now=timezone.now())
    expect(page.get_by_role("heading", name="How much gets merged?")).to_be_visible()
    expect(page.locator(".chart__plot svg.main-svg").first).to_be_visible()


@pytest.mark.parametrize(
    ("wrong", "said", "field"),
    [
        ({"token": "wrong"}, "token", "The token"),
        ({"url": "/nowhere"}, "Jira", "Where is it?"),
        ({"url": "not an address"}, "must start with https://", "Where is it?"),
        ({"token": BLIND.secret}, "see", "The token"),
    ],
    ids=["token", "address", "no-address", "no-permission"],
)
def test_what_is_wrong_is_said_beside_its_field_and_nothing_has_to_be_typed_again(
    page: Page, live_server: Any, admin: Person, tools: Running, wrong: dict[str, str], said: str, field: str
) -> None:  # fmt: skip
    begun(page, live_server)
    given = {name: tools.url + text if text.startswith("/") else text for name, text in wrong.items()}
    at_jira(page, tools, **given)
    expect(page.get_by_role("alert")).to_contain_text(said)
    expect(page.get_by_role("alert")).to_be_focused()
    expect(page.locator("[aria-invalid=true]")).to_have_count(1)
    expect(page.get_by_label("Whose token is it?")).to_have_value(DEMO_EMAIL)
    assert "wrong" not in page.content()
    typed(page, field, DEMO_JIRA_TOKEN if "token" in wrong else tools.jira_cloud_url)
    press(page, "Check")
    expect(page.get_by_role("heading", name="The token is good")).to_be_visible()


def test_a_private_address_is_refused_unless_the_operator_allows_them(
    page: Page, live_server: Any, admin: Person, tools: Running, settings: Any
) -> None:
    settings.ALLOW_PRIVATE_SOURCES = False
    begun(page, live_server)
    at_jira(page, tools)
    expect(page.get_by_role("alert")).to_contain_text("its address is private")
    assert tools.requests == []


def test_a_login_that_runs_out_in_the_middle_costs_nothing(
    page: Page, live_server: Any, admin: Person, tools: Running
) -> None:
    begun(page, live_server)
    page.context.clear_cookies(name="sessionid")
    at_jira(page, tools)
    page.get_by_label("Work address").fill(admin.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_text("What you typed is still here")).to_be_visible()
    expect(page.get_by_label("Where is it?")).to_have_value(tools.jira_cloud_url)
    expect(page.get_by_label("The token")).to_have_value("")
    press(page, "Check")
    expect(page.get_by_role("heading", name="The token is good")).to_be_visible()


def test_a_login_that_runs_out_while_picking_keeps_what_was_picked(
    page: Page, live_server: Any, admin: Person, tools: Running
) -> None:
    begun(page, live_server)
    at_jira(page, tools)
    page.get_by_role("checkbox").first.check()
    page.context.clear_cookies(name="sessionid")
    page.get_by_label("Any that come later?").press_sequentially("ZZ*")
    page.get_by_label("Work address").fill(admin.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("checkbox").first).to_be_checked()
    expect(page.get_by_label("Any that come later?")).to_have_value("ZZ*")


def paths(page: Page, live_server: Any, tools: Running) -> Iterator[str]:
    """Every page, after what leads to it."""
    begun(page, live_server)
    yield "/sources/new/"
    press(page, "Go on")
    page.wait_for_url("**/sign-in/")
    press(page, "Check")
    expect(page.get_by_role("alert")).to_be_visible()
    yield ""
    at_jira(page, tools)
    page.wait_for_url("**/scopes/")
    yield ""
    page.get_by_role("button", name="Choose all").click()
    expect(page.get_by_text("2 of 2 projects chosen")).to_be_visible()
    press(page, "Go on")
    page.wait_for_url("**/history/")
    yield ""
    source = sources.connect_source(
        kind="jira",
        name="Jira",
        url=tools.jira_cloud_url,
        email=DEMO_EMAIL,
        token=DEMO_JIRA_TOKEN,
        scopes=[],
        choices=sources.Choices(patterns=("*",)),
    )
    yield f"/sources/{source.pk}/first/"
    sync.sync_source(source, now=timezone.now())
    part = source.slices.filter(kind="issues")[0]
    Missing.objects.create(slice=part, what="X-1 history", why="The answer was cut short.", since=timezone.now())
    source.slices.filter(pk=part.pk).update(
        alarm="The token sees 4 of 40 items.", error="The token lacks read:project.", error_kind="permission"
    )
    for name in ("", "first/", "edit/", "token/", "resync/", "disconnect/"):
        yield f"/sources/{source.pk}/{name}"
    yield "/sources/"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_axe_finds_nothing_and_nothing_is_wider_than_its_screen(
    page: Page, live_server: Any, admin: Person, tools: Running, scheme: Any, size: ViewportSize
) -> None:
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size(size)
    found = {}
    for number, path in enumerate(paths(page, live_server, tools)):
        if path:
            page.goto(live_server.url + path)
        name = f"{number} {page.url.removeprefix(live_server.url)}"
        fits = page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
        found[name] = violations(page) + ([] if fits else ["too wide"])
    assert {name: bad for name, bad in found.items() if bad} == {}
