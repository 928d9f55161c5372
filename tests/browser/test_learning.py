"""The bets in a real browser: axe finds nothing, by day and by night, and no page is wider than a phone."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, ViewportSize, expect

from delivery.models import Bet
from people.models import Person
from tests.browser.conftest import PHONE, WIDE
from tests.browser.test_plan_pages import looked_at
from tests.dashboards.bet_rows import bet, closed
from tests.dashboards.roles import Organisation, organisation

pytestmark = pytest.mark.django_db(transaction=True)
LogIn = Callable[[Person], None]


@pytest.fixture
def made() -> Organisation:
    org, today = organisation(), timezone.localdate()
    days = {"started": today - timedelta(days=40), "decide_by": today - timedelta(days=3)}
    bet(org.team, "A cache before the feature store", cost_so_far=12, owner=org.engineer, **days)
    for verdict in Bet.Verdict.values:
        closed(
            org.team, f"{verdict} with a long name of {'many words ' * 5}", verdict, org.lead, decided_on=today, **days
        )
    return org


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_axe_finds_nothing_and_nothing_is_wider_than_the_screen(
    page: Page, log_in: LogIn, live_server, made: Organisation, scheme: str, size: ViewportSize
) -> None:  # fmt: skip
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    page.set_viewport_size(size)
    log_in(made.director)
    still_open = Bet.objects.get(verdict="").pk
    found = {}
    paths = ("", "?verdict=open&team=moon", "?verdict=overran", "new/", f"{still_open}/edit/", f"{still_open}/decide/")
    for path in paths:
        answer = page.goto(f"{live_server.url}/learning/{path}")
        assert answer is not None
        assert answer.status == 200, path
        found[path] = looked_at(page)
    for path, button in (("new/", "Lay the bet"), (f"{still_open}/decide/", "Decide")):
        page.goto(f"{live_server.url}/learning/{path}")
        page.get_by_role("button", name=button).click()
        expect(page.get_by_role("alert")).to_be_focused()
        found[f"{path} to mend"] = looked_at(page)
    assert {path: broken for path, broken in found.items() if broken} == {}


def test_a_bet_is_decided_by_keyboard(page: Page, log_in: LogIn, live_server, made: Organisation) -> None:  # noqa: ANN001
    log_in(made.lead)
    page.goto(f"{live_server.url}/learning/")
    page.get_by_role("link", name=re.compile("Decide.*A cache")).press("Enter")
    page.get_by_label("Overran").focus()
    page.keyboard.press("Space")
    page.get_by_label("What was learned?").fill("Reads at peak were never compared.")
    page.get_by_role("button", name="Decide").press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("5 bets closed: 1 succeeded, 1 learned, 3 missed.")
    assert Bet.objects.get(title="A cache before the feature store").decided_by == made.lead
