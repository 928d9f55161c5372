"""Every role at every address of the digest; and a confidential goal, which is told to nobody whom it is not for."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

import pytest
from django.test import Client
from rest_framework.test import APIClient

from dashboards.digest import links
from dashboards.models import Delivery, DigestIssue, Subscription
from people.models import Person, Role
from tests import builders
from tests.dashboards.digest_rows import issue, message, sent, subscribed
from tests.dashboards.goal_rows import goal, said
from tests.dashboards.risk_rows import risk, signed_in
from tests.dashboards.roles import Organisation, organisation
from tests.dashboards.rows import promised

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("still_clock", "clean_cache")]
ROLES = ("director", "manager", "lead", "engineer", "colleague", "executive", "admin")
HIDDEN = "Merge with Acme"


@dataclass(frozen=True, slots=True)
class Told:
    """What somebody, or the one who asks, was told."""

    row: Subscription
    issue: DigestIssue
    failed: Delivery


def told(who: Person | None, email: str = "") -> Told:
    row = subscribed(who, email, name="" if who else "Reader")
    made = issue(row)
    return Told(row, made, message(row, "failed", issue=made))


@pytest.fixture
def org(db: None) -> Organisation:
    made = organisation()
    promised(made.team, "Event schema v3", 0.8, before=0.4)
    return made


def reads(of: Told) -> list[str]:
    own = f"/digest/{of.issue.pk}/"
    return [own, f"{own}email/", f"{own}text/"]


PLAIN = ("/digest/", "/digest/preview/email/", "/digest/preview/text/", "/digest/archive/", "/digest/subscription/")
MAY_READ = {
    **dict.fromkeys(PLAIN, set(ROLES)),
    "/digest/log/": {"director", "admin"},
    "/digest/log/?format=csv": {"director", "admin"},
    "/digest/readers/": {"director"},
}


@pytest.mark.parametrize("role", [*ROLES, "nobody"])
def test_who_reads_what(client: Client, org: Organisation, role: str) -> None:
    own = told(org.engineer if role == "nobody" else getattr(org, role))
    other = told(None, "board@example.test")
    if role != "nobody":
        signed_in(client, getattr(org, role))
    expected = {path: 200 if role in may else 403 for path, may in MAY_READ.items()}
    expected |= dict.fromkeys(reads(own), 200) | dict.fromkeys(reads(other), 200 if role == "director" else 404)
    expected |= {f"/digest/readers/{one.row.pk}/": 200 if role == "director" else 403 for one in (own, other)}
    if role == "nobody":
        expected = dict.fromkeys(expected, 302)
    assert {path: client.get(path).status_code for path in expected} == expected


def writes(of: Told) -> dict[str, dict[str, object]]:
    reader = f"/digest/readers/{of.row.pk}/"
    outside = {} if of.row.person_id else {"name": "Changed", "timezone": "UTC"}
    return {
        reader: sent(seen=of.row.version, hour="3", **outside),
        f"{reader}state/": {"do": "stop", "from": "readers"},
        f"/digest/log/{of.failed.pk}/again/": {},
    }


def kept(of: Told) -> tuple[object, ...]:
    row, failed = Subscription.objects.get(pk=of.row.pk), Delivery.objects.get(pk=of.failed.pk)
    return row.hour, row.stopped, row.version, failed.state


@pytest.mark.parametrize("role", [*ROLES, "nobody"])
@pytest.mark.parametrize("whose", ["own", "other"])
def test_who_changes_what(client: Client, org: Organisation, role: str, whose: str) -> None:
    """A person stops their own; a director changes everybody's; directors and administrators send again."""
    if role != "nobody":
        signed_in(client, getattr(org, role))
    who = getattr(org, role, None) if whose == "own" else None
    of = told(who, "" if who else "board@example.test")
    change, state, again = writes(of)
    may = {
        change: role == "director",
        state: role == "director" or (who is not None and role != "nobody"),
        again: role in ("director", "admin"),
    }
    for path, data in writes(of).items():
        before = kept(of)
        answer = client.post(path, data)
        assert (kept(of) != before) is may[path], path
        if role == "nobody":
            assert "/accounts/login/" in answer["Location"]
        else:
            assert answer.status_code in ((302,) if may[path] else (403, 404)), path


@pytest.mark.parametrize("role", ROLES)
def test_nobody_is_subscribed_by_others_but_by_a_director(client: Client, org: Organisation, role: str) -> None:
    signed_in(client, getattr(org, role))
    answer = client.post("/digest/readers/", sent(email="new@example.test", name="New", timezone="UTC"))
    assert answer.status_code == (302 if role == "director" else 403)
    assert Subscription.objects.exists() is (role == "director")


