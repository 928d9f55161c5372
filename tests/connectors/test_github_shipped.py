"""Deployments, releases, tags and workflow runs over a real socket, line by line of CONNECTORS.md."""

from datetime import timedelta

import pytest

from delivery.connectors.contract import ConnectorError, Credentials, Slice
from delivery.core.records import (
    AccountRecord,
    DeploymentRecord,
    ReleaseRecord,
    RepositoryRecord,
    WorkflowRunRecord,
)
from simulator.hub_records import Attempt, Release, Run, Tag
from simulator.records import Deployment
from simulator.tokens import Token, Tokens
from tests.connectors.hub import REPOSITORY, hub
from tests.connectors.pretend import TOKEN, answering, value
from tests.connectors.simulated import NOW, opened, world

DAY = timedelta(days=1)
LENA = next(person for person in world().people if not person.is_bot)
BORN = next(one.created for one in world().repositories(NOW) if one.full_name == REPOSITORY)


def deployment(number, *statuses, created=NOW - DAY):
    return Deployment(number, REPOSITORY, "production", "v9", "d" * 40, LENA.id, created, statuses)


def release(number, tag, created=NOW - DAY, **fields):
    plain = {"name": tag, "sha": "e" * 40, "author": LENA.id, "published": created}
    return Release(number, REPOSITORY, tag, created=created, **{**plain, **fields})


def run(number, created, *attempts):
    return Run(12_100_000_000 + number, REPOSITORY, "Build", "push", "main", "a" * 40, LENA.id, created, attempts)


def runs(at, since=None):
    usual = {str(12_000_000_000 + one.id) for one in world().deployments(REPOSITORY, NOW)}
    return [row for row in at.read("workflows", WorkflowRunRecord, since) if row.native_id not in usual]


def test_a_deployment_ends_with_its_first_terminal_status_and_inactive_is_none_g18():
    at_once = NOW - DAY + timedelta(minutes=5)
    with hub() as at:
        later = (("success", at_once), ("inactive", NOW))
        at.world.add(REPOSITORY, deployment(1, ("queued", NOW - DAY), *later), deployment(2), deployment(3, *later[1:]))
        at.world.add(REPOSITORY, deployment(4, ("waiting", NOW - DAY)))
        found = {row.native_id: row for row in at.read("deployments", DeploymentRecord)}
    assert (found["1"].state, found["1"].finished) == ("success", at_once.replace(microsecond=0))
    assert [found[id].state for id in "234"] == ["unknown", "unknown", "in_progress"]


def test_a_deployment_that_waited_long_is_found_by_the_first_reading_of_a_day_g18():
    with hub() as at:
        at.world.add(REPOSITORY, deployment(1, ("waiting", NOW - 20 * DAY), created=NOW - 20 * DAY))
        ended = ("success", NOW - timedelta(hours=1))
        at.world.add(REPOSITORY, deployment(1, ("waiting", NOW - 20 * DAY), ended, created=NOW - 20 * DAY))
        within_a_day = at.read("deployments", DeploymentRecord, NOW - timedelta(minutes=5))
        assert "1" not in {row.native_id for row in within_a_day}
        first = {row.native_id: row for row in at.read("deployments", DeploymentRecord, NOW - DAY)}
        assert first["1"].state == "success"


def test_releases_without_drafts_and_tags_without_release_g20():
    with hub() as at:
        at.world.add(REPOSITORY, release(71, "v1.0"), release(72, "v1.1-rc1", prerelease=True))
        at.world.add(REPOSITORY, release(73, "v2.0", published=None))
        made = NOW - timedelta(hours=3)
        at.world.add(REPOSITORY, Tag("nightly", "b" * 40, NOW - DAY), Tag("signed", "c" * 40, NOW - DAY, made, LENA.id))
        pages = at.pages("releases")
    found = {row.tag: row for page in pages for row in page.records if isinstance(row, ReleaseRecord)}
    assert {tag: (row.native_id, row.prerelease, row.tag_only) for tag, row in found.items()} == {
        "v1.0": ("71", False, False),
        "v1.1-rc1": ("72", True, False),
        "nightly": ("tag:nightly", False, True),
        "signed": ("tag:signed", False, True),
    }
    assert (found["v1.0"].sha, found["v1.0"].published) == ("e" * 40, NOW - DAY)
    assert (found["nightly"].sha, found["nightly"].published) == ("b" * 40, NOW - DAY)
    assert (found["signed"].published, found["signed"].author) == (made, str(LENA.github_id))
    people = [row for page in pages for row in page.records if isinstance(row, AccountRecord)]
    assert str(LENA.github_id) in {row.native_id for row in people}


def test_a_poll_takes_the_last_releases_and_knows_an_old_release_by_its_tag_g20():
    with hub() as at:
        old = NOW - 90 * DAY
        at.world.add(REPOSITORY, release(71, "v1.0", created=old), release(72, "v1.1"))
        at.world.add(REPOSITORY, Tag("v1.0", "f" * 40, NOW - DAY))  # tagged anew, with the release as it was
        found = at.read("releases", ReleaseRecord, NOW - DAY)
        assert sorted((row.tag, row.native_id) for row in found) == [("v1.0", "71"), ("v1.1", "72")]
        at.asked()
        at.pages("releases", NOW - timedelta(minutes=5))
        assert len(at.asked()) == 4  # the repository, releases, tags, and whether the tag has a release


