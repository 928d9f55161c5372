"""What a rule may name, as somebody types."""

from __future__ import annotations

from typing import Any

import pytest

from delivery.models import Source
from delivery.scope_choices import suggestions
from delivery.store import pages
from tests import builders
from tests.delivery import facts
from tests.delivery.facts import day

pytestmark = pytest.mark.django_db


def store(source: Source, *records: Any) -> None:
    assert not pages.store(source, "issues", records).failed


def epic(key: str, title: str, **fields: Any) -> Any:
    return facts.item(key, key=key, title=title, type="Epic", level=1, **fields)


def test_parents_are_found_by_key_and_title_open_ones_and_what_begins_so_first() -> None:
    source = builders.source()
    done = {"transitions": facts.path("To Do", 2, "Done")}
    store(
        source,
        epic("SRCH-1", "Search by meaning", created=day(1)),
        epic("SRCH-2", "Search by meaning again", created=day(5), **done),
        epic("OPS-3", "Faster search", created=day(9)),
        epic("OPS-4", "100% uptime", created=day(3)),
        facts.item("5", key="SRCH-5", title="Search for it"),
    )
    store(builders.source(), epic("SRCH-9", "Search elsewhere"))
    assert suggestions(source, "parent", " search") == [
        ("SRCH-1", "Search by meaning"),
        ("SRCH-2", "Search by meaning again"),
        ("OPS-3", "Faster search"),
    ]
    assert [key for key, _ in suggestions(source, "parent", "srch-2")] == ["SRCH-2"]
    assert [key for key, _ in suggestions(source, "parent", "100%")] == ["OPS-4"]
    assert [key for key, _ in suggestions(source, "parent")] == ["OPS-3", "OPS-4", "SRCH-1", "SRCH-2"]


def test_labels_and_versions_are_counted_by_items_the_newest_first() -> None:
    source = builders.source()
    store(
        source,
        facts.item("1", labels=("old-search", "search"), fix_versions=("2026.1",), created=day(1)),
        facts.item("2", labels=("search",), fix_versions=("2026.4",), created=day(2)),
        facts.item("3", labels=("Searching",), created=day(3)),
        facts.item("4", labels=("search-of-epics",), level=1),
    )
    assert suggestions(source, "label", "SEARCH") == [
        ("Searching", "1 item"),
        ("search", "2 items"),
        ("old-search", "1 item"),
    ]
    assert [name for name, _ in suggestions(source, "fix_version", "")] == ["2026.4", "2026.1"]
    assert suggestions(source, "label", "50%") == []


def test_milestones_are_those_of_github() -> None:
    github = builders.source("github")
    store(github, facts.item("4", key="acme/r#4", fix_versions=("Q4",)))
    assert suggestions(github, "milestone", "q") == [("Q4", "1 item")]


def test_there_are_at_most_twenty() -> None:
    source = builders.source()
    store(source, *(epic(f"E-{number}", "Epic") for number in range(25)))
    store(source, facts.item("1", labels=tuple(f"l{number}" for number in range(25))))
    assert len(suggestions(source, "parent", "e")) == len(suggestions(source, "label", "l")) == 20


@pytest.mark.parametrize(("kind", "rule"), [("github", "parent"), ("jira", "milestone"), ("jira", "jql"), ("jira", "")])
def test_where_there_is_no_such_rule_or_no_list_nothing_is_suggested(kind: str, rule: str) -> None:
    source = builders.source(kind)
    store(source, epic("E-1", "Epic"), facts.item("1", fix_versions=("Q4",)))
    assert suggestions(source, rule, "") == []
