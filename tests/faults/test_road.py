"""Servers that break off, break down, send pages instead of JSON, or hand out rows in a mess (J3, J13, J35, G2, G15)."""

from __future__ import annotations

import pytest

from tests.delivery.served import Office
from tests.faults import office as offices
from tests.faults.worker import Worker

pytestmark = pytest.mark.django_db(transaction=True)
FAULTS = (
    "burst:every=12:length=3",
    "cut:every=5",
    "truncate:every=5",
    "html:every=9",
    "dup:every=1",
    "shuffle:every=1",
    "shrink:every=1:most=37",
    "skew:minutes=10",
    "skew:minutes=-10",
)
MESS = "dup:every=2,shuffle:every=3,shrink:every=2:most=30,cut:every=11,truncate:every=13,burst:every=20:length=2"


@pytest.mark.parametrize(
    ("site", "fault"),
    [*((site, fault) for fault in FAULTS for site in ("cloud", "github")), *((site, MESS) for site in offices.SITES)],
)
def test_a_faulty_road_loses_and_doubles_nothing(worker: Worker, office: Office, site: str, fault: str) -> None:
    calm = offices.undisturbed(office, site)
    source = offices.connect(office, site)
    office.running.trouble(fault)
    worker.do("read_now", source_id=source.pk)
    assert offices.errors(source) == []
    assert offices.missing(source) == []
    assert set(offices.states(source).values()) == {"done"}
    assert offices.differences(offices.rows(office, source), calm) == []


def test_empty_pages_with_a_token_are_no_end(worker: Worker, office: Office) -> None:
    """J3"""
    calm = offices.undisturbed(office, "cloud")
    source = offices.connect(office, "cloud")
    office.running.trouble("empty:every=2:only=search/jql")
    worker.do("read_now", source_id=source.pk)
    assert offices.errors(source) == []
    assert offices.differences(offices.rows(office, source), calm) == []


def test_a_token_that_leads_in_a_circle_ends_the_read_with_a_sentence_and_later_it_is_whole(
    worker: Worker, office: Office
) -> None:
    """J3"""
    calm = offices.undisturbed(office, "cloud")
    source = offices.connect(office, "cloud")
    office.running.trouble("tokenloop:every=1:only=search/jql")
    worker.do("read_now", source_id=source.pk)
    assert any("circle" in error for error in offices.errors(source))
    assert "failed" in offices.states(source).values()
    office.running.trouble()
    worker.do("read_now", source_id=source.pk)
    assert offices.errors(source) == []
    assert offices.differences(offices.rows(office, source), calm) == []


@pytest.mark.parametrize(
    ("site", "fault", "words"),
    [
        ("cloud", "unauthorised:every=1:after=12", "the token, which was good a moment ago"),
        ("github", "html:every=1:after=12", "a web page instead"),
        ("datacenter", "html:every=1:after=12", "a web page instead"),
    ],
)
def test_a_server_that_breaks_down_for_good_is_told_and_is_read_whole_once_it_is_back(
    worker: Worker, office: Office, site: str, fault: str, words: str
) -> None:
    calm = offices.undisturbed(office, site)
    source = offices.connect(office, site)
    office.running.trouble(fault.replace("after=12", f"after={len(office.running.requests) + 12}"))
    worker.do("read_now", source_id=source.pk)
    assert any(words in error for error in offices.errors(source)), offices.errors(source)
    assert "failed" in offices.states(source).values()
    office.running.trouble()
    worker.do("read_now", source_id=source.pk)
    assert offices.errors(source) == []
    assert offices.differences(offices.rows(office, source), calm) == []


def test_one_refusal_of_a_good_token_in_mid_run_is_forgiven(worker: Worker, office: Office) -> None:
    calm = offices.undisturbed(office, "cloud")
    source = offices.connect(office, "cloud")
    office.running.trouble("unauthorised:every=4:until=5:only=search/jql")
    office.running.forget()
    worker.do("read_now", source_id=source.pk)
    assert [seen.status for seen in office.running.requests].count(401) == 1
    assert offices.errors(source) == []
    assert offices.differences(offices.rows(office, source), calm) == []
