"""One deliverable: how sure, by when, why, and what was said about it."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils.html import escape

from delivery.models import Commitment, Deliverable, Missing, PullRequest, PullRequestItem, Risk, SourceSlice
from people.models import Role
from teams.models import Team
from tests import builders
from tests.builders import TODAY, at
from tests.dashboards.conftest import NOW
from tests.dashboards.rows import checked_in, forecast, promised

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("still_clock")]
QUERIES = 41  # two of them for its actions (the rows, and whether the reader may add one), one for its risks, one for its changes


def page(client: Client, of: Deliverable) -> str:
    answer = client.get(f"/deliverables/{of.pk}/")
    assert answer.status_code == 200
    return answer.content.decode()


def panel(html: str, name: str) -> str:
    found = re.search(rf'<section class="panel" aria-labelledby="{name}-title">.*?</section>', html, re.DOTALL)
    assert found is not None
    return found[0]


def test_a_stranger_is_sent_to_sign_in_and_a_wrong_number_finds_nothing(
    client: Client, reader: Client, streaming: Team
) -> None:
    assert reader.get("/deliverables/4711/").status_code == 404
    gone = promised(streaming, "Gone", 0.5, dropped=TODAY)
    assert reader.get(f"/deliverables/{gone.pk}/").status_code == 404
    client.logout()
    assert client.get(f"/deliverables/{gone.pk}/").status_code == 302


@pytest.mark.parametrize("role", Role.values)
def test_everybody_who_is_known_sees_it(client: Client, streaming: Team, role: str) -> None:
    client.force_login(builders.person(role=role))
    assert "Event schema v3" in page(client, promised(streaming, "Event schema v3", 0.81))


def test_it_opens_with_the_answer(reader: Client, streaming: Team) -> None:
    html = page(reader, promised(streaming, "Event schema v3", 0.81, 0.69))
    assert "<em>About a 4 in 5 chance of missing 23 December</em>; most likely done on 28 December, " in html
    assert "<span>5 days late.</span>" in html
    assert "To promise with confidence, say 15 January" in html
    assert "up 12 points since last week" in html
    assert html.count('class="misses"') == 8
    assert html.count('class="makes"') == 2
    assert "8 of 10 simulated futures miss 23 December" in html


def test_declared_stands_beside_computed(reader: Client, streaming: Team) -> None:
    made = promised(streaming, "Event schema v3", 0.81, owner=builders.person("Elif Aydin"))
    checked_in(made, "on_track", 95, day=TODAY - timedelta(days=9))
    checked_in(made, "on_track", 75)
    html = page(reader, made)
    facts = html[html.index('<dl class="facts">') : html.index("</dl>")]
    assert "75% sure" in facts
    assert "was 95%, Sat 21 Nov" in facts
    assert 'data-level="on-track">On track' in facts
    assert 'data-level="likely">Likely to miss' in facts
    assert "Elif Aydin" in facts


def test_charts_come_with_their_numbers(reader: Client, streaming: Team) -> None:
    jira = builders.project(streaming)
    items = tuple(builders.item(jira, finished=at(TODAY - timedelta(days=5)) if n < 3 else None) for n in range(8))
    made = promised(streaming, "Event schema v3", 0.81, 0.69, items=items)
    html = page(reader, made)
    for title in ("burnup", "curve", "history"):
        assert f'id="{title}-title"' in html
    assert "3 of 8 items done" in html
    assert "<td>23 December</td><td>19%</td><td>about 1 in 5</td>" in html


def test_without_a_forecast_it_says_what_is_missing(reader: Client, streaming: Team) -> None:
    html = page(reader, promised(streaming, "Blind", None))
    assert "No forecast yet for 23 December." in html
    assert "There are 2 finished items." in html
    assert "No work item is in its scope." in html
    assert "simulated futures miss" not in html
    undated = builders.deliverable(streaming, title="Undated")
    forecast(undated, None)
    html = page(reader, undated)
    assert "No date was promised." in html
    assert "No date yet" in html


def test_a_delivered_one_says_when_and_draws_no_forecast(reader: Client, streaming: Team) -> None:
    html = page(reader, promised(streaming, "Done", 0.1, delivered=TODAY - timedelta(days=3)))
    assert "Delivered on 20 November, <span>5 weeks early.</span>" in html
    assert 'id="curve-title"' not in html
    assert "This is what is missing" not in html


def test_evidence_shows_four_and_opens_the_rest(reader: Client, streaming: Team) -> None:
    jira = builders.project(streaming)
    items = tuple(
        builders.item(jira, title=f"Stuck {n}", flagged=True, url=f"https://jira.example.test/{n}") for n in range(6)
    )
    html = panel(page(reader, promised(streaming, "Schema", 0.8, items=items)), "blocked")
    assert "Blocked, 6" in html
    assert "Show 2 more" in html
    assert html.count("https://jira.example.test/") == 6
    assert html.count("not known") == 6  # nobody recorded when they were flagged


def test_old_items_and_waiting_reviews_are_listed(reader: Client, streaming: Team) -> None:
    jira = builders.project(streaming)
    item = builders.item(jira, title="Replay tool", started=at(TODAY - timedelta(days=19)), url="javascript:alert(1)")
    repository = builders.repository(builders.source("github"))
    request = PullRequest.objects.create(
        repository=repository, native_id="1", number=4182, title="Nested types", created=NOW - timedelta(days=6),
        ready=NOW - timedelta(days=6), updated=NOW, url="https://github.example.test/4182", keys=[item.key],
    )  # fmt: skip
    PullRequestItem.objects.create(pull_request=request, item=item)
    html = page(reader, promised(streaming, "Schema", 0.8, items=(item,)))
    assert "18 days" in panel(html, "oldest")
    assert "javascript:" not in html
    assert "6 days" in panel(html, "reviews")
    assert f"{item.key} · #4182" in panel(html, "reviews")


def test_empty_evidence_says_what_it_looked_for(reader: Client, streaming: Team) -> None:
    html = page(reader, promised(streaming, "Schema", 0.8))
    assert "No open item is flagged or waits for another." in html
    assert "Nothing in its scope is in progress." in html
    assert "No pull request of its items waits for a first review." in html


def test_the_log_keeps_every_date_and_word_newest_first(reader: Client, streaming: Team) -> None:
    elif_ = builders.person("Elif Aydin")
    made = promised(streaming, "Schema", 0.8)
    moved = {"given": TODAY - timedelta(days=20), "target": TODAY + timedelta(days=44), "by": elif_}
    Commitment.objects.create(deliverable=made, cause="scope", note="The audit came.", chance=0.8, **moved)
    checked_in(made, "at_risk", 55, by=elif_, note="I expect the list <soon>.")
    html = panel(page(reader, made), "log")
    entries = re.findall(r"<strong>(.*?)</strong>", html)
    assert entries == [
        "At risk, 55% sure.",
        "Moved from 23 December to 6 January, 14 days later.",
        "Promised for 23 December.",
    ]
    assert "Cause: scope. The chance to make it was 80% that day." in html
    assert "“I expect the list &lt;soon&gt;.”" in html
    assert "Tue 3 November, decided by Elif Aydin" in html
    assert html.count('class="is-decision"') == 2


def test_what_waits_is_linked_both_ways(reader: Client, streaming: Team) -> None:
    schema, feed = promised(streaming, "Schema", 0.8), promised(streaming, "Home feed", 0.6)
    feed.depends_on.add(schema)
    assert f'<dt>Waited for by</dt><dd class="plain"><span><a href="/deliverables/{feed.pk}/">' in page(reader, schema)
    assert f'<dt>Waits for</dt><dd class="plain"><span><a href="/deliverables/{schema.pk}/">' in page(reader, feed)


def test_titles_are_text_never_markup(reader: Client, streaming: Team) -> None:
    evil = "</script><script>alert(1)</script>"
    html = page(reader, promised(streaming, evil, 0.8, 0.5))
    assert evil not in html
    assert escape(evil) in html


@pytest.mark.parametrize("count", [1, 6])
def test_it_makes_a_fixed_number_of_queries(
    reader: Client, streaming: Team, count: int, django_assert_num_queries: object
) -> None:
    jira = builders.project(streaming)
    items = tuple(builders.item(jira, flagged=True, started=at(TODAY - timedelta(days=9))) for _ in range(count))
    made = promised(streaming, "Schema", 0.8, 0.4, items=items)
    for number in range(count):
        promised(streaming, f"Waits {number}", 0.6).depends_on.add(made)
        checked_in(made, "on_track", 80)
        Risk.objects.create(deliverable=made, kind="scope", title="Scope grew", seen=TODAY, opened=TODAY)
    with django_assert_num_queries(QUERIES):  # type: ignore[operator]
        page(reader, made)


def test_it_says_what_its_numbers_lack_and_nothing_of_what_others_lack(reader: Client, streaming: Team) -> None:
    jira = builders.project(streaming)
    made = promised(streaming, "Event schema v3", 0.81, items=(builders.item(jira),))
    ours, other = (
        SourceSlice.objects.create(source=jira, kind="issues", scope=scope, last_success=at(TODAY))
        for scope in ("ABC", "OTHER")
    )
    Missing.objects.create(slice=other, what="OTHER-1", why="It has no status.", since=at(TODAY))
    assert "could not be read" not in notices(page(reader, made))
    Missing.objects.create(slice=ours, what="ABC-1", why="It has no status.", since=at(TODAY))
    assert "1 thing of ABC could not be read" in notices(page(reader, made))


def notices(html: str) -> str:
    return "".join(part.partition("</div>")[0] for part in html.split('<div class="notice"')[1:])
