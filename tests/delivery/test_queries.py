"""What the team and deliverable pages read, in a fixed number of queries."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from delivery import queries
from delivery.core.measure import Spread
from delivery.core.period import Period
from delivery.models import (
    Deployment,
    FieldChange,
    Incident,
    PullRequest,
    PullRequestItem,
    Repository,
    ScopedItem,
    Source,
    TeamScope,
)
from people.models import Account
from teams.models import Holiday, Team, TimeOff
from tests import builders
from tests.builders import TODAY, at

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
NOW = at(TODAY, 15)  # a Monday
NOT_KNOWN = Spread(None, None, None, 0)
LAST_WEEK = Period(TODAY - 7 * DAY, TODAY)


@pytest.fixture
def team() -> Team:
    return builders.team("Ranking")


@pytest.fixture
def jira(team: Team) -> Source:
    return builders.project(team)


@pytest.fixture
def repository(team: Team) -> Repository:
    github = builders.source("github", scopes=["acme/ranker"])
    TeamScope.objects.create(team=team, source=github, scope="acme/ranker")
    return builders.repository(github)


def pull_request(of: Repository, number: int, **fields: object) -> PullRequest:
    created = at(TODAY - 3 * DAY, 9)
    values: dict[str, object] = {"created": created, "ready": created, "updated": created, "title": f"Change {number}"}
    return PullRequest.objects.create(repository=of, native_id=str(number), number=number, **(values | fields))


def deploy(of: Repository, number: int, day: datetime, **fields: object) -> Deployment:
    values: dict[str, object] = {"production": True, "state": "success", "created": day, "finished": day + HOUR}
    return Deployment.objects.create(repository=of, native_id=str(number), **(values | fields))


def test_finished_items_are_those_of_the_teams_projects_and_days(team: Team, jira: Source) -> None:
    ours = builders.item(jira, started=at(TODAY - 5 * DAY), finished=at(TODAY - 3 * DAY))
    builders.item(jira, finished=at(TODAY - 8 * DAY))
    builders.item(jira, project="XYZ", finished=at(TODAY - 3 * DAY))
    builders.item(jira, finished=at(TODAY - 3 * DAY), deleted=NOW)
    builders.item(jira, finished=at(TODAY - 3 * DAY), level=1, kind="epic")
    nobody = builders.team("Nobody")
    found = queries.paces_of([team, nobody], at=NOW, weeks=1)
    assert found[team.pk].items["key"].to_list() == [ours.key]
    assert found[team.pk].items["cycle"].to_list() == [2 * DAY]
    assert found[nobody.pk].items.empty
    assert found[nobody.pk].since is None


def test_open_items_show_their_age_against_the_teams_own_cycle_times(team: Team, jira: Source) -> None:
    for days in (1, 2, 3, 4, 5):  # p50 3, p85 4.4 days
        builders.item(jira, started=at(TODAY - (9 + days) * DAY), finished=at(TODAY - 9 * DAY))
    old = builders.item(jira, started=at(TODAY - 9 * DAY), flagged=True)
    new = builders.item(jira, started=at(TODAY - DAY))
    waiting = builders.item(jira, stage="todo", status="Open", blocked_by=[old.key])
    usual = queries.usual_cycle_time(team, at=NOW)
    found = queries.open_items(team, at=NOW, usual=usual)
    assert [(one.key, one.mark, one.blocked) for one in found] == [
        (old.key, "very long", True),
        (new.key, "usual", False),
        (waiting.key, "", True),
    ]
    assert found[0].age == 9 * DAY + 3 * HOUR
    assert found[2].age is None
    assert [one.key for one in queries.open_items(team, at=NOW, usual=usual, begun=True)] == [old.key, new.key]


def test_below_five_finished_items_no_age_is_called_long(team: Team, jira: Source) -> None:
    builders.item(jira, started=at(TODAY - 300 * DAY))
    usual = queries.usual_cycle_time(team, at=NOW)
    assert [one.mark for one in queries.open_items(team, at=NOW, usual=usual)] == [""]


def test_an_assignee_is_named_as_the_person_or_as_the_source_does(team: Team, jira: Source) -> None:
    person = builders.person("Ada Lovelace")
    known = Account.objects.create(kind="jira", origin="x", native_id="1", person=person)
    unknown = Account.objects.create(kind="jira", origin="x", native_id="2", login="grace")
    for account in (known, unknown):
        builders.item(jira, assignee=account)
    found = queries.open_items(team, at=NOW, usual=NOT_KNOWN)
    assert {one.assignee for one in found} == {"Ada Lovelace", "grace"}


def test_blocked_items_tell_since_when_where_somebody_flagged_them(team: Team, jira: Source) -> None:
    flagged = builders.item(jira, flagged=True)
    FieldChange.objects.create(
        item=flagged, native_id="1", at=at(TODAY - 2 * DAY), field="flagged", to_value="Impediment"
    )
    FieldChange.objects.create(item=flagged, native_id="2", at=at(TODAY - DAY), field="flagged", to_value="")
    behind = builders.item(jira, blocked_by=[flagged.key])
    free = builders.item(jira, blocked_by=["ABC-0"])
    promised = builders.deliverable(team, items=(flagged, behind, free))
    found = queries.blocked_items(promised)
    assert [(one.key, one.since) for one in found] == [(flagged.key, at(TODAY - 2 * DAY)), (behind.key, None)]
    assert found[1].blocked_by == (flagged.key,)
    assert {one.key for one in queries.scope_items(promised, at=NOW)} == {
        flagged.key,
        behind.key,
        free.key,
    }


def test_the_pace_of_many_teams_takes_two_queries(
    team: Team, jira: Source, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    idle = builders.team("Idle")
    for days in range(5):
        builders.item(jira, started=at(TODAY - 9 * DAY), finished=at(TODAY - (days + 1) * DAY))
    builders.item(jira, finished=at(TODAY))
    with django_assert_num_queries(2):
        found = queries.paces_of([team, idle], at=NOW, weeks=2)
    ours, theirs = found[team.pk], found[idle.pk]
    assert [count for _, count in ours.finished.weeks] == [0, 5]
    assert (ours.finished.running, theirs.finished.total) == (1, 0)
    assert (ours.usual.p50, ours.usual.n, ours.usual.left_out, theirs.usual.n) == (6 * DAY, 5, 1, 0)
    with django_assert_num_queries(1):
        assert queries.usual_cycle_time(team, at=NOW) == ours.usual


def test_weeks_before_anything_of_a_team_is_known_are_absent_not_zero(team: Team, jira: Source) -> None:
    first = TODAY - 19 * DAY  # a Wednesday
    builders.item(jira, created=at(first), finished=at(TODAY - 3 * DAY))
    builders.item(jira, created=at(TODAY - 90 * DAY), deleted=NOW)
    builders.item(jira, created=at(TODAY - 90 * DAY), project="XYZ")
    pace = queries.paces_of([team], at=NOW)[team.pk]
    assert pace.finished.weeks == ((TODAY - 14 * DAY, 0), (TODAY - 7 * DAY, 1))
    assert pace.since == first


def test_a_shared_project_counts_for_both_teams(team: Team, jira: Source) -> None:
    other = builders.team("Other")
    TeamScope.objects.create(team=other, source=jira, scope="ABC")
    builders.item(jira, finished=at(TODAY - 2 * DAY))
    found = queries.paces_of([team, other], at=NOW, weeks=1)
    assert found[team.pk].finished.total == found[other.pk].finished.total == 1


def test_flow_items_are_what_had_not_ended_before(team: Team, jira: Source) -> None:
    builders.item(jira, finished=at(TODAY - 9 * DAY))
    builders.item(jira, started=at(TODAY - 20 * DAY))
    builders.item(jira, finished=at(TODAY - 7 * DAY))
    assert len(queries.flow_items(team, since=TODAY - 7 * DAY)) == 2


def test_pull_requests_wait_for_a_first_review_by_both_clocks(
    team: Team, jira: Source, repository: Repository, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    bot = Account.objects.create(kind="github", origin="x", native_id="9", is_bot=True)
    waiting = pull_request(repository, 1)  # ready on Friday at nine
    pull_request(repository, 2, first_review=NOW)
    pull_request(repository, 3, draft=True, ready=None)
    pull_request(repository, 4, closed=NOW)
    pull_request(repository, 5, author=bot)
    newer = pull_request(repository, 6, ready=at(TODAY, 9), author=Account.objects.create(kind="g", native_id="1"))
    with django_assert_num_queries(2):
        found = queries.waiting_reviews(at=NOW, team=team)
    assert [one.id for one in found] == [waiting.pk, newer.pk]
    assert (found[0].waited, found[0].worked) == (3 * DAY + 6 * HOUR, 14 * HOUR)

    item = builders.item(jira)
    PullRequestItem.objects.create(pull_request=newer, item=item)
    promised = builders.deliverable(team, items=(item,))
    assert [one.number for one in queries.waiting_reviews(at=NOW, deliverable=promised)] == [6]
    ScopedItem.objects.update(until=NOW)
    assert queries.waiting_reviews(at=NOW, deliverable=promised) == []


def test_review_times_run_on_both_clocks_without_holidays(team: Team, repository: Repository) -> None:
    friday, monday = at(TODAY - 10 * DAY, 16), at(TODAY - 7 * DAY, 10)
    for number in range(5):
        pull_request(repository, number, ready=friday, first_review=monday, approved=monday, merged=monday + HOUR)
    found = queries.review_times(team, LAST_WEEK)
    assert (found.calendar.pickup.p50, found.working.pickup.p50) == (66 * HOUR, 2 * HOUR)
    assert (found.calendar.merge.p50, found.calendar.coding.n) == (HOUR, 0)
    assert queries.review_waits_of([team], LAST_WEEK)[team.pk].p50 == 2 * HOUR
    Holiday.objects.create(day=monday.date())
    assert queries.review_times(team, LAST_WEEK).working.pickup.p50 == HOUR


def test_weeks_end_where_the_team_lives() -> None:
    """At Monday 01:00 UTC it is Sunday evening in New York; on Sunday 20:00 UTC it is Monday in Kolkata."""
    york, kolkata = (builders.team(timezone=zone) for zone in ("America/New_York", "Asia/Kolkata"))
    for of, key in ((york, "NYC"), (kolkata, "KOL")):
        source = builders.project(of, key)
        builders.item(source, key, created=at(TODAY - 40 * DAY), finished=at(TODAY - 2 * DAY))
    found = queries.paces_of([york, kolkata], at=at(TODAY, 1), weeks=1)
    assert [found[one.pk].finished.running_week for one in (york, kolkata)] == [TODAY - 7 * DAY, TODAY]
    assert [(found[one.pk].finished.running, found[one.pk].finished.total) for one in (york, kolkata)] == [
        (1, 0),
        (0, 1),
    ]
    assert queries.dora_of(york, at=at(TODAY, 1), weeks=1).period.end == TODAY - 7 * DAY

    sunday = at(TODAY - DAY, 20)
    builders.item(source, "KOL", started=sunday - 2 * DAY, finished=sunday - HOUR)
    pace = queries.paces_of([york, kolkata], at=sunday, weeks=1)[kolkata.pk]
    assert (pace.finished.running_week, pace.finished.running, len(pace.items)) == (TODAY, 1, 2)


def test_dora_of_a_team_now_and_before(
    team: Team, jira: Source, repository: Repository, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    last = at(TODAY - DAY)
    runs = [deploy(repository, week, last - 7 * week * DAY) for week in range(8)]
    deploy(repository, 90, last, production=False)
    deploy(repository, 91, last, state="failure")
    deploy(builders.repository(repository.source, "acme/else"), 92, last)
    outage = builders.item(jira, kind="incident")
    fix = pull_request(repository, 1, first_commit=last - 9 * DAY, merged=last - 7 * DAY + HOUR)
    PullRequestItem.objects.create(pull_request=fix, item=outage)
    Incident.objects.create(item=outage, opened=last - 7 * DAY, resolved=last, deployment=runs[1])
    with django_assert_num_queries(3):
        found = queries.dora_of(team, at=NOW, weeks=5)
    assert (found.now.frequency.value, found.now.frequency.n, found.now.frequency.left_out) == (1.0, 5, 1)
    assert (found.before.frequency.value, found.before.frequency.n) == (None, 3)
    assert found.now.fail_rate.value == 1 / 5
    assert found.now.rework.value == 1 / 5
    assert (found.now.lead_time.n, found.now.recovery.n, found.guesses, found.known) == (1, 1, 1, True)
    assert found.weekly["deployments"].to_list() == [0, 0, 1, 1, 1, 1, 1, 1, 1, 1]
    assert found.weekly["failed"].sum() == 1


def test_without_deployments_there_is_no_data_not_zero(team: Team) -> None:
    found = queries.dora_of(team, at=NOW)
    assert (found.known, found.now.frequency.value, found.now.fail_rate.value) == (False, None, None)


def test_members_come_in_order_of_name_with_their_days_off(
    team: Team, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    zoe, adam = builders.person("Zoe Z"), builders.person("Adam A")
    Team.objects.filter(pk=team.pk).update(lead=zoe)
    team.refresh_from_db()
    for person in (zoe, adam):
        builders.member(team, person)
    builders.member(team, end=TODAY)
    TimeOff.objects.create(person=adam, start=TODAY + DAY, end=TODAY + 3 * DAY)
    TimeOff.objects.create(person=adam, start=TODAY - 9 * DAY, end=TODAY)
    with django_assert_num_queries(2):
        found = queries.members(team, day=TODAY)
    assert [(one.name, one.leads) for one in found] == [("Adam A", False), ("Zoe Z", True)]
    assert found[0].away == ((TODAY + DAY, TODAY + 3 * DAY),)


def test_the_number_of_queries_does_not_grow_with_the_items(
    team: Team, jira: Source, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    promised = builders.deliverable(team, items=tuple(builders.item(jira, started=NOW - n * DAY) for n in range(9)))
    with django_assert_num_queries(2):
        queries.open_items(team, at=NOW, usual=NOT_KNOWN)
    with django_assert_num_queries(2):
        queries.scope_items(promised, at=NOW)
    with django_assert_num_queries(1):
        queries.blocked_items(promised)
