"""The digest in a real browser: its pages and doors for axe and on a phone, subscribing by keys, one click that counts."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, ViewportSize, expect

from dashboards.digest import links
from dashboards.digest.subscriptions import invite
from dashboards.models import DigestIssue, Subscription
from delivery.models import Action
from people.models import Person
from tests.browser.conftest import PHONE, WIDE, violations
from tests.browser.keyboard import Keyboard
from tests.browser.plan import Plan, plan
from tests.dashboards.digest_rows import issue, message, subscribed, told_so

pytestmark = pytest.mark.django_db(transaction=True)
LogIn = Callable[[Person], None]
SHOTS = os.environ.get("DIGEST_SHOTS", "")


@dataclass(frozen=True, slots=True)
class Made:
    """A director who was told, an address that was told, and one that was asked."""

    plan: Plan
    now: datetime
    mine: DigestIssue
    board: DigestIssue
    asked: Subscription


@pytest.fixture
def made() -> Made:
    now, folio = timezone.now(), plan()
    today = timezone.localdate(now)
    folio.promised.forecasts.update(chance=0.2)  # type: ignore[attr-defined]
    Action.objects.create(
        deliverable=folio.promised, title="Move two items to the next release", owner=folio.org.lead, chosen=today,
        due=today + timedelta(days=9),
    )  # fmt: skip
    row = subscribed(folio.org.director, weekday=1)
    row.groups.add(folio.org.group)
    board = subscribed(None, "board@example.test", name="The supervisory board of the whole company")
    mine, theirs = (issue(one, today, now) for one in (row, board))
    asked = invite(
        "chair.of.the.board@a-long-name.example.test", told_so(name="The chair"), by=folio.org.director, now=now
    )
    message(row, issue=mine)
    message(board, "failed", issue=theirs, reason="There is no such mailbox (550 5.1.1).", code=550, ended=now)
    message(board, "lost", reason="The server’s answer never came. It may have arrived.", ended=now)
    return Made(folio, now, mine, theirs, asked)


def pages(made: Made) -> Iterator[str]:
    yield from ("", "?week=nonsense", "archive/", f"archive/?reader={made.board.subscription_id}", "subscription/")
    yield from ("readers/", f"readers/{made.asked.pk}/", "log/", "log/?state=moon", f"{made.mine.pk}/")


def doors(made: Made) -> dict[str, str]:
    return {
        "confirm": path(links.confirm_url(made.asked)),
        "stop": path(links.stop_url(made.board.subscription)),
        "useful": path(links.useful_url(made.board)),
        "read": path(links.read_url(made.board)),
        "expired": "/digest/read/x/",
    }


def path(url: str) -> str:
    return urlsplit(url).path


def looked_at(page: Page, name: str) -> list[str]:
    if SHOTS:
        page.screenshot(path=Path(SHOTS) / f"{name}.png", full_page=True)
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return violations(page) + ([f"scrolls sideways by {wide} px"] if wide else [])


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_axe_finds_nothing_and_nothing_is_wider_than_the_screen(
    page: Page, log_in: LogIn, live_server, made: Made, scheme: str, size: ViewportSize
) -> None:  # fmt: skip
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    page.set_viewport_size(size)
    found, shot = {}, f"{size['width']}-{scheme}"
    for name, address in doors(made).items():
        answer = page.goto(live_server.url + address)
        assert answer is not None
        assert answer.status == (410 if name == "expired" else 200), name
        found[name] = looked_at(page, f"door-{name}-{shot}")
    log_in(made.plan.org.director)
    for number, address in enumerate(pages(made)):
        answer = page.goto(f"{live_server.url}/digest/{address}")
        assert answer is not None
        assert answer.status == 200, address
        found[address] = looked_at(page, f"page-{number}-{shot}")
    assert {address: broken for address, broken in found.items() if broken} == {}


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_axe_finds_nothing_where_something_is_to_mend(
    page: Page, log_in: LogIn, live_server, made: Made, size: ViewportSize
) -> None:  # fmt: skip
    page.set_viewport_size(size)
    log_in(made.plan.org.director)
    page.goto(f"{live_server.url}/digest/subscription/")
    page.get_by_label("By e-mail").uncheck()
    page.get_by_label("how many per cent").fill("lots")
    page.get_by_role("button", name="Keep it").click()
    expect(page.get_by_role("alert")).to_be_focused()
    assert looked_at(page, f"wrong-{size['width']}") == []
    page.get_by_label("how many per cent").fill("60")
    page.get_by_label("By e-mail").check()
    Subscription.objects.filter(pk=made.mine.subscription_id).update(version=9)
    page.get_by_role("button", name="Keep it").click()
    expect(page.get_by_role("alert")).to_contain_text("Somebody else changed this")
    assert looked_at(page, f"clash-{size['width']}") == []


def test_somebody_subscribes_by_keys_alone(page: Page, log_in: LogIn, live_server, made: Made) -> None:  # noqa: ANN001
    log_in(made.plan.org.engineer)
    page.goto(f"{live_server.url}/digest/")
    keys = Keyboard(page)
    keys.tab_to(page.get_by_role("link", name="Your subscription"), most=40)
    keys.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("You do not get the digest yet")
    keys.tab_to(page.get_by_label(made.plan.org.group.name), most=40)
    keys.press("Space")
    keys.tab_to(page.get_by_label("On which day?"), most=5)
    keys.press("ArrowDown", "ArrowDown")
    keys.tab_to(page.get_by_role("button", name="Subscribe"), most=15)
    keys.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Every Wednesday at 7:00 by your clock")
    row = Subscription.objects.get(person=made.plan.org.engineer)
    assert (row.weekday, [*row.groups.all()]) == (2, [made.plan.org.group])


@pytest.mark.parametrize("said", ["yes", "no"])
def test_one_click_in_the_email_says_whether_it_was_useful(
    page: Page, live_server, made: Made, said: str
) -> None:  # fmt: skip
    page.goto(f"{live_server.url}{doors(made)['useful']}?said={said}")
    expect(page.get_by_role("heading", level=1)).to_have_text("Thank you")
    made.board.refresh_from_db()
    assert made.board.useful is (said == "yes")
    assert looked_at(page, f"door-thanks-{said}") == []


def test_without_scripts_it_takes_one_more(browser: Browser, live_server, made: Made) -> None:  # noqa: ANN001
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{live_server.url}{doors(made)['useful']}?said=yes")
    made.board.refresh_from_db()
    assert made.board.useful is None
    page.get_by_role("button", name="Send “yes”").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Thank you")
    made.board.refresh_from_db()
    assert made.board.useful is True
    context.close()


def test_an_address_confirms_stops_and_takes_it_back(page: Page, live_server, made: Made) -> None:  # noqa: ANN001
    page.goto(live_server.url + doors(made)["confirm"])
    page.get_by_role("button", name="Yes, send it to me").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Thank you, it is on its way")
    made.asked.refresh_from_db()
    assert made.asked.confirmed
    page.goto(live_server.url + path(links.stop_url(made.asked)))
    page.get_by_role("button", name="Stop it").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Stopped")
    page.get_by_role("button", name="That was a mistake: send it again").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("It comes again")
    made.asked.refresh_from_db()
    assert made.asked.stopped is None
