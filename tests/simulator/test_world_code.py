"""The pretend organisation's pull requests and deployments."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import UTC, date, datetime, timedelta

import pytest

from simulator.records import Issue, Pull
from simulator.world import World

START = date(2025, 5, 1)
NOW = datetime(2026, 11, 1, 15, 30, tzinfo=UTC)


@pytest.fixture(scope="module")
def world() -> World:
    return World(start=START)


@pytest.fixture(scope="module")
def issues(world: World) -> list[Issue]:
    return [issue for team in world.teams for issue in world.issues(team.project, NOW)]


@pytest.fixture(scope="module")
def pulls(world: World) -> list[Pull]:
    return [pull for repository in world.repositories(NOW) for pull in world.pulls(repository.full_name, NOW)]


def test_pulls_are_numbered_in_order_and_their_moments_too(pulls: list[Pull]) -> None:
    by_repository = defaultdict(list)
    for pull in pulls:
        by_repository[pull.repository].append(pull.number)
        assert (pull.merged is None) == (pull.merge_sha is None) == (pull.merged_by is None)
        assert pull.created <= (pull.ready or pull.created) <= (pull.merged or pull.updated) <= pull.updated
        assert [r.submitted for r in pull.reviews] == sorted(r.submitted for r in pull.reviews)
        assert pull.commits
    assert all(numbers == sorted(set(numbers)) for numbers in by_repository.values())
    assert len({pull.id for pull in pulls}) == len(pulls)
    hashes = [commit.sha for pull in pulls for commit in pull.commits]
    assert len(set(hashes)) == len(hashes)


def test_pulls_are_of_many_kinds(world: World, pulls: list[Pull]) -> None:
    count = len(pulls)
    bots = {bot.id for bot in world.bots}
    states = Counter(review.state for pull in pulls for review in pull.reviews)
    assert min(states["APPROVED"], states["CHANGES_REQUESTED"], states["COMMENTED"]) > 0.05 * sum(states.values())
    assert 15 <= sum(1 for pull in pulls if pull.closed is None) <= 0.1 * count
    assert sum(1 for pull in pulls if pull.closed and not pull.merged) > 0.02 * count
    assert sum(1 for pull in pulls if pull.ready) > 0.05 * count
    assert sum(1 for pull in pulls if pull.author is None) > 10
    assert sum(1 for pull in pulls if pull.author in bots) > 50
    sizes = sorted(pull.additions + pull.deletions for pull in pulls)
    assert sizes[-1] > 20 * sizes[count // 2]


def test_pulls_name_their_tickets_mostly_and_merge_before_they_are_done(issues: list[Issue], pulls: list[Pull]) -> None:
    ends = {issue.key: issue.resolved for issue in issues}
    named = [(pull, pull.title.split(":")[0]) for pull in pulls if pull.title.split(":")[0] in ends]
    anywhere = [p for p in pulls if any(word.split(".")[0] in ends for word in p.body.split())]
    assert len(named) > 0.4 * len(pulls)
    assert len(named) + len(anywhere) < 1.5 * len(pulls)
    gaps = [end - pull.merged for pull, key in named if pull.merged and (end := ends[key])]
    assert sum(1 for gap in gaps if timedelta(0) <= gap < timedelta(days=3)) > 0.85 * len(gaps)


def test_one_team_leans_on_one_reviewer(world: World, pulls: list[Pull]) -> None:
    def top(repositories: tuple[str, ...]) -> float:
        by = Counter(
            r.author for p in pulls if p.repository in repositories for r in p.reviews if r.state == "APPROVED"
        )
        return by.most_common(1)[0][1] / sum(by.values())

    shares = [top(team.repositories) for team in world.teams]
    assert max(shares) == shares[7] > 0.5


def test_deployments_fail_sometimes_and_incidents_follow(world: World, issues: list[Issue]) -> None:
    runs = [d for team in world.teams for r in team.repositories for d in world.deployments(r, NOW)]
    live = [d for d in runs if d.environment == "production"]
    weeks = (NOW.date() - START).days / 7
    assert 1.0 < len(live) / weeks / len(world.repositories(NOW)) < 6
    assert {d.environment for d in runs} == {"production", "staging"}
    assert 0.02 < sum(1 for d in live if d.statuses[-1:] and d.statuses[-1][0] != "success") / len(live) < 0.15
    incidents = [issue for issue in issues if issue.type == "Incident"]
    assert len(incidents) > 40
    assert all(issue.labels[0].startswith("sev-") for issue in incidents)
    after = [any(timedelta(0) < i.created - d.created < timedelta(hours=4) for d in live) for i in incidents]
    assert sum(after) > 0.5 * len(after)
