"""The digest's own pages: as it would be, as it was told and the archive."""

from __future__ import annotations

from datetime import timedelta
from html import unescape

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from dashboards.digest.archive import SHOWN
from dashboards.digest.links import stop_url, useful_url
from dashboards.digest.schedule import week_of
from dashboards.models import DigestIssue
from people.models import Role
from tests.builders import TODAY
from tests.dashboards.conftest import NOW
from tests.dashboards.digest_rows import WEEK, issue, message, subscribed
from tests.dashboards.risk_rows import page, signed_in
from tests.dashboards.roles import Organisation, organisation
from tests.dashboards.rows import promised

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("still_clock", "clean_cache")]
LAST_WEEK = week_of(TODAY - timedelta(weeks=1))
ROLES = ("director", "manager", "lead", "engineer", "colleague", "executive", "admin")


@pytest.fixture
def org(db: None) -> Organisation:
    made = organisation()
    promised(made.team, "Event schema v3", 0.8, before=0.4)
    promised(made.team, "Contract tests in CI", 0.1, before=0.1)
    return made


def text(client: Client, path: str) -> str:
    return unescape(page(client, path))


def queries(client: Client, path: str) -> int:
    with CaptureQueriesContext(connection) as asked:
        page(client, path)
    return len(asked)


def counted(client: Client, paths: tuple[str, ...]) -> dict[str, int]:
    """How many each needs once the count in the navigation is known."""
    page(client, paths[0])
    return {path: queries(client, path) for path in paths}


@pytest.mark.parametrize("role", ROLES)
def test_everybody_sees_this_weeks(client: Client, org: Organisation, role: str) -> None:
    signed_in(client, getattr(org, role))
    html = text(client, "/digest/")
    assert "1 of 2 deliverables" in html
    assert "Event schema v3" in html
    assert "As it would be if it were sent now." in html
    assert "Send me this as a test" in html
    assert ("Readers</a>" in html) is (role == "director")
    assert ("Delivery log</a>" in html) is (role in ("director", "admin"))


def test_more_deliverables_and_readers_make_no_more_queries(client: Client, org: Organisation) -> None:
    signed_in(client, org.director)
    for who in (org.director, org.engineer):
        subscribed(who)
    looks = ("/digest/", f"/digest/?week={LAST_WEEK}", "/digest/preview/email/", "/digest/preview/text/")
    before = counted(client, looks)
    for number in range(6):
        promised(org.team, f"Work {number}", 0.9 if number % 2 else 0.3, before=0.2)
    for who in (org.lead, org.manager, org.executive):
        subscribed(who)
    assert counted(client, looks) == before


def test_a_past_week_is_as_it_would_have_been_or_as_it_was_told(client: Client, org: Organisation) -> None:
    signed_in(client, org.engineer)
    html = text(client, f"/digest/?week={LAST_WEEK}")
    assert "Not sent. This is what it would have said on Mon 16 November 2026" in html
    told = issue(subscribed(org.engineer), TODAY - timedelta(weeks=1), NOW - timedelta(weeks=1))
    DigestIssue.objects.filter(pk=told.pk).update(content={**(told.content or {}), "about": "As on that day"})
    html = text(client, f"/digest/?week={LAST_WEEK}")
    assert "As on that day" in html
    assert "As it was told on Mon 16 November 2026" in html
    assert f'href="/digest/{told.pk}/"' in html


@pytest.mark.parametrize("week", ["2026-W99", "1999-W01", "yesterday", "2026-W48\0", "²"])
def test_an_unknown_week_is_told_and_ignored(client: Client, org: Organisation, week: str) -> None:
    signed_in(client, org.engineer)
    html = unescape(client.get("/digest/", {"week": week}).content.decode())
    assert "There is no week “" in html
    assert "As it would be if it were sent now." in html


