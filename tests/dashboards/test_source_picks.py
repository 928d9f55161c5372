"""Picking from what a token may see: searched, counted, archived ones apart; and the first day of a window."""

from __future__ import annotations

from datetime import date

import pytest

from dashboards.pages import source_picks
from dashboards.pages.source_connecting import window_from
from delivery.connectors.contract import Found

REPOSITORIES = (
    Found("acme/search-api", "Search API", size=1200),
    Found("acme/old-search", "Old search", archived=True),
    Found("beta/ranker", "ranker"),
)


def test_every_word_of_a_search_must_be_in_the_key_or_the_name() -> None:
    assert [row.scope for row in source_picks.fits(REPOSITORIES, "ACME search")] == [
        "acme/search-api",
        "acme/old-search",
    ]
    assert source_picks.fits(REPOSITORIES, "acme ranker") == []


def test_chosen_ones_come_first_and_archived_ones_last() -> None:
    picks = source_picks.picks("github", REPOSITORIES, ["beta/ranker"], [])
    assert [row.scope for row in picks.rows] == ["beta/ranker", "acme/search-api", "acme/old-search"]
    assert [row.archived for row in picks.rows] == [False, False, True]
    assert picks.says == "1 of 3 repositories chosen"


def test_a_pattern_takes_no_archived_one_and_counts_what_is_not_chosen_already() -> None:
    picks = source_picks.picks("github", REPOSITORIES, ["acme/search-api"], ["acme/*", "BETA/*"])
    assert [one.says for one in picks.matched] == [
        "acme/* takes in 1 repository now; new ones join by themselves.",
        "BETA/* takes in 1 repository now; new ones join by themselves.",
    ]
    assert picks.says == "1 of 3 repositories chosen, 1 more by pattern"


def test_of_very_many_only_the_first_hundred_are_shown_and_the_rest_is_counted() -> None:
    many = [Found(f"P{number:04}", f"Project {number}", size=number) for number in range(5000)]
    picks = source_picks.picks("jira", many, [], [], "project")
    assert (len(picks.rows), picks.more, picks.fits) == (100, 4900, 5000)
    assert picks.rows[2].says == "2 issues"


def test_patterns_are_parted_by_commas_spaces_and_lines_each_once() -> None:
    assert source_picks.split(" DATA*, acme/*\nDATA* ;x ") == ("DATA*", "acme/*", "x")
    assert source_picks.split(" ,; ") == ()


@pytest.mark.parametrize(
    ("window", "today", "begins"),
    [
        ("3", date(2026, 11, 23), date(2026, 8, 23)),
        ("12", date(2026, 11, 23), date(2025, 11, 23)),
        ("6", date(2026, 8, 31), date(2026, 2, 28)),
        ("12", date(2028, 2, 29), date(2027, 2, 28)),
        ("24", date(2026, 1, 1), date(2024, 1, 1)),
        ("all", date(2026, 11, 23), None),
    ],
)
def test_a_window_begins_so_many_months_ago(window: str, today: date, begins: date | None) -> None:
    assert window_from(window, today) == begins
