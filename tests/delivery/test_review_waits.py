"""How long a team's changes wait for their first review: the spread and the waits behind it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from delivery.core.period import Period
from delivery.models import PullRequest, Repository
from delivery.queries import first_review_waits, review_waits_of
from people.models import Account
from teams.models import Team
from tests import builders
from tests.builders import TODAY, at

pytestmark = pytest.mark.django_db

LAST_WEEKS = Period(TODAY - timedelta(days=28), TODAY)
MONDAY = TODAY - timedelta(days=7)


@pytest.fixture
def team() -> Team:
    return builders.team()


@pytest.fixture
def repository(team: Team) -> Repository:
    return builders.repository(builders.project(team, "acme/ranker", builders.source("github")))


def author(number: int, *, is_bot: bool = False) -> Account:
    return Account.objects.create(kind="github", origin="g", native_id=str(number), is_bot=is_bot)


def pull(of: Repository, number: int, by: Account | None, waited: int | None = 3) -> PullRequest:
    return PullRequest.objects.create(
        repository=of,
        native_id=str(number),
        number=number,
        title="A change",
        author=by,
        created=at(MONDAY, 9),
        updated=at(MONDAY, 9),
        ready=at(MONDAY, 9),
        first_review=None if waited is None else at(MONDAY, 9 + waited),
    )


def test_the_spread_and_its_waits_are_about_the_same_changes(team: Team, repository: Repository) -> None:
    for number, waited in enumerate((1, 2, 3, 4, 5)):
        pull(repository, number, author(number), waited)
    pull(repository, 9, None, None)
    waits = first_review_waits(team, LAST_WEEKS)
    assert sorted(waits) == [timedelta(hours=count) for count in (1, 2, 3, 4, 5)]
    assert review_waits_of([team], LAST_WEEKS)[team.pk].p50 == timedelta(hours=3)


def test_a_change_by_a_bot_counts_nothing_and_hides_nothing(team: Team, repository: Repository) -> None:
    for number in range(5):
        pull(repository, number, author(number))
    pull(repository, 9, author(9, is_bot=True), 7)
    assert review_waits_of([team], LAST_WEEKS)[team.pk].n == 5
    assert len(first_review_waits(team, LAST_WEEKS)) == 5


def test_a_change_whose_author_is_not_known_counts(team: Team, repository: Repository) -> None:
    pull(repository, 1, None)
    assert len(first_review_waits(team, LAST_WEEKS)) == 1


def test_an_earlier_review_is_of_another_period(team: Team, repository: Repository) -> None:
    pull(repository, 1, None)
    assert first_review_waits(team, Period(TODAY - timedelta(days=5), TODAY)).empty
