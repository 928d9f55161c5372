"""The forms of a goal: who may, what is kept, what comes back with what to do, and two who are at it together."""

from __future__ import annotations

from datetime import date

import pytest
from django.test import Client

from delivery.models import Goal, KeyResult, PlanChange
from tests import builders
from tests.builders import TODAY
from tests.dashboards.goal_rows import Q4, goal, measure, sent
from tests.dashboards.risk_rows import page, signed_in
from tests.dashboards.roles import Organisation, organisation

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("still_clock")]
KEY_RESULT = {"kr-0-title": "Producers moved", "kr-0-start": "0", "kr-0-target": "1,041", "kr-0-current": "27"}


@pytest.fixture
def org(db: None) -> Organisation:
    return organisation()


def post(client: Client, path: str, data: dict[str, str]) -> str:
    """The page that comes back; empty where it was kept."""
    answer = client.post(path, data)
    assert answer.status_code in (200, 302), answer.status_code
    return answer.content.decode() if answer.status_code == 200 else ""


def test_a_goal_is_written_down_with_its_key_results(client: Client, org: Organisation) -> None:
    signed_in(client, org.lead)
    team = {"level": "team", "team": str(org.team.pk), "owner": str(org.lead.pk)}
    assert post(client, "/goals/new/", sent(**team, **KEY_RESULT, title="هدف 🚀")) == ""
    made = Goal.objects.get()
    assert (made.title, made.team, made.owner, made.start, made.end) == ("هدف 🚀", org.team, org.lead, *Q4)
    assert list(made.key_results.values_list("title", "target", "current")) == [("Producers moved", 1041, 27)]
    assert PlanChange.objects.get().by == org.lead


@pytest.mark.parametrize(
    ("more", "field", "says"),
    [
        ({"title": ""}, "title", "such as “All events on schema v3”"),
        ({"why": "x" * 10_000}, "why", "these are 10,000"),
        ({"period": "own", "first_day": "2027-01-10", "last_day": "2027-01-01"}, "last_day", "enter 10 January 2027"),
        ({"period": "own", "first_day": "soon"}, "first_day", "Enter a day"),
        ({"level": "team"}, "team", "Choose the team"),
        ({**KEY_RESULT, "kr-0-target": "0"}, "kr-0-target", "The target is where it starts (0)"),
        ({**KEY_RESULT, "kr-0-target": "about 30"}, "kr-0-target", "Enter a number, such as 41"),
        ({"kr-1-title": "Only a title"}, "kr-1-start", "Enter a number"),
    ],
)
def test_what_is_wrong_stands_beside_its_field_and_nothing_is_lost(
    client: Client, org: Organisation, more: dict[str, str], field: str, says: str
) -> None:
    signed_in(client, org.director)
    kept = {"note-to-self": "", "why": "Because <b>data</b> is late"}
    html = post(client, "/goals/new/", sent(**{**kept, **more}))
    assert says in html
    assert f'id="{field}-error"' in html
    assert f'href="#{field}"' in html
    for name in ("kr-0-title", "first_day"):
        if more.get(name):
            assert f'value="{more[name]}"' in html
    if "why" not in more:
        assert "Because &lt;b&gt;data&lt;/b&gt; is late" in html
    assert not Goal.objects.exists()
    assert not KeyResult.objects.exists()


def test_a_parent_of_another_period_and_a_cycle_are_refused(client: Client, org: Organisation) -> None:
    late = goal("Next year", period=(date(2027, 1, 1), date(2028, 1, 1)))
    first = goal("First", "group", group=org.group)
    second = goal("Second", "group", group=org.group, parent=first)
    signed_in(client, org.director)
    html = post(client, "/goals/new/", sent(level="group", group=str(org.group.pk), parent=str(late.pk)))
    assert "“Next year” runs from 1 January 2027 to 31 December 2027" in html
    html = post(
        client,
        f"/goals/{first.pk}/edit/",
        sent(title="First", level="group", group=str(org.group.pk), parent=str(second.pk)),
    )
    assert "“Second” is below this goal already" in html
    assert second.title not in page(client, f"/goals/{first.pk}/move/")
    assert "Choose one of the list" in post(client, f"/goals/{first.pk}/move/", {"parent": str(second.pk), "seen": "1"})


