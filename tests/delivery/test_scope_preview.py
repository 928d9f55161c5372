"""What rules would take before they are kept."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from delivery import connecting, scope_jql, scope_preview, scopes
from delivery.connectors.contract import ConnectorError
from delivery.models import Scope, Source
from delivery.scope_matching import Rule
from delivery.scope_preview import Parent, RulePreview, Sampled, preview
from delivery.store import pages
from tests import builders
from tests.delivery import asked_for, facts
from tests.delivery.asked_for import SITES, Tracker, scoped
from tests.delivery.facts import change, day
from tests.delivery.scripted import Scripted

pytestmark = pytest.mark.django_db
NOW = day(60)


@pytest.fixture
def jira() -> Iterator[Tracker]:
    with asked_for.tracker() as running:
        yield running


def store(source: Source, *records: Any) -> None:
    assert not pages.store(source, "issues", records).failed


def item(key: str, **fields: Any) -> Any:
    return facts.item(key, key=key, title=f"Title of {key}", **fields)


def epic(key: str, **fields: Any) -> Any:
    return item(key, type="Epic", level=1, **fields)


def one(source: Source, rule: str, value: str) -> RulePreview:
    (found,) = preview([Rule(source, rule, value)]).rules
    return found


def test_a_parents_items_are_counted_to_any_depth_with_those_that_are_open_first() -> None:
    source = builders.source()
    store(source, item("I-1", type="Initiative", level=2), epic("E-1", parent_key="I-1"))
    done = {"transitions": facts.path("To Do", 2, "Done")}
    store(
        source,
        item("A-1", parent_key="E-1", created=day(1)),
        item("A-2", parent_key="E-1", created=day(3), **done),
        item("A-3", parent_key="A-1", level=-1),
        item("A-4", parent_key="I-1", created=day(2)),
        item("A-5", parent_key="E-2"),
    )
    found = one(source, "parent", "I-1")
    assert (found.count, found.open, found.problem, found.note) == (3, 2, "", "")
    assert found.sample == (
        Sampled("A-4", "Title of A-4", "To Do", ""),
        Sampled("A-1", "Title of A-1", "To Do", ""),
        Sampled("A-2", "Title of A-2", "Done", ""),
    )
    assert found.parent == Parent("I-1", "Title of I-1", is_item=False)


def test_a_key_is_taken_in_small_letters_with_space_around_it_and_as_it_was_before_a_move() -> None:
    source = builders.source()
    store(source, epic("NEW-7", changes=(change("key", 3, "OLD-1", "NEW-7"),)), item("A-1", parent_key="NEW-7"))
    found = one(source, "parent", " old-1 ")
    assert (found.rule.value, found.count) == ("OLD-1", 1)
    assert found.parent == Parent("NEW-7", "Title of NEW-7", is_item=False)


@pytest.mark.parametrize(
    ("key", "told"),
    [
        ("E-9", "Headway has read no E-9. Nothing matches yet: check the spelling"),
        ("E-1", "No items are below E-1 yet: keep it if its work is still to come."),
        ("A-1", "A-1 is an item and no epic: name the epic above it, or give the items a label."),
    ],
)
def test_a_parent_that_takes_nothing_says_why_and_what_to_do(key: str, told: str) -> None:
    source = builders.source()
    store(source, epic("E-1"), item("A-1"))
    found = one(source, "parent", key)
    assert (found.count, found.problem) == (0, "")
    assert found.note.startswith(told)


def test_labels_versions_and_milestones_are_counted_in_their_own_source() -> None:
    jira, github = builders.source(), builders.source("github")
    store(jira, item("A-1", labels=("q4",)), item("A-2", fix_versions=("2026.4",)), epic("E-1", labels=("q4",)))
    store(github, facts.item("4", key="acme/r#4", fix_versions=("Q4",), labels=("q4",)), facts.item("5", labels=("q",)))
    asked = [("label", "q4"), ("fix_version", "2026.4"), ("fix_version", "q4")]
    rules = [Rule(jira, *pair) for pair in asked] + [Rule(github, "milestone", "Q4"), Rule(github, "label", "q4")]
    found = preview(rules)
    assert [[each.key for each in rule.sample] for rule in found.rules] == [
        ["A-1"],
        ["A-2"],
        [],
        ["acme/r#4"],
        ["acme/r#4"],
    ]
    assert [rule.note for rule in found.rules] == ["", "", scope_preview.NOTHING, "", ""]
    assert (found.count, found.open) == (3, 3)


def test_an_item_that_several_rules_take_is_in_the_total_once() -> None:
    source = builders.source()
    store(source, item("A-1", labels=("q4", "x")), item("A-2", labels=("x",)))
    found = preview([Rule(source, "label", "q4"), Rule(source, "label", "x"), Rule(source, "label", "x")])
    assert [rule.count for rule in found.rules] == [1, 2, 2]
    assert found.count == 2


def test_no_rules_take_nothing() -> None:
    assert preview([]) == scope_preview.Preview((), 0, 0)


def test_the_sample_is_of_five() -> None:
    source = builders.source()
    store(source, *(item(f"A-{number}", labels=("q4",), created=day(number)) for number in range(8)))
    found = one(source, "label", "q4")
    assert (found.count, [each.key for each in found.sample]) == (8, ["A-7", "A-6", "A-5", "A-4", "A-3"])


@pytest.mark.parametrize(
    ("kind", "rule", "told"),
    [
        ("jira", "milestone", "Jira has no milestones: name a fix version"),
        ("github", "parent", "GitHub has no epics: name a milestone or a label"),
        ("github", "fix_version", "GitHub has no fix versions"),
        ("github", "jql", "GitHub has no JQL"),
        ("jira", "colour", "There is no such rule"),
    ],
)
def test_a_rule_that_its_source_does_not_have_is_told_and_not_asked(kind: str, rule: str, told: str) -> None:
    source = builders.source(kind)
    store(source, item("A-1", fix_versions=("Q4",), parent_key="Q4"))
    found = one(source, rule, "Q4")
    assert found.problem.startswith(told)
    assert (found.count, found.note) == (0, "")


def test_a_rule_without_a_value_is_told() -> None:
    assert one(builders.source(), "label", "  ").problem == "Say what the rule names."


@pytest.mark.parametrize("site", SITES)
def test_a_jql_is_asked_of_jira_at_once(site: str, jira: Tracker) -> None:
    source = jira.source(site)
    one_, two, three, *_ = jira.issues()
    jira.read(source, [one_, two])
    jira.label([one_, two, three], "q4")
    jira.label([two], "q4", "x")
    found = preview([Rule(source, "jql", "labels = q4 ORDER BY created"), Rule(source, "label", "q4")])
    mine = found.rules[0]
    assert (mine.count, mine.open, mine.named, mine.unread) == (2, 2, 3, 1)
    assert {each.key for each in mine.sample} == {one_.key, two.key}
    assert mine.note.startswith("Jira names 1 more that Headway has not read")
    assert found.count == 2
    assert not Scope.objects.exists()


@pytest.mark.parametrize("site", SITES)
def test_a_bad_jql_is_told_in_jiras_words_and_the_other_rules_are_counted(site: str, jira: Tracker) -> None:
    source = jira.source(site)
    first, *_ = jira.issues()
    jira.read(source, [first])
    jira.label([first], "q4")
    queries = ["labels = q4", "colour = red", "labels = nobody-has-this"]
    good, bad, empty = preview([Rule(source, "jql", query) for query in queries]).rules
    assert (good.count, good.problem) == (1, "")
    assert (bad.count, bad.named, bad.sample) == (0, None, ())
    assert "Field 'colour' does not exist" in bad.problem
    assert (empty.count, empty.named, empty.note) == (0, 0, scope_preview.NOTHING)


def test_issues_of_which_none_was_read_as_an_item_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    source = builders.source()
    builders.item(source, native_id="1", level=1)
    monkeypatch.setattr(connecting, "connect_to", lambda source, policy=None: Scripted([], named={"x": ["1", "2"]}))
    found = one(source, "jql", "x")
    assert (found.count, found.named, found.unread) == (0, 2, 1)
    assert found.note.startswith("Jira names 2, but none of them is an item that Headway has read")


def test_a_jira_that_does_not_answer_is_told_in_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody waits for the page: one try for each question, and all of them together have an end."""
    source = builders.source()
    clock = iter([0.0, 0.0, 11.0, 11.0, 11.0])
    monkeypatch.setattr(scope_jql.time, "monotonic", lambda: next(clock))
    policies: list[Any] = []

    def connect(source: Source, policy: Any = None) -> Scripted:
        policies.append(policy)
        return Scripted([], named={"x": ["1"], "y": ["1"]})

    monkeypatch.setattr(connecting, "connect_to", connect)
    found = preview([Rule(source, "jql", "x"), Rule(source, "jql", "y")])
    assert [rule.problem for rule in found.rules] == [
        "The source takes too long to answer this: narrow it, or try again later."
    ] * 2
    assert policies == [scope_preview.HURRIED]
    assert scope_preview.HURRIED.tries == 1
    assert scope_preview.HURRIED.longest_request <= scope_preview.SECONDS <= 10


