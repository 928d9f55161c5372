"""What changed in the week before: each thing in one digest, none pushed out by others, and no contradiction in a calm one."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from html import unescape

import pytest
from django.test import Client

from dashboards.digest import changes, compose
from dashboards.digest.compose import CALM_ANEW, CALM_THEN, CALM_THEN_ANEW
from dashboards.digest.composing import preview
from dashboards.digest.readers import Reader, about
from dashboards.digest.records import Digest
from dashboards.digest.seen import AWAY
from delivery.models import Action, Bet, Commitment, Deliverable, Risk
from people.access import stand_in
from people.models import Role
from teams.models import Team
from tests.builders import TODAY
from tests.dashboards.roles import Organisation
from tests.dashboards.rows import checked_in, forecast, promised
from tests.digest.rows import told

pytestmark = pytest.mark.django_db
DAY, WEEK = timedelta(days=1), timedelta(weeks=1)


def of_day(people: Organisation, now: datetime, weeks: int) -> Digest:
    """The digest of a Monday so many weeks after TODAY."""
    later = now + WEEK * weeks
    return preview(Reader(people.director, weekday=0), now=later, day=TODAY + WEEK * weeks)


@pytest.mark.parametrize("ago", [0, 1, 7])
def test_whatever_happens_on_any_day_is_told_in_one_digest(
    people: Organisation, still_clock: datetime, ago: int
) -> None:
    """A digest is made in the morning: what is dated that day, at noon, is in the next one."""
    on = TODAY - DAY * ago
    done, dropped, moved = (promised(people.team, title, 0.1) for title in ("Done", "Dropped", "Moved"))
    Deliverable.objects.filter(pk=done.pk).update(delivered=on)
    Deliverable.objects.filter(pk=dropped.pk).update(dropped=on)
    target = moved.commitments.get().target + 14 * DAY
    Commitment.objects.create(deliverable=moved, given=on, target=target, cause="scope")
    Bet.objects.create(
        title="Bet", team=people.team, cost_cap=9, started=on - 40 * DAY, decide_by=on, verdict="dropped", decided_on=on
    )
    found = []
    for weeks in (-1, 0, 1, 2):
        made = of_day(people, still_clock, weeks)
        found.append([one.title for one in (*made.delivered.lines, *made.changed.lines, *made.learned.lines)])
    assert sorted(found[2 if ago == 0 else 1]) == ["Bet", "Done", "Dropped", "Moved"]
    assert [len(titles) for titles in found] == ([0, 0, 4, 0] if ago == 0 else [0, 4, 0, 0])


def test_one_without_a_forecast_last_week_is_new_when_it_is_likely_to_miss(
    people: Organisation, still_clock: datetime
) -> None:
    promised(people.team, "Old", 0.1, before=0.1)
    promised(people.team, "Just begun", 0.9)
    promised(people.team, "Just begun and fine", 0.1)
    made = told(people.director)
    assert [(one.kind, one.title, one.says, one.now, one.before) for one in made.changed.lines] == [
        ("new", "Just begun", "is likely to miss now, about 9 in 10 (90%); a week ago it had no forecast.", 90, None)
    ]
    assert "New: 1." in made.preheader


def test_many_changed_chances_leave_room_for_what_moved_and_was_dropped(
    people: Organisation, still_clock: datetime
) -> None:
    for number in range(12):
        promised(people.team, f"Worse {number}", 0.9, before=0.7)
    for number in range(5):
        row = promised(people.team, f"Moved {number}", 0.1, before=0.1)
        given = row.commitments.get()
        Commitment.objects.create(deliverable=row, given=TODAY - DAY, target=given.target + 14 * DAY, cause="scope")
    made = told(people.director)
    assert [one.kind for one in made.changed.lines] == ["worse"] * 7 + ["moved"] * changes.ROOM
    assert made.changed.more_url == ""
    assert "Moved: 5." in made.preheader


def test_the_rest_of_the_changes_is_where_the_link_leads(people: Organisation, still_clock: datetime) -> None:
    for number in range(12):
        promised(people.team, f"Worse {number}", 0.9, before=0.7)
    section = told(people.director, teams=(("streaming", "Streaming & Events"),)).changed
    assert (section.more, section.more_url) == (2, "/deliverables/?team=streaming")


def test_a_calm_digest_contradicts_itself_nowhere(people: Organisation, still_clock: datetime) -> None:
    promised(people.team, "Fine", 0.05)
    first = told(people.director)
    assert (first.calm, first.changed.note) == (CALM_ANEW, "")
    then = TODAY - 2 * WEEK
    for reader in (Reader(people.director), Reader(stand_in(Role.MANAGER))):
        past = preview(reader, now=still_clock, day=then)
        assert (past.calm, past.asked.note, past.changed.note) == (CALM_THEN_ANEW, "", "")
    row = promised(people.team, "Fine then", 0.05)
    for ago in (2, 3):
        forecast(row, 0.05, day=TODAY - ago * WEEK, target=row.commitments.get().target)
    Deliverable.objects.filter(pk=row.pk).update(start=TODAY - 9 * WEEK, created=still_clock - 9 * WEEK)
    assert preview(Reader(people.director), now=still_clock, day=then).calm == CALM_THEN


def test_without_anything_it_says_so_in_two_lines(people: Organisation, still_clock: datetime) -> None:
    made = told(people.director)
    assert "".join(one.text for one in made.headline) == compose.NOTHING_PROMISED
    assert (made.calm, made.changed.note, made.asked.note) == (CALM_ANEW, "", "")


@pytest.mark.parametrize(
    ("facts", "says"),
    [
        ({"people": [1], "days_lost": 9.0, "alone": 0.8}, AWAY),
        ({"people": [], "days_lost": 0.0, "alone": 0.8}, "It hangs on one person"),
        ({"people": [1], "days_lost": -4.0}, "More people before the date"),
    ],
)
def test_nobody_is_called_away_who_is_there(
    people: Organisation, still_clock: datetime, facts: dict[str, object], says: str
) -> None:
    row = promised(people.team, "Event schema v3", 0.81)
    driver = {"cause": "absence", "share": 0.3, "facts": facts}
    row.forecasts.update(drivers={"usual": 0.3, "usual_n": 20, "shares": [driver], "missing": 0.81})
    assert [one.driver for one in told(people.director).risks] == [says]


@pytest.mark.parametrize(
    ("states", "says"),
    [
        ([], "no action under way"),
        (["proposed"], "1 action proposed"),
        (["proposed", "started", "started"], "2 actions under way"),
    ],
)
def test_what_is_only_proposed_is_not_under_way(
    people: Organisation, still_clock: datetime, states: list[str], says: str
) -> None:
    risk = Risk.objects.create(
        title="Vendor", kind="other", team=people.team, state="accepted", opened=TODAY, seen=TODAY, probability=0.5
    )
    for state in states:
        Action.objects.create(risk=risk, title="Ask them", due=TODAY, chosen=TODAY, state=state)
    [listed] = told(people.director).register
    assert listed.says.endswith(f", nobody owns it, {says}.")


def test_check_ins_that_nobody_has_given_are_not_called_old(people: Organisation, still_clock: datetime) -> None:
    for number in range(3):
        promised(people.team, f"Mine {number}", 0.1, before=0.1, owner=people.lead, start=TODAY - 12 * DAY)
    made = told(people.lead)
    [line] = [one for one in made.asked.lines if one.kind == "Check-ins"]
    assert (line.title, line.says) == ("3 words for this week", "none was given yet.")
    others = len(made.asked.lines) - 1 + made.asked.more
    assert made.waiting == 3 + others
    assert f"Waiting for you: {3 + others}." in made.preheader


def test_an_archived_team_is_still_what_its_follower_reads(
    people: Organisation, ranking: Team, still_clock: datetime, client: Client
) -> None:
    promised(ranking, "Cold start", 0.9, before=0.1)
    checked_in(promised(people.team, "Streams", 0.8, before=0.1), "on_track", 80)
    Team.objects.filter(pk=ranking.pk).update(archived=True)
    made = told(people.director, teams=(("ranking", "Ranking"),))
    assert [one.title for one in made.risks] == ["Cold start"]
    client.force_login(people.director)
    there = client.get(made.headline_url).content.decode()
    assert "1 of 1 deliverable" in unescape(re.sub(r"<[^>]+>", "", there))
    assert "it is ignored" not in there
    assert client.get("/deliverables/?team=%00").status_code == 200


def test_what_it_is_about_is_one_list() -> None:
    groups = tuple((name.lower(), name) for name in ("A", "B", "C", "D"))
    assert about(Reader(stand_in(Role.EXECUTIVE), groups=groups), []) == "A, B and 2 others"
    assert about(Reader(stand_in(Role.EXECUTIVE), groups=groups[:3]), []) == "A, B and C"
    assert about(Reader(stand_in(Role.EXECUTIVE)), ["A", "B"]) == "A and B"
    assert about(Reader(stand_in(Role.EXECUTIVE)), ["A", "B", "C", "D"]) == "All teams"
