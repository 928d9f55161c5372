"""Which statuses nobody can read, and how reviews are spread: by hand."""

from __future__ import annotations

import pytest

from delivery.models import PullRequest, Review, StageMapping
from delivery.risk_counts import reviews_given, unreadable_statuses
from people.models import Account
from tests import builders
from tests.builders import TODAY, at
from tests.delivery.promising import DAY

pytestmark = pytest.mark.django_db


def test_a_status_is_readable_by_the_sources_category_or_by_a_persons_word() -> None:
    team, other = builders.team(), builders.team()
    source = builders.project(team)
    builders.project(other, "XYZ", source)
    builders.item(source, status="In Progress", status_id="1", status_category="indeterminate")
    for _ in range(2):
        builders.item(source, status="Odd", status_id="2")
    builders.item(source, status="Told", status_id="3")
    builders.item(source, status="Odd", status_id="2", finished=at(TODAY - DAY))
    builders.item(source, status="Odd", status_id="2", deleted=at(TODAY))
    builders.item(source, "XYZ", status="Told", status_id="3")
    StageMapping.objects.create(
        source=source, status_id="3", status="Told", stage="active", guessed=False, project="ABC"
    )
    StageMapping.objects.create(source=source, status_id="2", status="Odd", stage="todo", guessed=True)
    assert unreadable_statuses([team.pk, other.pk], TODAY) == {team.pk: {"Odd": 2}, other.pk: {"Told": 1}}
    assert unreadable_statuses([], TODAY) == {}


def test_reviews_are_counted_by_person_without_bots_and_own_pull_requests() -> None:
    team = builders.team()
    source = builders.source("github")
    repository = builders.repository(source)
    builders.project(team, repository.name, source)
    who = builders.person()
    numbers = iter(range(100))

    def account(**fields: object) -> Account:
        number = next(numbers)
        return Account.objects.create(**{"kind": "github", "native_id": str(number), "login": f"l{number}", **fields})

    author, first, second = account(), account(person=who), account(person=who)
    third, bot = account(), account(is_bot=True)
    pull = PullRequest.objects.create(
        repository=repository,
        native_id="1",
        number=1,
        title="x",
        author=author,
        created=at(TODAY - 9 * DAY),
        updated=at(TODAY),
    )
    for number, (by, days) in enumerate([(first, 1), (second, 2), (third, 3), (bot, 1), (author, 1), (third, 70)]):
        Review.objects.create(
            pull_request=pull, native_id=str(number), author=by, state="approved", submitted=at(TODAY - days * DAY)
        )
    assert reviews_given([team.pk], TODAY) == {team.pk: (3, 2)}
