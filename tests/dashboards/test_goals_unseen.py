"""A confidential goal is named to nobody whom it is not for: not above, below or beside another one, nor in any history."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import pytest
from django.test import Client
from rest_framework.test import APIClient

from delivery import deliverables, goals
from delivery.goal_names import UNSAID, told_to
from delivery.models import Deliverable, Goal, PlanChange
from tests import builders
from tests.builders import TODAY, at
from tests.dashboards.goal_rows import Q4, goal, measure, said, sent
from tests.dashboards.risk_rows import page, risk, signed_in
from tests.dashboards.roles import Organisation, organisation

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("still_clock")]
SECRET, HIDDEN = "Merge with Acme, and soon", ("Merge with Acme", "merge-with-acme", "Secret measure", "Secret risk")
ROLES = {"director": True, "manager": False, "lead": False, "engineer": False, "executive": False, "admin": False}
MAY_WRITE = {"director", "manager", "lead"}


@dataclass(frozen=True, slots=True)
class Around:
    """An open goal below a confidential one of the director’s, one above another one, and work that serves both."""

    org: Organisation
    secret: Goal
    below: Goal
    top: Goal
    work: Deliverable


@pytest.fixture
def around(db: None) -> Around:
    org = organisation()
    top = goal("Top")
    secret = goal(
        SECRET, "group", group=org.group, owner=org.director, confidential=True, parent=top, slug="merge-with-acme"
    )
    below = goal("Below", "team", team=org.team, owner=org.lead)
    whole = measure(secret, 5, title="Secret measure", counts_towards=measure(top, title="Open measure"))
    goals.move_goal(below, secret, by=org.director, at=at(TODAY), seen=1)
    measure(below, 2, title="Ours", counts_towards=whole)
    work = builders.deliverable(org.team, title="Event schema", target=TODAY + timedelta(days=20))
    told = deliverables.as_told(work, goals=[below, secret])
    deliverables.change_deliverable(work, told, by=org.director, at=at(TODAY), seen=1)
    said(secret, by=org.director)
    risk(secret, "Secret risk")
    return Around(org, secret, Goal.objects.get(pk=below.pk), top, Deliverable.objects.get(pk=work.pk))


def reads(one: Around) -> list[str]:
    """Addresses that tell of goals."""
    ids = f"{one.top.pk},{one.below.pk},{one.secret.pk}"
    goal_pages = [
        f"/goals/{pk}/{path}" for pk in (one.below.pk, one.top.pk) for path in ("", "edit/", "move/", "link/")
    ]
    lists = ("goals", "key-results", "plan-changes", "deliverables", "check-ins", "risks")
    return [
        *(
            "/",
            "/goals/",
            f"/goals/?open={ids}",
            "/goals/?find=merge",
            "/goals/?format=csv",
            "/goals/new/",
            *goal_pages,
        ),
        *(f"/goals/{one.below.pk}/drop/", f"/deliverables/{one.work.pk}/", f"/deliverables/{one.work.pk}/edit/"),
        *(
            "/deliverables/",
            "/deliverables/new/",
            "/deliverables/?format=csv",
            "/disagreement/",
            "/check-in/",
            "/risks/",
        ),
        *(f"/people/{one.org.director.pk}/", "/export/goals.csv", "/export/deliverables.csv"),
        *(f"/api/v1/{name}/" for name in lists),
    ]


@pytest.mark.parametrize(("role", "sees"), ROLES.items())
def test_no_page_file_or_list_names_it_to_others(client: Client, around: Around, role: str, sees: bool) -> None:
    signed_in(client, getattr(around.org, role))
    naming = set()
    for address in reads(around):
        text = client.get(address).content.decode()
        if any(word in text for word in HIDDEN):
            naming.add(address)
    if not sees:
        assert naming == set()
        return
    told = {"/goals/?format=csv", "/export/goals.csv", "/export/deliverables.csv", "/api/v1/plan-changes/"}
    told |= {f"/goals/{around.below.pk}/{path}" for path in ("", "edit/", "move/")} | {f"/goals/{around.top.pk}/"}
    told |= {f"/deliverables/{around.work.pk}/", f"/deliverables/{around.work.pk}/edit/", "/api/v1/goals/"}
    assert told <= naming


@pytest.mark.parametrize(("role", "sees"), ROLES.items())
def test_nor_does_its_own_address_or_a_clash(client: Client, around: Around, role: str, sees: bool) -> None:
    signed_in(client, getattr(around.org, role))
    own = {client.get(f"/goals/{around.secret.pk}/{path}").status_code for path in ("", "edit/", "move/", "link/")}
    assert own == {200 if sees else 404}
    team = {"level": "team", "team": str(around.org.team.pk), "title": "Renamed"}
    at_once = f"/goals/{around.below.pk}"
    for address, data in (
        (f"{at_once}/edit/", sent(**team, seen="1")),
        (f"{at_once}/move/", {"parent": str(around.top.pk), "seen": "1"}),
        (f"{at_once}/drop/", {"why": "x", "seen": "1"}),
    ):
        answer = client.post(address, data)
        assert answer.status_code == (200 if role in MAY_WRITE else 403)
        text = answer.content.decode()
        assert (SECRET in text) is (sees and "drop" not in address), address
        if role in MAY_WRITE and "move" in address:
            assert (UNSAID in text) is not sees


@pytest.mark.parametrize(("who", "top"), [("director", True), ("lead", False)])
def test_who_may_not_see_what_is_above_leaves_it_there(client: Client, around: Around, who: str, top: bool) -> None:
    signed_in(client, getattr(around.org, who))
    html = page(client, f"/goals/{around.below.pk}/move/")
    assert ("None: it stands at the top" in html) is top
    assert ("As it is: what it serves is not shown to you" in html) is not top
    data = {"parent": "", "seen": str(around.below.version)}
    told = client.post(f"/goals/{around.below.pk}/move/", data, follow=True).content.decode()
    assert ("“Below” stands at the top now." in told) is top
    assert (f"“Below” serves {UNSAID}." in told) is not top
    around.below.refresh_from_db()
    assert (around.below.parent is None) is top


def test_the_history_names_what_one_may_see_and_says_that_there_is_more(client: Client, around: Around) -> None:
    signed_in(client, around.org.lead)
    assert f"“{UNSAID}”" in page(client, f"/goals/{around.below.pk}/")
    assert f"Goals: from “nothing” to “Below, {UNSAID}”." in page(client, f"/deliverables/{around.work.pk}/")
    api = APIClient()
    api.force_authenticate(around.org.lead)
    rows = api.get("/api/v1/plan-changes/").json()["results"]
    assert {row["after"] for row in rows if row["what"] in ("Serves", "Goals")} == {UNSAID, f"Below, {UNSAID}"}


@pytest.mark.parametrize(
    ("what", "text", "told"),
    [
        ("Serves", "Open, with a comma", "Open, with a comma"),
        ("Serves", "Once open", "Once open"),
        ("Serves", "Called so by nobody", UNSAID),
        ("Serves", "Twin", UNSAID),
        ("Serves", "", ""),
        ("Goals", "Below, Open, with a comma, Top", "Below, Open, with a comma, Top"),
        ("Goals", f"Below, {SECRET}, Top", f"Below, Top, {UNSAID}"),
        ("Goals", "A, B", UNSAID),
        ("Goals", "Twin, Below", f"Below, {UNSAID}"),
        ("Title", SECRET, SECRET),  # of a goal that the reader may see: somebody chose to say so
    ],
)
def test_titles_with_commas_old_names_and_twins(around: Around, what: str, text: str, told: str) -> None:
    """A title that a hidden goal has, too, is not told: nobody can know which of them was meant."""
    for title in ("Open, with a comma", "Twin", "Renamed since"):
        goal(title)
    for title in ("Twin", "A, B"):
        goal(title, confidential=True, owner=around.org.director)
    PlanChange.objects.create(
        goal=Goal.objects.get(title="Renamed since"), at=at(TODAY), what="Title", before="Once open", after="x"
    )
    change = PlanChange(goal=around.below, what=what, before="", after=text)
    assert [row.after for row in told_to(around.org.lead, [change])] == [told]


def test_a_new_period_that_does_not_fit_what_is_hidden_names_nothing(client: Client, around: Around) -> None:
    signed_in(client, around.org.lead)
    team = {"level": "team", "team": str(around.org.team.pk), "owner": str(around.org.lead.pk), "title": "Below"}
    days = {"period": "own", "first_day": Q4[0].isoformat(), "last_day": (Q4[1] + timedelta(days=9)).isoformat()}
    seen = str(around.below.version)
    answer = client.post(f"/goals/{around.below.pk}/edit/", sent(**team | days, seen=seen))
    assert answer.status_code == 200
    assert SECRET not in answer.content.decode()
    around.below.refresh_from_db()
    assert around.below.end == Q4[1]
