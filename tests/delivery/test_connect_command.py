"""``manage.py connect`` and ``sync`` as people use them: good words, bad words, exit codes."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from delivery import secrets
from delivery.models import Source, SourceSlice, SyncRun
from simulator.tokens import DEMO_EMAIL, DEMO_GITHUB_TOKEN, DEMO_JIRA_TOKEN
from tests import builders, doors
from tests.connectors.pretend import Reply, answering
from tests.delivery import served

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def office() -> Iterator[served.Office]:
    with served.office() as running:
        yield running


def run(*words: str) -> tuple[int, str, str]:
    """Exit code, stdout, stderr."""
    out, err = io.StringIO(), io.StringIO()
    code = 0
    try:
        call_command(*words, stdout=out, stderr=err)
    except SystemExit as end:
        code = int(end.code or 0)
    return code, out.getvalue(), err.getvalue().strip()


def jira(office: served.Office, *more: str, **changed: Any) -> tuple[int, str, str]:
    words = {
        "--name": "Jira",
        "--url": office.running.jira_cloud_url,
        "--email": DEMO_EMAIL,
        "--token": DEMO_JIRA_TOKEN,
    }
    words |= {f"--{name}": value for name, value in changed.items()}
    flat = [word for pair in words.items() for word in pair]
    projects = [] if "--project" in words else ["--project", *office.projects]
    return run("connect", "jira", "--allow-private", *flat, *projects, *more)


def test_connecting_a_jira_saves_the_source_and_its_slices_and_shows_no_token(office: served.Office) -> None:
    code, out, err = jira(office)
    assert (code, err) == (0, "")
    assert out.startswith("Connected: Jira (Jira cloud ")
    assert DEMO_JIRA_TOKEN not in out
    source = Source.objects.get()
    assert (source.kind, source.deployment, source.scopes) == ("jira", "cloud", office.projects)
    assert DEMO_JIRA_TOKEN not in source.token
    assert secrets.unseal(source.token) == DEMO_JIRA_TOKEN
    kinds = set(SourceSlice.objects.values_list("kind", flat=True))
    assert kinds == {"statuses", "sprints", "issues"}


def test_connecting_github_with_the_token_from_standard_input(
    office: served.Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{DEMO_GITHUB_TOKEN}\n"))
    words = ["--name", "Code", "--url", office.running.github_api_url, "--token", "-", "--allow-private", "--json"]
    code, out, err = run("connect", "github", *words, "--repo", *office.repositories)
    assert (code, err) == (0, "")
    told = json.loads(out)
    assert (told["connected"], told["new"], told["scopes"]) == (True, True, office.repositories)
    assert secrets.unseal(Source.objects.get().token) == DEMO_GITHUB_TOKEN


def test_connecting_again_changes_the_credentials_and_loses_nothing(office: served.Office) -> None:
    jira(office)
    source = Source.objects.get()
    builders.item(source)
    SourceSlice.objects.update(error="refused", error_kind="credentials", bookmark=office.now)
    code, out, _ = jira(office, project=office.projects[0])
    assert (code, out.splitlines()[0][:16]) == (0, "Connected anew: ")
    assert f"No longer read: {office.projects[1]}." in out
    assert source.items.count() == 1
    kept = SourceSlice.objects.get(kind="issues")
    assert (kept.error, kept.bookmark, kept.scope) == ("", office.now, office.projects[0])


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"token": "wrong"}, "refused the token"),
        ({"email": "nobody@example.test"}, "refused the token"),
        ({"project": "NOPE"}, "There is no project NOPE"),
        ({"url": "http://127.0.0.1:9"}, "Nothing answers at http://127.0.0.1:9"),
        ({"url": "nonsense"}, "The address must start with https://"),
        ({"url": "ftp://example.test"}, "The address must start with https://"),
        ({"token": "two words"}, "cannot be a Jira token"),
    ],
)
def test_what_is_wrong_is_one_sentence_and_nothing_is_saved(
    office: served.Office, changed: dict[str, str], says: str
) -> None:
    code, out, err = jira(office, **changed)
    assert (code, out) == (1, "")
    assert says in err
    assert "\n" not in err
    assert not Source.objects.exists()


@pytest.mark.parametrize("body", [b"<html><body>Welcome!</body></html>", b'{"half": ', b"[]", b'"text"'])
def test_a_server_that_is_no_jira_is_said_in_one_sentence(office: served.Office, body: bytes) -> None:
    with answering(lambda asked: Reply(200, body)) as server:
        code, out, err = jira(office, url=server.url)
    assert (code, out) == (1, "")
    assert err
    assert "\n" not in err
    assert "Traceback" not in err
    assert not Source.objects.exists()


def test_a_private_address_needs_the_operators_word(office: served.Office) -> None:
    words = ["--name", "Code", "--url", office.running.github_api_url, "--token", "t", "--repo", "a/b"]
    code, _, err = run("connect", "github", *words)
    assert (code, err.endswith("Here that is --allow-private.")) == (1, True)


def test_a_failure_told_as_json_is_one_object_and_a_sentence(office: served.Office) -> None:
    code, out, err = jira(office, "--json", token="wrong")
    assert (code, json.loads(out)) == (1, {"connected": False, "error": err})


def test_no_token_is_wrong_use(office: served.Office) -> None:
    assert jira(office, token="  ")[0] == 2


def test_words_that_are_missing_are_wrong_use() -> None:
    with pytest.raises(CommandError):
        run("connect", "jira", "--name", "Jira")
    with pytest.raises(CommandError):
        run("connect", "gitlab")


def test_a_name_that_is_taken_by_another_kind_is_refused(office: served.Office) -> None:
    jira(office)
    words = ["--name", "Jira", "--url", office.running.github_api_url, "--token", DEMO_GITHUB_TOKEN, "--allow-private"]
    code, _, err = run("connect", "github", *words, "--repo", office.repositories[0])
    assert (code, "choose another name" in err) == (1, True)


def test_sync_reads_every_source_and_tells_it_in_words_and_as_json(office: served.Office) -> None:
    jira(office)
    code, out, err = run("sync")
    assert (code, err) == (0, "")
    assert out.startswith("Jira: read ")
    code, out, err = run("sync", "Jira", "--json")
    told = json.loads(out)
    assert (code, told["ok"], told["sources"][0]["written"]) == (0, True, 0)
    assert {part["state"] for part in told["sources"][0]["slices"]} == {"done"}


def test_sync_full_reads_everything_and_since_a_part(office: served.Office) -> None:
    jira(office)
    run("sync")
    everything = Source.objects.get().items.count()
    assert issues_read(run("sync", "--full", "--json")) == everything
    assert 0 < issues_read(run("sync", "--since", "2026-10-28", "--json")) < everything / 2
    assert SyncRun.objects.filter(full=True, slice__kind="issues").count() == 2 * len(office.projects)


def issues_read(result: tuple[int, str, str]) -> int:
    slices = json.loads(result[1])["sources"][0]["slices"]
    return sum(part["read"] for part in slices if part["kind"] == "issues")


def test_an_unknown_source_is_wrong_use_and_names_those_there_are(office: served.Office) -> None:
    assert run("sync", "Nope")[::2] == (
        (2, "There is no source called Nope. There is none yet: manage.py connect makes one.")
    )
    jira(office)
    assert run("sync", "Nope")[::2] == (2, "There is no source called Nope. There are: Jira.")


def test_a_day_that_is_none_is_wrong_use() -> None:
    with pytest.raises(CommandError, match="is no day; write it as 2026-11-23"):
        run("sync", "--since", "yesterday")


def test_sync_without_any_source_is_done_and_says_what_is_missing() -> None:
    code, _, err = run("sync")
    assert (code, err) == (0, "There is no source to read yet: manage.py connect makes one.")


def test_a_source_that_fails_ends_sync_with_its_sentence_and_the_data_stays(office: served.Office) -> None:
    jira(office)
    run("sync")
    Source.objects.update(url="http://127.0.0.1:9")
    before = Source.objects.get().items.count()
    code, out, err = run("sync", "--json")
    told = json.loads(out)
    assert (code, told["ok"]) == (1, False)
    assert "Nothing answers at http://127.0.0.1:9" in err
    assert Source.objects.get().items.count() == before


def test_a_pattern_a_window_and_a_share_are_kept(office: served.Office) -> None:
    first = office.projects[0]
    assert jira(office, project=f"{first[:2]}*", since="2026-06-01", share="20")[0] == 0
    source = Source.objects.get()
    assert (source.scopes, source.patterns, source.share) == ([first], [f"{first[:2]}*"], 20)
    assert str(source.backfill_from) == "2026-06-01"
    assert jira(office, project=first)[0] == 0  # connected anew: what is not said stays
    source.refresh_from_db()
    assert (source.patterns, source.share) == ([], 20)


def test_a_github_app_connects_with_its_key_file(tmp_path: Path) -> None:
    key = tmp_path / "app.pem"
    key.write_text(doors.private_key())
    with doors.doors() as door:
        words = ["--name", "Code", "--url", door.running.github_api_url, "--repo", door.repository, "--allow-private"]
        code, out, err = run("connect", "github", *words, "--app-id", door.app.id, "--private-key", str(key))
        assert (code, err) == (0, "")
        assert "Connected: Code" in out
        source = Source.objects.get()
        assert (source.auth, source.token_kind) == ("app", "app")
        assert "PRIVATE KEY" not in source.secret
        code, _, err = run("connect", "github", *words, "--app-id", door.app.id, "--private-key", str(tmp_path / "no"))
        assert (code, "no private key to read" in err) == (2, True)


def test_a_token_with_scopes_is_connected_at_the_gateway() -> None:
    """J32."""
    with doors.doors() as door:
        words = ["--name", "Robot", "--url", door.running.jira_cloud_url, "--project", door.project, "--allow-private"]
        words += ["--email", doors.SCOPED.email, "--token", doors.SCOPED.secret]
        code, _, err = run("connect", "jira", *words)
        assert (code, "A token with scopes" in err) == (1, True)
        assert run("connect", "jira", *words, "--scoped")[0] == 0
        assert Source.objects.get().url == door.gateway
