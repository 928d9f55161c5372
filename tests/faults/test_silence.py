"""Waits that nobody can shorten: a server that never answers, and a limit that says no time (G12)."""

from __future__ import annotations

import pytest

from tests.delivery.served import Office
from tests.faults import office as offices
from tests.faults.worker import Worker

pytestmark = pytest.mark.django_db(transaction=True)
LONG = 170.0  # seconds: a minute each, twice over for a busy machine


def test_a_request_without_an_answer_and_a_limit_without_a_time_are_waited_out(worker: Worker, office: Office) -> None:
    """Both at once, in the two processes of the pool: each costs a minute."""
    calm = {site: offices.undisturbed(office, site) for site in ("cloud", "github")}
    sources = {site: offices.connect(office, site, site) for site in ("cloud", "github")}
    office.running.trouble(
        "timeout:every=3:until=3:seconds=64:only=/cloud,secondary:every=4:until=4:silent=1:only=/github"
    )
    for source in sources.values():
        worker.send("read_now", source_id=source.pk)
    worker.wait_until(worker.is_idle, "both are read", LONG)
    worker.wait_until(lambda: {seen.status for seen in office.running.requests} >= {0, 403}, "both were met")
    for site, source in sources.items():
        assert offices.errors(source) == []
        assert offices.differences(offices.rows(office, source), calm[site]) == []
