"""The Learning page: what it says of bets, in which order, to whom."""

from __future__ import annotations

import csv
import re
from io import StringIO
from typing import Any

import pytest
from django.test import Client

from delivery.models import Bet, Goal
from teams.models import Team
from tests import builders
from tests.builders import TODAY
from tests.dashboards.bet_rows import DAY, bet, closed, new, page, post
from tests.dashboards.roles import Organisation, organisation

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("still_clock")]
ATTACK = "<script>alert(1)</script>"


@pytest.fixture
def org(db: None) -> Organisation:
    return organisation()


def test_without_a_bet_it_says_what_to_do(client: Client, org: Organisation) -> None:
    text = page(client, org.lead)
    assert "No bet is laid yet" in text
    assert 'href="/learning/new/">Lay the first one' in text
    text = page(client, org.engineer)
    assert "Directors, managers and leads lay them." in text
    assert "/learning/new/" not in text


def test_the_headline_counts_a_settled_failure_as_learned(client: Client, org: Organisation) -> None:
    for verdict, many in (("validated", 2), ("disproved", 2), ("overran", 1), ("dropped", 1)):
        for number in range(many):
            closed(org.team, f"{verdict} {number}", verdict, cost_so_far=4 if number else None)
    text = page(client, org.engineer)
    assert "6 bets closed: <em>2 succeeded, 2 learned, 2 missed</em>." in text
    assert "Half of the disproved ones ended within 25 days (n 2)." in text
    assert "Their lessons cost 4 working days of people in all (n 1; 1 more whose cost nobody counted)." in text
    assert "How this is counted" in text
    assert 'aria-current="page">' in re.search(r'<a href="/learning/"[^>]*>', text)[0]  # type: ignore[index]


def test_where_all_are_open_it_says_so(client: Client, org: Organisation) -> None:
    bet(org.team)
    text = page(client, org.engineer)
    assert "No bet is closed yet; <em>1 is open</em>" in text
    assert "Half of the disproved ones" not in text


def test_open_ones_come_first_and_say_what_is_late_and_too_dear(client: Client, org: Organisation) -> None:
    closed(org.team, "Closed one", "validated")
    late = bet(org.team, "Late one", decide_by=TODAY - 4 * DAY, cost_so_far=12, owner=org.engineer)
    bet(org.team, "Other one")
    text = page(client, org.engineer)
    assert text.index(f'id="bet-{late.pk}"') < text.index("Other one") < text.index("Closed one")
    assert "Decide by Thu 19 Nov" in text
    assert "4 days past its decision date" in text
    assert "12 of 10 working days" in text
    assert "2 days beyond its cap" in text
    assert text.count("past its decision date") == 1
    assert "Cost not counted; its cap is 10 working days" in text


def test_a_decided_one_says_its_word_lesson_and_who_can_reuse_it(client: Client, org: Organisation) -> None:
    one = closed(org.team, "Topics", "disproved", org.lead, cost_so_far=8, reuse="Anyone with many topics")
    text = page(client, org.engineer)
    row = text[text.index(f'id="bet-{one.pk}"') :]
    for said in (
        "<strong>Learned</strong>", "Lesson of Topics", "Anyone with many topics", "8 of 10 working days",
        "Disproved inside its cap, 18 November, Elif Aydin", "Streaming &amp; Events",
    ):  # fmt: skip
        assert said in row, said


def test_team_and_verdict_are_chosen_in_the_address(client: Client, org: Organisation) -> None:
    other = builders.team("Other", slug="other")
    closed(org.team, "Ours won", "validated")
    closed(org.team, "Ours lost", "overran")
    closed(other, "Theirs", "validated")
    bet(other, "Theirs open")

    def shown(query: str) -> set[str]:
        text = page(client, org.engineer, f"/learning/?{query}")
        return {title for title in ("Ours won", "Ours lost", "Theirs open", "Theirs") if f">{title}</h3>" in text}

    assert shown("") == {"Ours won", "Ours lost", "Theirs", "Theirs open"}
    assert shown("team=streaming") == {"Ours won", "Ours lost"}
    assert shown("verdict=validated") == {"Ours won", "Theirs"}
    assert shown("verdict=open") == {"Theirs open"}
    assert shown("team=other&verdict=overran") == set()
    text = page(client, org.engineer, "/learning/?team=moon&verdict=%3Cb%3E")
    assert "There is no team “moon”" in text
    assert "There is no verdict “&lt;b&gt;”" in text
    builders.team("Without any", slug="without")
    text = page(client, org.engineer, "/learning/?team=without")
    assert '<option value="without" selected>' in text
    assert "No bet is laid yet" in text
    text = page(client, org.engineer, "/learning/?team=streaming")
    assert "2 bets closed: <em>1 succeeded, 1 missed</em>" in text
    assert "What we tested, and what came of it: Streaming &amp; Events" in text


