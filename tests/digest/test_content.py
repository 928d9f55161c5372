"""What each reader is told: the sections, for every role, with nothing that is not theirs."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from dashboards.digest.addresses import Addresses
from dashboards.digest.compose import CALM
from dashboards.digest.composing import preview
from dashboards.digest.letter import as_html, as_text
from dashboards.digest.readers import Reader
from dashboards.digest.records import Digest, as_json, from_json
from delivery.models import Action, Bet, Commitment, Deliverable, Risk, Scenario
from people.access import stand_in
from people.models import Role
from teams.models import Team
from tests import builders
from tests.builders import TODAY
from tests.dashboards.goal_rows import goal, said
from tests.dashboards.roles import Organisation
from tests.dashboards.rows import checked_in, forecast, promised
from tests.digest.rows import PAGES, told

pytestmark = pytest.mark.django_db


def text_of(digest: Digest) -> str:
    return as_text(digest, PAGES)


def test_the_headline_and_the_counts_are_those_of_the_overview(people: Organisation, still_clock: datetime) -> None:
    for number in range(3):
        promised(people.team, f"Late {number}", 0.8, before=0.2)
    promised(people.team, "Fine", 0.05, before=0.05)
    made = told(people.director)
    assert "".join(one.text for one in made.headline) == (
        "3 of 4 deliverables are likely to miss their date; 3 more than last week."
    )
    assert [(one.level, one.count) for one in made.counts] == [
        ("likely", 3),
        ("at-risk", 0),
        ("on-track", 1),
        ("none", 0),
    ]
    assert sum(one.share for one in made.counts) == 100
    assert made.subject.startswith("3 of 4 likely to miss")
    assert made.preheader.startswith("3 more than last week. New: 3.")


def test_a_risk_says_chance_dates_driver_and_action(people: Organisation, still_clock: datetime) -> None:
    row = promised(people.team, "Event schema v3", 0.81, before=0.6)
    driver = {"cause": "scope", "share": 0.3, "facts": {"grown": 9, "at_commitment": 20}}
    row.forecasts.filter(day=TODAY).update(drivers={"usual": 0.3, "usual_n": 20, "shares": [driver], "missing": 0.81})
    Action.objects.create(
        deliverable=row,
        title="Second reviewer",
        owner=people.lead,
        due=TODAY + timedelta(days=9),
        chosen=TODAY,
        state="started",
    )
    [one] = told(people.director).risks
    assert (one.missing, one.chance, one.odds, one.is_new) == (81, "81%", "about 4 in 5", False)
    assert one.promised == "23 December"
    assert one.likely == "likely 28 December, almost surely by 15 January"
    assert one.driver == "Scope grew 45%"
    assert one.action == "Under way: Second reviewer (Elif Aydin, due 2 December)."


def test_without_an_action_it_says_that_there_is_none(people: Organisation, still_clock: datetime) -> None:
    promised(people.team, "Event schema v3", 0.81)
    [one] = told(people.director).risks
    assert one.action == "No action under way."
    assert one.driver


def test_seven_are_named_and_the_rest_is_counted(people: Organisation, still_clock: datetime) -> None:
    for number in range(9):
        promised(people.team, f"Late {number}", 0.6 + number / 100)
    made = told(people.director)
    assert [one.missing for one in made.risks] == [68, 67, 66, 65, 64, 63, 62]
    assert made.risks_more == 2
    assert made.risks_url == "/deliverables/?level=likely"


def test_changes_are_told_by_their_kind(people: Organisation, still_clock: datetime) -> None:
    promised(people.team, "New", 0.8, before=0.4)
    promised(people.team, "Worse", 0.9, before=0.7)
    promised(people.team, "Better", 0.2, before=0.45)
    promised(people.team, "Gone", 0.3, before=0.6)
    promised(people.team, "Hardly", 0.3, before=0.25)
    moved = promised(people.team, "Moved", 0.1, before=0.1)
    old = moved.commitments.get()
    Commitment.objects.create(
        deliverable=moved, given=TODAY - timedelta(days=2), target=old.target + timedelta(days=14), cause="scope"
    )
    Deliverable.objects.filter(pk=promised(people.team, "Dropped", 0.4).pk).update(dropped=TODAY - timedelta(days=1))
    lines = {one.title: one for one in told(people.director).changed.lines}
    assert {title: one.kind for title, one in lines.items()} == {
        "New": "new",
        "Worse": "worse",
        "Better": "better",
        "Gone": "gone",
        "Moved": "moved",
        "Dropped": "gone",
    }
    assert lines["New"].says == "is likely to miss now; it went from about 2 in 5 to about 4 in 5 (40% to 80%)."
    assert (lines["Worse"].before, lines["Worse"].now) == (70, 90)
    assert lines["Moved"].says == "moved from 23 December to 6 January, 14 days later: because of scope."


def test_without_forecasts_a_week_ago_nothing_is_called_new(people: Organisation, still_clock: datetime) -> None:
    promised(people.team, "Late", 0.8)
    made = told(people.director)
    assert not made.risks[0].is_new
    assert made.changed.lines == ()
    assert made.changed.note == "There were no forecasts a week ago to compare with."


def test_words_that_are_greener_than_the_forecast_are_told(people: Organisation, still_clock: datetime) -> None:
    checked_in(promised(people.team, "Said green", 0.8), "on_track", 85)
    checked_in(promised(people.team, "Said red", 0.8), "off_track", 10)
    said(goal("A goal said green", chance=0.2, team=people.team, level="team"), "on_track", 90)
    lines = {one.title: one.says for one in told(people.director).disputed.lines}
    assert lines == {
        "Said green": "said on track and 85% sure; the forecast gives it a chance of 20% to make it.",
        "A goal said green": "said on track and 90% sure; the forecast gives it a chance of 20% to make it.",
    }


def test_what_is_delivered_and_learned_is_told(people: Organisation, still_clock: datetime) -> None:
    done = promised(people.team, "Done", 0.1)
    Deliverable.objects.filter(pk=done.pk).update(delivered=TODAY - timedelta(days=2))
    early = promised(people.team, "Done before", 0.1)
    Deliverable.objects.filter(pk=early.pk).update(delivered=TODAY - timedelta(days=8))
    Bet.objects.create(
        title="One topic per event type",
        team=people.team,
        cost_cap=10,
        started=TODAY - timedelta(days=40),
        decide_by=TODAY,
        verdict="disproved",
        decided_on=TODAY - timedelta(days=1),
        lesson="It does not scale past 900 topics.",
    )
    made = told(people.director)
    assert [(one.title, one.says) for one in made.delivered.lines] == [("Done", "on 21 November, 5 weeks early.")]
    assert [(one.title, one.says) for one in made.learned.lines] == [
        ("One topic per event type", "learned: It does not scale past 900 topics.")
    ]


def test_everybody_is_asked_for_what_is_theirs_with_its_form(people: Organisation, still_clock: datetime) -> None:
    mine = promised(people.team, "Mine", 0.8, owner=people.manager)
    checked_in(mine, "on_track", 80, day=TODAY - timedelta(days=8))
    Scenario.objects.create(
        deliverable=mine,
        name="Move it",
        levers=[],
        day=TODAY,
        state="proposed",
        proposed_to=people.manager,
        proposed_at=still_clock,
        by=people.lead,
    )
    action = Action.objects.create(
        deliverable=mine,
        title="Clear it",
        owner=people.engineer,
        due=TODAY - timedelta(days=3),
        chosen=TODAY - timedelta(days=9),
    )
    asked = {one.kind: one for one in told(people.manager).asked.lines}
    assert asked["Decision"].url == f"/deliverables/{mine.pk}/#scenarios"
    assert asked["Check-in"].url == f"/check-in/deliverable/{mine.pk}/"
    assert asked["Check-in"].says == "last word 8 days ago."
    assert [one.url for one in told(people.engineer).asked.lines] == [f"/actions/{action.pk}/"]
    for nobody in (people.executive, people.admin):
        assert told(nobody).asked.lines == ()


def test_many_check_ins_are_one_line(people: Organisation, still_clock: datetime) -> None:
    for number in range(5):
        row = promised(people.team, f"Mine {number}", 0.1, owner=people.lead)
        checked_in(row, "on_track", 80, day=TODAY - timedelta(days=8 + number))
    [line] = [one for one in told(people.lead).asked.lines if one.kind == "Check-ins"]
    assert (line.title, line.says, line.url) == (
        "5 words for this week",
        "the oldest word is 12 days old.",
        "/check-in/",
    )


def test_who_follows_a_team_is_told_of_it_alone(people: Organisation, ranking: Team, still_clock: datetime) -> None:
    promised(people.team, "Streams", 0.8, before=0.1)
    promised(ranking, "Cold start", 0.9, before=0.1)
    checked_in(promised(ranking, "Ranker", 0.8), "on_track", 80)
    made = told(people.director, teams=(("streaming", "Streaming & Events"),))
    words = str(as_json(made))
    assert "Streams" in words
    assert "Cold start" not in words
    assert "Ranker" not in words
    assert made.about == "Streaming & Events"
    assert made.headline_url == "/deliverables/?team=streaming"
    assert made.headline[0].text == "1 of 1 deliverable"
    assert "Cold start" in str(as_json(told(people.director, groups=(("machine-learning", "Machine Learning"),))))


@pytest.mark.parametrize("who", ["manager", "lead", "engineer", "executive", "admin"])
def test_a_confidential_goal_is_told_to_its_line_alone(people: Organisation, who: str, still_clock: datetime) -> None:
    hidden = goal("Project Nightjar", chance=0.2, confidential=True, owner=people.director)
    said(hidden, "on_track", 90)
    Risk.objects.create(
        title="Nightjar loses its sponsor",
        kind="other",
        goal=hidden,
        state="accepted",
        opened=TODAY,
        seen=TODAY,
        probability=0.8,
        impact=0.9,
    )
    assert "Nightjar" in str(as_json(told(people.director)))
    assert "Nightjar" not in str(as_json(told(getattr(people, who))))


def test_nothing_to_say_is_said_in_two_lines(people: Organisation, still_clock: datetime) -> None:
    promised(people.team, "Fine", 0.05, before=0.05)
    promised(people.team, "Fine too", 0.05, before=0.05)
    made = told(people.director)
    assert made.calm == CALM
    lines = text_of(made).split("\n-- \n")[0].strip().splitlines()
    assert [one for one in lines[2:] if one] == [
        "All 2 deliverables with a forecast are on track.",
        "Nothing of weight changed since last week, and nothing is asked of you.",
    ]
    assert "<h2" not in as_html(made, PAGES)


def test_executives_read_no_ticket_numbers(people: Organisation, still_clock: datetime) -> None:
    source = builders.project(people.team, "FEAT")
    source.slices.create(kind="issues", scope="FEAT")
    row = promised(people.team, "FEAT-12 Event schema", 0.8)
    Action.objects.create(deliverable=row, title="Finish FEAT-7 and UTF-8 (#41)", due=TODAY, chosen=TODAY)
    [plain] = told(people.executive).risks
    assert plain.title == "Event schema"
    assert plain.action == "Proposed: Finish and UTF-8 (nobody’s yet, due 23 November)."
    assert "FEAT-12" in told(people.director).risks[0].title
    assert "FEAT-12" not in text_of(told(stand_in(Role.EXECUTIVE)))


def test_nobodys_absence_is_counted(people: Organisation, still_clock: datetime) -> None:
    row = promised(people.team, "Event schema v3", 0.81)
    driver = {"cause": "absence", "share": 0.3, "facts": {"people": [1], "days_lost": 9.0, "alone": 0.8}}
    row.forecasts.update(drivers={"usual": 0.3, "usual_n": 20, "shares": [driver], "missing": 0.81})
    [one] = told(people.director).risks
    assert one.driver == "People away before the date"


def test_a_stale_source_is_said_first(people: Organisation, still_clock: datetime) -> None:
    source = builders.source(name="Jira Cloud", scopes=["ABC"])
    source.slices.create(kind="issues", scope="ABC", last_success=still_clock - timedelta(days=3))
    promised(people.team, "Late", 0.8)
    made = told(people.director)
    assert made.stale == ("Jira Cloud: late, last read 3 days ago",)
    text = text_of(made)
    assert text.index("Jira Cloud") < text.index("LIKELY TO MISS")


def test_a_past_week_is_told_from_what_was_known_then(people: Organisation, still_clock: datetime) -> None:
    row = promised(people.team, "Late", 0.9)
    then = TODAY - timedelta(weeks=2)
    forecast(row, 0.6, day=then, target=row.commitments.get().target)
    from_then = of_a_day(people, then, still_clock)
    assert [one.missing for one in from_then.risks] == [60]
    assert from_then.asked.note == "What was asked of you that week is not kept."
    assert from_then.stale == ()


def of_a_day(people: Organisation, day: date, now: datetime) -> Digest:
    return preview(Reader(people.director), now=now, day=day)


def test_a_kept_digest_is_the_same_when_it_is_read_again(people: Organisation, still_clock: datetime) -> None:
    promised(people.team, "Late", 0.8, before=0.1)
    made = told(people.director)
    assert from_json(as_json(made)) == made
    assert from_json({**as_json(made), "of a later version": 1}) == made


def test_somebody_without_a_login_is_led_to_the_digest_alone(people: Organisation, still_clock: datetime) -> None:
    row = promised(people.team, "Late", 0.8, before=0.1)
    outside = Addresses("https://headway.example", read="https://headway.example/digest/read/key/")
    html = as_html(told(stand_in(Role.EXECUTIVE)), outside)
    links = [part.split('"')[0] for part in html.split('href="')[1:]]
    assert f"{outside.read}#deliverable-{row.pk}" in links
    assert all(one.startswith(outside.read) for one in links)
