"""What reached production, by the rules of a repository (U10, G18, G19, G20), and when a change got there (U14)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest

from delivery import deployment_effects, deployments, incidents, kinds
from delivery.deployments import Rule
from delivery.models import Deployment, Incident, Release, Repository, Source, WorkflowRun
from delivery.store import pages
from tests import builders
from tests.delivery import facts

pytestmark = pytest.mark.django_db
MONDAY = datetime(2026, 11, 2, 9, tzinfo=UTC)
_numbers = count(1)


def day(number: float) -> datetime:
    return MONDAY + timedelta(days=number)


@pytest.fixture
def source() -> Source:
    return builders.source("github", scopes=["acme/ranker"])


@pytest.fixture
def ranker(source: Source) -> Repository:
    return builders.repository(source, "acme/ranker")


def deployed(to: Repository, environment: str, at: float = 1, **fields: Any) -> Deployment:
    values = {"native_id": str(next(_numbers)), "created": day(at), "finished": day(at), "state": "success"}
    return Deployment.objects.create(repository=to, environment=environment, **(values | fields))


def release(of: Repository, tag: str, at: float = 1, **fields: Any) -> Release:
    values = {"native_id": f"r{next(_numbers)}", "name": "", "sha": "a1", "created": day(at), "published": day(at)}
    return Release.objects.create(repository=of, tag=tag, **(values | fields))


def ran(of: Repository, workflow: str, conclusion: str, at: float = 1, **fields: Any) -> WorkflowRun:
    values = {
        "native_id": f"w{next(_numbers)}",
        "attempt": 1,
        "event": "push",
        "created": day(at),
        "started": day(at),
        "finished": day(at) if conclusion else None,
    }
    return WorkflowRun.objects.create(repository=of, workflow=workflow, conclusion=conclusion, **(values | fields))


def production(of: Source) -> set[tuple[str, str, str]]:
    """Origin, environment or reference, and state of everything that counts."""
    rows = Deployment.objects.filter(repository__source=of, production=True)
    return {(row.origin, row.ref or row.environment, row.state) for row in rows}


def test_without_rules_the_environments_whose_names_say_production_count(source: Source, ranker: Repository) -> None:
    for name in ("production", "prod-eu", "Live", "staging", "preprod", "non-prod", "prod-like", "reproduction"):
        deployed(ranker, name)
    release(ranker, "v1")
    deployments.derive(source)
    assert production(source) == {("deployment", name, "success") for name in ("production", "prod-eu", "Live")}


def test_a_repository_may_have_several_production_environments(source: Source, ranker: Repository) -> None:
    """U10, G18: names are free text."""
    for name in ("eu-west", "us-east", "EU-north", "production"):
        deployed(ranker, name)
    written = deployments.apply(source, [Rule("", "deployment", "eu-*"), Rule("", "deployment", "us-east")])
    assert production(source) == {("deployment", name, "success") for name in ("eu-west", "us-east", "EU-north")}
    assert (written.inserted, written.updated, written.deleted) == (0, 3, 0)


def test_a_repository_with_rules_of_its_own_follows_these_alone(source: Source, ranker: Repository) -> None:
    other = builders.repository(source, "acme/site")
    for repository in (ranker, other):
        deployed(repository, "stage")
        deployed(repository, "main")
    rules = [Rule("", "deployment", "main"), Rule("Acme/Ranker", "deployment", "stage")]
    deployments.apply(source, rules)
    counted = set(
        Deployment.objects.filter(production=True).values_list("repository__name", "environment"),
    )
    assert counted == {("acme/ranker", "stage"), ("acme/site", "main")}


def test_a_release_is_a_deployment_where_a_rule_says_so_and_none_when_it_no_longer_does(
    source: Source, ranker: Repository
) -> None:
    deployed(ranker, "production")
    release(ranker, "v1.0", 1)
    release(ranker, "v1.1-rc1", 2, prerelease=True)
    release(ranker, "draft", 3, published=None)
    release(ranker, "v0", 4, tag_only=True)
    deployments.apply(source, [Rule("", "release", "v*")])
    assert production(source) == {("release", "v1.0", "success")}
    made = Deployment.objects.get(origin="release")
    assert (made.created, made.finished, made.sha) == (day(1), day(1), "a1")
    assert deployments.derive(source).total == 0, "nothing changes the second time"
    deployments.apply(source, [Rule("", "release", "*", prereleases=True)])
    assert {tag for _, tag, _ in production(source)} == {"v1.0", "v1.1-rc1"}
    deployments.apply(source, [])
    assert production(source) == {("deployment", "production", "success")}


def test_a_tag_of_a_release_counts_once(source: Source, ranker: Repository) -> None:
    release(ranker, "v1", 1)
    release(ranker, "v0", 2, tag_only=True)
    release(ranker, "nightly", 3, tag_only=True)
    deployments.apply(source, [Rule("", "tag", "v*")])
    assert production(source) == {("tag", "v1", "success"), ("tag", "v0", "success")}
    deployments.apply(source, [Rule("", "tag", "v*"), Rule("", "release", "*")])
    assert production(source) == {("release", "v1", "success"), ("tag", "v0", "success")}


def test_a_tag_that_was_moved_keeps_its_deployment(source: Source, ranker: Repository) -> None:
    """G20: re-tagged; and a native id longer than the column keeps its row too."""
    tag = release(ranker, "v1", 1, tag_only=True, native_id="tag:" + "x" * 120)
    deployments.apply(source, [Rule("", "tag", "v*")])
    before = Deployment.objects.get()
    tag.sha, tag.published = "b2", day(3)
    tag.save()
    assert deployments.derive(source).updated == 1
    after = Deployment.objects.get()
    assert (after.pk, after.sha, after.finished) == (before.pk, "b2", day(3))


def test_of_a_workflow_run_the_last_attempt_counts(source: Source, ranker: Repository) -> None:
    """G19."""
    ran(ranker, "Deploy to prod", "failure", 1, native_id="77")
    ran(ranker, "Deploy to prod", "success", 2, native_id="77", attempt=2)
    deployments.apply(source, [Rule("acme/ranker", "workflow", "deploy*")])
    made = Deployment.objects.get(origin="workflow")
    assert (made.state, made.finished, made.environment) == ("success", day(2), "Deploy to prod")


@pytest.mark.parametrize(
    ("conclusion", "state"),
    [
        ("success", "success"),
        ("failure", "failure"),
        ("timed_out", "failure"),
        ("cancelled", "error"),
        ("", "in_progress"),
        ("a word of next year", "unknown"),
    ],
)
def test_a_workflow_run_ends_as_its_conclusion_says(
    source: Source, ranker: Repository, conclusion: str, state: str
) -> None:
    ran(ranker, "deploy", conclusion)
    deployments.apply(source, [Rule("", "workflow", "deploy")])
    made = Deployment.objects.get()
    assert (made.state, made.finished is None) == (state, not conclusion)


def test_runs_for_pull_requests_and_skipped_ones_never_count(source: Source, ranker: Repository) -> None:
    ran(ranker, "deploy", "success", event="pull_request")
    ran(ranker, "deploy", "skipped")
    ran(ranker, "lint", "success")
    deployments.apply(source, [Rule("", "workflow", "deploy")])
    assert not Deployment.objects.exists()


def test_an_incident_outlives_the_deployment_it_was_charged_to(source: Source, ranker: Repository) -> None:
    team = builders.team()
    jira = builders.project(team)
    team.scopes.create(source=source, scope="acme/ranker")
    release(ranker, "v1", 1)
    builders.item(jira, kind="incident", created=day(1.1))
    deployments.apply(source, [Rule("", "release", "*")])
    incidents.find_incidents()
    assert Incident.objects.get().deployment == Deployment.objects.get()
    deployments.apply(source, [])
    incidents.find_incidents()
    incident = Incident.objects.get()
    assert (incident.deployment, incident.reason, incident.guessed) == (None, "", True)


def test_another_sources_deployments_are_left_alone(source: Source, ranker: Repository) -> None:
    other = builders.repository(builders.source("github"), "acme/ranker")
    deployed(other, "staging", production=True)
    release(other, "v1")
    deployments.apply(source, [Rule("", "release", "*")])
    assert production(other.source) == {("deployment", "staging", "success")}


def shipped(of: Repository, number: int, begun: float, merged: float) -> None:
    of.pull_requests.create(
        native_id=f"p{number}", number=number, title="x", created=day(begun), updated=day(merged),
        first_commit=day(begun), merged=day(merged),
    )  # fmt: skip


def test_the_preview_shows_frequency_and_lead_time_beside_todays_and_writes_nothing(
    source: Source, ranker: Repository
) -> None:
    """U14: what the very first deployment shipped is left out."""
    for week in range(8):
        deployed(ranker, "production", -7 * week - 6)
        release(ranker, f"v{week}", -7 * week - 3)
        shipped(ranker, week, -7 * week - 9, -7 * week - 7)
    deployments.derive(source)
    rules = [Rule("", "release", "v*"), Rule("", "workflow", "deploy")]
    told = deployment_effects.preview(source, rules, at=day(0))
    assert not Deployment.objects.exclude(origin="deployment").exists()
    assert (told.before.deployments, told.after.deployments) == ({"acme/ranker": 8}, {"acme/ranker": 8})
    assert told.before.weekly == 8 / 12
    assert (told.before.lead_time.p50, told.after.lead_time.p50) == (timedelta(days=3), timedelta(days=6))
    assert (told.after.lead_time.n, told.after.lead_time.left_out) == (7, 1)
    assert told.rules[0].count == 8
    assert told.rules[0].examples == ("acme/ranker: v0", "acme/ranker: v1", "acme/ranker: v2")
    assert told.rules[1] == deployment_effects.Fitting()
    deployments.apply(source, rules)
    assert deployment_effects.preview(source, rules, at=day(0)).before == told.after


def test_the_names_that_rules_can_be_about_are_told_with_how_often(source: Source, ranker: Repository) -> None:
    deployed(ranker, "prod")
    deployed(ranker, "prod")
    deployed(ranker, "stage")
    release(ranker, "v1")
    ran(ranker, "deploy", "success")
    assert deployment_effects.names_of(source) == {
        "deployment": [("prod", 2), ("stage", 1)],
        "release": [("v1", 1)],
        "tag": [("v1", 1)],
        "workflow": [("deploy", 1)],
    }


def test_a_second_reading_does_not_undo_what_the_rules_say(source: Source) -> None:
    """What a page brings is a guess from the name; rules stand above it, also until the next settling."""
    for _ in range(2):
        pages.store(
            source, "deployments", [facts.repository(), facts.deployment(1, native_id="1", environment="canary")]
        )
        deployments.apply(source, [Rule("", "deployment", "canary")])
    pages.store(source, "deployments", [facts.repository(), facts.deployment(1, native_id="1", environment="canary")])
    assert production(source) == {("deployment", "main", "success")}


def test_an_incident_by_a_rule_is_one_and_goes_with_the_rule(source: Source) -> None:
    """Incidents follow the rules for kinds, by label or type and in one project alone."""
    jira = builders.source()
    for project in ("OPS", "WEB"):
        builders.item(jira, project, labels=["page-me"], created=day(1), guessed_kind="feature")
    kinds.apply(jira, [kinds.Rule("OPS", "label", "page*", "incident")])
    incidents.find_incidents()
    assert [one.item.project for one in Incident.objects.select_related("item")] == ["OPS"]
    kinds.apply(jira, [])
    incidents.find_incidents()
    assert not Incident.objects.exists()
