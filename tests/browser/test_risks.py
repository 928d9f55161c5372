"""The register in a real browser: axe on its pages, and a state changed with the keyboard alone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, ViewportSize, expect

from delivery.models import Action, Deliverable, Forecast, Risk
from people.models import Person, Role
from teams.models import Team
from tests import builders
from tests.browser.conftest import PHONE, WIDE, violations

pytestmark = pytest.mark.django_db(transaction=True)
LogIn = Callable[[Person], None]


@pytest.fixture
def lead() -> Person:
    return builders.person("Elif Aydin", Role.LEAD)


@pytest.fixture
def risk(lead: Person) -> Risk:
    today = timezone.localdate()
    team = builders.team("Ranking", slug="ranking", group=builders.group("Machine Learning"), lead=lead)
    builders.member(team, lead)
    about = builders.deliverable(team, title="Cold-start ranking v2", target=today + timedelta(days=20))
    made = _risk(about, "Scope grew by 31%", rule="scope_grew", probability=0.8, impact=0.7, owner=lead)
    Action.objects.create(risk=made, title="Cut two items", chosen=today, due=today + timedelta(days=9))
    _risk(about, "The vendor is late", review_on=today - timedelta(days=3), by=lead)
    _forecast(about)
    return made


def _risk(about: Deliverable, title: str, **fields: object) -> Risk:
    today = timezone.localdate()
    evidence = [{"says": "31 of 100 items came in since the promise.", "url": "https://jira.example.test/browse/A-1"}]
    return Risk.objects.create(
        deliverable=about, title=title, kind="scope", seen=today, opened=today, evidence=evidence,
        drivers=[{"cause": "scope", "share": 0.12}], **fields,
    )  # fmt: skip


def _forecast(about: Deliverable) -> None:
    today = timezone.localdate()
    Forecast.objects.create(
        deliverable=about, day=today, made=timezone.now(), version=1, target=today, reason="There are 2 finished items."
    )


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_axe_finds_nothing_on_any_page_of_the_register(
    page: Page, log_in: LogIn, live_server, lead: Person, risk: Risk, scheme: str, size: ViewportSize
) -> None:  # fmt: skip
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    page.set_viewport_size(size)
    Person.objects.filter(pk=lead.pk).update(role=Role.ADMIN)
    log_in(lead)
    paths = ["/risks/rules/", "/risks/rules/likely_to_miss/"]
    found = _looked_at(page, live_server.url, paths)
    Person.objects.filter(pk=lead.pk).update(role=Role.LEAD)
    manual = Risk.objects.get(rule="")
    paths = ["/risks/", "/risks/?find=zebra", f"/risks/{risk.pk}/", f"/risks/{manual.pk}/", "/risks/new/?team=ranking"]
    found |= _looked_at(page, live_server.url, paths)
    page.get_by_role("button", name="Write it down").click()
    found["errors"] = violations(page)
    assert {path: broken for path, broken in found.items() if broken} == {}


def _looked_at(page: Page, site: str, paths: list[str]) -> dict[str, list[str]]:
    found = {}
    for path in paths:
        answer = page.goto(site + path)
        assert answer is not None
        assert answer.status == 200, path
        found[path] = violations(page)
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide == 0, f"{path} scrolls sideways by {wide} px"
    return found


def test_a_state_is_changed_with_the_keyboard_alone(page: Page, log_in: LogIn, live_server, risk: Risk) -> None:  # noqa: ANN001
    log_in(Person.objects.get(name="Elif Aydin"))
    page.goto(f"{live_server.url}/risks/")
    page.get_by_role("link", name="Scope grew by 31%").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Scope grew by 31%")
    page.get_by_label("How does it stand?").focus()
    page.keyboard.type("Mitigating")
    for _ in range(3):
        page.keyboard.press("Tab")
    while page.evaluate("document.activeElement.id") != "note":
        page.keyboard.press("Tab")
    page.keyboard.type("Cut two items.")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Saved.")
    expect(page.get_by_text("New → Mitigating")).to_be_visible()
    expect(page.get_by_text("“Cut two items.”")).to_be_visible()
    risk.refresh_from_db()
    assert risk.state == "mitigating"


def test_a_filter_narrows_the_list_without_a_new_page(page: Page, log_in: LogIn, live_server, risk: Risk) -> None:  # noqa: ANN001
    log_in(Person.objects.get(name="Elif Aydin"))
    page.goto(f"{live_server.url}/risks/")
    page.get_by_role("combobox", name="Owner").select_option("nobody")
    expect(page.get_by_text("1 of 2 shown")).to_be_visible()
    expect(page.get_by_role("link", name="Scope grew by 31%")).to_have_count(0)
    assert "owner=nobody" in page.url


def test_an_admin_sees_the_effect_of_a_threshold_in_place(page: Page, log_in: LogIn, live_server, team: Team) -> None:  # noqa: ANN001
    log_in(builders.person("Ada Admin", Role.ADMIN))
    page.goto(f"{live_server.url}/risks/rules/no_scope/")
    page.get_by_label("For how many days must that hold?").fill("0")
    page.get_by_role("button", name="Show the effect").click()
    expect(page.get_by_role("heading", name="1 risk would open, 0 would close, 0 would stay.")).to_be_focused()
    expect(page.get_by_label("For how many days must that hold?")).to_have_value("0")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status").first).to_contain_text("“No scope” is saved.")


@pytest.fixture
def team() -> Team:
    made = builders.team("Ranking", slug="ranking", group=builders.group("Machine Learning"))
    builders.deliverable(made, title="Without work", target=timezone.localdate() + timedelta(days=20))
    return made
