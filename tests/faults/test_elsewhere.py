"""Sent somewhere else: credentials never follow, and an address inside is never asked (SSRF, G10)."""

from __future__ import annotations

import pytest

from delivery.models import Source
from tests.connectors.pretend import answering, value
from tests.delivery.served import Office
from tests.faults import office as offices
from tests.faults.worker import Worker

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("site", offices.SITES)
def test_a_redirect_to_another_host_is_told_and_no_credentials_follow(
    worker: Worker, office: Office, site: str
) -> None:
    """Another name of the same machine, and another port, are other hosts."""
    calm = offices.undisturbed(office, site)
    source = offices.connect(office, site)
    for other in ("localhost", "port"):
        with answering(lambda asked: value({})) as elsewhere:
            to = "" if other == "localhost" else f":to={elsewhere.url}"
            office.running.trouble(f"redirect:every=1{to}")
            office.running.forget()
            worker.do("read_now", source_id=source.pk)
            assert elsewhere.asked == []
        assert not [seen for seen in office.running.requests if seen.host.startswith("localhost")]
        assert {seen.status for seen in office.running.requests} == {302}
        assert offices.errors(source)
        assert all("another host" in error for error in offices.errors(source))
        assert set(source.slices.exclude(error="").values_list("error_kind", flat=True)) == {"address"}
    office.running.trouble()
    worker.do("read_now", source_id=source.pk)
    assert offices.errors(source) == []
    assert offices.differences(offices.rows(office, source), calm) == []


@pytest.mark.parametrize("site", ["cloud", "github"])
def test_a_source_that_points_inside_is_never_asked(worker: Worker, office: Office, site: str) -> None:
    """Whoever writes an address into the database must not reach this machine's own network with it."""
    source = offices.connect(office, site)
    Source.objects.filter(pk=source.pk).update(allow_private=False)
    for address in (source.url, source.url.replace("127.0.0.1", "localhost"), source.url.replace("127.0.0.1", "[::1]")):
        Source.objects.filter(pk=source.pk).update(url=address)
        office.running.forget()
        worker.do("read_now", source_id=source.pk)
        assert office.running.requests == []
        assert offices.errors(source)
        assert set(source.slices.exclude(error="").values_list("error_kind", flat=True)) == {"address"}


@pytest.mark.parametrize("inside", ["http://169.254.169.254/latest", "http://10.0.0.1", "http://[fd00::1]"])
def test_an_address_of_a_network_behind_is_refused_at_once(worker: Worker, office: Office, inside: str) -> None:
    """The cloud's metadata address among them."""
    source = offices.connect(office, "cloud")
    Source.objects.filter(pk=source.pk).update(allow_private=False, url=inside)
    worker.do("read_now", source_id=source.pk, patience=10)
    assert set(source.slices.exclude(error="").values_list("error_kind", flat=True)) == {"address"}