def test_more_rows_come_without_saving(client: Client, org: Organisation) -> None:
    signed_in(client, org.director)
    html = post(client, "/goals/new/", sent(**KEY_RESULT, rows="3", do="more"))
    assert 'name="kr-4-title"' in html
    assert 'value="1,041"' in html
    assert not Goal.objects.exists()


@pytest.mark.parametrize(
    ("who", "own", "groups"),
    [
        ("director", True, True),
        ("manager", True, False),
        ("lead", True, False),
        ("engineer", False, False),
        ("executive", False, False),
        ("admin", False, False),
    ],
)
def test_who_may_write_and_change_goals(client: Client, org: Organisation, who: str, own: bool, groups: bool) -> None:
    mine = goal("Mine", "team", team=org.team)
    theirs = goal("Theirs", "group", group=org.group)
    signed_in(client, getattr(org, who))
    for one, may, whose in ((mine, own, {"team": str(org.team.pk)}), (theirs, groups, {"group": str(org.group.pk)})):
        told = sent(title="New title", level=one.level, **whose)
        for path in ("edit", "move", "drop"):
            assert client.get(f"/goals/{one.pk}/{path}/").status_code == (200 if may else 403), path
        assert client.post(f"/goals/{one.pk}/edit/", told).status_code == (302 if may else 403)
        assert client.post(f"/goals/{one.pk}/drop/", {"why": "Gone", "seen": "2"}).status_code == (302 if may else 403)
        one.refresh_from_db()
        assert (one.title == "New title", one.dropped == TODAY) == (may, may)
    assert client.get("/goals/new/").status_code == (200 if own else 403)
    company = client.post("/goals/new/", sent())
    assert company.status_code == (302 if who == "director" else 200 if own else 403)
    if own and who != "director":
        assert "choose one of these" in company.content.decode()


def test_a_goal_is_not_moved_to_where_one_may_not_write(client: Client, org: Organisation) -> None:
    mine = goal("Mine", "team", team=org.team)
    signed_in(client, org.lead)
    assert "choose a team or group that you run" in post(client, f"/goals/{mine.pk}/edit/", sent(title="Mine"))
    mine.refresh_from_db()
    assert mine.level == "team"


def test_two_who_save_see_both_versions_and_the_second_chooses(client: Client, org: Organisation) -> None:
    one = goal("First")
    measure(one, 3)
    signed_in(client, org.director)
    key_result = KeyResult.objects.get()
    row = {"kr-0-id": str(key_result.pk), "kr-0-title": "Producers moved", "kr-0-start": "0", "kr-0-target": "40"}
    assert post(client, f"/goals/{one.pk}/edit/", sent(title="Theirs", **row)) == ""
    html = post(client, f"/goals/{one.pk}/edit/", sent(title="Mine", why="My reason", **row))
    for told in (
        "Somebody else changed this",
        "Theirs",
        'value="Mine"',
        "My reason",
        "Keep mine",
        "Take theirs",
        'name="seen" value="2"',
    ):
        assert told in html, told
    assert Goal.objects.get().title == "Theirs"
    assert post(client, f"/goals/{one.pk}/edit/", sent(title="Mine", why="My reason", seen="2", **row)) == ""
    assert Goal.objects.get().title == "Mine"
    key_result.refresh_from_db()
    assert key_result.current == 3  # what was typed at a check-in is not touched by the form


