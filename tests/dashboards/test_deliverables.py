"""The list of deliverables: filters in the URL, and the same rows as a file."""

from __future__ import annotations

import csv
import re
from io import StringIO

import pytest
from django.test import Client

from dashboards.pages.deliverables_csv import COLUMNS, harmless
from people.models import Role
from teams.models import Team
from tests import builders
from tests.builders import TODAY
from tests.dashboards.rows import checked_in, promised

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("still_clock")]
QUERIES = 17


def page(client: Client, query: str = "") -> str:
    answer = client.get(f"/deliverables/{query}")
    assert answer.status_code == 200
    return answer.content.decode()


def titles(html: str) -> list[str]:
    return re.findall(r'role="rowheader"><a href="[^"]+">([^<]+)</a>', html)


def test_a_stranger_is_sent_to_sign_in(client: Client) -> None:
    assert client.get("/deliverables/").status_code == 302


@pytest.mark.parametrize("role", Role.values)
def test_everybody_who_is_known_sees_the_list(client: Client, streaming: Team, role: str) -> None:
    promised(streaming, "Event schema v3", 0.81)
    client.force_login(builders.person(role=role))
    assert titles(page(client)) == ["Event schema v3"]


def test_all_are_listed_the_likeliest_to_be_missed_first(reader: Client, streaming: Team) -> None:
    for title, missing in (("Blind", None), ("Calm", 0.05), ("Lost", 0.9), ("Risky", 0.3)):
        promised(streaming, title, missing)
    html = page(reader)
    assert titles(html) == ["Lost", "Risky", "Calm", "Blind"]
    assert "4 of 4 shown" in html


def test_the_url_narrows_the_list(reader: Client, streaming: Team) -> None:
    other = builders.team("MLOps", slug="mlops")
    promised(streaming, "Event schema", 0.8, kind="platform", owner=builders.person("Elif Aydin"))
    promised(streaming, "Lag alerts", 0.3, kind="feature")
    promised(other, "Model registry", 0.05, kind="platform")
    assert titles(page(reader, "?level=likely&level=at-risk")) == ["Event schema", "Lag alerts"]
    assert titles(page(reader, "?team=mlops")) == ["Model registry"]
    assert titles(page(reader, "?kind=platform&level=likely")) == ["Event schema"]
    assert titles(page(reader, "?find=SCHEMA")) == ["Event schema"]
    assert titles(page(reader, "?find=elif")) == ["Event schema"]
    assert "No deliverable fits this choice." in page(reader, "?find=zebra")


def test_a_team_holds_also_what_it_helps_with_on_the_page_in_the_file_and_in_the_api(
    reader: Client, streaming: Team
) -> None:
    promised(streaming, "Own", 0.8)
    other = builders.team("MLOps", slug="mlops")
    promised(other, "Helped", 0.5).helping_teams.add(streaming)
    promised(other, "Theirs", 0.3)
    html = page(reader, "?team=streaming")
    assert titles(html) == ["Own", "Helped"]
    assert "2 of 3 shown, also what Streaming" in html
    rows = csv.DictReader(StringIO(reader.get("/deliverables/?team=streaming&format=csv").content.decode()))
    assert [row["deliverable"] for row in rows] == ["Own", "Helped"]
    for path in ("deliverables", "forecasts", "commitments"):
        assert len(reader.get(f"/api/v1/{path}/?team=streaming").json()["results"]) == 2, path


def test_the_form_shows_what_was_chosen(reader: Client, streaming: Team) -> None:
    promised(streaming, "Lost", 0.8)
    html = page(reader, "?level=likely&team=streaming&find=Lo")
    assert '<option value="streaming" selected>' in html
    assert 'name="level" value="likely" checked' in html
    assert 'name="level" value="at-risk">' in html
    assert 'value="Lo"' in html


def test_bad_filters_are_ignored_and_said(reader: Client, streaming: Team) -> None:
    promised(streaming, "Lost", 0.8)
    html = page(reader, "?level=doomed&kind=secret&sort=shoe-size&team=%00")
    assert titles(html) == ["Lost"]
    for said in ("no level “doomed”", "no kind “secret”", "no sort “shoe-size”"):
        assert said in html


def test_the_furthest_from_its_owners_word_can_come_first(reader: Client, streaming: Team) -> None:
    checked_in(promised(streaming, "Agreed", 0.8), "off_track", 20)
    checked_in(promised(streaming, "Disputed", 0.6), "on_track", 95)
    promised(streaming, "Silent", 0.9)
    assert titles(page(reader, "?sort=disagreement")) == ["Disputed", "Agreed", "Silent"]


def test_delivered_ones_come_when_asked_for(reader: Client, streaming: Team) -> None:
    promised(streaming, "Open", 0.8)
    promised(streaming, "Done", 0.1, delivered=TODAY)
    assert titles(page(reader)) == ["Open"]
    html = page(reader, "?delivered=yes")
    assert titles(html) == ["Open", "Done"]
    assert "delivered 23 Nov" in html


def test_an_empty_list_says_what_a_deliverable_is(reader: Client) -> None:
    assert "A deliverable is a set of work items, an owner and a date." in page(reader)


def test_the_file_holds_the_same_rows_and_numbers(reader: Client, streaming: Team) -> None:
    promised(streaming, "Lost", 0.81, 0.69)
    promised(streaming, "Blind", None)
    answer = reader.get("/deliverables/?level=likely&format=csv")
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert answer["Content-Disposition"] == 'attachment; filename="headway-deliverables-2026-11-23.csv"'
    (row,) = csv.DictReader(StringIO(answer.content.decode()))
    assert tuple(row) == COLUMNS
    assert row["deliverable"] == "Lost"
    assert row["chance of missing %"] == "81"
    assert row["chance of missing a week ago %"] == "69"
    assert row["promised"] == "2026-12-23"


def test_a_chance_below_one_per_cent_is_no_zero_in_the_file(reader: Client, streaming: Team) -> None:
    promised(streaming, "Safe", 0.004)
    (row,) = csv.DictReader(StringIO(reader.get("/deliverables/?format=csv").content.decode()))
    assert row["chance of missing %"] == "under 1"


def test_what_is_not_known_is_an_empty_cell(reader: Client, streaming: Team) -> None:
    promised(streaming, "Blind", None)
    (row,) = csv.DictReader(StringIO(reader.get("/deliverables/?format=csv").content.decode()))
    assert (row["chance of missing %"], row["likely (P50)"], row["declared confidence %"]) == ("", "", "")
    assert row["level"] == "No forecast yet"


def test_the_link_to_the_file_keeps_the_filters(reader: Client, streaming: Team) -> None:
    assert 'href="?level=likely&amp;find=a+b&amp;format=csv"' in page(reader, "?level=likely&find=a+b")


@pytest.mark.parametrize("title", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx"])
def test_no_cell_can_run_as_a_formula(reader: Client, streaming: Team, title: str) -> None:
    promised(streaming, title, 0.8)
    (row,) = csv.DictReader(StringIO(reader.get("/deliverables/?format=csv").content.decode()))
    assert row["deliverable"] == f"'{title}"
    assert harmless(-3) == -3


@pytest.mark.parametrize("count", [1, 6])
def test_it_makes_a_fixed_number_of_queries(
    reader: Client, streaming: Team, count: int, django_assert_num_queries: object
) -> None:
    for number in range(count):
        promised(streaming, f"Deliverable {number}", 0.8, 0.4)
    with django_assert_num_queries(QUERIES):  # type: ignore[operator]
        page(reader)