@pytest.mark.parametrize("who", ["reader:999999", "reader:x", "role:king", "reader:", "reader:9999999999999999999"])
def test_an_unknown_reader_is_told_and_ignored(client: Client, org: Organisation, who: str) -> None:
    signed_in(client, org.director)
    assert f"There is no reader “{who}” here" in text(client, f"/digest/?as={who}")


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("seen_as", Role.values)
def test_each_role_looks_as_any_other_but_the_director(
    client: Client, org: Organisation, role: str, seen_as: str
) -> None:
    signed_in(client, getattr(org, role))
    html = text(client, f"/digest/?as=role:{seen_as}")
    may = role == "director" or seen_as != "director"
    assert (f"There is no reader “role:{seen_as}” here" in html) is not may
    assert (f'value="role:{seen_as}" selected' in html) is may
    assert "Event schema v3" in html


def test_nobody_but_a_director_looks_as_a_reader(client: Client, org: Organisation) -> None:
    group = subscribed(org.lead, weekday=3, hour=16)
    group.groups.add(org.group)
    signed_in(client, org.director)
    html = text(client, f"/digest/?as=reader:{group.pk}")
    assert "The next one goes out on Thu 26 November 2026 at 16:00." in html
    assert "because you follow Data Platform" in html
    for who in (org.engineer, org.manager, org.admin, org.lead):
        signed_in(client, who)
        html = text(client, f"/digest/?as=reader:{group.pk}")
        assert f"There is no reader “reader:{group.pk}” here" in html


def test_a_director_looks_as_a_reader_who_stopped(client: Client, org: Organisation) -> None:
    row = subscribed(None, "board@example.test", name="The board", stopped=NOW, stopped_why="Enough.")
    signed_in(client, org.director)
    assert f'value="reader:{row.pk}" selected' in page(client, f"/digest/?as=reader:{row.pk}")


@pytest.mark.parametrize("path", ["/digest/preview/email/", "/digest/{}/email/"])
def test_an_email_on_a_page_runs_nothing(client: Client, org: Organisation, path: str) -> None:
    signed_in(client, org.engineer)
    answer = client.get(path.format(issue(subscribed(org.engineer)).pk))
    assert answer.status_code == 200
    policy = answer["Content-Security-Policy"]
    assert "sandbox allow-popups" in policy
    assert "allow-scripts" not in policy
    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    assert "frame-ancestors 'none'" in policy
    assert "<script" not in answer.content.decode()
    assert "Event schema v3" in answer.content.decode()


def test_every_other_page_keeps_the_strict_policy(client: Client, org: Organisation) -> None:
    signed_in(client, org.director)
    told = issue(subscribed(org.director))
    home = client.get("/")["Content-Security-Policy"]
    assert "unsafe-inline" not in home
    pages = ("", "archive/", "log/", "subscription/", "readers/", "preview/text/", f"{told.pk}/", f"{told.pk}/text/")
    for path in pages:
        assert client.get(f"/digest/{path}")["Content-Security-Policy"] == home, path


def test_the_text_is_a_text_and_says_the_same(client: Client, org: Organisation) -> None:
    signed_in(client, org.executive)
    answer = client.get("/digest/preview/text/")
    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    assert "Event schema v3" in answer.content.decode()
    assert max(len(line) for line in answer.content.decode().splitlines() if "/" not in line) <= 72


def test_the_archive_holds_ones_own(client: Client, org: Organisation) -> None:
    mine, theirs = (issue(subscribed(who), subject=f"To {who.name}") for who in (org.engineer, org.lead))
    signed_in(client, org.engineer)
    html = text(client, "/digest/archive/")
    assert f'href="/digest/{mine.pk}/"' in html
    assert f'href="/digest/{theirs.pk}/"' not in html
    assert f"There is no reader “{theirs.subscription_id}”" in text(
        client, f"/digest/archive/?reader={theirs.subscription_id}"
    )
    assert "To Elif Aydin" not in text(client, f"/digest/archive/?reader={theirs.subscription_id}")
    signed_in(client, org.director)
    assert "No digest was composed yet" in text(client, "/digest/archive/")
    assert "To Elif Aydin" in text(client, f"/digest/archive/?reader={theirs.subscription_id}")


def test_what_is_not_composed_yet_is_nowhere(client: Client, org: Organisation) -> None:
    row = subscribed(org.engineer)
    waits = DigestIssue.objects.create(subscription=row, week=WEEK, day=TODAY)
    signed_in(client, org.engineer)
    assert "No digest was composed yet" in text(client, "/digest/archive/")
    assert {client.get(f"/digest/{waits.pk}/{part}").status_code for part in ("", "email/", "text/")} == {404}


