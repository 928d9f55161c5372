"""Well-formed answers with the wrong things in them (J9, J10, J13, J25, J35): used where they can be, told where not."""

from __future__ import annotations

from datetime import timedelta

import pytest

from delivery import sync
from delivery.models import FieldChange, Transition
from tests.delivery.served import Office
from tests.faults import office as offices
from tests.faults.worker import Worker

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("site", offices.SITES)
@pytest.mark.parametrize("fault", ["nulls:every=1:places=6", "unknown:every=1", "dirty:every=1", "huge:every=7"])
def test_what_is_wrong_is_told_or_harmless_and_mended_by_reading_it_again(
    worker: Worker, office: Office, site: str, fault: str
) -> None:
    calm = offices.undisturbed(office, site)
    source = offices.connect(office, site)
    office.running.trouble(fault)
    worker.do("read_now", source_id=source.pk)
    missing = offices.missing(source)
    told = offices.states(source).values()
    assert ("partial" in told or "failed" in told) == bool(missing or offices.errors(source)), (missing, list(told))
    found = offices.rows(office, source)
    if fault.startswith("huge"):
        assert offices.differences(found, calm) == []
    for name in ("WorkItem", "PullRequest"):  # nothing is left out without a word
        assert len(found[name]) + len(missing) + len(offices.errors(source)) * len(calm[name]) >= len(calm[name])
    office.running.trouble()
    sync.sync_source(source, now=office.now, full=True)
    assert offices.missing(source) == offices.errors(source) == []
    assert offices.differences(offices.rows(office, source), calm) == []


@pytest.mark.parametrize("site", ["cloud", "datacenter"])
def test_a_history_of_two_thousand_entries_is_whole(worker: Worker, site: str) -> None:
    """J9, J10: every change is there once, and the transitions among them."""
    with offices.office(bends="long:every=40:changes=2000") as office:
        source = offices.connect(office, site)
        worker.do("read_now", source_id=source.pk)
        assert offices.errors(source) == []
        grown = [issue for issue in issues_of(office) if len(issue.changes) > 2000]
        assert len(grown) >= 3
        for issue in grown:
            moves = Transition.objects.filter(item__source=source, item__native_id=str(issue.id))
            assert moves.count() == sum(change.field == "status" for change in issue.changes)
            rewritten = FieldChange.objects.filter(item__source=source, item__native_id=str(issue.id), field="labels")
            assert rewritten.count() in (0, sum(change.field == "labels" for change in issue.changes))


@pytest.mark.parametrize("site", ["cloud", "datacenter"])
def test_issues_that_are_edited_while_they_are_read_end_as_they_are(worker: Worker, office: Office, site: str) -> None:
    """J13: what changed behind the reader's back is read by the next run, if not by this one."""
    source = offices.connect(office, site)
    office.running.trouble("edited:every=1:only=search")
    worker.do("read_now", source_id=source.pk)
    office.running.trouble()
    office.now += timedelta(minutes=1)
    worker.do("read_now", source_id=source.pk)
    edited = source.items.filter(title__startswith="Edited while it was read").count()
    assert edited == sum(issue.title.startswith("Edited while it was read") for issue in issues_of(office)) > 0
    fresh = offices.connect(office, site, "Fresh")
    sync.sync_source(fresh, now=office.now)
    assert offices.differences(offices.rows(office, source), offices.rows(office, fresh)) == []


def issues_of(office: Office) -> list:
    return [issue for key in office.projects for issue in office.running.world.issues(key, office.now)]
