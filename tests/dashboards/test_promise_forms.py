"""Promised days by form: given, moved with a cause, corrected by a further entry; and the ledger of slips."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from delivery import commitments
from delivery.models import Commitment, Deliverable
from delivery.promises import promises
from delivery.refused import Conflict, Wrong
from tests import builders
from tests.builders import TODAY
from tests.dashboards.risk_rows import page, signed_in
from tests.dashboards.roles import Organisation, organisation

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("still_clock")]
DAY = timedelta(days=1)


@pytest.fixture
def org(db: None) -> Organisation:
    return organisation()


@pytest.fixture
def row(org: Organisation) -> Deliverable:
    return builders.deliverable(org.team, title="Event schema v3", target=TODAY + 20 * DAY)


def post(client: Client, path: str, **data: Any) -> str:
    answer = client.post(path, data)
    assert answer.status_code in (200, 302), answer.status_code
    return answer.content.decode() if answer.status_code == 200 else ""


def seen(row: Deliverable) -> str:
    return str(row.commitments.latest("pk").pk)  # type: ignore[attr-defined]


def test_a_promise_moves_only_with_a_cause_and_a_sentence(client: Client, org: Organisation, row: Deliverable) -> None:
    signed_in(client, org.lead)
    path = f"/deliverables/{row.pk}/promise/"
    html = post(client, path, target="2027-02-01", seen=seen(row))
    for told in ("Choose what moved it", "Say in a sentence what happened", 'value="2027-02-01"'):
        assert told in html, told
    assert post(client, path, target="2027-02-01", cause="vendor", note="The contract came late.", seen=seen(row)) == ""
    made = Commitment.objects.latest("pk")
    assert (made.given, made.cause, made.note, made.by) == (TODAY, "vendor", "The contract came late.", org.lead)
    assert Commitment.objects.count() == 2


@pytest.mark.parametrize(
    ("target", "says"),
    [
        ("2026-11-20", "A promise lies ahead"),
        ("soon", "Enter a day"),
        ("2026-12-13", "promised already"),
        ("2999-01-01", "before 2200"),
    ],
)
def test_a_day_that_cannot_be_promised_says_what_to_do(
    client: Client, org: Organisation, row: Deliverable, target: str, says: str
) -> None:
    signed_in(client, org.lead)
    html = post(client, f"/deliverables/{row.pk}/promise/", target=target, cause="scope", note="More", seen=seen(row))
    assert says in html
    assert 'id="target-error"' in html
    assert Commitment.objects.count() == 1


def test_who_moves_it_second_is_told_where_it_is_now(client: Client, org: Organisation, row: Deliverable) -> None:
    before = seen(row)
    commitments.commit(row, TODAY + 40 * DAY, by=org.manager, day=TODAY, seen=int(before), cause="data", note="Late")
    signed_in(client, org.lead)
    html = post(
        client, f"/deliverables/{row.pk}/promise/", target="2027-02-01", cause="scope", note="Mine", seen=before
    )
    assert "Somebody else moved the promise while you were at it: to 2 January 2027" in html
    assert "Mine" in html
    assert Commitment.objects.count() == 2


def test_a_correction_is_a_further_entry_and_days_past_stay_what_they_were(
    client: Client, org: Organisation, row: Deliverable
) -> None:
    moved = Commitment.objects.create(deliverable=row, given=TODAY - 9 * DAY, target=date(2037, 1, 1), cause="scope")
    signed_in(client, org.lead)
    assert "Say what was wrong" in post(client, f"/commitments/{moved.pk}/correct/", target="2027-01-01", cause="scope")
    assert (
        post(client, f"/commitments/{moved.pk}/correct/", target="2027-01-01", cause="data", note="Year mistyped") == ""
    )

    def now(day: date) -> tuple[date | None, int]:
        one = promises(org.lead, day=day, ids=[row.pk])[0]
        return one.target, one.moves

    assert now(TODAY) == (date(2027, 1, 1), 1)
    assert now(TODAY - DAY) == (date(2037, 1, 1), 1)
    html = page(client, f"/deliverables/{row.pk}/promise/")
    assert "<s>1 January 2037</s>" in html
    assert "corrected to 1 January 2027" in html
    assert (
        "somebody else has corrected this"
        in post(client, f"/commitments/{moved.pk}/correct/", target="2027-03-01", cause="data", note="Again").lower()
    )


def test_a_correction_of_the_first_day_stays_the_first(org: Organisation, row: Deliverable) -> None:
    first = Commitment.objects.get()
    last = Commitment.objects.create(deliverable=row, given=TODAY - DAY, target=TODAY + 50 * DAY, cause="scope")
    made = commitments.correct(first, TODAY + 25 * DAY, by=org.lead, day=TODAY, cause="", note="A typing mistake")
    assert [one.pk for one in commitments.standing_of(row, TODAY)] == [made.pk, last.pk]
    assert promises(org.lead, day=TODAY, ids=[row.pk])[0].first_target == TODAY + 25 * DAY
    with pytest.raises(Conflict):
        commitments.correct(first, TODAY + 26 * DAY, by=org.lead, day=TODAY, cause="", note="Again")


def test_of_two_moves_of_a_day_only_the_last_is_corrected(org: Organisation, row: Deliverable) -> None:
    one = Commitment.objects.create(deliverable=row, given=TODAY, target=TODAY + 50 * DAY, cause="scope")
    Commitment.objects.create(deliverable=row, given=TODAY, target=TODAY + 60 * DAY, cause="scope")
    with pytest.raises(Wrong, match="moved again on the same day"):
        commitments.correct(one, TODAY + 55 * DAY, by=org.lead, day=TODAY, cause="scope", note="Typo")


@pytest.mark.parametrize("field", ["target", "given", "cause", "note"])
def test_the_database_itself_refuses_to_edit_an_entry(row: Deliverable, field: str) -> None:
    value = {"target": TODAY + 99 * DAY, "given": TODAY - 99 * DAY, "cause": "scope", "note": "Otherwise"}[field]
    with pytest.raises(IntegrityError, match="never edited"), transaction.atomic():
        Commitment.objects.update(**{field: value})
    Commitment.objects.update(chance=0.7)  # the ambition, kept once
    with pytest.raises(IntegrityError, match="never edited"), transaction.atomic():
        Commitment.objects.update(chance=0.8)


def test_the_ledger_counts_causes_by_team_and_quarter(client: Client, org: Organisation, row: Deliverable) -> None:
    Commitment.objects.create(deliverable=row, given=date(2026, 9, 29), target=TODAY + 30 * DAY, cause="data")
    Commitment.objects.create(
        deliverable=row, given=TODAY - DAY, target=TODAY + 44 * DAY, cause="scope", note="=MORE()", by=org.lead
    )
    same = Commitment.objects.create(deliverable=row, given=TODAY, target=TODAY + 44 * DAY, cause="vendor")
    signed_in(client, org.executive)
    html = page(client, "/deliverables/slips/")
    for told in ("moved <em>once</em> this quarter", "most often for scope", "Q3 2026", "“=MORE()”", ", 14 days"):
        assert told in html, told
    assert ", vendor" not in html  # the same day again is no move
    assert "moved <em>once</em> in Q3 2026" in page(client, "/deliverables/slips/?quarter=2026-Q3")
    assert "There is no cause “moon”" in page(client, "/deliverables/slips/?cause=moon")
    text = client.get("/deliverables/slips/?format=csv").content.decode()
    assert "'=MORE()" in text
    assert same.pk


def test_the_number_of_queries_does_not_grow(client: Client, org: Organisation, django_assert_num_queries: Any) -> None:
    signed_in(client, org.director)
    for number in range(12):
        one = builders.deliverable(org.team, title=f"D{number}", target=TODAY + 20 * DAY)
        Commitment.objects.create(deliverable=one, given=TODAY, target=TODAY + 30 * DAY, cause="scope")
        if number == 1:
            page(client, "/deliverables/slips/")
            with django_assert_num_queries(8):
                page(client, "/deliverables/slips/")
    with django_assert_num_queries(8):
        page(client, "/deliverables/slips/")
