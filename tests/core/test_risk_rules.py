"""Each rule fires on what it is for, and stays silent otherwise."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from delivery.core.chance import Level
from delivery.core.promise import Promise
from delivery.core.risk import (
    DeliverableEvidence,
    GoalEvidence,
    Needed,
    Reading,
    TeamEvidence,
    Thresholds,
)
from delivery.core.risk_rules import RULES
from tests.core.portfolios import TODAY

SOON = TODAY + timedelta(days=30)


def promise(**fields: Any) -> Promise:
    values: dict[str, Any] = dict.fromkeys(Promise.__dataclass_fields__)
    values |= {
        **{"id": 1, "title": "Cold start", "day": TODAY, "start": TODAY - timedelta(days=60), "target": SOON},
        **{"items": 10, "items_done": 4, "items_begun": 6, "blocked": 0, "grown": 0, "at_commitment": 10},
        **{"level": Level.ON_TRACK, "missing": 0.1, "declared": "on_track", "confidence": 90, "declared_on": TODAY},
        **{"last_finish": TODAY, "waits_for": (), "waited_for_by": ()},
    }
    return Promise(**(values | fields))


def about(**fields: Any) -> DeliverableEvidence:
    own = ("needs", "stuck", "open_items", "alone", "capacity_lost", "known", "silent")
    known: dict[str, Any] = {"open_items": 6, "capacity_lost": 0.0} | {
        name: fields.pop(name) for name in own if name in fields
    }
    return DeliverableEvidence(promise=promise(**fields), day=TODAY, **known)


CALM = about()
GOAL = GoalEvidence(1, "Grow", TODAY - timedelta(days=50), SOON, TODAY, TODAY, 0.5, 3)
TEAM = TeamEvidence(
    1,
    "Ranking",
    TODAY,
    in_progress=10,
    arrived=10,
    left=10,
    reviews=1.0,
    fail_rate=0.05,
    deployments=20,
    people=7.0,
    given=(40, 12),
)
LATE = Needed(7, "Event schema v3", SOON + timedelta(days=12), 0.8)
FIRES = {
    "likely_to_miss": about(missing=0.62),
    "date_passed": about(target=TODAY - timedelta(days=3)),
    "nothing_started": about(items_begun=0, items_done=0),
    "scope_grew": about(grown=4),
    "stuck_items": about(stuck=3),
    "waiting": about(needs=(LATE,)),
    "one_person": about(alone=0.7),
    "absence": about(capacity_lost=0.4),
    "no_check_in": about(declared_on=TODAY - timedelta(weeks=4)),
    "nothing_finished": about(last_finish=TODAY - timedelta(weeks=5)),
    "declared_green": about(missing=0.7),
    "no_scope": about(items=0, items_done=0, items_begun=0),
    "no_date": about(target=None),
    "goal_untold": replace(GOAL, said=None),
    "goal_without_work": replace(GOAL, rests_on=0),
    "piling_up": replace(TEAM, arrived=14, in_progress=18),
    "slow_reviews": replace(TEAM, reviews=3.5),
    "failing_deployments": replace(TEAM, fail_rate=0.3),
    "silent_source": replace(TEAM, silent={"ABC in Jira": 3.0}),
    "unread_items": replace(TEAM, missing=2),
    "unmapped_statuses": replace(TEAM, unreadable={"Waiting for vendor": 4, "Odd": 1}),
    "reviews_on_one": replace(TEAM, given=(40, 30)),
}
QUIET = {DeliverableEvidence: CALM, GoalEvidence: GOAL, TeamEvidence: TEAM}


def readings(slug: str, one: Any) -> tuple[Reading, ...]:
    found = RULES[slug].read(one)
    assert found is not None
    return found


def is_bad(slug: str, reading: Reading) -> bool:
    rule = RULES[slug]
    limits = Thresholds(rule.enter, rule.leave, rule.days, rule.worse)
    assert not limits.problem()
    return reading.value is not None and limits.is_bad(reading.value)


def test_every_rule_is_tried() -> None:
    assert set(FIRES) == set(RULES)


@pytest.mark.parametrize("slug", RULES)
def test_a_rule_fires_on_what_it_is_for(slug: str) -> None:
    (reading,) = readings(slug, FIRES[slug])
    assert is_bad(slug, reading)
    assert reading.title
    assert reading.proofs


@pytest.mark.parametrize("slug", RULES)
def test_a_rule_is_silent_where_all_is_well(slug: str) -> None:
    assert not [reading for reading in readings(slug, QUIET[RULES[slug].about]) if is_bad(slug, reading)]


@pytest.mark.parametrize(
    ("slug", "unknown"),
    [
        ("likely_to_miss", about(missing=None)),
        ("declared_green", about(missing=None)),
        ("waiting", about(needs=(replace(LATE, p50=None),))),
        ("slow_reviews", replace(TEAM, reviews=None)),
        ("failing_deployments", replace(TEAM, deployments=3)),
    ],
)
def test_what_is_not_known_is_no_value(slug: str, unknown: Any) -> None:
    assert [reading.value for reading in readings(slug, unknown)] == [None]


def test_each_deliverable_that_is_waited_for_is_a_cause_of_its_own() -> None:
    found = readings("waiting", about(needs=(LATE, replace(LATE, id=8, title="Lakehouse"))))
    assert [(one.cause, one.title) for one in found] == [
        ("7", "Waits for Event schema v3"),
        ("8", "Waits for Lakehouse"),
    ]


def test_a_risk_that_one_person_holds_the_work_names_nobody() -> None:
    (reading,) = readings("one_person", about(alone=0.7))
    assert reading.title == "One person holds most of the work"
    assert [proof.says for proof in reading.proofs] == ["One person holds 70% of its open and recent work."]


def test_two_open_items_say_nothing_in_per_cent() -> None:
    for slug, one in (("stuck_items", about(open_items=2, stuck=2)), ("one_person", about(open_items=2, alone=1.0))):
        assert not is_bad(slug, readings(slug, one)[0])


@pytest.mark.parametrize(
    ("slug", "unknown"),
    [
        ("stuck_items", about(known=False)),
        ("waiting", about(known=False)),
        ("one_person", about(known=False)),
        ("absence", about(known=False, capacity_lost=None)),
        ("nothing_finished", about(silent=True)),
        ("goal_without_work", replace(GOAL, rests_on=None)),
        ("piling_up", replace(TEAM, silent={"ABC in Jira": 3.0})),
        ("slow_reviews", replace(TEAM, silent={"ABC in Jira": 3.0})),
        ("failing_deployments", replace(TEAM, silent={"ABC in Jira": 3.0})),
        ("reviews_on_one", replace(TEAM, silent={"ABC in Jira": 3.0}, given=(40, 30))),
        ("reviews_on_one", replace(TEAM, given=(9, 9))),
    ],
)
def test_where_nothing_is_known_a_rule_says_nothing_of_any_cause(slug: str, unknown: Any) -> None:
    assert RULES[slug].read(unknown) is None


def test_a_day_that_has_passed_is_no_longer_likely_to_be_missed() -> None:
    assert readings("likely_to_miss", about(target=TODAY - timedelta(days=1), missing=1.0)) == ()
    assert readings("likely_to_miss", about(target=TODAY, missing=1.0))


def test_reviews_of_a_team_that_is_too_small_are_nobodys_figure() -> None:
    assert readings("reviews_on_one", replace(TEAM, given=(40, 40), people=4.0)) == ()


def test_statuses_without_a_meaning_are_named_those_with_most_items_first() -> None:
    (reading,) = readings("unmapped_statuses", FIRES["unmapped_statuses"])
    assert (reading.value, reading.title) == (5.0, "2 statuses have no meaning")
    assert reading.proofs[1].says == "The statuses with most of them: “Waiting for vendor” (4), “Odd” (1)."