def test_a_key_result_is_taken_away_by_its_tick(client: Client, org: Organisation) -> None:
    one = goal("First")
    gone, stays = measure(one, title="Gone"), measure(one, title="Stays", position=1)
    signed_in(client, org.director)
    data: dict[str, str] = {}
    for row, each in enumerate((gone, stays)):
        data |= {
            f"kr-{row}-id": str(each.pk),
            f"kr-{row}-title": each.title,
            f"kr-{row}-start": "0",
            f"kr-{row}-target": "40",
        }
    assert post(client, f"/goals/{one.pk}/edit/", sent(title="First", **data, **{"kr-0-remove": "on"})) == ""
    assert [each.title for each in one.key_results.all()] == ["Stays"]


def test_what_was_sent_after_the_login_ran_out_is_back_in_the_form(client: Client, org: Organisation) -> None:
    signed_in(client, org.director)
    page(client, "/goals/new/")
    client.logout()
    answer = client.post("/goals/new/", sent(title="Typed for long", why="Words"))
    assert "/accounts/login/" in answer["Location"]
    session = client.session
    client.force_login(org.director)
    kept = client.session
    for name in ("typed",):
        if name in session:
            kept[name] = session[name]
    kept.save()
    html = page(client, "/goals/new/")
    assert 'value="Typed for long"' in html
    assert "Words" in html
    assert not Goal.objects.exists()


def test_what_is_fed_shows_its_number_at_once(client: Client, org: Organisation) -> None:
    signed_in(client, org.lead)
    team = {"level": "team", "team": str(org.team.pk), "owner": str(org.lead.pk)}
    row = {"kr-0-title": "Work done", "kr-0-start": "0", "kr-0-target": "10", "kr-0-fed_by": "deliverables"}
    assert post(client, "/goals/new/", sent(**team, **row)) == ""
    made = Goal.objects.get()
    assert "No deliverable serves this goal yet." in page(client, f"/goals/{made.pk}/")
    builders.deliverable(org.team, delivered=TODAY).goals.add(made)
    told = sent(**team, **row, **{"kr-0-id": str(KeyResult.objects.get().pk)}, why="Because")
    assert post(client, f"/goals/{made.pk}/edit/", told) == ""
    assert "<strong>10</strong>" in page(client, f"/goals/{made.pk}/")


def test_a_key_result_that_somebody_else_wrote_meanwhile_is_in_the_form_and_stays(
    client: Client, org: Organisation
) -> None:
    one = goal("Data on time")
    measure(one, 3, title="Old")
    signed_in(client, org.director)
    form = {**KEY_RESULT, "kr-0-id": str(one.key_results.get().pk), "kr-0-title": "Old", "kr-0-target": "50"}  # type: ignore[attr-defined]
    theirs = measure(one, 7, title="Theirs")
    Goal.objects.filter(pk=one.pk).update(version=2)
    html = post(client, f"/goals/{one.pk}/edit/", sent(title="Mine", **form))
    for told in ("Keep mine", f'value="{theirs.pk}"', "Theirs: from 0 to 40", "Old: from 0 to 50"):
        assert told in html, told
    mine = form | {"kr-1-id": str(theirs.pk), "kr-1-title": "Theirs", "kr-1-start": "0", "kr-1-target": "40"}
    assert post(client, f"/goals/{one.pk}/edit/", sent(title="Mine", seen="2", **mine)) == ""
    assert [(each.title, each.target, each.current) for each in one.key_results.all()] == [  # type: ignore[attr-defined]
        ("Old", 50, 27),
        ("Theirs", 40, 7),
    ]


def test_odd_numbers_of_rows_and_long_notes_are_no_error(client: Client, org: Organisation) -> None:
    one = goal("Data on time")
    signed_in(client, org.director)
    assert "Data on time" in post(client, f"/goals/{one.pk}/edit/", sent(rows="²", do="more"))
    assert "these are 200,000" in post(client, f"/goals/{one.pk}/drop/", {"why": "x" * 200_000, "seen": "1"})
