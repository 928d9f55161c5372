"""The pages of the weekly check-in: the week, the form, two who give their word at once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from delivery.models import CheckIn, CheckInDraft, Forecast, Goal
from tests import builders
from tests.builders import TODAY
from tests.dashboards.conftest import NOW
from tests.dashboards.goal_rows import goal, measure, said
from tests.dashboards.risk_rows import page, signed_in
from tests.dashboards.roles import Organisation, organisation

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("still_clock")]


@pytest.fixture
def org(db: None) -> Organisation:
    return organisation()


def mine(org: Organisation, **fields: Any) -> Goal:
    return goal("Schema v3", "team", team=org.team, owner=org.lead, **fields)


def word(**fields: str) -> dict[str, str]:
    return {"status": "on_track", "confidence": "80", "note": "Second review round.", "seen": "0"} | fields


def at(one: Goal) -> str:
    return f"/check-in/goal/{one.pk}/"


def test_the_week_says_what_waits_and_what_is_said(client: Client, org: Organisation) -> None:
    old, fresh = mine(org), goal("Fresh", owner=org.lead)
    said(old, ago=20)
    said(fresh, ago=0)
    signed_in(client, org.lead)
    html = page(client, "/check-in/")
    for told in (
        "1 thing waits for your word",
        "1 has had none for two weeks",
        "no word for 20 days",
        "Said this week",
    ):
        assert told in html, told
    assert html.index("Schema v3") < html.index("Fresh")
    assert f'href="{at(old)}">Start' in html


@pytest.mark.parametrize("who", ["engineer", "executive", "admin"])
def test_who_is_never_asked_is_told_so(client: Client, org: Organisation, who: str) -> None:
    one = mine(org)
    signed_in(client, getattr(org, who))
    html = page(client, "/check-in/")
    assert "You are not asked for any" in html
    assert client.get(at(one)).status_code == 403
    assert client.post(at(one), word()).status_code == 403
    assert client.post(f"{at(one)}draft/", word()).status_code == 403
    assert not CheckIn.objects.exists()
    assert not CheckInDraft.objects.exists()


def test_the_form_shows_last_weeks_values_and_what_the_data_says(client: Client, org: Organisation) -> None:
    one = mine(org, chance=0.3)
    measure(one, 27, title="Producers moved", target=41)
    measure(one, 5, title="Progress", fed_by="deliverables", position=1)
    said(one, "at_risk", 60, ago=9, by=org.manager, note="Consumers turned up.", chance=0.5)
    signed_in(client, org.lead)
    html = page(client, at(one))
    for told in (
        "1 of 1", "Will it be reached by 31 December?", 'value="at_risk" checked', "60%, was 60%", "from 0 to 41, was 27",
        'value="27"', "30% to have all it rests on done in time", "was 50% at your last word and is 30% now",
        "“Consumers turned up.”", 'data-computed="off_track"', "fed</small>",
    ):  # fmt: skip
        assert told in html, told


def test_yes_or_no_is_chosen_and_what_is_not_known_is_no_zero(client: Client, org: Organisation) -> None:
    one = mine(org)
    agreed = measure(one, 0, title="Agreed with all", unit="yes_no", target=1)
    measure(one, None, title="Fed", fed_by="deliverables")
    signed_in(client, org.lead)
    html = page(client, at(one))
    assert f'<select id="kr-{agreed.pk}"' in html
    assert '<option value="0" selected>No</option>' in html
    assert "no value yet" in html
    client.post(at(one), word(**{f"kr-{agreed.pk}": "1"}))
    agreed.refresh_from_db()
    assert agreed.current == 1


def test_a_deliverables_form_tells_what_moved(client: Client, org: Organisation) -> None:
    source = builders.project(org.team)
    items = (builders.item(source), builders.item(source, finished=NOW - timedelta(days=1)))
    one = builders.deliverable(
        org.team, title="Event schema", target=TODAY + timedelta(days=18), items=items, owner=org.lead
    )
    CheckIn.objects.create(deliverable=one, day=TODAY - timedelta(days=8), status="on_track", confidence=80)
    Forecast.objects.create(
        deliverable=one, day=TODAY, made=NOW, version=1, target=TODAY + timedelta(days=18), chance=0.2,
        p50=TODAY + timedelta(days=29), p85=TODAY + timedelta(days=49), quantiles=[float(n) for n in range(1, 100)],
    )  # fmt: skip
    signed_in(client, org.lead)
    html = page(client, f"/check-in/deliverable/{one.pk}/")
    for told in (
        "Likely done on 22 December, 11 days late",
        "20% to make it",
        "1 item finished since then",
        'class="range"',
    ):
        assert told in html, told


def test_publishing_leads_to_the_next_and_at_the_end_back(client: Client, org: Organisation) -> None:
    first, second = mine(org), goal("Later", owner=org.lead)
    said(first, ago=30)
    said(second, ago=8)
    signed_in(client, org.lead)
    seen = str(first.check_ins.get().pk)  # type: ignore[attr-defined]
    assert client.post(at(first), word(seen=seen)).headers["Location"] == at(second)
    answer = client.post(at(second), word(seen=str(second.check_ins.get().pk)), follow=True)  # type: ignore[attr-defined]
    assert "That was the last one this week" in answer.content.decode()
    assert (
        list(CheckIn.objects.filter(day=TODAY).values_list("confidence", "note", "by"))
        == [(80, "Second review round.", org.lead.pk)] * 2
    )


@pytest.mark.parametrize(
    ("more", "field", "says"),
    [
        ({}, "reason", "Say why you differ from the forecast"),
        ({"status": ""}, "status", "Choose how it stands"),
        ({"status": "off_track", "note": "x" * 10_000}, "note", "these are 10,000"),
        ({"status": "off_track", "kr": "about 30"}, "kr", "Enter a number, such as 30. It goes from 0 to 40"),
    ],
)
def test_what_is_wrong_stands_beside_its_field_and_what_was_typed_stays(
    client: Client, org: Organisation, more: dict[str, str], field: str, says: str
) -> None:
    one = mine(org, chance=0.3)
    name = f"kr-{measure(one, 3).pk}"
    sent = word(**{(name if key == "kr" else key): value for key, value in more.items()})
    signed_in(client, org.lead)
    html = client.post(at(one), sent).content.decode()
    assert says in html
    assert f'id="{name if field == "kr" else field}-error"' in html
    assert sent["note"] in html
    if field == "kr":
        assert 'value="about 30"' in html
    assert not CheckIn.objects.exists()
    kept = CheckInDraft.objects.get()
    assert kept.values["note"] == sent["note"]


def test_two_who_give_their_word_see_both_and_the_second_chooses(client: Client, org: Organisation) -> None:
    one = mine(org)
    signed_in(client, org.lead)
    page(client, at(one))
    theirs = said(one, "off_track", 20, ago=0, by=org.manager, note="The vendor is gone.")
    html = client.post(at(one), word(note="All is well.")).content.decode()
    for told in (
        "has published a word on this while you were typing",
        "“The vendor is gone.”",
        "20% sure",
        "All is well.",
        f'name="seen" value="{theirs.pk}"',
        "Publish mine too",
    ):
        assert told in html, told
    assert CheckIn.objects.count() == 1
    assert client.post(at(one), word(note="All is well.", seen=str(theirs.pk))).status_code == 302
    assert CheckIn.objects.count() == 2


def test_what_was_sent_after_the_login_ran_out_is_back_in_the_form(client: Client, org: Organisation) -> None:
    one = mine(org)
    answer = client.post(f"{at(one)}", word(note="Typed for long"))
    assert "/accounts/login/" in answer["Location"]
    kept = client.session["typed"]
    client.force_login(org.lead)
    session = client.session
    session["typed"] = kept
    session.save()
    assert "Typed for long" in page(client, at(one))
    assert not CheckIn.objects.exists()


def test_what_is_hidden_is_not_there(client: Client, org: Organisation) -> None:
    secret = goal("Secret", "team", team=org.team, owner=org.director, confidential=True)
    signed_in(client, org.lead)
    for path in (at(secret), "/check-in/team/1/", "/check-in/goal/999999/"):
        assert client.get(path).status_code == 404, path


def test_what_is_over_says_so_and_keeps_what_was_typed(client: Client, org: Organisation) -> None:
    dropped, delivered = mine(org, dropped=TODAY), builders.deliverable(org.team, delivered=TODAY)
    signed_in(client, org.lead)
    for about, path in ((dropped, at(dropped)), (delivered, f"/check-in/deliverable/{delivered.pk}/")):
        assert client.get(path)["Location"].endswith(f"/{about.pk}/")
        html = client.post(path, word(note="Typed for long")).content.decode()
        assert "nothing left to check in on" in html
        assert "Typed for long" in html
    assert not CheckIn.objects.exists()


@pytest.mark.parametrize("many", [2, 20])
def test_the_number_of_queries_does_not_grow(
    client: Client, org: Organisation, many: int, django_assert_num_queries: Any
) -> None:
    signed_in(client, org.lead)
    for number in range(many):
        one = mine(org, chance=0.4)
        measure(one, 2)
        said(one, ago=9, note=f"Word {number}")
        builders.deliverable(org.team, owner=org.lead)
    page(client, "/check-in/")
    with django_assert_num_queries(12):
        page(client, "/check-in/")
    with django_assert_num_queries(23):
        page(client, at(one))
    with django_assert_num_queries(31):
        page(client, f"/check-in/deliverable/{org.team.deliverables.first().pk}/")  # type: ignore[attr-defined,union-attr]