def test_a_disconnected_source_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def connect(source: Source, policy: Any = None) -> Scripted:
        raise ConnectorError("Jira is disconnected: connect it again to have it read.", kind="credentials")

    monkeypatch.setattr(connecting, "connect_to", connect)
    assert one(builders.source(), "jql", "x").problem.startswith("Jira is disconnected")


def test_a_preview_and_the_kept_rules_take_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    source = builders.source()
    monkeypatch.setattr(connecting, "connect_to", lambda source, policy=None: Scripted([], named={"x": ["A-3", "A-4"]}))
    store(source, epic("E-1", labels=("q4",)), item("A-1", parent_key="E-1"), item("A-2", labels=("q4",)))
    store(source, item("A-3"), item("A-4", level=-1), item("A-5", fix_versions=("2026.4",)), item("A-6"))
    rules = [("parent", "E-1"), ("label", "q4"), ("jql", "x"), ("fix_version", "2026.4"), ("label", "none")]
    found = preview([Rule(source, *rule) for rule in rules])
    deliverable = builders.deliverable(builders.team())
    kept = [Scope.objects.create(deliverable=deliverable, source=source, rule=rule, value=v) for rule, v in rules]
    scope_jql.ask(kept[2], now=NOW)
    scopes.resolve(now=NOW)
    assert {each.key for rule in found.rules for each in rule.sample} == set(scoped(deliverable))
    assert found.count == len(scoped(deliverable)) == 4


def test_any_number_of_rules_takes_as_many_queries_as_one_of_each(monkeypatch: pytest.MonkeyPatch) -> None:
    source = builders.source()
    store(source, item("A-1", labels=("1",)))
    monkeypatch.setattr(connecting, "connect_to", lambda source, policy=None: Scripted([]))
    kinds = ("parent", "label", "fix_version", "jql")
    one_of_each = [Rule(source, rule, "1") for rule in kinds]
    many = [Rule(source, rule, str(number)) for rule in kinds for number in range(10)]
    assert queries_of(one_of_each) == queries_of(many) == 4


def queries_of(rules: Sequence[Rule]) -> int:
    with CaptureQueriesContext(connection) as queries:
        preview(rules)
    return len(queries)
