"""Signing in for longer than an hour: tokens that are renewed once, in time, by one process only (J32, J33, G23)."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit

import pytest
from django.conf import settings
from django.db import connection

from delivery import credentials, secrets, sources, sync
from delivery.connectors.contract import ConnectorError
from delivery.models import Source
from simulator.tokens import DEMO_EMAIL, DEMO_JIRA_TOKEN
from tests import builders, doors
from tests.delivery.served import NOW

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture
def door() -> Iterator[doors.Doors]:
    with doors.doors() as running:
        yield running


def stored(source: Source) -> Source:
    source.refresh_from_db()
    return source


def opened(sealed: str) -> str:
    return secrets.unseal(sealed)


@pytest.mark.django_db
def test_a_source_by_oauth_reads_through_the_gateway_and_shows_its_site(door: doors.Doors) -> None:
    """J32: the API's address and the one a browser opens are two."""
    source = door.by_oauth()
    assert (source.auth, source.token_kind, source.url) == ("oauth", "oauth", door.gateway)
    assert source.browse == door.running.jira_cloud_url
    runs = sync.sync_source(source, now=NOW)
    assert {run.state for run in runs} == {"done"}
    assert source.items.count() > 20
    item = source.items.all()[0]
    assert item.url == f"{source.browse}/browse/{item.key}"


@pytest.mark.django_db
def test_a_token_with_scopes_works_at_the_gateway_only_and_headway_finds_it(door: doors.Doors) -> None:
    """J32."""
    words: dict[str, Any] = {"token": doors.SCOPED.secret, "email": doors.SCOPED.email}
    with pytest.raises(ConnectorError) as refused:
        door.connected("jira", "Scoped", door.running.jira_cloud_url, [door.project], words)
    assert refused.value.kind == "credentials"
    assert not Source.objects.exists()
    source = door.connected(
        "jira", "Scoped", door.running.jira_cloud_url, [door.project], {**words, "token_kind": "scoped"}
    )
    assert (source.url, source.browse, source.token_kind) == (door.gateway, door.running.jira_cloud_url, "scoped")
    assert source.email == doors.SCOPED.email


@pytest.mark.django_db
def test_a_token_without_scopes_at_the_gateway_is_told_apart(door: doors.Doors) -> None:
    """J32: the sentence says what kind of token it is."""
    words: dict[str, Any] = {"token": DEMO_JIRA_TOKEN, "email": DEMO_EMAIL, "token_kind": "scoped"}
    with pytest.raises(ConnectorError, match="without scopes") as refused:
        door.connected("jira", "Scoped", door.running.jira_cloud_url, [door.project], words)
    assert refused.value.kind == "credentials"


@pytest.mark.django_db
def test_a_token_is_renewed_ten_minutes_before_its_hour_is_over(door: doors.Doors) -> None:
    source = door.by_oauth()
    assert source.renew_at is not None
    first = opened(source.token)
    early = source.renew_at - timedelta(minutes=11)
    assert credentials.credentials_of(source, now=early).token == first
    assert door.atlassian.refreshes == 0
    found = credentials.credentials_of(source, now=source.renew_at - timedelta(minutes=10))
    assert found.token != first
    assert (door.atlassian.refreshes, opened(stored(source).token)) == (1, found.token)
    assert found.token not in repr(found)


@pytest.mark.django_db
def test_an_apps_token_is_renewed_after_fifty_minutes(door: doors.Doors) -> None:
    """G23."""
    source = door.by_app()
    first = opened(source.token)
    assert (source.auth, source.token_kind, source.renew_at) == ("app", "app", NOW + timedelta(hours=1))
    assert credentials.credentials_of(source, now=NOW + timedelta(minutes=49)).token == first
    door.later(timedelta(minutes=50))
    assert credentials.credentials_of(source, now=NOW + timedelta(minutes=50)).token != first
    assert {run.state for run in sync.sync_source(source, now=NOW + timedelta(minutes=50))} == {"done"}


@pytest.mark.django_db
def test_the_new_refresh_token_is_stored_before_the_new_token_is_used(door: doors.Doors) -> None:
    """J33: once it is used up, losing its successor would be losing the connection."""
    source = door.by_oauth()
    before = opened(source.secret)
    token = credentials.renewed(source, now=NOW, refused=opened(source.token))
    kept = stored(source)
    assert opened(kept.token) == token
    assert opened(kept.secret) != before
    assert len(door.atlassian.refresh) == 1
    assert next(iter(door.atlassian.refresh)) in opened(kept.secret)


@pytest.mark.django_db
def test_a_lost_answer_keeps_the_connection_while_the_next_try_works(door: doors.Doors) -> None:
    source = door.by_oauth()
    at, before = source.renew_at, opened(source.secret)
    door.atlassian.break_off = True
    with pytest.raises(ConnectorError) as lost:
        credentials.credentials_of(source, now=at)
    assert lost.value.kind in ("unreachable", "answer")
    assert door.atlassian.refreshes == 1
    assert opened(stored(source).secret) == before
    with pytest.raises(ConnectorError) as over:  # Atlassian did use it up: now it is certain
        credentials.credentials_of(source, now=at)
    assert over.value.kind == "expired"
    assert "connect it again" in str(over.value)


