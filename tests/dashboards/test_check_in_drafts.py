"""Drafts of check-ins: kept as one types, of several windows, before and after the word itself."""

from __future__ import annotations

import pytest
from django.test import Client

from delivery.models import CheckIn, CheckInDraft, KeyResult
from tests.dashboards.conftest import NOW
from tests.dashboards.goal_rows import measure
from tests.dashboards.risk_rows import page, signed_in
from tests.dashboards.roles import Organisation
from tests.dashboards.test_check_in import at, mine, org, word

__all__ = ["org"]  # the fixture
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("still_clock")]


def test_a_draft_is_saved_as_one_types_and_is_there_again(client: Client, org: Organisation) -> None:
    one = mine(org)
    signed_in(client, org.lead)
    answer = client.post(
        f"{at(one)}draft/", word(note="Half a <b>sentence", status="at_risk"), headers={"HX-Request": "true"}
    )
    assert "Draft saved at 09:00" in answer.content.decode()
    html = page(client, at(one))
    assert "Half a &lt;b&gt;sentence" in html
    assert "You began this today at 09:00" in html
    assert "Draft</span>" in page(client, "/check-in/")
    assert client.post(at(one), {"do": "anew"}).status_code == 302
    assert "Half a" not in page(client, at(one))


def test_two_windows_do_not_write_over_each_other(client: Client, org: Organisation) -> None:
    one = mine(org)
    signed_in(client, org.lead)
    htmx = {"HX-Request": "true"}
    client.post(f"{at(one)}draft/", word(note="In the first window"), headers=htmx)
    answer = client.post(f"{at(one)}draft/", word(note="In the second"), headers=htmx).content.decode()
    assert "In the first window" in answer
    assert CheckInDraft.objects.get().values["note"] == "In the first window"
    client.post(f"{at(one)}draft/", word(note="In the second", force="1"), headers=htmx)
    assert CheckInDraft.objects.get().values["note"] == "In the second"


def test_what_is_kept_of_ones_own_window_is_no_other_window(client: Client, org: Organisation) -> None:
    """Two drafts of one window may cross on their way, and its word may overtake them."""
    one = mine(org)
    signed_in(client, org.lead)
    htmx = {"HX-Request": "true"}
    for note in ("Half", "Half a sentence"):
        answer = client.post(f"{at(one)}draft/", word(note=note, window="a"), headers=htmx).content.decode()
        assert "Draft saved at" in answer
    assert client.post(at(one), word(note="A sentence", window="a")).status_code == 302
    assert not CheckInDraft.objects.exists()


def test_a_draft_after_the_login_ran_out_does_not_lead_away_from_what_is_being_typed(
    client: Client, org: Organisation
) -> None:
    answer = client.post(f"{at(mine(org))}draft/", word(note="Half a sentence"), headers={"HX-Request": "true"})
    assert "You are signed out" in answer.content.decode()
    assert "HX-Redirect" not in answer.headers
    assert not CheckInDraft.objects.exists()


def test_a_draft_that_comes_after_the_word_itself_is_not_kept(client: Client, org: Organisation) -> None:
    one = mine(org)
    signed_in(client, org.lead)
    client.post(at(one), word())
    answer = client.post(f"{at(one)}draft/", word(), headers={"HX-Request": "true"})
    assert "You have published your word on this in another window" in answer.content.decode()
    assert not CheckInDraft.objects.exists()


def test_a_draft_that_is_not_kept_stays_in_the_form(client: Client, org: Organisation) -> None:
    one = mine(org)
    signed_in(client, org.lead)
    client.post(at(one), word(note="In the first window", draft="1"))
    html = client.post(at(one), word(note="In the second", draft="1")).content.decode()
    for told in ("“In the first window”", ">In the second</textarea>", 'name="force" value="1"'):
        assert told in html, told
    assert CheckInDraft.objects.get().values["note"] == "In the first window"


def test_publishing_in_one_window_keeps_a_newer_draft_of_another(client: Client, org: Organisation) -> None:
    one = mine(org)
    signed_in(client, org.lead)
    htmx = {"HX-Request": "true"}
    client.post(f"{at(one)}draft/", word(note="In the first window"), headers=htmx)
    saved = str(CheckInDraft.objects.get().saved.timestamp())
    CheckInDraft.objects.update(values={"note": "Newer, in the second"}, saved=NOW)
    assert client.post(at(one), word(note="In the first window", saved=saved)).status_code == 302
    assert "Newer, in the second" in page(client, at(one))
    given = CheckIn.objects.get()
    client.post(at(one), word(note="Newer, in the second", seen=str(given.pk), saved=f"{NOW.timestamp():.6f}"))
    assert not CheckInDraft.objects.exists()


def test_a_draft_of_several_lines_is_done_with_once_they_are_published(client: Client, org: Organisation) -> None:
    one = mine(org)
    signed_in(client, org.lead)
    client.post(f"{at(one)}draft/", word(note="First\nsecond\0"), headers={"HX-Request": "true"})
    assert CheckInDraft.objects.get().values["note"] == "First\nsecond"
    client.post(at(one), word(note="First\r\nsecond"))
    assert CheckIn.objects.get().note == "First\nsecond"
    assert not CheckInDraft.objects.exists()


def test_a_number_that_moved_meanwhile_is_not_written_over(client: Client, org: Organisation) -> None:
    """Neither by last week's number, which nobody touched, nor unseen by a new one."""
    one = mine(org)
    moved = measure(one, 10)
    signed_in(client, org.lead)
    KeyResult.objects.filter(pk=moved.pk).update(current=20)
    name = f"kr-{moved.pk}"
    html = client.post(at(one), word(**{name: "15", f"was-{name}": "10"})).content.decode()
    assert "Somebody entered 20 meanwhile" in html
    assert f'name="was-{name}" value="20"' in html
    assert client.post(at(one), word(**{name: "10", f"was-{name}": "10"})).status_code == 302
    assert KeyResult.objects.get().current == 20
    given = str(CheckIn.objects.get().pk)
    assert client.post(at(one), word(**{name: "25", f"was-{name}": "20", "seen": given})).status_code == 302
    assert KeyResult.objects.get().current == 25
    one.refresh_from_db()
    assert one.version == 2  # whoever edits the goal has not seen it


def test_a_draft_with_what_nobody_types_is_kept_without_it(client: Client, org: Organisation) -> None:
    one = mine(org)
    signed_in(client, org.lead)
    client.post(f"{at(one)}draft/", word(note="Half\0 a sentence"), headers={"HX-Request": "true"})
    assert CheckInDraft.objects.get().values["note"] == "Half a sentence"
