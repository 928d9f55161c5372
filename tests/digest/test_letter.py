"""The e-mail itself: two parts, headers that thread and stop, any name, no more than mailboxes take."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime
from email.message import EmailMessage
from email.utils import getaddresses, parseaddr
from html import unescape
from unicodedata import east_asian_width

import pytest
from django.test import Client

from dashboards.digest import links
from dashboards.digest.addresses import Addresses
from dashboards.digest.handing import hand_over
from dashboards.digest.letter import LARGEST, as_html, as_text
from dashboards.digest.records import as_json
from dashboards.models import Delivery, DigestIssue, Subscription
from tests import builders
from tests.dashboards.roles import Organisation
from tests.dashboards.rows import promised
from tests.digest.full import FORMS, OUTSIDE, counts_of, full, page_of
from tests.digest.rows import PAGES, subscribed, told, waiting
from tests.mail_server import MailServer

pytestmark = pytest.mark.django_db


def sent(row: Delivery, mail: MailServer) -> EmailMessage:
    hand_over([row.pk])
    return mail.taken[-1][1]


def test_it_has_a_plain_part_first_and_then_html(people: Organisation, mail: MailServer, still_clock: datetime) -> None:
    promised(people.team, "Event schema v3", 0.8)
    letter = sent(waiting(subscribed(people.director)), mail)
    assert letter.get_content_type() == "multipart/alternative"
    plain, html = list(letter.iter_parts())
    assert (plain.get_content_type(), html.get_content_type()) == ("text/plain", "text/html")
    assert plain.get_content_charset() == html.get_content_charset() == "utf-8"
    for part in (plain, html):
        assert "Event schema v3" in part.get_content()
    assert all(len(line) <= 998 for line in mail.raw[-1].split(b"\r\n"))
    assert mail.raw[-1].isascii()


def test_weeks_thread_and_each_has_an_identity_of_its_own(
    people: Organisation, mail: MailServer, still_clock: datetime
) -> None:
    row = subscribed(people.director)
    first, second = (sent(waiting(row, week), mail) for week in ("2026-W48", "2026-W49"))
    assert first["Message-ID"] != second["Message-ID"]
    assert first["References"] == second["References"] == first["In-Reply-To"]
    assert re.fullmatch(r"<digest\.\d+\.2026-W49\.[0-9a-f]{16}@[\w.]+>", second["Message-ID"])


def test_one_click_stops_it_as_rfc_8058_asks(
    people: Organisation, mail: MailServer, still_clock: datetime, client: Client
) -> None:
    row = subscribed(people.director)
    letter = sent(waiting(row), mail)
    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    url = letter["List-Unsubscribe"].strip().strip("<>")
    assert url == links.stop_url(row)
    answer = Client(enforce_csrf_checks=True).post(url[url.index("/digest/") :], {"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    assert Subscription.objects.get(pk=row.pk).stopped is not None


@pytest.mark.parametrize(
    "name", ["Žofie Nováková", "李小龍", 'Anna "Nan" O’Neil, PhD', "محمد", "a\r\nBcc: evil@example.test", "x" * 190]
)
def test_any_name_arrives_whole(name: str, mail: MailServer, still_clock: datetime) -> None:
    person = builders.person(name)
    letter = sent(waiting(subscribed(person)), mail)
    assert getaddresses([str(letter["To"])]) == [(" ".join(name.split()), person.email)]
    assert letter["Bcc"] is None
    assert [to for to, _ in mail.taken] == [person.email]


def test_a_title_can_neither_mark_up_nor_begin_a_header(
    people: Organisation, mail: MailServer, still_clock: datetime
) -> None:
    promised(people.team, "<script>x</script>\r\nBcc: evil@example.test", 0.8)
    letter = sent(waiting(subscribed(people.director)), mail)
    assert letter["Bcc"] is None
    html = letter.get_body(("html",))
    assert html is not None
    assert "<script>x" not in html.get_content()
    assert "\n" not in str(letter["Subject"])


def test_a_domain_with_letters_beyond_ascii_is_written_as_servers_know_it(
    mail: MailServer, still_clock: datetime
) -> None:
    row = waiting(subscribed(email="zofie@bücher.example"))
    hand_over([row.pk])
    assert [to for to, _ in mail.taken] == ["zofie@xn--bcher-kva.example"]


@pytest.mark.parametrize("form", FORMS)
def test_the_largest_is_small_enough_for_gmail(people: Organisation, still_clock: datetime, form: str) -> None:
    full(people, FORMS[form])
    made = told(people.director)
    assert counts_of(made) == [7, 3, 7, 10, 5, 7, 5, 1]
    for addresses in (PAGES, OUTSIDE):
        html = as_html(made, addresses)
        assert len(html.encode()) < LARGEST
        assert html.endswith("</html>")


def test_where_it_would_be_too_large_titles_are_shorter(people: Organisation, still_clock: datetime) -> None:
    full(people, FORMS["marks"])
    made = replace(told(people.director), why="w" * 45_000)
    html = as_html(made, PAGES)
    assert len(html.encode()) < LARGEST


def test_titles_are_whole_up_to_two_lines(people: Organisation, still_clock: datetime) -> None:
    promised(people.team, ("Abcde " * 20).strip(), 0.9)
    promised(people.team, ("Vwxyz " * 30).strip(), 0.9)
    made = told(people.director)
    for letter in (as_html(made, PAGES), " ".join(as_text(made, PAGES).split())):
        assert ("Abcde " * 20).strip() in letter
        assert f"{('Vwxyz ' * 19).strip()}…" in letter
        assert ("Vwxyz " * 20).strip() not in letter


def test_what_ends_has_no_second_end(people: Organisation, still_clock: datetime) -> None:
    for form in ("question", "shout"):
        full(people, FORMS[form])
        made = told(people.director)
        for letter in (unescape(as_html(made, PAGES)), as_text(made, PAGES), page_of(made)):
            assert re.findall(r"\w+[.?!…][.?!…]", " ".join(re.sub("<[^>]+>", "", letter).split())) == []
    assert "learned: Too slow!" in as_text(made, PAGES).replace("\n  ", " ")


@pytest.mark.parametrize("form", FORMS)
def test_plain_text_keeps_to_72_columns(people: Organisation, still_clock: datetime, form: str) -> None:
    full(people, FORMS[form])
    lines = as_text(told(people.director), PAGES).splitlines()
    assert [line for line in lines if columns(line) > 72 and "http" not in line] == []


def columns(line: str) -> int:
    return sum(2 if east_asian_width(one) in "WF" else 1 for one in line)


def test_styles_stand_in_the_elements_and_nothing_is_fetched(people: Organisation, still_clock: datetime) -> None:
    full(people)
    html = as_html(told(people.director), PAGES)
    for fetched in ("<img", "<link", "<script", "url(", "@import", "src="):
        assert fetched not in html
    [block] = re.findall(r"<style[^>]*>(.*?)</style>", html, re.DOTALL)
    outside = re.sub(r"@media[^{]*\{(?:[^{}]*\{[^{}]*\})*[^{}]*\}", "", block)
    assert outside.strip() == ""
    assert "prefers-color-scheme: dark" in block
    assert 'style="' in html
    assert re.search(r'<h1[^>]* style="[^"]*font-size: ?28px', html)


def test_text_and_html_lead_to_the_same_places(people: Organisation, still_clock: datetime) -> None:
    full(people)
    made = told(people.director)
    addresses = Addresses(
        "https://headway.example", stop="https://headway.example/stop", useful="https://headway.example/useful"
    )
    in_html = {part.split('"')[0].replace("&amp;", "&") for part in as_html(made, addresses).split('href="')[1:]}
    in_text = set(re.findall(r"https://\S+", as_text(made, addresses)))
    lines = ("/deliverables/", "/accuracy/", "/learning/#bet-")  # what a line is about, which the text names
    named_only = {one for one in in_html - in_text if not any(part in one for part in lines)}
    assert named_only == set()
    assert in_text <= in_html


def test_a_test_says_so_and_asks_nothing(people: Organisation, mail: MailServer, still_clock: datetime) -> None:
    from_now = told(people.director)
    row = Delivery.objects.create(
        subscription=subscribed(people.director), kind="test", channel="mail", words=as_json(from_now)
    )
    letter = sent(row, mail)
    assert str(letter["Subject"]).startswith("Test: ")
    assert letter["References"] is None
    assert DigestIssue.objects.count() == 0
    assert parseaddr(str(letter["To"]))[1] == people.director.email