@pytest.mark.parametrize("role", ROLES)
def test_every_change_is_a_post(client: Client, org: Organisation, role: str) -> None:
    signed_in(client, getattr(org, role))
    of = told(getattr(org, role))
    for path in ("/digest/test/", f"/digest/readers/{of.row.pk}/state/", f"/digest/log/{of.failed.pk}/again/"):
        assert client.get(path).status_code == 405


@pytest.mark.parametrize("role", ROLES)
def test_a_form_without_its_token_is_refused(org: Organisation, role: str) -> None:
    strict = Client(enforce_csrf_checks=True)
    signed_in(strict, getattr(org, role))
    of = told(getattr(org, role))
    for path, data in {**writes(of), "/digest/test/": {}, "/digest/subscription/": sent(seen=1, hour="3")}.items():
        before = kept(of)
        assert strict.post(path, data).status_code == 403
        assert kept(of) == before


def hide(org: Organisation) -> None:
    """A goal of the director’s own, in danger and called on track, with a risk; the work that serves it is everybody’s."""
    secret = goal(HIDDEN, "group", chance=0.05, group=org.group, owner=org.director, confidential=True)
    said(secret, "on_track", 99)
    risk(secret, f"{HIDDEN} may fail", probability=0.9, impact=0.9, owner=org.director)
    promised(org.team, "Serves it", 0.9, before=0.2).goals.add(secret)


@pytest.mark.parametrize("role", ROLES)
def test_a_confidential_goal_is_told_to_the_director_alone(client: Client, org: Organisation, role: str) -> None:
    hide(org)
    who = getattr(org, role)
    own, outside = told(who), told(None, "board@example.test")
    signed_in(client, who)
    sees = role == "director"
    looks = ["/digest/", "/digest/preview/email/", "/digest/preview/text/", *reads(own)]
    assert {path: HIDDEN in client.get(path).content.decode() for path in looks} == dict.fromkeys(looks, sees)
    hidden = ["/digest/?as=role:executive", "/digest/preview/email/?as=role:engineer", "/digest/archive/"]
    hidden += [f"/digest/?as=reader:{outside.row.pk}"] if sees else []
    assert {path: HIDDEN in client.get(path).content.decode() for path in hidden} == dict.fromkeys(hidden, False)
    api = APIClient()
    api.force_authenticate(who)
    listed = api.get("/api/v1/digest-issues/").content.decode()
    assert (HIDDEN in listed) is sees
    assert "Event schema v3" in listed


@pytest.mark.parametrize("role", ROLES)
def test_nor_through_the_eyes_of_a_role(client: Client, org: Organisation, role: str) -> None:
    """Nobody in particular manages, leads or owns nothing: neither a team without a manager nor a goal without an owner."""
    adrift = builders.team("Adrift", slug="adrift")
    owner = builders.member(adrift, builders.person("Pia Falk", Role.MANAGER))
    for title, whose in (("Sell the lot", owner), ("Nobody’s own", None)):
        secret = goal(title, "team", chance=0.05, team=adrift, owner=whose, confidential=True)
        risk(secret, f"{title} may fail", probability=0.9, impact=0.9)
    signed_in(client, getattr(org, role))
    for eyes in Role.values:
        for path in ("/digest/", "/digest/preview/text/"):
            html = client.get(path, {"as": f"role:{eyes}"}).content.decode()
            sees = role == eyes == "director"
            assert ("Sell the lot" in html, "Nobody’s own" in html) == (sees, sees), (path, eyes)


def test_nor_to_an_address_without_a_login(client: Client, org: Organisation) -> None:
    hide(org)
    outside = told(None, "board@example.test")
    answer = client.get(urlsplit(links.read_url(outside.issue)).path)
    assert answer.status_code == 200
    assert HIDDEN not in answer.content.decode()
    assert "Serves it" in answer.content.decode()


def test_nor_in_a_test_of_somebody_elses_eyes(client: Client, org: Organisation) -> None:
    hide(org)
    subscribed(org.director)
    subscribed(org.engineer)
    for who, sees in ((org.director, True), (org.engineer, False)):
        signed_in(client, who)
        client.post("/digest/test/", {"as": "role:director"})
        row = Delivery.objects.get(subscription__person=who)
        assert (HIDDEN in str(row.words)) is sees
