"""Too fast, too much, not signed in: the worker waits as asked, and nothing is lost or twice (J30, G11, G12, D4)."""

from __future__ import annotations

import pytest

from tests.delivery.served import Office
from tests.faults import office as offices
from tests.faults.worker import Worker

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize(
    ("site", "fault"),
    [
        ("cloud", "rate:every=8"),
        ("datacenter", "rate:every=8"),
        ("cloud", "rate:every=9:silent=1"),
        ("github", "rate:every=20:silent=1"),
        ("github", "secondary:every=20"),
    ],
)
def test_limits_lose_and_double_nothing(worker: Worker, office: Office, site: str, fault: str) -> None:
    calm = offices.undisturbed(office, site)
    source = offices.connect(office, site)
    office.running.trouble(fault)
    office.running.forget()
    worker.do("read_now", source_id=source.pk)
    assert {seen.status for seen in office.running.requests} & {403, 429}
    assert offices.errors(source) == []
    assert offices.differences(offices.rows(office, source), calm) == []
