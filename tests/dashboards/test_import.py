"""The page of imports: looked at first, then imported as it was looked at, by whom may."""

from __future__ import annotations

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from delivery.models import Deliverable, Goal, PlanChange
from people.models import Person, Role
from tests import builders
from tests.dashboards.roles import Organisation, organisation

pytestmark = pytest.mark.django_db
HEADER = "slug,title,level,team,first_day,last_day"
GOAL = "events,All events on v3,team,streaming,2027-01-01,2027-06-30"


@pytest.fixture
def org(db: None) -> Organisation:
    return organisation()


def look(client: Client, kind: str, *lines: str, data: bytes | None = None) -> str:
    file = SimpleUploadedFile("file.csv", "\n".join(lines).encode() if data is None else data)
    answer = client.post("/import/", {"kind": kind, "file": file})
    assert answer.status_code == 200
    return answer.content.decode()


def confirm(client: Client, html: str) -> object:
    sent = dict(re.findall(r'name="(do|key|digest)" value="([^"]*)"', html))
    return client.post("/import/", sent, follow=True)


@pytest.mark.parametrize(
    ("who", "kinds"),
    [
        ("director", "teams memberships goals deliverables"),
        ("manager", "teams memberships goals deliverables"),
        ("lead", "goals deliverables"),
        ("admin", "teams people memberships"),
        ("engineer", ""),
        ("executive", ""),
    ],
)
def test_the_page_is_for_those_who_may_write_something(client: Client, org: Organisation, who: str, kinds: str) -> None:
    client.force_login(getattr(org, who))
    answer = client.get("/import/")
    assert answer.status_code == (200 if kinds else 403)
    assert re.findall(r'<option value="(\w+)"', answer.content.decode()) == kinds.split()
    assert client.get("/export/goals.csv").status_code == (200 if kinds else 403)
    if kinds:
        assert client.get("/export/nothing.csv").status_code == 404


@pytest.mark.parametrize(
    ("who", "pages"),
    [
        ("director", "/goals/ /deliverables/ team"),
        ("manager", "/goals/ /deliverables/ team"),
        ("lead", "/goals/ /deliverables/"),
        ("admin", "team /sources/"),
        ("engineer", ""),
        ("executive", ""),
    ],
)
def test_pages_lead_there_for_those_who_may_and_no_door_is_shut(
    client: Client, org: Organisation, who: str, pages: str
) -> None:
    client.force_login(getattr(org, who))
    team = f"/teams/{org.team.slug}/"
    for path in ("/goals/", "/deliverables/", team, "/sources/"):
        html = client.get(path).content.decode()
        doors = re.findall(r'"(/import/\?kind=\w+|/export/\w+\.csv)"', html)
        assert bool(doors) is (path in pages.replace("team", team).split()), path
        assert {client.get(door).status_code for door in doors} <= {200}
        for kind in re.findall(r"kind=(\w+)", " ".join(doors)):
            chosen = client.get(f"/import/?kind={kind}").content.decode()
            assert re.search(rf'<option value="{kind}" selected', chosen)


def test_nothing_is_written_before_it_is_confirmed(client: Client, org: Organisation) -> None:
    client.force_login(org.lead)
    html = look(client, "goals", HEADER, GOAL)
    assert "<h1>1 new, 0 changed, 0 unchanged</h1>" in html
    assert "title: All events on v3" in html
    assert not Goal.objects.exists()
    answer = confirm(client, html)
    assert "Imported 1 row: 1 new, 0 changed." in answer.content.decode()  # type: ignore[attr-defined]
    assert Goal.objects.get().title == "All events on v3"
    assert [(one.what, one.by) for one in PlanChange.objects.all()] == [("Written down", org.lead)]
    again = confirm(client, html)
    assert "looked at too long ago, or is imported already" in again.content.decode()  # type: ignore[attr-defined]


def test_what_changed_meanwhile_is_shown_again(client: Client, org: Organisation) -> None:
    client.force_login(org.lead)
    confirm(client, look(client, "goals", HEADER, GOAL))
    html = look(client, "goals", "slug,title", "events,Other")
    Goal.objects.update(title="Theirs")
    answer = confirm(client, html).content.decode()  # type: ignore[attr-defined]
    assert "Something has changed since you looked" in answer
    assert "title: Theirs → Other" in answer
    assert Goal.objects.get().title == "Theirs"
    confirm(client, answer)
    assert Goal.objects.get().title == "Other"


def test_a_key_is_good_for_nobody_else(client: Client, org: Organisation) -> None:
    client.force_login(org.lead)
    html = look(client, "goals", HEADER, GOAL)
    client.force_login(org.manager)
    confirm(client, html)
    assert not Goal.objects.exists()


def test_every_fault_is_told_and_there_is_nothing_to_confirm(client: Client, org: Organisation) -> None:
    client.force_login(org.lead)
    html = look(
        client, "goals", HEADER, GOAL, "b,,team,nowhere,2027-13-01,2027-06-30", "c,<b>C</b>,team,,2027-01-01,2026-06-30"
    )
    assert "cells or lines to mend before anything is imported" in html
    for said in (
        "This cannot be empty",
        "no team called “nowhere”",
        "“2027-13-01” is no day",
        "Choose the team whose goal",
    ):
        assert said in html
    assert 'value="apply"' not in html


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (None, "Choose a CSV file"),
        ("slug,title\nä,b".encode("latin-1"), "The file is not UTF-8"),
        ("slug,title\na,b".encode("utf-16"), "The file is not UTF-8"),
        (b"slug\0,title", "The file is not UTF-8"),
        (b"x" * (5 * 1024 * 1024 + 1), "larger than 5 MB"),
    ],
)
def test_a_file_that_cannot_be_read_is_told_beside_it(
    client: Client, org: Organisation, data: bytes | None, said: str
) -> None:
    client.force_login(org.lead)
    sent = {"kind": "goals"} | ({"file": SimpleUploadedFile("a.csv", data)} if data is not None else {})  # type: ignore[dict-item]
    html = client.post("/import/", sent).content.decode()
    assert said in html
    assert 'id="file-error"' in html


def test_a_lead_cannot_import_people(client: Client, org: Organisation) -> None:
    client.force_login(org.lead)
    html = look(client, "people", "email,name,active", "new@example.test,New,yes")
    assert "Choose what the lines of the file are." in html
    assert not Person.objects.filter(email="new@example.test").exists()


def test_what_was_exported_is_unchanged(client: Client, org: Organisation) -> None:
    builders.deliverable(org.team, title="=cmd|' /C calc'!A0")
    client.force_login(org.director)
    answer = client.get("/export/deliverables.csv")
    assert answer["Content-Disposition"].endswith('.csv"')
    assert ",'=cmd|" in answer.content.decode()
    html = look(client, "deliverables", data=answer.content)
    assert "Nothing to import" in html
    assert Deliverable.objects.get().version == 1


def test_the_number_of_queries_does_not_grow_with_the_file(client: Client, org: Organisation) -> None:
    client.force_login(builders.person("Dora", Role.DIRECTOR))
    confirm(client, look(client, "goals", HEADER, GOAL))

    def queries(lines: int) -> int:
        rows = (f"g-{lines}-{number}{GOAL.removeprefix('events')}" for number in range(lines))
        with CaptureQueriesContext(connection) as captured:
            confirm(client, look(client, "goals", HEADER, *rows))
        return len(captured)

    assert queries(2) == queries(60)