def test_the_archive_goes_on_page_by_page(client: Client, org: Organisation) -> None:
    first = issue(row := subscribed(org.engineer))
    days = [TODAY - timedelta(weeks=back) for back in range(1, SHOWN + 4)]
    DigestIssue.objects.bulk_create(
        DigestIssue(subscription=row, week=week_of(day), day=day, content=first.content, composed=NOW, subject="Told")
        for day in days
    )
    signed_in(client, org.engineer)
    html = text(client, "/digest/archive/")
    assert (html.count('<th scope="row"'), f"{SHOWN} digests and older ones" in html) == (SHOWN, True)
    older = text(client, f"/digest/archive/?reader=&before={week_of(days[SHOWN - 2])}")
    assert (older.count('<th scope="row"'), "Older ones" in older) == (4, False)
    assert f"?reader=&before={week_of(days[SHOWN - 2])}" in html
    assert queries(client, "/digest/archive/") == queries(client, f"/digest/archive/?before={week_of(days[-2])}")


@pytest.mark.parametrize("before", ["\0", "soon", "2026-W60"])
def test_an_archive_before_nothing_is_told_and_ignored(client: Client, org: Organisation, before: str) -> None:
    issue(subscribed(org.engineer))
    signed_in(client, org.engineer)
    answer = client.get("/digest/archive/", {"before": before})
    assert answer.status_code == 200
    assert "There is no week “" in answer.content.decode()


@pytest.mark.parametrize("part", ["", "email/", "text/"])
def test_an_issue_is_for_its_reader_and_directors(client: Client, org: Organisation, part: str) -> None:
    told = issue(subscribed(org.engineer))
    for role in ROLES:
        signed_in(client, getattr(org, role))
        answer = client.get(f"/digest/{told.pk}/{part}")
        assert answer.status_code == (200 if role in ("director", "engineer") else 404), role
        if answer.status_code == 200:
            html = unescape(answer.content.decode())
            assert "Event schema v3" in html
            assert not any(key in html for key in ("/digest/stop/", "/digest/useful/", "/digest/read/"))
    client.logout()
    assert "/accounts/login/" in client.get(f"/digest/{told.pk}/{part}")["Location"]


def test_an_issue_of_an_address_shows_a_director_none_of_its_keys(client: Client, org: Organisation) -> None:
    told = issue(row := subscribed(None, "board@example.test", name="The board"))
    signed_in(client, org.director)
    for part in ("", "email/", "text/"):
        html = page(client, f"/digest/{told.pk}/{part}")
        assert stop_url(row) not in html
        assert useful_url(told) not in html
        assert "/digest/stop/" not in html
        assert "/digest/read/" not in html


def test_an_issue_stays_as_it_was(client: Client, org: Organisation) -> None:
    told = issue(subscribed(org.engineer))
    promised(org.team, "Found later", 0.99)
    signed_in(client, org.engineer)
    assert "Found later" not in page(client, f"/digest/{told.pk}/")
    assert "What Noor Haddad was told on 23 November 2026." in page(client, f"/digest/{told.pk}/")


def test_any_past_week_is_looked_at(client: Client, org: Organisation) -> None:
    signed_in(client, org.engineer)
    html = text(client, "/digest/?week=2024-W10")
    assert '<option value="2024-W10" selected>' in html
    assert "This is what it would have said on Mon 4 March 2024" in html
    for wrong in ("2026-W49", "1999-W10", "2026-W54", "0000-W01"):
        assert "; it is ignored." in text(client, f"/digest/?week={wrong}"), wrong


def test_it_says_how_useful_it_was(client: Client, org: Organisation) -> None:
    said = issue(subscribed(org.engineer))
    message(said.subscription, issue=said)
    issue(subscribed(org.lead), useful=True)
    signed_in(client, org.engineer)
    assert "Nobody has said yet whether it was useful (1 digest composed)." in text(client, "/digest/")
    signed_in(client, org.director)
    assert "1 of 1 who answered found it useful (2 digests composed)." in text(client, "/digest/")
