"""The first page: what is at risk, what threatens it, what to do first."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

import pytest
from django.test import Client
from django.utils.html import escape

from dashboards.pages.overview import week_of_quarter
from delivery.models import Commitment, Forecast, SourceSlice
from people.models import Person, Role
from teams.models import Team
from tests import builders
from tests.builders import TODAY, at
from tests.dashboards.conftest import NOW
from tests.dashboards.rows import checked_in, promised

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("still_clock")]
QUERIES = 25  # three of them for what needs the reader: decisions, overdue actions, new risks; goals seven


def page(client: Client, query: str = "") -> str:
    answer = client.get(f"/{query}")
    assert answer.status_code == 200
    return answer.content.decode()


def ranked(html: str) -> list[str]:
    """The titles in the ranked table, in order."""
    return re.findall(r'role="rowheader"><a href="[^"]+">([^<]+)</a>', html)


def test_a_stranger_is_sent_to_sign_in(client: Client) -> None:
    answer = client.get("/")
    assert answer.status_code == 302
    assert answer["Location"].startswith("/accounts/login/")


@pytest.mark.parametrize("role", Role.values)
def test_everybody_who_is_known_sees_every_promise(client: Client, streaming: Team, role: str) -> None:
    promised(streaming, "Event schema v3", 0.81)
    client.force_login(builders.person(role=role))
    assert ranked(page(client)) == ["Event schema v3"]


def test_the_headline_counts_and_compares(reader: Client, streaming: Team) -> None:
    promised(streaming, "Event schema v3", 0.81, 0.30)
    promised(streaming, "Lag alerts", 0.05, 0.05)
    html = page(reader)
    assert "<em>1 of 2 deliverables</em> is likely to miss its date; <span>1 more than last week.</span>" in html
    assert "Monday 23 November · week 8 of 13" in html
    assert "1 new since last week" in html


def test_the_headline_and_the_bars_tell_the_same_numbers(reader: Client, streaming: Team) -> None:
    promised(streaming, "Lost", 0.9, 0.9)
    promised(streaming, "Done", 0.9, 0.9, delivered=TODAY)
    moved = promised(streaming, "Moved", 0.9, 0.9)
    Commitment.objects.create(deliverable=moved, given=TODAY, target=TODAY + timedelta(days=300))
    html = page(reader)
    assert "<em>1 of 2 deliverables</em> is likely to miss its date; <span>2 fewer than last week.</span>" in html
    assert "Deliverables likely to miss, by week: 3, 1" in html
    assert "2 fewer than last week.</span>" in reader.get("/deliverables/").content.decode()


def test_the_table_begins_with_what_is_in_danger_and_the_url_chooses(reader: Client, streaming: Team) -> None:
    promised(streaming, "Calm", 0.05)
    promised(streaming, "Risky", 0.3)
    promised(streaming, "Lost", 0.9)
    assert ranked(page(reader)) == ["Lost", "Risky"]
    assert ranked(page(reader, "?level=on-track")) == ["Calm"]
    assert ranked(page(reader, "?level=all")) == ["Lost", "Risky", "Calm"]
    assert ranked(page(reader, "?team=streaming&level=likely")) == ["Lost"]


def test_the_table_holds_the_ten_likeliest_and_leads_to_all_of_the_same_choice(reader: Client, streaming: Team) -> None:
    for number in range(12):
        promised(streaming, f"Lost {number:02}", 0.99 - number / 100)
    html = page(reader, "?level=likely&team=streaming")
    assert ranked(html) == [f"Lost {number:02}" for number in range(10)]
    assert "10 of 12 shown" in html
    link = re.search(r'href="(/deliverables/[^"]*)">Show all 12 deliverables', html)
    assert link is not None
    assert unescape(link[1]) == "/deliverables/?level=likely&team=streaming"
    assert len(ranked(reader.get(unescape(link[1])).content.decode())) == 12


def test_its_foot_says_when_the_forecasts_ran_by_the_readers_clock(reader: Client, streaming: Team) -> None:
    assert "Forecasts ran" not in page(reader)
    promised(streaming, "Calm", 0.05)
    Forecast.objects.update(trials=10_000)
    assert "Forecasts ran at 12:00 from 10,000 simulated futures each." in page(reader)
    Person.objects.update(timezone="Europe/Berlin")
    Forecast.objects.update(made=at(TODAY - timedelta(days=1), 5))
    assert "Forecasts ran on 22 November at 06:00 from" in page(reader)


def test_a_filter_that_does_not_exist_is_ignored_and_said(reader: Client, streaming: Team) -> None:
    promised(streaming, "Lost", 0.9)
    html = page(reader, "?level=<b>doomed</b>&team=nobody")
    assert ranked(html) == ["Lost"]
    assert "There is no level “&lt;b&gt;doomed&lt;/b&gt;”; it is ignored." in html
    assert "There is no team “nobody”; it is ignored." in html


def test_declared_green_and_forecast_red_stand_side_by_side_the_furthest_apart_first(
    reader: Client, streaming: Team
) -> None:
    elif_ = builders.person("Elif Aydin")
    checked_in(promised(streaming, "A little", 0.3, owner=elif_), "on_track", 75)
    checked_in(promised(streaming, "A lot", 0.8, owner=elif_), "on_track", 90)
    checked_in(promised(streaming, "Honest", 0.8), "off_track", 20)
    html = page(reader)
    panel = html[html.index('id="disputes-title"') : html.index('id="ranked"')]
    assert re.findall(r"<strong dir=\"auto\">([^<]+)</strong>", panel) == ["A lot", "A little"]
    assert "90% sure" in panel
    assert "20% to make it" in panel
    assert "70 points apart" in panel
    assert "Honest" not in panel


def test_what_others_wait_for_is_what_to_do_first(reader: Client, streaming: Team) -> None:
    schema = promised(streaming, "Event schema v3", 0.81)
    for title in ("Home feed", "Cold start"):
        promised(streaming, title, 0.6).depends_on.add(schema)
    html = page(reader)
    assert "One piece of work, <strong>Event schema v3</strong>: 2 of the 3 in danger cannot finish without it." in html
    assert f'class="button button--primary" href="/deliverables/{schema.pk}/#what-if"' in html


def test_titles_are_text_never_markup(reader: Client, streaming: Team) -> None:
    evil = "</script><script>alert(1)</script>"
    promised(streaming, evil, 0.8)
    html = page(reader)
    assert evil not in html
    assert escape(evil) in html


def test_a_promise_without_a_forecast_is_not_known_never_zero(reader: Client, streaming: Team) -> None:
    promised(streaming, "Blind", None)
    html = page(reader, "?level=none")
    assert "1 deliverable, and no forecast yet." in html
    assert "There are 2 finished items." in html
    assert "<b>0%</b>" not in html


def test_an_empty_site_says_what_a_deliverable_is_and_that_nothing_is_connected(reader: Client) -> None:
    html = page(reader)
    assert "Nothing is promised yet" in html
    assert "No source is connected either" in html
    assert "plotly" not in html


def test_a_source_that_stopped_is_said_before_any_number(reader: Client, streaming: Team) -> None:
    promised(streaming, "Calm", 0.05)
    source = builders.source(name="Jira")
    SourceSlice.objects.create(
        source=source, kind="issues", scope="STR", last_success=NOW - timedelta(days=3), error="The token ran out."
    )
    html = page(reader)
    assert "Jira: stopped in 1 of 1 part, last read 3 days ago." in html
    assert html.index("stopped in 1") < html.index("<h1>")
    assert "The token ran out" not in html  # errors are for who manages sources


def test_a_fresh_source_shows_only_its_age(reader: Client, streaming: Team) -> None:
    source = builders.source(name="Jira")
    SourceSlice.objects.create(source=source, kind="issues", scope="STR", last_success=NOW - timedelta(minutes=6))
    assert '<span class="note quiet">6 min ago</span>' in page(reader)


def test_team_cards_count_what_was_finished_and_say_what_is_not_known(reader: Client, streaming: Team) -> None:
    jira = builders.project(streaming)
    for back in range(5, 25, 2):
        builders.item(jira, started=at(TODAY - timedelta(days=back + 4)), finished=at(TODAY - timedelta(days=back)))
    builders.item(jira, created=at(TODAY - timedelta(weeks=20)))
    builders.team("Quiet", slug="quiet", group=streaming.group)
    html = page(reader)
    cards = re.findall(r'<article class="team">.*?</article>', html, re.DOTALL)
    assert "Quiet" in cards[0]
    assert cards[0].count("not known") == 2
    assert "4.0 days" in cards[1]
    assert "Items finished a week over 12 weeks" in cards[1]


def test_the_sidebar_counts_likely_misses_of_each_team(reader: Client, streaming: Team) -> None:
    promised(streaming, "Lost", 0.9)
    side = re.search(r'<nav class="sidebar".*?</nav>', page(reader), re.DOTALL)
    assert side is not None
    assert 'data-level="likely">1<span class="visually-hidden"> likely to miss</span>' in side[0]


def test_a_page_carries_no_inline_style_or_script(reader: Client, streaming: Team) -> None:
    promised(streaming, "Lost", 0.9, 0.2)
    html = page(reader)
    assert not re.search(r"<style|style=|\son\w+=", html)
    assert all("src=" in tag or "application/json" in tag for tag in re.findall(r"<script[^>]*>", html))


@pytest.mark.parametrize("count", [1, 6])
def test_it_makes_a_fixed_number_of_queries(
    reader: Client, streaming: Team, count: int, django_assert_num_queries: object
) -> None:
    for number in range(count):
        made = promised(builders.team(f"Team {number}", group=streaming.group), f"Deliverable {number}", 0.8, 0.4)
        checked_in(made, "on_track", 80)
    with django_assert_num_queries(QUERIES):  # type: ignore[operator]
        page(reader)


def test_weeks_are_counted_from_the_first_day_of_the_quarter() -> None:
    assert week_of_quarter(TODAY) == "week 8 of 13"
    assert week_of_quarter(TODAY.replace(month=10, day=1)) == "week 1 of 13"
    assert week_of_quarter(TODAY.replace(month=12, day=31)) == "week 13 of 13"