@pytest.mark.django_db
def test_connected_again_it_goes_on_where_it_stopped(door: doors.Doors) -> None:
    source = door.by_oauth()
    sync.sync_source(source, now=NOW)
    marks = sorted(source.slices.values_list("kind", "bookmark"))
    door.atlassian.refresh.clear()
    with pytest.raises(ConnectorError):
        credentials.credentials_of(source, now=source.renew_at)
    again = door.by_oauth()
    assert (again.pk, sorted(again.slices.values_list("kind", "bookmark"))) == (source.pk, marks)
    assert credentials.credentials_of(again, now=NOW).token


@pytest.mark.django_db
def test_a_token_of_a_person_is_renewed_by_nobody_but_them(door: doors.Doors) -> None:
    source = builders.source(token=secrets.seal("mine"), token_expires=NOW)
    assert credentials.renewer(source) is None
    assert credentials.credentials_of(source, now=NOW - timedelta(seconds=1)).token == "mine"
    with pytest.raises(ConnectorError, match="ran out on 2 November 2026") as over:
        credentials.credentials_of(source, now=NOW)
    assert over.value.kind == "expired"


@pytest.mark.django_db(transaction=True)
def test_two_threads_that_renew_together_ask_once_and_both_get_the_new_token(door: doors.Doors) -> None:
    """J33: two workers refreshing together lose the connection."""
    source = door.by_oauth()
    refused = opened(source.token)
    meeting = threading.Barrier(2, timeout=20)
    got: list[str] = []

    def worker() -> None:
        renew = credentials.renewer(Source.objects.get(pk=source.pk), clock=lambda: NOW)
        assert renew is not None
        connection.close()
        meeting.wait()
        got.append(renew(refused))
        assert connection.connection is None  # a thread that only fetches leaves none open

    threads = [threading.Thread(target=worker) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert door.atlassian.refreshes == 1
    assert len(got) == 2
    assert set(got) == {opened(stored(source).token)}


PROCESS = """
import sys, django
django.setup()
from datetime import datetime
from delivery import credentials
from delivery.models import Source
source = Source.objects.get(pk=int(sys.argv[1]))
print("ready", flush=True)
sys.stdin.readline()
print(credentials.credentials_of(source, now=datetime.fromisoformat(sys.argv[2])).token, flush=True)
"""


@pytest.mark.django_db(transaction=True)
def test_two_processes_that_renew_together_ask_once_and_keep_the_connection(door: doors.Doors) -> None:
    """J33, with two real processes at the same second."""
    source = door.by_oauth()
    assert source.renew_at is not None
    door.atlassian.before_refresh = lambda: time.sleep(0.5)
    words = [sys.executable, "-c", PROCESS, str(source.pk), source.renew_at.isoformat()]
    started = [
        subprocess.Popen(
            words, cwd=ROOT, env=environment(door), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for _ in range(2)
    ]
    for one in started:
        assert one.stdout is not None
        assert one.stdout.readline() == "ready\n"
    for one in started:
        assert one.stdin is not None
        one.stdin.write("go\n")
        one.stdin.flush()
    tokens = {one.communicate(timeout=60)[0].strip() for one in started}
    assert [one.returncode for one in started] == [0, 0]
    assert tokens == {opened(stored(source).token)}
    assert door.atlassian.refreshes == 1
    later = source.renew_at
    assert credentials.credentials_of(source, now=later).token not in tokens
    assert door.atlassian.refreshes == 2


def environment(door: doors.Doors) -> dict[str, str]:
    """For a process that works on the tests' own database."""
    parts = urlsplit(os.environ["DATABASE_URL"])
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "HEADWAY_EMBEDDED": "1",
        "DATABASE_URL": urlunsplit(parts._replace(path=f"/{quote(connection.settings_dict['NAME'])}")),
        "FIELD_KEY": settings.FIELD_KEY,
        "JIRA_OAUTH_CLIENT_ID": door.atlassian.client_id,
        "JIRA_OAUTH_CLIENT_SECRET": door.atlassian.client_secret,
        "ATLASSIAN_AUTH_URL": door.door,
        "ATLASSIAN_API_URL": door.door,
    }


@pytest.mark.django_db(transaction=True)
def test_a_sync_whose_token_is_refused_in_mid_run_renews_it_and_goes_on(door: doors.Doors) -> None:
    """The token is withdrawn after the run began; Setup.renew gets the next one."""
    source = door.by_oauth()
    door.atlassian.access.clear()
    runs = sync.sync_source(source, now=NOW)
    assert [(run.state, run.error) for run in runs if run.state != "done"] == []
    assert door.atlassian.refreshes == 1


@pytest.mark.django_db
def test_a_disconnected_source_is_not_signed_in(door: doors.Doors) -> None:
    source = door.by_oauth()
    sources.disconnect(source, keep=True, now=NOW)
    assert (source.token, source.secret) == ("", "")
    with pytest.raises(ConnectorError, match="is disconnected"):
        credentials.credentials_of(source, now=NOW)
