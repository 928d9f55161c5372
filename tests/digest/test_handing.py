"""Handing over to a real mail server: each message once, each failure in its row, and nobody held up by another."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, connections

from dashboards.digest import due, handing, log, standing, wanted
from dashboards.digest.handing import hand_over
from dashboards.models import Delivery, DigestIssue, Subscription
from delivery import locks
from tests import builders
from tests.builders import TODAY
from tests.dashboards.conftest import NOW
from tests.dashboards.roles import Organisation
from tests.digest.rows import subscribed, waiting
from tests.mail_server import ACCEPT_AND_HANG_UP, HANG_UP, MailServer

pytestmark = pytest.mark.django_db
S = Delivery.State


def again(row: Delivery) -> Delivery:
    row.refresh_from_db()
    return row


def test_a_digest_arrives_once_and_its_row_says_so(
    people: Organisation, mail: MailServer, still_clock: datetime
) -> None:
    row = waiting(subscribed(people.director))
    assert hand_over([row.pk]) == {S.SENT: 1}
    assert hand_over([row.pk]) == {}
    sent = again(row)
    assert [to for to, _ in mail.taken] == [people.director.email]
    assert (sent.state, sent.code, sent.attempts, sent.address) == (S.SENT, 250, 1, people.director.email)
    assert mail.taken[0][1]["Message-ID"] == sent.message_id
    assert sent.issue is not None
    assert sent.issue.content is not None


def test_what_is_for_now_is_tried_again_after_a_growing_while(
    people: Organisation, mail: MailServer, still_clock: datetime
) -> None:
    row = waiting(subscribed(people.director))
    mail.rules[people.director.email] = ["451 Come back later", "450 Busy"]
    hand_over([row.pk])
    first = again(row)
    assert (first.state, first.code, first.attempts) == (S.WAITING, 451, 1)
    assert first.reason == "The mail server answers: 451 Come back later"
    assert first.next_try == still_clock + timedelta(minutes=5)
    assert hand_over([row.pk], clock=lambda: still_clock + timedelta(minutes=4)) == {S.WAITING: 1}
    assert again(row).attempts == 1
    hand_over([row.pk], clock=lambda: still_clock + timedelta(minutes=5))
    assert again(row).next_try == still_clock + timedelta(minutes=15)
    hand_over([row.pk], clock=lambda: still_clock + timedelta(minutes=15))
    assert (again(row).state, again(row).attempts, again(row).next_try) == (S.SENT, 3, None)
    assert len(mail.taken) == 1


def test_it_is_given_up_after_three_days(people: Organisation, mail: MailServer, still_clock: datetime) -> None:
    row = waiting(subscribed(people.director))
    mail.rules[people.director.email] = ["450 Busy"] * 99
    now, tries = still_clock, 0
    while again(row).state == S.WAITING:
        hand_over([row.pk], clock=lambda: now)  # noqa: B023 - called at once
        now, tries = again(row).next_try or now, tries + 1
    assert again(row).state == S.FAILED
    assert timedelta(days=3) <= now - still_clock < timedelta(days=3, hours=2)
    assert again(row).reason == f"Given up after {tries} tries. The mail server answers: 450 Busy"


@pytest.mark.parametrize("at", ["rules", "data"])
def test_what_is_for_good_ends_with_its_reason(people: Organisation, mail: MailServer, at: str) -> None:
    row = waiting(subscribed(people.director))
    getattr(mail, at)[people.director.email] = ["550 5.1.1 No such mailbox"]
    hand_over([row.pk])
    assert (again(row).state, again(row).code) == (S.FAILED, 550)
    assert again(row).reason == "The mail server answers: 550 5.1.1 No such mailbox"
    assert hand_over([row.pk]) == {}
    assert mail.taken == []


def test_one_bad_reader_stops_nobody_else(
    people: Organisation, mail: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [waiting(subscribed(one)) for one in people.everybody()]
    mail.rules[people.manager.email] = ["550 No"]
    whole = handing.message_of

    def broken(row: Delivery, digest: object) -> object:
        if row.subscription.person_id == people.lead.pk:
            raise RuntimeError("a defect")
        return whole(row, digest)  # type: ignore[arg-type]

    monkeypatch.setattr(handing, "message_of", broken)
    assert hand_over([row.pk for row in rows]) == {S.SENT: 5, S.FAILED: 1, S.WAITING: 1}
    bad = Delivery.objects.get(subscription__person=people.lead)
    assert bad.reason == handing.BROKEN
    assert "defect" not in bad.reason
    assert mail.talks == 2  # one talk for all, and another after the one that broke


def test_an_answer_that_is_lost_is_never_asked_for_twice(people: Organisation, mail: MailServer) -> None:
    """The server takes the message and hangs up before it says so: it arrived once, and is not sent again."""
    row = waiting(subscribed(people.director))
    other = waiting(subscribed(people.manager))
    mail.data[people.director.email] = [ACCEPT_AND_HANG_UP]
    assert hand_over([row.pk, other.pk]) == {S.LOST: 1, S.SENT: 1}
    assert again(row).reason.startswith("The mail server’s answer was lost")
    assert hand_over([row.pk]) == {}
    assert len(mail.to(people.director.email)) == 1


def test_a_server_that_hangs_up_without_taking_it_leaves_a_row_that_says_so(
    people: Organisation, mail: MailServer, still_clock: datetime
) -> None:
    """Nobody can tell it from the case above: at most once, and a person may have it sent again."""
    row = waiting(subscribed(people.director))
    mail.data[people.director.email] = [HANG_UP]
    assert hand_over([row.pk]) == {S.LOST: 1}
    assert log.send_again(again(row), now=still_clock)
    assert hand_over([row.pk]) == {S.SENT: 1}
    assert len(mail.taken) == 1
    assert not log.send_again(again(row), now=still_clock)


def test_a_server_that_is_away_is_asked_once_for_all(
    people: Organisation, mail: MailServer, still_clock: datetime
) -> None:
    rows = [waiting(subscribed(one)) for one in (people.director, people.manager)]
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("django.conf.settings.EMAIL_PORT", 1)
        assert hand_over([row.pk for row in rows]) == {S.WAITING: 2}
    assert all("cannot be reached" in again(row).reason for row in rows)
    later = still_clock + timedelta(minutes=5)
    assert hand_over([row.pk for row in rows], clock=lambda: later) == {S.SENT: 2}


def test_the_words_are_composed_once_and_for_good(
    people: Organisation, mail: MailServer, still_clock: datetime
) -> None:
    row = waiting(subscribed(people.director))
    mail.rules[people.director.email] = ["450 Busy"]
    hand_over([row.pk])
    issue = row.issue
    assert issue is not None
    before = DigestIssue.objects.get(pk=issue.pk).content
    builders.deliverable(people.team, title="Came later")
    hand_over([row.pk], clock=lambda: still_clock + timedelta(hours=1))
    assert again(row).state == S.SENT
    assert DigestIssue.objects.get(pk=issue.pk).content == before


@pytest.mark.parametrize("how", ["stopped", "switched off"])
def test_who_gets_nothing_any_more_gets_nothing(people: Organisation, mail: MailServer, how: str) -> None:
    told = subscribed(people.director)
    row = waiting(told)
    if how == "stopped":
        Subscription.objects.filter(pk=told.pk).update(stopped=told.since)
    else:
        people.director.is_active = False
        people.director.save()
    assert hand_over([row.pk]) == {S.SKIPPED: 1}
    assert mail.taken == []


@pytest.mark.parametrize("taken_away", ["mail", "address"])
def test_what_was_switched_off_meanwhile_is_not_sent(people: Organisation, mail: MailServer, taken_away: str) -> None:
    if taken_away == "mail":
        row = waiting(told := subscribed(people.director, chat="slack", webhook="sealed"))
        Subscription.objects.filter(pk=told.pk).update(mail=False)
    else:
        told = subscribed(confirmed=None, asked=NOW)
        row = Delivery.objects.create(
            subscription=told, kind="confirm", channel="mail", words={"subject": "", "text": ""}
        )
        standing.stop(told, now=NOW, why="Taken away.")
    assert hand_over([row.pk]) == {S.SKIPPED: 1}
    assert again(row).reason == ("The reader has switched e-mail off." if taken_away == "mail" else wanted.NOT_ASKED)
    assert mail.taken == []


def test_a_pause_counts_by_the_readers_own_day(people: Organisation, mail: MailServer) -> None:
    people.director.timezone = "America/Los_Angeles"
    people.director.save()
    row = waiting(subscribed(people.director, paused_until=TODAY + timedelta(days=1)))
    early = datetime(2026, 11, 24, 7, 30, tzinfo=UTC)  # half past eleven in the evening of TODAY, there
    assert hand_over([row.pk], clock=lambda: early) == {S.SKIPPED: 1}
    assert again(row).reason == "Paused until 24 November 2026."
    row = waiting(subscribed(people.manager, paused_until=TODAY + timedelta(days=1)))
    assert hand_over([row.pk], clock=lambda: early) == {S.SENT: 1}


def test_a_pause_that_ends_before_the_day_of_a_digest_does_not_skip_it(
    people: Organisation, mail: MailServer, still_clock: datetime
) -> None:
    """Somebody has it sent on Monday; it is Friday’s, and the pause ends on Thursday."""
    row = waiting(subscribed(people.director, weekday=4, paused_until=TODAY + timedelta(days=3)))
    DigestIssue.objects.filter(deliveries=row).update(day=TODAY + timedelta(days=4))
    assert hand_over([row.pk]) == {S.SENT: 1}


def test_weeks_that_could_not_be_sent_do_not_pile_up(
    people: Organisation, mail: MailServer, still_clock: datetime
) -> None:
    reader = subscribed(people.director)
    old, new = waiting(reader, "2026-W46"), waiting(reader, "2026-W48")
    assert hand_over([old.pk, new.pk]) == {S.SKIPPED: 1, S.SENT: 1}
    assert again(old).reason == wanted.OVERTAKEN
    Delivery.objects.filter(pk=old.pk).update(state=S.LOST)
    assert log.send_again(again(old), now=still_clock)
    assert hand_over([old.pk]) == {S.SENT: 1}


def test_a_row_whose_process_died_in_the_window_says_that_it_may_have_arrived(
    people: Organisation, mail: MailServer
) -> None:
    row = waiting(subscribed(people.director), state=S.HANDING)
    assert hand_over([row.pk]) == {S.LOST: 1}
    assert again(row).reason == handing.INTERRUPTED
    assert mail.taken == []


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_one_row_send_one_message(people: Organisation, mail: MailServer) -> None:
    rows = [waiting(subscribed(one)).pk for one in people.everybody()]
    together = threading.Barrier(2)
    broken: list[BaseException] = []

    def work() -> None:
        try:
            together.wait()
            hand_over(rows)
        except BaseException as error:  # noqa: BLE001 - told below
            broken.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not broken
    assert sorted(to for to, _ in mail.taken) == sorted(one.email for one in people.everybody())


@pytest.mark.django_db(transaction=True)
def test_a_row_that_another_process_holds_is_left_to_it(people: Organisation, mail: MailServer) -> None:
    row = waiting(subscribed(people.director), state=S.HANDING)

    def hold() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s, %s)", [locks.DIGESTS, row.pk])
        held.set()
        done.wait()
        connection.close()

    held, done = threading.Event(), threading.Event()
    thread = threading.Thread(target=hold)
    thread.start()
    held.wait()
    assert hand_over([row.pk]) == {}
    done.set()
    thread.join()
    assert again(row).state == S.HANDING
    assert hand_over([row.pk]) == {S.LOST: 1}


def test_a_clock_that_jumped_far_back_holds_nothing_up(
    people: Organisation, mail: MailServer, still_clock: datetime
) -> None:
    """A next try that is years away was written by a clock that was wrong."""
    row = waiting(subscribed(people.director), next_try=still_clock + timedelta(days=900))
    assert due.to_hand_over(still_clock) == [row.pk]
    assert hand_over([row.pk]) == {S.SENT: 1}
