"""Two hundred repositories behind a token that tells none of its rights: few questions, for a person waits."""

from __future__ import annotations

import re

import pytest

from delivery import sources
from delivery.models import Source
from delivery.sources import Choices, SignIn
from tests.connectors.pretend import Asked, Reply, answering, value
from tests.delivery.own_redis import OwnRedis

pytestmark = pytest.mark.django_db
NAMES = [f"acme/repository-{number:03}" for number in range(200)]


def github(asked: Asked) -> Reply:
    """Of a fine-grained token: what it may not read shows only where it is asked for."""
    path, _, query = asked.path.removeprefix("/api/v3").partition("?")
    if path == "/user":
        return value({"login": "octo"})
    if path == "/user/repos":
        page = int((re.search(r"\bpage=(\d+)", query) or ["", "1"])[1])
        rows = [{"full_name": name} for name in NAMES[(page - 1) * 100 : page * 100]]
        host = asked.headers["host"]
        more = f'<http://{host}/api/v3/user/repos?per_page=100&page={page + 1}>; rel="next"' if page < 2 else ""
        return value(rows, Link=more)
    if path.count("/") == 3:
        return value({"id": 1, "full_name": path.removeprefix("/repos/"), "name": "x", "default_branch": "main"})
    return value([])


def test_two_hundred_repositories_are_checked_and_connected_with_few_questions(redis_server: OwnRedis) -> None:
    with answering(github) as server:
        how = SignIn("github", server.url, token="github_pat_of-nobody", allow_private=True)
        sources.check_sign_in(how)
        found = sources.discover(how)
        sources.check_sign_in(how, [one.scope for one in found[:2]])
        signing_in = len(server.asked)
        source = sources.connect_source(
            kind="github", name="Code", url=server.url, token=how.token, email="", allow_private=True, scopes=NAMES
        )
        connecting = len(server.asked) - signing_in
        sources.edit_source(source, name="Code", choices=Choices(tuple(NAMES), share=40))
        editing = len(server.asked) - signing_in - connecting
    assert sorted(Source.objects.get().scopes) == NAMES
    assert source.slices.count() == 5 * 200
    assert max(signing_in, connecting, editing) < 30
