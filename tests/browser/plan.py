"""Goals and deliverables of one team as they stand today, for the pages of plans in a real browser."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, Page

from delivery.models import CheckIn, Commitment, Deliverable, Forecast, Goal, GoalForecast, KeyResult
from people.models import Person
from tests import builders
from tests.browser.conftest import WIDE
from tests.dashboards.roles import Organisation, organisation


@dataclass(frozen=True, slots=True)
class Plan:
    """Four things wait for the manager’s word, the oldest word first: goal, measured, promised, unknown.

    The forecast says that ``goal`` is likely to be missed and that ``promised`` is on track; of the others it says nothing.
    ``measured`` has a key result that is typed in at check-ins.
    """

    org: Organisation
    company: Goal
    aim: Goal
    goal: Goal
    measured: Goal
    promised: Deliverable
    unknown: Deliverable
    key_result: KeyResult


def plan() -> Plan:
    org, today = organisation(), timezone.localdate()
    days = {"start": today - timedelta(days=60), "end": today + timedelta(days=60)}
    company = Goal.objects.create(title="Data that can be relied on", level="company", owner=org.director, **days)
    aim = Goal.objects.create(title="Data is fresh", level="group", group=org.group, owner=org.director, **days)
    own = {"level": "team", "team": org.team, "owner": org.manager, **days}
    goal = Goal.objects.create(title="All events on v3", parent=company, why="مرحبا 🎯", **own)
    measured = Goal.objects.create(title="Fewer pages at night", parent=company, **own)
    GoalForecast.objects.create(goal=goal, day=today, made=timezone.now(), chance=0.3, deliverables=1, version=1)
    made = Plan(
        org=org,
        company=company,
        aim=aim,
        goal=goal,
        measured=measured,
        promised=_deliverable(org, "Event schema v3", 0.95, goal),
        unknown=_deliverable(org, "Contract tests in CI", None, measured),
        key_result=KeyResult.objects.create(goal=measured, title="Pages a week", start=40, target=5, current=27),
    )
    _words(made, today)
    return made


def _deliverable(org: Organisation, title: str, chance: float | None, serves: Goal) -> Deliverable:
    today = timezone.localdate()
    target = today + timedelta(days=30)
    made = builders.deliverable(org.team, title=title, target=target, owner=org.manager)
    made.goals.add(serves)
    if chance is not None:
        Forecast.objects.create(
            deliverable=made, day=today, made=timezone.now(), version=1, target=target, chance=chance,
            p50=today + timedelta(days=20), p85=today + timedelta(days=26), quantiles=[float(n) for n in range(1, 100)],
        )  # fmt: skip
    return made


def _words(made: Plan, today: date) -> None:
    """The last word on each, some weeks ago; and a promise that moved."""
    first = {"by": made.org.manager, "status": "on_track", "confidence": 80}
    for place, one in enumerate((made.goal, made.measured, made.promised, made.unknown)):
        about = {"goal": one} if isinstance(one, Goal) else {"deliverable": one}
        CheckIn.objects.create(
            **about, day=today - timedelta(days=20 - 3 * place), note="Going as planned.", chance=0.9, **first
        )
    Commitment.objects.create(
        deliverable=made.unknown, given=today - timedelta(days=9), target=today + timedelta(days=40), cause="scope",
        note="The second producer came in.", by=made.org.manager,
    )  # fmt: skip


def signed_in(browser: Browser, site: str, person: Person) -> tuple[BrowserContext, Page]:
    """Another person at another browser; the caller closes the context."""
    context = browser.new_context(viewport=WIDE, reduced_motion="reduce")
    page = context.new_page()
    page.set_default_timeout(15_000)
    page.goto(f"{site}/accounts/login/")
    sign_in(page, person)
    page.wait_for_url(f"{site}/")
    return context, page


def sign_in(page: Page, person: Person) -> None:
    """On the login page, wherever it leads."""
    page.get_by_label("Work address").fill(person.email)
    page.get_by_label("Password").fill(builders.PASSWORD)
    page.get_by_role("button", name="Sign in").click()


def logins_expire() -> None:
    """Every login of every browser, at once."""
    Session.objects.all().delete()
    cache.clear()
