"""The forms of a deliverable: facts, scope with its live count, its end; who may, and what comes back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from delivery.models import Commitment, Deliverable, PlanChange, Scope, Source
from tests import builders
from tests.builders import TODAY
from tests.dashboards.goal_rows import goal
from tests.dashboards.risk_rows import page, signed_in
from tests.dashboards.roles import Organisation, organisation

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("still_clock")]


@pytest.fixture
def org(db: None) -> Organisation:
    return organisation()


@pytest.fixture
def jira(org: Organisation) -> Source:
    source = builders.project(org.team)
    builders.item(source, labels=["ranking"], title="One <b>item")
    builders.item(source, labels=["ranking"], finished=builders.at(TODAY))
    return source


def sent(org: Organisation, **fields: Any) -> dict[str, Any]:
    values = {
        "title": "Event schema v3",
        "kind": "feature",
        "team": str(org.team.pk),
        "start": "2026-11-23",
        "seen": "1",
    }
    return values | fields


def rule(source: Source, value: str, by: str = "label", place: int = 0) -> dict[str, str]:
    return {f"scope-{place}-source": str(source.pk), f"scope-{place}-rule": by, f"scope-{place}-value": value}


def post(client: Client, path: str, data: dict[str, Any]) -> str:
    answer = client.post(path, data)
    assert answer.status_code in (200, 302), answer.status_code
    return answer.content.decode() if answer.status_code == 200 else ""


def test_a_deliverable_is_written_down_with_scope_goal_and_promise(
    client: Client, org: Organisation, jira: Source
) -> None:
    serves, needed = goal("Data on time"), builders.deliverable(org.team, title="Contracts")
    signed_in(client, org.lead)
    told = sent(
        org, goals=[str(serves.pk)], depends_on=[str(needed.pk)], target="2027-01-15", owner=str(org.lead.pk),
        size_low="8", size_high="20", done_when="Nobody needs v2 🚀", **rule(jira, "ranking"),
    )  # fmt: skip
    assert post(client, "/deliverables/new/", told) == ""
    made = Deliverable.objects.get(title="Event schema v3")
    assert (made.owner, made.size_low, made.size_high, made.slug) == (org.lead, 8, 20, "event-schema-v3")
    assert (list(made.goals.all()), list(made.depends_on.all()), made.items.count()) == ([serves], [needed], 2)
    given = Commitment.objects.get(deliverable=made)
    assert (given.given, given.target.isoformat(), given.by) == (TODAY, "2027-01-15", org.lead)


@pytest.mark.parametrize(
    ("more", "field", "says"),
    [
        ({"title": ""}, "title", "such as “Event schema v3”"),
        ({"done_when": "x" * 10_000}, "done_when", "these are 10,000"),
        ({"start": "soon"}, "start", "Enter a day"),
        ({"target": "2026-11-20"}, "target", "A promise lies ahead"),
        ({"start": "2027-02-01", "target": "2027-01-15"}, "target", "The work starts on 1 February 2027"),
        ({"size_low": "9"}, "size_high", "both ends of the range"),
        ({"size_low": "9", "size_high": "3"}, "size_high", "enter 9 or more"),
        ({"attempts_low": "2"}, "stage", "Only an experiment"),
        ({"kind": "experiment", "attempts_low": "5", "attempts_high": "2"}, "attempts_high", "enter 5 or more"),
        ({"size_low": "many"}, "size_low", "whole number"),
    ],
)
def test_what_is_wrong_stands_beside_its_field_and_nothing_is_half_saved(
    client: Client, org: Organisation, more: dict[str, str], field: str, says: str
) -> None:
    signed_in(client, org.lead)
    html = post(client, "/deliverables/new/", sent(org, **{"success_threshold": "", **more}))
    assert says in html
    assert f'id="{field}-error"' in html
    assert not Deliverable.objects.exists()
    for name, value in more.items():
        assert value in html, name


def test_a_rule_that_takes_nothing_is_refused_unless_its_work_is_to_come(
    client: Client, org: Organisation, jira: Source
) -> None:
    signed_in(client, org.lead)
    told = sent(org, **rule(jira, "rankign"))
    html = post(client, "/deliverables/new/", told)
    assert "Nothing matches yet: check the spelling" in html
    assert 'id="scope-0-value-error"' in html
    assert 'value="rankign"' in html
    assert not Deliverable.objects.exists()
    assert post(client, "/deliverables/new/", told | {"allow_empty": "on"}) == ""
    assert Scope.objects.get().value == "rankign"


def test_rules_are_counted_while_one_types(client: Client, org: Organisation, jira: Source) -> None:
    signed_in(client, org.lead)
    html = post(client, "/deliverables/scope/", rule(jira, "ranking") | rule(jira, "ABC-9", "milestone", 1))
    for told in ("<strong>2 items</strong>, 1 of them open", "One &lt;b&gt;item", "Jira has no milestones"):
        assert told in html, told
    counted = post(client, "/deliverables/new/", sent(org, do="count", **rule(jira, "ranking")))
    assert "<strong>2 items</strong>" in counted
    assert not Deliverable.objects.exists()
    assert client.post("/deliverables/scope/", {}).status_code == 200


def test_a_circle_is_named(client: Client, org: Organisation) -> None:
    first, second = (builders.deliverable(org.team, title=title, start=TODAY) for title in ("First", "Second"))
    second.depends_on.add(first)
    signed_in(client, org.lead)
    html = post(client, f"/deliverables/{first.pk}/edit/", sent(org, title="First", depends_on=[str(second.pk)]))
    assert "That would be a circle: “First” waits for “Second” waits for “First”" in html
    assert not first.depends_on.exists()


def test_two_who_save_see_both_versions_and_the_second_chooses(client: Client, org: Organisation) -> None:
    row = builders.deliverable(org.team, title="First", start=TODAY)
    signed_in(client, org.lead)
    path = f"/deliverables/{row.pk}/edit/"
    assert post(client, path, sent(org, title="Theirs")) == ""
    html = post(client, path, sent(org, title="Mine", done_when="All moved"))
    for told in (
        "Somebody else changed this",
        "Theirs",
        'value="Mine"',
        "All moved",
        "Keep mine",
        'name="seen" value="2"',
    ):
        assert told in html, told
    assert post(client, path, sent(org, title="Mine", seen="2")) == ""
    assert list(PlanChange.objects.filter(what="Title").order_by("id").values_list("after", "by")) == [
        ("Theirs", org.lead.pk),
        ("Mine", org.lead.pk),
    ]


def test_goals_that_one_may_not_see_stay_linked(client: Client, org: Organisation) -> None:
    row = builders.deliverable(org.team, title="First", start=TODAY)
    row.goals.add(goal("Secret", confidential=True, owner=org.director))
    signed_in(client, org.lead)
    assert "Secret" not in page(client, f"/deliverables/{row.pk}/edit/")
    assert post(client, f"/deliverables/{row.pk}/edit/", sent(org, title="Other")) == ""
    assert [one.title for one in row.goals.all()] == ["Secret"]


@pytest.mark.parametrize(
    ("who", "may"),
    [
        ("director", True),
        ("manager", True),
        ("lead", True),
        ("engineer", False),
        ("executive", False),
        ("admin", False),
    ],
)
def test_who_may_write_and_change_deliverables(client: Client, org: Organisation, who: str, may: bool) -> None:
    row = builders.deliverable(org.team, title="First", start=TODAY)
    elsewhere = builders.deliverable(builders.team("Elsewhere", group=builders.group("Far")), title="Far", start=TODAY)
    signed_in(client, getattr(org, who))
    assert ("New deliverable" in page(client, "/deliverables/")) is may
    assert ("Delivered or dropped" in page(client, f"/deliverables/{row.pk}/")) is may
    for path in ("edit", "end", "promise"):
        assert client.get(f"/deliverables/{row.pk}/{path}/").status_code == (200 if may else 403), path
        assert client.get(f"/deliverables/{elsewhere.pk}/{path}/").status_code == (200 if who == "director" else 403)
    assert client.get("/deliverables/new/").status_code == (200 if may else 403)
    assert client.post("/deliverables/new/", sent(org)).status_code == (302 if may else 403)
    assert client.post("/deliverables/scope/", {}).status_code == (200 if may else 403)
    if may and who != "director":
        html = post(client, f"/deliverables/{row.pk}/edit/", sent(org, title="First", team=str(elsewhere.team_id)))
        assert "Choose one of the list" in html


def test_its_end_is_kept_with_a_sentence(client: Client, org: Organisation) -> None:
    row = builders.deliverable(org.team, title="First", start=TODAY - timedelta(days=9))
    signed_in(client, org.lead)
    path = f"/deliverables/{row.pk}/end/"
    assert "Say why in a sentence" in post(client, path, {"state": "delivered", "day": "2026-11-20", "seen": "1"})
    assert (
        post(client, path, {"state": "delivered", "day": "2026-11-20", "why": "All consumers moved.", "seen": "1"})
        == ""
    )
    row.refresh_from_db()
    assert row.delivered is not None
    assert row.delivered.isoformat() == "2026-11-20"
    assert "Somebody else changed this meanwhile" in post(client, path, {"state": "", "why": "Back", "seen": "1"})
    assert PlanChange.objects.get(deliverable=row).note == "All consumers moved."
