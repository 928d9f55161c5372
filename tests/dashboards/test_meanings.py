"""What a source's words mean: an administrator looks at the effect, saves, and never overwrites somebody unseen (U6)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries
from time_machine import travel

from dashboards.pages import meaning_deployments, meaning_kinds, meaning_statuses
from delivery import deployments, kinds, mappings
from delivery.models import Deployment, KindRule, Source, StageMapping, WorkItem
from delivery.store import pages
from tests import builders
from tests.builders import TODAY, at
from tests.dashboards.roles import Organisation, organisation
from tests.delivery import facts

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clean_cache")]
NOW = at(TODAY)
PATHS = ("statuses", "kinds", "deployments")


@pytest.fixture(autouse=True)
def today() -> Iterator[None]:
    with travel(NOW, tick=False):
        yield


@pytest.fixture(autouse=True)
def queued() -> Iterator[Any]:
    """The word for the worker: there is none in this test."""
    with patch("delivery.tasks.after_sync.delay") as delay:
        yield delay


@pytest.fixture
def org() -> Organisation:
    return organisation()


@pytest.fixture
def jira() -> Source:
    source = builders.source(name="Jira", scopes=["ABC", "XYZ"])
    pages.store(source, "statuses", list(facts.STATUSES.values()))
    for project in ("ABC", "XYZ"):
        moves = facts.path("To Do", 1, "In Progress", 3, "In Review", 7, "Done")
        pages.store(source, "issues", [facts.item(project=project, transitions=moves) for _ in range(6)])
        pages.store(source, "issues", [facts.item(project=project, type="Bug", labels=("ops",), now="In Review")])
    return source


@pytest.fixture
def github() -> Source:
    source = builders.source("github", name="GitHub", scopes=["acme/ranker"])
    ranker = builders.repository(source)
    for week in range(6):
        when = NOW - timedelta(weeks=week + 1)
        for environment in ("prod", "canary"):
            Deployment.objects.create(
                repository=ranker, native_id=f"{environment}{week}", environment=environment, state="success",
                created=when, finished=when, production=environment == "prod",
            )  # fmt: skip
    return source


@pytest.fixture
def admin(client: Client, org: Organisation) -> Client:
    client.force_login(org.admin)
    return client


def shown(client: Client, source: Source, path: str, data: dict[str, str] | None = None, query: str = "") -> str:
    where = f"/sources/{source.pk}/{path}/{query}"
    answer = client.get(where) if data is None else client.post(where, data)
    assert answer.status_code == 200, answer.status_code
    return " ".join(answer.content.decode().split())


def field(html: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', html)
    assert found, name
    return found[1]


def rules(html: str, *rows: dict[str, str], do: str = "preview") -> dict[str, str]:
    typed = {f"{name}-{place}": value for place, row in enumerate(rows) for name, value in row.items()}
    return {"seen": field(html, "seen"), "count": str(len(rows)), "do": do} | typed


OPS = {"scope": "", "field": "label", "pattern": "OPS*", "kind": "incident"}
CANARY = {"scope": "acme/ranker", "what": "deployment", "pattern": "canary"}


@pytest.mark.parametrize("path", PATHS)
def test_only_who_manages_sources_may_read_or_change_what_words_mean(
    client: Client, org: Organisation, jira: Source, path: str
) -> None:
    for person in set(org.everybody()) - {org.admin}:
        client.force_login(person)
        assert client.get(f"/sources/{jira.pk}/{path}/").status_code == 403
        assert client.post(f"/sources/{jira.pk}/{path}/", {"do": "save"}).status_code == 403
    client.force_login(org.admin)
    assert client.get(f"/sources/{jira.pk}/{path}/").status_code == 200
    assert client.get(f"/sources/0/{path}/").status_code == 404


READS = (
    (meaning_kinds.page, 3),
    (meaning_deployments.page, 8),
    (lambda source, data, at: meaning_statuses.page(source, "", data, at=at), 4),
)


@pytest.mark.parametrize(("read", "queries"), READS)
def test_a_page_asks_the_same_number_of_questions_however_much_there_is(
    jira: Source, github: Source, read: Any, queries: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    mappings.apply(jira, [mappings.Change("4", "done", "XYZ"), mappings.Change("3", "waiting")])
    kinds.apply(jira, [kinds.Rule("", "label", "ops", "incident"), kinds.Rule("ABC", "type", "bug", "chore")])
    deployments.apply(github, [deployments.Rule("", "tag", "v*"), deployments.Rule("", "release", "*")])
    for source in (jira, github, builders.source()):
        with django_assert_num_queries(queries):
            read(source, None, at=NOW)


class TestStatuses:
    def test_the_page_says_what_the_tool_says_what_we_say_and_how_many_it_is_about(
        self, admin: Client, jira: Source
    ) -> None:
        html = shown(admin, jira, "statuses")
        row = html[html.index("In Review<small>") :].partition("</tr>")[0]
        assert "In progress in the tool · a guess" in row
        assert '<td class="number meanings__count">2</td> <td class="number meanings__count">12</td>' in row
        assert '<option value="" selected>Waiting, our guess</option>' in row

    def test_the_effect_is_shown_beside_todays_and_nothing_is_saved(self, admin: Client, jira: Source) -> None:
        seen = field(shown(admin, jira, "statuses"), "seen")
        html = shown(admin, jira, "statuses", {"seen": seen, "stage-4": "done", "do": "preview"})
        assert "14 of 14 items come out different." in html
        line = '<th scope="row">Half are finished within</th><td class="number">6.0 days</td>'
        assert f'{line}<td class="number"><b>2.0 days</b></td>' in html
        assert "2 items from Waiting to Done" in html
        assert '<option value="done" selected>Done</option>' in html
        assert "Counts as Waiting now" in html
        assert not StageMapping.objects.filter(guessed=False).exists()

    def test_saving_applies_it_and_says_how_many_items_it_changed(
        self, admin: Client, jira: Source, queued: Any
    ) -> None:
        seen = field(shown(admin, jira, "statuses"), "seen")
        answer = admin.post(
            f"/sources/{jira.pk}/statuses/", {"seen": seen, "stage-4": "done", "do": "save"}, follow=True
        )
        assert "Saved. 14 items came out different." in answer.content.decode()
        assert set(WorkItem.objects.values_list("stage", flat=True)) == {"done"}
        queued.assert_called_once_with(source_id=jira.pk)

    def test_a_project_may_say_otherwise_and_go_back(self, admin: Client, jira: Source) -> None:
        html = shown(admin, jira, "statuses", query="?project=XYZ")
        assert "Waiting, as everywhere" in html
        data = {"project": "XYZ", "seen": field(html, "seen"), "stage-4": "done", "do": "save"}
        admin.post(f"/sources/{jira.pk}/statuses/", data)
        assert mappings.preview(jira, [], at=NOW).whole.before.wip == 1
        html = shown(admin, jira, "statuses")
        assert '<a href="?project=XYZ">XYZ</a>: Done' in html
        html = shown(admin, jira, "statuses", query="?project=XYZ")
        assert '<option value="done" selected>Done</option>' in html
        admin.post(f"/sources/{jira.pk}/statuses/", data | {"seen": field(html, "seen"), "stage-4": ""})
        assert not StageMapping.objects.exclude(project="").exists()

    def test_guesses_can_be_confirmed_as_they_are(self, admin: Client, jira: Source) -> None:
        html = shown(admin, jira, "statuses")
        typed = dict.fromkeys(re.findall(r'name="(stage-[^"]+)"', html), "")
        admin.post(
            f"/sources/{jira.pk}/statuses/", typed | {"seen": field(html, "seen"), "confirm": "on", "do": "save"}
        )
        assert not StageMapping.objects.filter(guessed=True).exists()
        assert dict(StageMapping.objects.values_list("status", "stage"))["Won't Do"] == "dropped"

    def test_who_saves_later_sees_what_the_other_said_and_keeps_what_they_chose(
        self, admin: Client, jira: Source
    ) -> None:
        seen = field(shown(admin, jira, "statuses"), "seen")
        mappings.apply(jira, [mappings.Change("4", "active")])
        html = shown(admin, jira, "statuses", {"seen": seen, "stage-4": "done", "do": "save"})
        assert "Somebody else changed this while you were at it." in html
        assert '<option value="done" selected>Done</option>' in html
        assert "Counts as In progress now" in html
        assert StageMapping.objects.get(status_id="4").stage == "active"
        admin.post(f"/sources/{jira.pk}/statuses/", {"seen": field(html, "seen"), "stage-4": "done", "do": "save"})
        assert StageMapping.objects.get(status_id="4").stage == "done"

    def test_words_that_are_no_stage_or_no_project_change_nothing(self, admin: Client, jira: Source) -> None:
        seen = field(shown(admin, jira, "statuses"), "seen")
        for data in ({"stage-4": "asleep"}, {"stage-4": "done", "project": "NOPE"}, {"stage-999": "done"}):
            admin.post(f"/sources/{jira.pk}/statuses/", {"seen": seen, "do": "save"} | data)
        assert not StageMapping.objects.filter(guessed=False).exists()

    def test_a_source_that_was_never_read_says_so(self, admin: Client) -> None:
        assert "No status was read yet" in shown(admin, builders.source(), "statuses")


class TestKinds:
    def test_a_rule_is_added_looked_at_and_saved(self, admin: Client, jira: Source, queued: Any) -> None:
        html = shown(admin, jira, "kinds")
        html = shown(admin, jira, "kinds", rules(html, do="add"))
        assert 'name="pattern-0"' in html
        assert "autofocus" in html.partition('name="pattern-0"')[2][:200]
        html = shown(admin, jira, "kinds", rules(html, OPS))
        assert "2 of 14 items come out different." in html
        assert '<th scope="row">Incident</th><td class="number">0 (0%)</td><td class="number"><b>2 (14%)</b>' in html
        assert "Decides about 2 items: ABC-" in html or "Decides about 2 items: XYZ-" in html
        assert not KindRule.objects.exists()
        answer = admin.post(f"/sources/{jira.pk}/kinds/", rules(html, OPS, do="save"), follow=True)
        assert "Saved. 2 items changed kind." in answer.content.decode()
        assert WorkItem.objects.filter(kind="incident").count() == 2
        queued.assert_called_once_with(source_id=jira.pk)

    def test_rules_are_moved_and_removed_before_they_are_saved(self, admin: Client, jira: Source) -> None:
        html = shown(admin, jira, "kinds")
        other = OPS | {"field": "type", "pattern": "Bug"}
        html = shown(admin, jira, "kinds", rules(html, OPS, other, do="up-1"))
        assert (field(html, "pattern-0"), field(html, "pattern-1")) == ("Bug", "OPS*")
        html = shown(admin, jira, "kinds", rules(html, other, OPS, do="down-0"))
        assert (field(html, "pattern-0"), field(html, "pattern-1")) == ("OPS*", "Bug")
        html = shown(admin, jira, "kinds", rules(html, other, OPS, do="remove-0"))
        assert field(html, "pattern-0") == "OPS*"
        assert 'name="pattern-1"' not in html

    @pytest.mark.parametrize(
        ("wrong", "said"),
        [
            ({"pattern": " "}, "Enter what it has to be, such as tech-debt or ops*."),
            ({"scope": "NOPE"}, "NOPE is not read here."),
            ({"kind": "epic"}, "Choose what it is about and what it means."),
            ({"pattern": "x" * 201}, "Use at most 200 letters."),
        ],
    )
    def test_a_rule_that_is_not_whole_is_named_and_nothing_is_saved(
        self, admin: Client, jira: Source, wrong: dict[str, str], said: str
    ) -> None:
        html = shown(admin, jira, "kinds")
        html = shown(admin, jira, "kinds", rules(html, OPS | wrong, OPS, do="save"))
        assert said in html
        assert field(html, "pattern-1") == "OPS*"
        assert not KindRule.objects.exists()

    def test_a_scope_is_found_however_it_is_spelt(self, admin: Client, jira: Source) -> None:
        html = shown(admin, jira, "kinds")
        admin.post(f"/sources/{jira.pk}/kinds/", rules(html, OPS | {"scope": "abc"}, do="save"))
        assert KindRule.objects.get().scope == "ABC"

    def test_who_saves_later_sees_both(self, admin: Client, jira: Source) -> None:
        html = shown(admin, jira, "kinds")
        kinds.apply(jira, [kinds.Rule("", "title", "*fire*", "incident")])
        html = shown(admin, jira, "kinds", rules(html, OPS, do="save"))
        assert "Somebody else changed this" in html
        assert "Title *fire* is Incident" in html
        assert field(html, "pattern-0") == "OPS*"
        assert KindRule.objects.get().pattern == "*fire*"


class TestDeployments:
    def test_another_environment_counts_once_it_is_saved(self, admin: Client, github: Source) -> None:
        html = shown(admin, github, "deployments")
        assert "prod (6)" in html
        html = shown(admin, github, "deployments", rules(html, CANARY, CANARY | {"pattern": "pr*"}))
        assert "12 deployments in 12 weeks instead of 6." in html
        assert "Fits 6 of what was read: acme/ranker: canary" in html
        assert Deployment.objects.filter(production=True).count() == 6
        answer = admin.post(f"/sources/{github.pk}/deployments/", rules(html, CANARY, do="save"), follow=True)
        assert "Saved. 0 deployments came, 12 changed, 0 went." in answer.content.decode()
        assert set(Deployment.objects.filter(production=True).values_list("environment", flat=True)) == {"canary"}

    def test_the_same_rule_twice_is_refused(self, admin: Client, github: Source) -> None:
        html = shown(admin, github, "deployments")
        html = shown(admin, github, "deployments", rules(html, CANARY, CANARY, do="save"))
        assert "This rule stands here twice" in html

    def test_who_saves_later_sees_both(self, admin: Client, github: Source) -> None:
        html = shown(admin, github, "deployments")
        deployments.apply(github, [deployments.Rule("", "tag", "v*", prereleases=True)])
        html = shown(admin, github, "deployments", rules(html, CANARY, do="save"))
        assert "Somebody else changed this" in html
        assert "A tag: v*" in html
        assert not Deployment.objects.filter(production=True, environment="canary").exists()
