"""What is exported is found unchanged, and makes the same again where nothing is left."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from delivery import csv_plans
from tests.delivery import csv_world

TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=40)


@pytest.mark.django_db
@pytest.mark.parametrize("kind", csv_plans.KINDS)
def test_an_export_is_found_unchanged(kind: str) -> None:
    csv_world.made()
    text = csv_plans.export(kind, user=None)
    plan = csv_plans.plan(kind, text, user=None)
    assert not plan.faults
    assert {line.what for line in plan.lines} == {"unchanged"}
    assert not plan.changes_something


@pytest.mark.django_db
@pytest.mark.parametrize("kind", csv_plans.KINDS)
def test_an_export_makes_the_same_again_where_nothing_is_left(kind: str) -> None:
    csv_world.made()
    text = csv_plans.export(kind, user=None)
    csv_world.wipe(kind)
    assert csv_plans.export(kind, user=None).count("\n") == 1
    plan = csv_world.imported(kind, text)
    assert plan.count("new") == len(plan.lines) > 1
    assert csv_plans.export(kind, user=None) == text


class AnyText(TestCase):  # type: ignore[misc]
    """Whatever a person typed."""

    @settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
    @given(TEXTS.map(str.strip).filter(bool))
    def test_every_kind(self, typed: str) -> None:
        csv_world.made(typed)
        files = {kind: csv_plans.export(kind, user=None) for kind in csv_plans.KINDS}
        for kind, text in files.items():
            assert not csv_plans.plan(kind, text, user=None).changes_something
        csv_world.wipe("people")
        for kind in ("people", "teams", "memberships", "goals", "deliverables"):
            csv_world.imported(kind, files[kind])
        assert {kind: csv_plans.export(kind, user=None) for kind in csv_plans.KINDS} == files