def test_a_poll_finds_a_release_published_just_now_of_a_commit_that_is_old_g20():
    """GitHub orders releases by what was built, or by when their draft was begun, and not by when they came out."""
    with hub() as at:
        old = NOW - 40 * DAY
        at.world.add(REPOSITORY, release(71, "v1.0", created=old, published=NOW - timedelta(hours=1)))
        at.world.add(REPOSITORY, release(72, "v0.9", created=old - DAY), release(73, "v1.1"))
        found = at.read("releases", ReleaseRecord, NOW - timedelta(minutes=5))
        assert sorted(row.tag for row in found if not row.tag_only) == ["v1.0", "v1.1"]


def test_a_killed_reading_of_releases_goes_on_with_the_tags_g20():
    with hub() as at:
        at.world.add(REPOSITORY, *(release(n, f"v0.{n}", NOW - n * DAY) for n in range(1, 151)))
        part = Slice("releases", REPOSITORY)
        pages = list(at.connector.read(part, since=None))
        whole = {row.tag for page in pages for row in page.records if isinstance(row, ReleaseRecord)}
        assert whole == {f"v0.{n}" for n in range(1, 151)}
        rest = list(at.connector.read(part, since=None, cursor=pages[1].cursor))
        again = [row for page in rest for row in page.records if isinstance(row, ReleaseRecord)]
        assert not [row for row in again if row.tag_only]


def test_every_attempt_of_a_run_comes_and_one_that_runs_has_no_end_g19():
    start, fixed = NOW - timedelta(hours=3), NOW - timedelta(hours=1)
    failed = Attempt(start, start + timedelta(minutes=9), "failure")
    odd = Attempt(start, start + timedelta(minutes=1), "a_conclusion_of_tomorrow")
    with hub() as at:
        at.world.add(REPOSITORY, run(1, start, failed, failed, Attempt(fixed)), run(2, start, odd))
        found = {(row.native_id, row.attempt): row for row in runs(at, NOW - timedelta(minutes=5))}
    first, last = found["12100000001", 1], found["12100000001", 3]
    assert len(found) == 4
    assert (first.conclusion, first.started, first.finished) == ("failure", start, start + timedelta(minutes=9))
    assert (last.conclusion, last.created, last.started, last.finished) == ("", start, fixed, None)
    assert found["12100000002", 1].conclusion == "a_conclusion_of_tomorrow"
    assert (last.workflow, last.event, last.actor) == ("Build", "push", str(LENA.github_id))


def test_runs_are_read_in_windows_that_hold_fewer_than_a_list_shows_g8():
    done = Attempt(NOW, NOW, "success")
    busy = [run(n, BORN + timedelta(days=40, seconds=n * 20), done) for n in range(2_300)]
    with hub() as at:
        at.world.add(REPOSITORY, *busy)
        found = runs(at)
        assert {row.native_id for row in found} == {str(one.id) for one in busy}
        created = [path for path, _ in at.asked() if "created=" in path]
        assert 25 < len(created) < 80
        part = Slice("workflows", REPOSITORY)
        pages = at.connector.read(part, since=None)
        first = next(pages)
        pages.close()
        rest = list(at.connector.read(part, since=None, cursor=first.cursor))
        rows = [row for page in (first, *rest) for row in page.records if isinstance(row, WorkflowRunRecord)]
        assert {str(one.id) for one in busy} <= {row.native_id for row in rows}


def test_more_runs_than_a_list_shows_within_a_second_are_told_as_missing_g8():
    done = Attempt(NOW, NOW, "success")
    with hub() as at:
        at.world.add(REPOSITORY, *(run(n, NOW - timedelta(hours=1), done) for n in range(1_100)))
        pages = at.pages("workflows", NOW - timedelta(minutes=5))
        gaps = [gap for page in pages for gap in page.gaps]
        found = {row.native_id for page in pages for row in page.records if isinstance(row, WorkflowRunRecord)}
        assert all(gap.what.startswith(f"{REPOSITORY} workflow runs at 2026-11-02T0") for gap in gaps)
        assert gaps
        assert len(found) >= 1_000


def test_a_token_without_the_permission_says_which_one_g13():
    tokens = Tokens(github=(Token("ghp_demo", kind="fine-grained", denies=frozenset({"actions"})),))
    with hub(server={"tokens": tokens}) as at:
        with pytest.raises(ConnectorError) as caught:
            at.pages("workflows")
        assert caught.value.kind == "permission"
        assert at.read("releases", RepositoryRecord)


def test_a_list_whose_links_lead_in_a_circle_is_an_error_and_no_short_list_g9():
    def answer(asked):
        if "/actions/runs" not in asked.path:
            return value({"id": 500, "full_name": "acme/store", "created_at": "2026-10-30T00:00:00Z"})
        row = {"id": 1, "created_at": "2026-11-01T00:00:00Z"}
        page_2 = f"http://{asked.headers['host']}/api/v3/repositories/500/actions/runs?page=2"
        return value({"total_count": 300, "workflow_runs": [row]}, Link=f'<{page_2}>; rel="next"')

    with (
        answering(answer) as site,
        opened("github", Credentials(site.url + "/api/v3", TOKEN)) as connector,
        pytest.raises(ConnectorError, match="without an end"),
    ):
        list(connector.read(Slice("workflows", "acme/store"), since=None))
