"""What a person may change of a source: scopes, patterns, credentials, pausing; and letting go of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection

from delivery import discovery, hooks, locks, removal, secrets, sources, sync, tasks
from delivery.connectors.contract import ConnectorError, Found
from delivery.models import HookDelivery, PullRequest, Scope, Source, SyncRun, WorkItem
from delivery.sources import Choices
from people.models import Account
from simulator.github_app import PERMISSIONS
from simulator.tokens import DEMO_EMAIL, DEMO_JIRA_TOKEN
from tests import builders, doors
from tests.delivery import served
from tests.delivery.served import NOW, Office
from tests.delivery.test_sources import HeldElsewhere

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def office() -> Iterator[Office]:
    with served.office() as running:
        yield running


@pytest.fixture
def door() -> Iterator[doors.Doors]:
    with doors.doors() as running:
        yield running


def test_everything_that_is_chosen_is_kept(office: Office) -> None:
    choices = Choices((), (), date(2026, 6, 1), 25, True, "customfield_10016")
    source = office.jira(choices=choices, scopes=office.projects[:1])
    source.refresh_from_db()
    assert (source.scopes, source.backfill_from, source.share) == (office.projects[:1], date(2026, 6, 1), 25)
    assert (source.worklogs, source.story_points_field) == (True, "customfield_10016")
    again = office.jira(scopes=office.projects[:1])  # connected anew, where nobody says otherwise
    assert (again.backfill_from, again.share, again.worklogs) == (date(2026, 6, 1), 25, True)


def test_a_pattern_takes_what_fits_it_now_and_what_comes_later(office: Office) -> None:
    first, second = office.projects
    source = office.jira(scopes=[], choices=Choices(patterns=(f"{first[:2].lower()}*",)))
    assert source.scopes == [first]
    assert sources.expand_patterns(source) == ()
    Source.objects.filter(pk=source.pk).update(patterns=["*"])
    source.refresh_from_db()
    assert sources.expand_patterns(source) == (second,)
    source.refresh_from_db()
    assert source.scopes == [first, second]
    assert source.slices.filter(scope=second).exists()


def test_a_pattern_does_not_mind_case_and_leaves_what_is_archived() -> None:
    found = [Found("acme/Store", "Store"), Found("acme/old", "Old", archived=True), Found("other/store", "Store")]
    assert discovery.matching(found, ["ACME/*"]) == ["acme/Store"]
    assert discovery.matching(found, ["*/store", " "]) == ["acme/Store", "other/store"]
    assert discovery.matching(found, ["st*"]) == ["acme/Store", "other/store"]  # of any owner
    assert discovery.matching(found, []) == []


def test_of_many_scopes_the_sources_own_list_vouches_for_most(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """Five hundred repositories are not five hundred questions while somebody waits."""
    monkeypatch.setattr(discovery, "ONE_BY_ONE", 1)
    monkeypatch.setattr(discovery, "FEW", 1)
    wanted = [name.upper() for name in office.repositories]
    assert len(wanted) > 2
    office.running.forget()
    assert sorted(office.github(scopes=wanted).scopes) == sorted(office.repositories)
    asked = {seen.path for seen in office.running.requests}
    assert sum(path.count("/repos/") and path.count("/") == 6 for path in asked) == 1
    with pytest.raises(ConnectorError, match="There is no repository acme/nowhere"):
        office.github(scopes=[*wanted, "acme/nowhere"])


def test_a_source_may_be_renamed_and_read_something_else(office: Office) -> None:
    source = office.jira(scopes=office.projects[:1])
    sync.sync_source(source, now=NOW)
    there = source.items.count()
    changed = sources.edit_source(source, name="Jira of ours", choices=Choices(tuple(office.projects[1:]), share=10))
    assert (changed.name, changed.scopes, changed.share) == ("Jira of ours", office.projects[1:], 10)
    assert set(changed.slices.values_list("scope", flat=True)) == set(office.projects[1:])
    assert changed.items.count() == there  # what is no longer named stays as it was read


def test_an_edit_that_cannot_be_is_refused_and_changes_nothing(office: Office) -> None:
    source, other = office.jira(), builders.source(name="Taken")
    with pytest.raises(ConnectorError, match="choose another name"):
        sources.edit_source(source, name=other.name, choices=Choices(tuple(source.scopes)))
    with pytest.raises(ConnectorError, match="There is no project NOPE"):
        sources.edit_source(source, name="New name", choices=Choices(("NOPE",)))
    source.refresh_from_db()
    assert (source.name, source.scopes) == ("Jira", office.projects)


def test_a_new_token_leaves_everything_else_as_it_is(office: Office) -> None:
    source = office.jira(choices=Choices(share=20), scopes=office.projects[:1])
    part = source.slices.all()[0]
    part.error, part.error_kind = "The token ran out.", "expired"
    part.save()
    Source.objects.filter(pk=source.pk).update(token=secrets.seal("old"), token_expires=NOW - timedelta(days=1))
    source.refresh_from_db()
    how = sources.SignIn("jira", "", token=DEMO_JIRA_TOKEN, email=DEMO_EMAIL)
    renewed = sources.renew_token(source, how)
    assert (renewed.pk, renewed.share, renewed.scopes) == (source.pk, 20, office.projects[:1])
    assert secrets.unseal(renewed.token) == DEMO_JIRA_TOKEN
    assert renewed.token_expires is None
    assert not renewed.slices.exclude(error="").exists()


def test_a_wrong_new_token_leaves_the_old_one(office: Office) -> None:
    source = office.jira()
    before = source.token
    with pytest.raises(ConnectorError) as refused:
        sources.renew_token(source, sources.SignIn("jira", "", token="wrong", email=DEMO_EMAIL))
    assert refused.value.kind == "credentials"
    source.refresh_from_db()
    assert source.token == before


def test_before_there_is_a_source_a_sign_in_can_be_tried_and_its_projects_listed(door: doors.Doors) -> None:
    how = door.sign_in(token=DEMO_JIRA_TOKEN, email=DEMO_EMAIL)
    assert sources.check_sign_in(how).account
    assert {one.scope for one in sources.discover(how)} == {team.project for team in served.world().teams}
    scoped = door.sign_in(token=doors.SCOPED.secret, email=doors.SCOPED.email, token_kind="scoped")
    check = sources.check_sign_in(scoped, [door.project])
    assert (check.token_kind, check.browse) == ("scoped", door.running.jira_cloud_url)
    assert DEMO_JIRA_TOKEN not in repr(how)
    assert not Source.objects.exists()


def test_what_an_app_lacks_is_told_when_it_is_connected(door: doors.Doors) -> None:
    door.app.permissions = {"metadata": "read", "contents": "read", "pull_requests": "read", "issues": "read"}
    source = door.by_app()
    assert [line.split(":")[0] for line in source.lacks] == [
        "The App lacks read access to Deployments",
        "The App lacks read access to Actions",
    ]
    assert {one.scope for one in sources.discover(source)} >= {door.repository}
    door.app.permissions = dict(PERMISSIONS)
    assert sources.edit_source(source, name="Code", choices=Choices((door.repository,))).lacks == []


def test_a_sign_in_with_something_missing_says_what(door: doors.Doors) -> None:
    with pytest.raises(ConnectorError, match="needs app_id and private_key"):
        sources.check_sign_in(door.sign_in("github", auth="app", secret={"installation": "42"}))


def test_a_paused_source_is_not_read_until_it_is_resumed(office: Office) -> None:
    source = office.jira()
    sources.pause(source)
    assert not sync.due(NOW)
    sources.resume(source)
    assert sync.due(NOW)


def test_disconnected_it_forgets_its_credentials_and_keeps_its_data(office: Office) -> None:
    source = office.jira()
    sync.sync_source(source, now=NOW)
    hooks.make_secret(source)
    before = served.rows(source)
    sources.disconnect(source, keep=True, now=NOW)
    source.refresh_from_db()
    assert (source.token, source.secret, source.hook_secret, source.disconnected) == ("", "", "", NOW)
    assert not source.removing
    assert not sync.due(NOW + timedelta(days=1))
    assert served.rows(source) == before
    again = office.jira()
    assert (again.pk, again.disconnected) == (source.pk, None)
    assert sync.due(NOW + timedelta(days=1))


def everything_of(source: Source) -> dict[str, int]:
    """How many rows of each table still point at the source, straight or through others."""
    counts: dict[str, int] = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            if table.startswith("delivery_"):
                cursor.execute(f"SELECT count(*) FROM {table}")  # noqa: S608 - our own tables
                counts[table] = cursor.fetchone()[0]
    return {table: count for table, count in counts.items() if count}


def test_deleted_with_its_data_nothing_of_it_is_left_and_others_keep_theirs(office: Office) -> None:
    other = builders.source(name="Other")
    builders.item(other)
    before = everything_of(other)
    jira, github = office.jira(), office.github()
    for source in (jira, github):
        sync.sync_source(source, now=NOW)
        HookDelivery.objects.create(source=source, delivery="1", event="e", received=NOW)
    deliverable = builders.deliverable(builders.team())
    Scope.objects.create(deliverable=deliverable, source=jira, rule="label", value="x")
    assert WorkItem.objects.filter(source=jira).exists()
    assert PullRequest.objects.exists()
    for source in (jira, github):
        sources.disconnect(source, keep=False, now=NOW)
        assert removal.remove(source)
    left = everything_of(other)
    left.pop("delivery_deliverable")
    assert left == before
    assert not Account.objects.filter(origin__in=(jira.url, github.url)).exists()


def test_a_removal_that_was_killed_goes_on_at_the_next_beat(office: Office) -> None:
    source = office.jira()
    sync.sync_source(source, now=NOW)
    sources.disconnect(source, keep=False, now=NOW)
    WorkItem.objects.filter(pk__in=source.items.values("pk")[:10]).delete()  # as far as the killed one came
    assert list(removal.unfinished()) == [source]
    tasks.remove_source(source_id=source.pk)
    assert not Source.objects.filter(pk=source.pk).exists()
    tasks.remove_source(source_id=source.pk)  # twice does no harm


def test_while_it_is_still_being_read_or_removed_elsewhere_nothing_is_deleted(office: Office) -> None:
    source = office.jira()
    sync.sync_source(source, now=NOW)
    sources.disconnect(source, keep=False, now=NOW)
    with HeldElsewhere(source.slices.all()[0]):
        assert not removal.remove(source)
    assert source.items.exists()
    assert locks.numbers_held(locks.SLICE) == set()
    assert removal.remove(source)
    assert not SyncRun.objects.exists()


def test_the_name_of_a_source_that_is_being_deleted_is_not_free_yet(office: Office) -> None:
    source = office.jira()
    sources.disconnect(source, keep=False, now=NOW)
    with pytest.raises(ConnectorError, match="is being deleted"):
        office.jira()


def test_a_share_is_between_one_and_a_hundred_per_cent(office: Office) -> None:
    wrong: Any = {0: 1, 500: 100}
    for asked, kept in wrong.items():
        assert office.jira(choices=Choices(share=asked)).share == kept
