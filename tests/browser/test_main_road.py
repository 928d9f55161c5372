"""The main road in a real browser: in, to the risk, to its deliverable; and what an engineer may not open."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, ViewportSize, expect

from delivery import forecasts
from people.models import Account, Person, Role
from teams.models import TimeOff
from tests import builders
from tests.browser.conftest import PHONE, WIDE, violations
from tests.builders import at

pytestmark = pytest.mark.django_db(transaction=True)
LogIn = Callable[[Person], None]


@pytest.fixture
def organisation() -> dict[str, Person]:
    """Two teams with a year of history; one promise that is due in ten days with forty open items."""
    today = timezone.localdate()
    director = builders.person("Mara Lindqvist", Role.DIRECTOR)
    group = builders.group("Machine Learning", slug="machine-learning", director=director)
    manager = builders.person("Ines Duarte", Role.MANAGER)
    team = builders.team("Ranking", slug="ranking", group=group, manager=manager)
    engineer = builders.member(team, builders.person("Elif Aydin"))
    other = builders.member(team, builders.person("Noor Haddad"))
    Account.objects.create(
        kind="github", origin="https://github.example.test", native_id="7", login="noor-h", person=other
    )
    for days in (7, 21, 40):
        start = today + timedelta(days=days)
        TimeOff.objects.create(person=engineer, start=start, end=start + timedelta(days=12))
    source = builders.project(team, "RANK")
    done = [
        builders.item(
            source,
            "RANK",
            created=at(today - timedelta(days=day + 9)),
            started=at(today - timedelta(days=day + 5)),
            finished=at(today - timedelta(days=day)),
        )
        for day in range(2, 200, 3)
    ]
    open_items = tuple(builders.item(source, "RANK", created=at(today - timedelta(days=30))) for _ in range(40))
    builders.deliverable(
        team,
        title="Cold-start ranking v2",
        owner=manager,
        target=today + timedelta(days=10),
        start=today - timedelta(days=60),
        items=(*done[:8], *open_items),
    )
    builders.deliverable(
        team,
        title="Drift alerts",
        owner=manager,
        target=today + timedelta(days=300),
        start=today - timedelta(days=40),
        items=(*done[8:12], builders.item(source, "RANK", created=at(today - timedelta(days=5)))),
    )
    forecasts.forecast_all(day=today, made=timezone.now())
    return {"director": director, "manager": manager, "engineer": engineer, "other": other}


def test_a_director_follows_a_risk_to_its_deliverable(
    page: Page, log_in: LogIn, organisation: dict[str, Person]
) -> None:
    log_in(organisation["director"])
    expect(page.get_by_role("heading", level=1)).to_contain_text("1 of 2 deliverables")
    page.get_by_role("table").get_by_role("link", name="Cold-start ranking v2").first.click()
    expect(page).to_have_url(re.compile(r"/deliverables/\d+/$"))
    expect(page.get_by_role("heading", level=1)).to_contain_text("Almost certain to miss")
    page.wait_for_selector("html[data-charts=drawn]")
    expect(page.locator(".chart__plot svg.main-svg").first).to_be_visible()


def test_an_engineer_is_refused_another_persons_page(
    page: Page, log_in: LogIn, live_server, organisation: dict[str, Person]
) -> None:  # fmt: skip
    log_in(organisation["engineer"])
    own = page.goto(f"{live_server.url}/people/{organisation['engineer'].pk}/")
    assert own is not None
    assert own.status == 200
    refused = page.goto(f"{live_server.url}/people/{organisation['other'].pk}/")
    assert refused is not None
    assert refused.status == 403
    expect(page.get_by_text("noor-h")).to_have_count(0)


def test_charts_have_their_numbers_in_a_table(page: Page, log_in: LogIn, organisation: dict[str, Person]) -> None:
    log_in(organisation["director"])
    page.get_by_text("Show the numbers").first.click()
    expect(page.get_by_role("region", name=re.compile("the numbers")).first).to_contain_text("Cold-start ranking v2")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_axe_finds_nothing_on_any_page(
    page: Page, log_in: LogIn, live_server, organisation: dict[str, Person], scheme: str, size: ViewportSize
) -> None:  # fmt: skip
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    page.set_viewport_size(size)
    page.goto(f"{live_server.url}/accounts/login/")
    found = {"/accounts/login/": violations(page)}
    log_in(organisation["director"])
    deliverable = organisation["manager"].deliverables.latest("pk")
    paths = ["/", "/deliverables/", f"/deliverables/{deliverable.pk}/", "/teams/ranking/", "/sources/"]
    paths += [f"/people/{organisation['engineer'].pk}/", "/people/me/", "/accounts/password/change/", "/nowhere/"]
    for path in paths:
        page.goto(live_server.url + path)
        if page.locator("figure.chart").count():
            page.wait_for_selector("html[data-charts=drawn]")
        found[path] = violations(page)
    assert {path: bad for path, bad in found.items() if bad} == {}


def test_nothing_is_wider_than_a_phone(
    page: Page, log_in: LogIn, live_server, organisation: dict[str, Person]
) -> None:  # fmt: skip
    page.set_viewport_size(PHONE)
    log_in(organisation["director"])
    for path in ("/", "/deliverables/", "/teams/ranking/", "/sources/", "/people/me/"):
        page.goto(live_server.url + path)
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), path