def test_the_file_holds_what_the_choice_holds(client: Client, org: Organisation) -> None:
    bet(org.team, "=cmd()", goal=None)
    closed(org.team, "Topics", "disproved", org.lead, cost_so_far=8, lesson="Two\nlines")
    client.force_login(org.engineer)
    answer = client.get("/learning/?format=csv")
    assert answer["Content-Disposition"] == 'attachment; filename="headway-bets-2026-11-23.csv"'
    rows = list(csv.DictReader(StringIO(answer.content.decode(), newline="")))
    assert [row["bet"] for row in rows] == ["'=cmd()", "Topics"]
    assert (rows[0]["cost working days"], rows[0]["verdict"], rows[0]["decided on"]) == ("", "", "")
    assert (rows[1]["cost working days"], rows[1]["counts as"], rows[1]["lesson"]) == ("8", "Learned", "Two\nlines")
    assert "Topics" not in client.get("/learning/?format=csv&verdict=open").content.decode()


def test_what_people_type_is_text(client: Client, org: Organisation) -> None:
    names = ("title", "hypothesis", "success_signal", "kill_criterion", "lesson", "reuse")
    typed = dict.fromkeys(names, ATTACK)
    ours = bet(org.team, **typed)
    bet(org.team, verdict="validated", decided_on=TODAY, **typed)
    for path in ("/learning/", "/learning/?verdict=open", f"/learning/{ours.pk}/edit/", f"/learning/{ours.pk}/decide/"):
        text = page(client, org.lead, path)
        assert ATTACK not in text, path
        assert "&lt;script&gt;alert(1)" in text, path


def test_who_is_not_signed_in_goes_there_first(client: Client, org: Organisation) -> None:
    one = bet(org.team)
    for path in ("/learning/", "/learning/new/", f"/learning/{one.pk}/edit/", f"/learning/{one.pk}/decide/"):
        assert "/accounts/login/" in client.get(path)["Location"]


def test_a_bet_on_a_goal_that_one_may_not_see_is_not_there(client: Client, org: Organisation) -> None:
    period = {"start": TODAY, "end": TODAY + 90 * DAY}
    secret = Goal.objects.create(
        title="Secret goal", level="team", team=org.team, owner=org.lead, confidential=True, **period
    )
    one = bet(org.team, "Hidden bet", goal=secret)
    assert "Hidden bet" in page(client, org.lead)
    assert "Secret goal" in page(client, org.lead, "/learning/new/")
    assert "Hidden bet" not in page(client, org.engineer)
    assert "Hidden bet" not in page(client, org.engineer, "/learning/?format=csv")
    theirs = builders.person(role="manager")
    Team.objects.filter(pk=builders.team("Theirs", manager=theirs).pk).update(slug="theirs")
    client.force_login(theirs)
    assert client.get(f"/learning/{one.pk}/edit/").status_code == 404
    assert client.post(f"/learning/{one.pk}/decide/", {"verdict": "dropped"}).status_code == 404
    own = Team.objects.get(slug="theirs")
    assert "Choose one of the list." in post(client, theirs, "/learning/new/", new(own, goal=secret.pk))


def test_the_number_of_queries_does_not_grow(client: Client, org: Organisation, django_assert_num_queries: Any) -> None:
    goal = Goal.objects.create(title="G", level="company", start=TODAY, end=TODAY + 90 * DAY)
    for number in range(12):
        bet(org.team, f"O{number}", goal=goal, owner=builders.person())
        closed(builders.team(f"T{number}"), f"C{number}", "validated", builders.person(), goal=goal)
        if number in (1, 11):
            page(client, org.manager)
            with django_assert_num_queries(12):
                client.get("/learning/")
            with django_assert_num_queries(22):
                client.get(f"/learning/{Bet.objects.first().pk}/edit/")  # type: ignore[union-attr]
