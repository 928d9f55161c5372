"""Constraints: what must never be false is refused by the database."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError

from delivery.models import Commitment, Goal, KeyResult
from tests import builders
from tests.builders import TODAY

pytestmark = pytest.mark.django_db


def test_a_commitment_cannot_point_into_the_past() -> None:
    promised = builders.deliverable(builders.team())
    with pytest.raises(IntegrityError, match="commitment_not_in_the_past"):
        Commitment.objects.create(deliverable=promised, given=TODAY, target=TODAY - timedelta(days=1))


def test_an_item_is_known_by_its_id_in_its_source_not_by_its_key() -> None:
    source = builders.source()
    builders.item(source, native_id="1", key="ABC-1")
    builders.item(source, native_id="2", key="ABC-1")
    with pytest.raises(IntegrityError, match="work_item_once"):
        builders.item(source, native_id="1", key="XYZ-9")


def test_a_person_joins_a_team_once_on_a_day() -> None:
    team = builders.team()
    who = builders.member(team)
    with pytest.raises(IntegrityError, match="membership_once"):
        builders.member(team, who)


def test_a_key_result_must_move() -> None:
    with pytest.raises(IntegrityError, match="key_result_moves"):
        KeyResult.objects.create(goal=_goal(), title="Stand still", start=3, target=3)


def _goal() -> Goal:
    return Goal.objects.create(title="G", level="company", start=TODAY, end=TODAY + timedelta(days=90))
