"""Nothing that a server says back shows a token: neither one it was sent, nor one that its answer holds."""

from __future__ import annotations

import pytest

from delivery.connectors.answer import Garbled, decode
from delivery.connectors.contract import ConnectorError
from delivery.connectors.github import app as github_app
from delivery.connectors.github.app import App
from delivery.connectors.jira import oauth
from delivery.connectors.setup import Setup
from tests import doors
from tests.connectors.pretend import TOKEN, Reply, Waits, http_to, scripted

CUT = b'{"token":"ghs_brand-new-and-live","access_token":"eyJ-brand-new-and-live","expires_'


def setup() -> Setup:
    return Setup(allow_private=True, policy=Waits().policy(tries=1))


def told(error: ConnectorError) -> str:
    return f"{error} {error.detail} {error.__cause__} {error.__context__!r}"


@pytest.mark.parametrize("status", [200, 201, 503, 418])
def test_a_token_in_an_answer_that_breaks_off_is_told_nobody(status: int) -> None:
    """G23, J33: the new token is in it, and nothing knows it yet to cut it out."""
    with scripted(Reply(status, CUT)) as server:
        app = App("4711", "42", doors.private_key())
        with pytest.raises(ConnectorError) as by_app:
            github_app.installation_token(app, server.url, setup=setup())
        registration = oauth.Registration("me", "secret", server.url, server.url)
        with pytest.raises(ConnectorError) as by_grant:
            oauth.refresh(registration, "old-token", setup=setup())
    for error in (by_app.value, by_grant.value):
        assert "brand-new" not in told(error)


@pytest.mark.parametrize("status", [200, 418])
@pytest.mark.parametrize("before", range(0, len(TOKEN), 5))
def test_no_part_of_a_token_is_left_where_a_text_is_cut(status: int, before: int) -> None:
    body = b"x" * before + TOKEN.encode() * 40
    once = Waits().policy(tries=1)
    with (
        scripted(Reply(status, body)) as server,
        http_to(server.url, policy=once) as http,
        pytest.raises(ConnectorError) as caught,
    ):
        http.get("/things")
    for length in range(4, len(TOKEN)):
        assert TOKEN[:length] not in told(caught.value)


def test_what_is_no_json_is_kept_whole_until_it_is_clean() -> None:
    body = b"x" * 110 + TOKEN.encode()
    with pytest.raises(Garbled) as broken:
        decode(body)
    assert broken.value.body == body
