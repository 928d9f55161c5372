"""The pretend doors refuse what the real ones refuse: Atlassian's gateway (J32, J33) and GitHub's for Apps (G23)."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx
import jwt
import pytest

from simulator.tokens import DEMO_EMAIL, DEMO_JIRA_TOKEN
from tests import doors
from tests.delivery.served import NOW


@pytest.fixture(scope="module")
def door() -> Iterator[doors.Doors]:
    with doors.doors() as running:
        yield running


def basic(email: str, token: str) -> dict[str, str]:
    return {"Authorization": f"Basic {b64encode(f'{email}:{token}'.encode()).decode()}"}


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def status(url: str, headers: dict[str, str]) -> int:
    return httpx.get(f"{url}/rest/api/3/myself", headers=headers).status_code


def test_each_kind_of_token_works_at_its_own_address_only(door: doors.Doors) -> None:
    site, plain = door.running.jira_cloud_url, basic(DEMO_EMAIL, DEMO_JIRA_TOKEN)
    scoped = basic(doors.SCOPED.email, doors.SCOPED.secret)
    access = bearer(door.granted()["access_token"])
    assert [status(site, plain), status(door.gateway, plain)] == [200, 401]
    assert [status(site, scoped), status(door.gateway, scoped)] == [401, 200]
    assert [status(site, access), status(door.gateway, access)] == [401, 200]


def test_an_access_token_ends_after_an_hour_and_a_refresh_token_after_one_use() -> None:
    with doors.doors() as door:
        first = door.granted()
        words = {"grant_type": "refresh_token", "client_id": "headway", "client_secret": door.atlassian.client_secret}
        door.later(timedelta(minutes=60))
        assert status(door.gateway, bearer(first["access_token"])) == 401
        asked = [
            httpx.post(f"{door.door}/oauth/token", json={**words, "refresh_token": first["refresh_token"]})
            for _ in range(2)
        ]
        assert [one.status_code for one in asked] == [200, 403]
        assert asked[1].json()["error"] == "invalid_grant"
        assert status(door.gateway, bearer(asked[0].json()["access_token"])) == 200


@pytest.mark.parametrize(
    ("claims", "says"),
    [
        ({"exp": 601}, "too far in the future"),
        ({"exp": 0}, "future time"),
        ({"iat": 61}, "'Issued at'"),
        ({"iss": "4712"}, "Integration not found"),
    ],
)
def test_an_assertion_must_be_the_apps_and_of_these_minutes(
    door: doors.Doors, claims: dict[str, Any], says: str
) -> None:
    now = int(NOW.timestamp())
    words: dict[str, Any] = {"iss": door.app.id, "iat": now - 60, "exp": now + 540}
    words |= {name: value if name == "iss" else now + value for name, value in claims.items()}
    word = jwt.encode(words, doors.private_key(), algorithm="RS256")
    answer = httpx.get(f"{door.running.github_api_url}/app/installations", headers=bearer(word))
    assert answer.status_code == 401
    assert says in answer.json()["message"]


def test_an_assertion_by_another_key_or_none_is_refused(door: doors.Doors) -> None:
    url = f"{door.running.github_api_url}/app/installations"
    claims = {"iss": door.app.id, "iat": int(NOW.timestamp()), "exp": int(NOW.timestamp()) + 60}
    unsigned = jwt.encode(claims, "", algorithm="none")
    assert httpx.get(url, headers=bearer(unsigned)).status_code == 401
    assert httpx.get(url).status_code == 401
    good = jwt.encode(claims, doors.private_key(), algorithm="RS256")
    assert httpx.get(url, headers=bearer(good)).json()[0]["id"] == int(door.app.installation)
