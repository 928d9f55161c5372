"""What is found across sources: the items of a pull request, the deployment behind an incident."""

from __future__ import annotations

from typing import Any

import pytest

from delivery import incidents, links
from delivery.bulk import Written
from delivery.models import Deployment, Incident, PullRequest, PullRequestItem, Source, TeamScope, WorkItem
from delivery.store import pages, renames
from tests import builders
from tests.delivery import facts
from tests.delivery.facts import change, day, path

pytestmark = pytest.mark.django_db


def pulls(source: Source, *keys: tuple[str, ...]) -> None:
    records = [facts.pull(number, keys=words) for number, words in enumerate(keys, 1)]
    pages.store(source, "pulls", [facts.repository(), *records])


def linked() -> set[tuple[int, str, str]]:
    return set(PullRequestItem.objects.values_list("pull_request__number", "item__key", "how"))


def test_a_pull_request_belongs_to_the_items_whose_keys_it_names() -> None:
    jira, github = builders.source(), builders.source("github")
    pages.store(jira, "issues", [facts.item("1", key="ABC-1"), facts.item("2", key="ABC-2")])
    pulls(github, ("ABC-1", "ABC-2"), ("UTF-8", "ABC-99"), ())
    assert links.link_pulls() == Written(inserted=2)
    assert linked() == {(1, "ABC-1", "key"), (1, "ABC-2", "key")}
    assert links.link_pulls() == Written()


def test_a_key_an_item_had_before_it_moved_still_finds_it() -> None:
    moved = facts.item("1", key="XYZ-7", changes=(change("key", 1, "ABC-1", "XYZ-7"),))
    pages.store(builders.source(), "issues", [moved])
    pulls(builders.source("github"), ("ABC-1",), ("XYZ-7", "ABC-1"))
    links.link_pulls()
    assert linked() == {(1, "XYZ-7", "key"), (2, "XYZ-7", "key")}


def test_a_link_goes_with_its_key_and_a_persons_link_stays() -> None:
    jira, github = builders.source(), builders.source("github")
    pages.store(jira, "issues", [facts.item("1", key="ABC-1"), facts.item("2", key="ABC-2")])
    pulls(github, ("ABC-1",))
    links.link_pulls()
    item = WorkItem.objects.get(key="ABC-2")
    PullRequestItem.objects.create(pull_request=PullRequest.objects.get(), item=item, how="person")
    pulls(github, ())
    assert links.link_pulls() == Written(deleted=1)
    assert linked() == {(1, "ABC-2", "person")}


def incident(source: Source, native_id: str = "1", **fields: Any) -> Incident:
    moves = path("To Do", 10.1, "In Progress", 10.2, "Done")
    values = {"type": "Incident", "created": day(10), "transitions": moves, "labels": ("sev-2",)}
    pages.store(source, "statuses", list(facts.STATUSES.values()))
    pages.store(source, "issues", [facts.item(native_id, **(values | fields))])
    incidents.find_incidents()
    return Incident.objects.get(item__native_id=native_id)


def team_with_code() -> tuple[Source, Source]:
    """A team with project ABC and repository acme/ranker."""
    team = builders.team()
    jira = builders.project(team, "ABC")
    github = builders.source("github")
    TeamScope.objects.create(team=team, source=github, scope="Acme/Ranker")
    pages.store(github, "deployments", [facts.repository("acme/ranker"), facts.repository("acme/other", "901")])
    return jira, github


def deploy(source: Source, *ats: float, **fields: Any) -> list[Deployment]:
    records = [facts.deployment(at, **fields) for at in ats]
    pages.store(source, "deployments", records)
    return [Deployment.objects.get(native_id=record.native_id) for record in records]


def test_an_incident_is_read_from_its_item() -> None:
    found = incident(builders.source())
    assert (found.severity, found.opened, found.resolved) == ("sev-2", day(10), day(10.2))
    assert (found.deployment, found.reason, found.guessed) == (None, "", True)


@pytest.mark.parametrize(
    ("labels", "severity"),
    [(("SEV1",), "sev-1"), (("x", "severity: 3"), "sev-3"), (("several-2",), ""), ((), "")],
)
def test_the_severity_is_read_from_a_label(labels: tuple[str, ...], severity: str) -> None:
    assert incident(builders.source(), labels=labels).severity == severity


def test_the_newest_good_production_deployment_of_the_team_within_a_day_is_the_guess() -> None:
    jira, github = team_with_code()
    deploy(github, 8.9, 9.9, 10.01)  # too old, the one, after it opened
    deploy(github, 9.99, state="failure")
    deploy(github, 9.98, environment="staging")
    deploy(github, 9.97, repository="901")
    found = incident(jira)
    assert found.deployment is not None
    assert found.deployment.finished == day(9.9)
    assert found.reason == "The newest production deployment of acme/ranker, 2 hours before it opened"


def test_a_deployment_that_comes_later_betters_the_guess_but_never_a_persons_word() -> None:
    jira, github = team_with_code()
    (first,) = deploy(github, 9.5)
    assert incident(jira).deployment == first
    (second,) = deploy(github, 9.999)
    assert incidents.find_incidents() == Written(updated=1)
    found = Incident.objects.get()
    assert found.deployment == second
    assert "1 minute before" in found.reason
    Incident.objects.update(deployment=first, reason="They said so", guessed=False)
    assert incidents.find_incidents() == Written()
    found.refresh_from_db()
    assert (found.deployment, found.reason) == (first, "They said so")


def test_what_turns_out_to_be_no_incident_goes() -> None:
    source = builders.source()
    incident(source)
    pages.store(source, "issues", [facts.item("1", type="Bug")])
    assert incidents.find_incidents() == Written(deleted=1)


def test_a_dropped_incident_is_none() -> None:
    source = builders.source()
    pages.store(source, "statuses", list(facts.STATUSES.values()))
    duplicate = facts.item("1", type="Incident", transitions=path("To Do", 11, "Won't Do"))
    pages.store(source, "issues", [duplicate])
    assert incidents.find_incidents() == Written()


def test_a_pull_request_belongs_to_the_issues_that_github_says_it_closes() -> None:
    github = builders.source("github")
    pages.store(github, "issues", [facts.item("1", key="acme/ranker#4", project="acme/ranker")])
    closing = facts.pull(1, closes=("acme/ranker#4", "acme/other#9"))
    other = facts.pull(2, closes=("acme/other#9",))
    pages.store(github, "pulls", [facts.repository(), closing, other])
    links.link_pulls()
    assert linked() == {(1, "acme/ranker#4", "key")}
    renames.rename(github, "acme/ranker", "acme/ranking")
    links.link_pulls()
    assert linked() == {(1, "acme/ranking#4", "key")}
    pages.store(github, "pulls", [facts.pull(1)])
    links.link_pulls()
    assert linked() == set()


def test_what_another_github_closes_is_another_issue() -> None:
    one, other = builders.source("github"), builders.source("github")
    pages.store(one, "issues", [facts.item("1", key="acme/ranker#4", project="acme/ranker")])
    pages.store(other, "pulls", [facts.repository(), facts.pull(1, closes=("acme/ranker#4",))])
    links.link_pulls()
    assert linked() == set()
