"""What people write of deliverables: kept with its history, refused with what to do, never half-saved."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from delivery import deliverables as words
from delivery.deliverables import DeliverableTold
from delivery.models import Deliverable, PlanChange, Scope
from delivery.refused import Conflict, Wrong
from delivery.scope_rules import ScopeTold
from people.models import Person, Role
from teams.models import Team
from tests import builders
from tests.builders import TODAY, at

pytestmark = pytest.mark.django_db
NOW = at(TODAY)
DAY = timedelta(days=1)


@pytest.fixture
def lead() -> Person:
    return builders.person("Elif", role=Role.LEAD)


@pytest.fixture
def team(lead: Person) -> Team:
    return builders.team("Streaming", lead=lead)


def told(team: Team, title: str = "Event schema v3", **more: Any) -> DeliverableTold:
    return DeliverableTold(**{"title": title, "team": team, "start": TODAY, **more})


def add(team: Team, by: Person, title: str = "Event schema v3", **more: Any) -> Deliverable:
    return words.add_deliverable(told(team, title, **more), more.pop("scope", ()), by=by, at=NOW)


def change(row: Deliverable, by: Person, **more: Any) -> Deliverable:
    seen, note, scope = more.pop("seen", row.version), more.pop("note", ""), more.pop("scope", None)
    made = words.change_deliverable(row, words.as_told(row, **more), scope, by=by, at=NOW, seen=seen, note=note)
    row.refresh_from_db()
    return made


def test_texts_are_kept_as_they_were_typed(team: Team, lead: Person) -> None:
    made = add(team, lead, " ‮שלום 🚀 <b> ", done_when="=1+1\n" + "x" * 4000)
    assert (made.title, made.done_when[:5]) == ("‮שלום 🚀 <b>", "=1+1\n")
    assert made.slug
    assert add(team, lead).slug == "event-schema-v3"
    assert add(team, lead).slug == "event-schema-v3-2"
    assert set(PlanChange.objects.values_list("what", "by")) == {("Written down", lead.pk)}


@pytest.mark.parametrize(
    ("more", "field", "says"),
    [
        ({"title": "  "}, "title", "Say in a line"),
        ({"title": "x" * 201}, "title", "these are 201"),
        ({"done_when": "x" * 10_000}, "done_when", "these are 10,000"),
        ({"team": None}, "team", "Choose the team"),
        ({"kind": "wish"}, "kind", "Choose one of: feature"),
        ({"start": date(1066, 1, 1)}, "start", "between 2000 and 2199"),
        ({"priority": 0}, "priority", "1 for the first"),
        ({"size_low": 8}, "size_high", "both ends"),
        ({"size_high": 8}, "size_low", "both ends"),
        ({"size_low": 0, "size_high": 3}, "size_low", "from 1 to 100,000"),
        ({"size_low": 9, "size_high": 8}, "size_high", "enter 9 or more"),
        ({"size_low": 9, "size_high": 100_001}, "size_high", "up to 100,000"),
        ({"attempts_done": 2}, "stage", "Only an experiment"),
        ({"kind": "experiment", "stage": "dream"}, "stage", "Choose one of: frame"),
        ({"kind": "experiment", "attempts_low": 5, "attempts_high": 2}, "attempts_high", "enter 5 or more"),
        ({"kind": "experiment", "attempts_done": 1001}, "attempts_done", "from 0 to 1,000"),
        ({"kind": "experiment", "success_threshold": "x" * 201}, "success_threshold", "AUC of 0.82"),
    ],
)
def test_what_cannot_be_kept_says_what_to_do(
    team: Team, lead: Person, more: dict[str, Any], field: str, says: str
) -> None:
    with pytest.raises(Wrong) as wrong:
        words.add_deliverable(replace(told(team), **more), by=lead, at=NOW)
    assert set(wrong.value.errors) == {field}
    assert says in wrong.value.errors[field]
    assert not Deliverable.objects.exists()
    assert not PlanChange.objects.exists()


def test_the_team_that_answers_for_it_does_not_help_too(team: Team, lead: Person) -> None:
    with pytest.raises(Wrong, match="Streaming answers for it already"):
        add(team, lead, helping_teams=[team])


def test_an_experiment_has_a_stage_a_threshold_and_a_range_of_attempts(team: Team, lead: Person) -> None:
    made = add(
        team, lead, kind="experiment", stage="iterate", success_threshold="AUC of 0.82", attempts_done=2,
        attempts_low=2, attempts_high=5,
    )  # fmt: skip
    made.refresh_from_db()
    assert (made.stage, made.success_threshold) == ("iterate", "AUC of 0.82")
    assert (made.attempts_done, made.attempts_low, made.attempts_high) == (2, 2, 5)
    change(made, lead, attempts_done=3)
    assert PlanChange.objects.filter(what="Attempts so far").values_list("before", "after").get() == ("2", "3")


def test_a_circle_is_named_from_one_end_to_the_other(team: Team, lead: Person) -> None:
    first = add(team, lead, "First")
    second = add(team, lead, "Second", depends_on=[first])
    third = add(team, lead, "Third", depends_on=[second])
    with pytest.raises(Wrong) as wrong:
        change(first, lead, depends_on=[third])
    assert wrong.value.errors == {
        "depends_on": "That would be a circle: “First” waits for “Third” waits for “Second” waits for “First”. "
        "Take out one of them."
    }
    with pytest.raises(Wrong, match="“First” cannot wait for itself"):
        change(first, lead, depends_on=[first])
    assert not first.depends_on.exists()
    change(third, lead, depends_on=[first, second])  # two ways to the same are no circle
    assert third.depends_on.count() == 2


def test_every_difference_is_kept_with_who_and_when_and_the_note_stands_once(team: Team, lead: Person) -> None:
    first, other = add(team, lead, "First"), add(team, lead, "Other")
    change(first, lead, title="Renamed", size_low=8, size_high=20, depends_on=[other], note="As agreed")
    found = PlanChange.objects.filter(deliverable=first).exclude(what="Written down").order_by("id")
    assert [(one.what, one.before, one.after, one.note) for one in found] == [
        ("Title", "First", "Renamed", ""),
        ("Fewest items", "", "8", ""),
        ("Most items", "", "20", ""),
        ("Waits for", "", "Other", "As agreed"),
    ]
    assert {(one.by, one.at) for one in found} == {(lead, NOW)}
    assert first.version == 2
    change(first, lead)
    assert (first.version, found.count()) == (2, 4)  # nothing differs: nothing is kept


def test_rules_of_scope_are_in_the_history_too_and_bring_their_items(team: Team, lead: Person) -> None:
    jira = builders.project(team)
    jira.name = "Our Jira"
    jira.save()
    builders.item(jira, labels=["ranking"])
    made = add(team, lead)
    change(made, lead, scope=[ScopeTold(jira, "label", " ranking ")])
    assert made.items.count() == 1
    kept = PlanChange.objects.get(what="Scope")
    assert (kept.before, kept.after) == ("", "Our Jira: Label ranking")
    change(made, lead, scope=None, title="Renamed")
    assert Scope.objects.count() == 1
    with pytest.raises(Wrong) as wrong:
        change(made, lead, scope=[ScopeTold(jira, "label", "a"), ScopeTold(jira, "milestone", "b")], title="Lost")
    assert set(wrong.value.errors) == {"scope-1-rule"}
    made.refresh_from_db()
    assert (made.title, Scope.objects.get().value) == ("Renamed", "ranking")


def test_who_saves_second_is_told_how_it_stands_and_changes_nothing(team: Team, lead: Person) -> None:
    made = add(team, lead)
    change(made, lead, title="Theirs")
    with pytest.raises(Conflict) as conflict:
        change(made, lead, title="Mine", seen=1)
    assert (conflict.value.row.title, conflict.value.row.version) == ("Theirs", 2)
    with pytest.raises(Conflict):
        words.end_deliverable(made, delivered=TODAY, why="Done", by=lead, at=NOW, seen=1)
    made.refresh_from_db()
    assert (made.title, made.delivered) == ("Theirs", None)


@pytest.mark.parametrize(
    ("days", "field", "says"),
    [
        ({"delivered": TODAY + DAY}, "delivered", "23 November 2026 or an earlier day"),
        ({"dropped": TODAY + DAY}, "dropped", "what has happened"),
        ({"dropped": date(1066, 1, 1)}, "dropped", "what has happened"),
        ({"delivered": TODAY - DAY}, "delivered", "The work starts on 23 November 2026"),
        ({"delivered": TODAY, "dropped": TODAY}, "dropped", "not both"),
        ({"dropped": TODAY, "why": " "}, "why", "Say why in a sentence"),
        ({"dropped": TODAY, "why": "x" * 10_000}, "why", "these are 10,000"),
    ],
)
def test_an_end_that_cannot_be_says_what_to_do(
    team: Team, lead: Person, days: dict[str, Any], field: str, says: str
) -> None:
    made = add(team, lead)
    with pytest.raises(Wrong) as wrong:
        words.end_deliverable(made, **{"why": "Because", **days}, by=lead, at=NOW, seen=1)
    assert set(wrong.value.errors) == {field}
    assert says in wrong.value.errors[field]
    made.refresh_from_db()
    assert (made.delivered, made.dropped, made.version) == (None, None, 1)


def test_what_was_never_begun_may_be_dropped_and_opened_again(team: Team, lead: Person) -> None:
    made = add(team, lead, start=TODAY + 30 * DAY)
    made = words.end_deliverable(made, dropped=TODAY, why="Not needed", by=lead, at=NOW, seen=1)
    assert made.dropped == TODAY
    made = words.end_deliverable(made, why="Needed after all", by=lead, at=NOW, seen=2)
    assert (made.dropped, made.version) == (None, 3)
    notes = PlanChange.objects.filter(what="Dropped").order_by("id").values_list("note", flat=True)
    assert list(notes) == ["Not needed", "Needed after all"]
