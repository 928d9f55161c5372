"""Which items are bugs, upkeep, experiments or incidents: by rules, else by the guess (U6)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from delivery import kinds
from delivery.kinds import Rule
from delivery.models import Source, WorkItem
from delivery.store import pages
from tests import builders
from tests.delivery import facts

pytestmark = pytest.mark.django_db
NOW = facts.day(21)


@pytest.fixture
def source() -> Source:
    return builders.source()


def stored(source: Source, native_id: str = "1", **fields: Any) -> str:
    pages.store(source, "issues", [facts.item(native_id, **fields)])
    return kind_of(source, native_id)


def kind_of(source: Source, native_id: str = "1") -> str:
    return WorkItem.objects.get(source=source, native_id=native_id).kind


def test_without_a_rule_the_guess_counts(source: Source) -> None:
    assert stored(source, type="Bug") == "bug"
    assert stored(source, type="Spike") == "experiment"


@pytest.mark.parametrize(
    ("field", "pattern", "fields"),
    [
        ("type", "story", {}),
        ("label", "TECH*", {"labels": ("a", "tech-debt")}),
        ("component", "*ops", {"components": ("DevOps",)}),
        ("title", "[upkeep]*", {"title": "[Upkeep] rotate 100% of keys"}),
        ("title", "*100%*", {"title": "[Upkeep] rotate 100% of keys"}),
    ],
)
def test_a_rule_is_about_type_label_component_or_title(
    source: Source, field: str, pattern: str, fields: dict[str, Any]
) -> None:
    kinds.apply(source, [Rule("", field, pattern, "chore")])
    assert stored(source, **fields) == "chore"
    assert stored(source, "2", type="Story-ish", labels=("atech",), components=("opsy",), title="100 %") == "feature"


def test_the_first_rule_that_fits_decides_and_a_projects_own_stand_above(source: Source) -> None:
    rules = [
        Rule("", "type", "Story", "chore"),
        Rule("", "label", "lab", "experiment"),
        Rule("abc", "label", "x", "bug"),
    ]
    kinds.apply(source, rules)
    assert stored(source, labels=("lab",)) == "chore"
    assert stored(source, "2", labels=("lab", "x")) == "bug"
    assert stored(source, "3", project="XYZ", labels=("lab", "x")) == "chore"


def test_rules_that_change_are_applied_to_what_is_stored_and_back(source: Source) -> None:
    assert stored(source, type="Bug", labels=("ops",)) == "bug"
    assert kinds.apply(source, [Rule("", "label", "ops", "incident")]) == 1
    assert kind_of(source) == "incident"
    assert kinds.apply(source, [Rule("", "label", "ops", "incident")]) == 0
    assert kinds.apply(source, []) == 1
    assert kind_of(source) == "bug"


def test_a_row_from_before_guesses_were_kept_gets_its_kind_back(source: Source) -> None:
    item = builders.item(source, kind="experiment", labels=["ops"])
    kinds.apply(source, [Rule("", "label", "ops", "incident")])
    kinds.apply(source, [])
    item.refresh_from_db()
    assert item.kind == "experiment"


def test_a_later_reading_keeps_a_rules_word_and_follows_a_changed_guess(source: Source) -> None:
    kinds.apply(source, [Rule("", "label", "ops", "incident")])
    assert stored(source, type="Bug", labels=("ops",)) == "incident"
    assert stored(source, type="Bug", labels=("ops",), title="Another title") == "incident"
    assert stored(source, type="Spike", labels=()) == "experiment"


def test_epics_stay_epics(source: Source) -> None:
    kinds.apply(source, [Rule("", "type", "*", "bug")])
    assert stored(source, type="Epic", level=1) == "epic"


def test_the_preview_is_what_then_happens_and_writes_nothing(source: Source) -> None:
    for number in range(6):
        stored(source, str(number), type="Bug", labels=("ops",) if number < 4 else (), key=f"ABC-{number}")
    rules = [Rule("", "label", "ops", "incident"), Rule("", "type", "Bug", "bug"), Rule("", "title", "nothing", "bug")]
    told = kinds.preview(source, rules, at=NOW)
    assert kind_of(source, "0") == "bug"
    assert (told.items, told.changed) == (6, 4)
    assert (dict(told.before), dict(told.after)) == ({"bug": 6}, {"incident": 4, "bug": 2})
    assert [rule.count for rule in told.rules] == [4, 2, 0]
    assert told.rules[0].examples[0].startswith("ABC-")
    assert told.examples[0][1:] == ("bug", "incident")
    assert kinds.apply(source, rules) == told.changed
    assert kinds.preview(source, rules, at=NOW).before == told.after


def test_the_preview_looks_at_the_last_year(source: Source) -> None:
    stored(source, type="Bug", created=NOW - timedelta(days=400))
    assert kinds.preview(source, [], at=NOW).items == 0
    assert kinds.preview(source, [], at=NOW - timedelta(days=399)).items == 1


SIGNS = st.sampled_from("abAB*%_\\.é'é ")
WORDS = st.text(SIGNS.filter(lambda sign: sign != "*"), max_size=6)
RULES = st.builds(
    Rule,
    st.sampled_from(["", "ABC", "abc", "XYZ"]),
    st.sampled_from(["type", "label", "component", "title"]),
    st.text(SIGNS, min_size=1, max_size=4),
    st.sampled_from([kind.value for kind in kinds.CHOICES]),
)


def reads(pattern: str, text: str) -> bool:
    """Plainly: whether ``text`` is the pattern, each ``*`` any run of signs."""
    pattern, text = pattern.lower(), text.lower()
    if not pattern:
        return not text
    if pattern[0] == "*":
        return any(reads(pattern[1:], text[start:]) for start in range(len(text) + 1))
    return bool(text) and text[0] == pattern[0] and reads(pattern[1:], text[1:])


def decided(rules: list[Rule], item: WorkItem) -> str:
    words = {"type": [item.type], "title": [item.title], "label": item.labels, "component": item.components}
    own = [rule for rule in rules if rule.scope.lower() == item.project.lower()]
    for rule in [*own, *(rule for rule in rules if not rule.scope)]:
        if any(reads(rule.pattern, word) for word in words[rule.field]):
            return rule.kind
    return item.guessed_kind


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rules=st.lists(RULES, max_size=5),
    type=WORDS,
    title=WORDS,
    labels=st.lists(WORDS, max_size=3),
    components=st.lists(WORDS, max_size=3),
    project=st.sampled_from(["ABC", "XYZ"]),
)
def test_the_statement_reads_rules_as_a_person_would(
    source: Source, rules: list[Rule], type: str, title: str, labels: list[str], components: list[str], project: str
) -> None:
    WorkItem.objects.filter(source=source).delete()
    item = builders.item(
        source, project, type=type, title=title, labels=labels, components=components, guessed_kind="feature"
    )
    kinds.apply(source, rules)
    item.refresh_from_db()
    assert item.kind == decided(rules, item)
