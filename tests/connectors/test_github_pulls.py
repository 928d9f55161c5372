"""Pull requests over a real socket, line by line of CONNECTORS.md."""

from dataclasses import replace
from datetime import timedelta

from delivery.connectors.contract import Slice
from delivery.core.records import GoneRecord, PullRequestRecord, WorkItemRecord
from simulator.hub_records import Happening
from simulator.records import Commit, Review
from tests.connectors.hub import REPOSITORY, Kept, hub
from tests.connectors.simulated import NOW, world

SINCE = NOW - timedelta(minutes=30)
LAST = max(pull.number for pull in world().pulls(REPOSITORY, NOW))
DONE = next(pull for pull in world().pulls(REPOSITORY, NOW) if pull.merged and len(pull.reviews) > 1)


def seconds(at):
    return at and at.replace(microsecond=0)


def one(records, number=DONE.number):
    (found,) = {record.number: record for record in records if record.number == number}.values()
    return found


def test_a_poll_reads_what_changed_and_stops_there_g1():
    with hub() as at:
        at.world.edit(REPOSITORY, DONE.number, title="Changed just now")
        changed = at.read("pulls", PullRequestRecord, NOW)
        assert [(row.number, row.title) for row in changed] == [(DONE.number, "Changed just now")]
        assert len(at.asked()) == 3  # the repository, the newest change, one page


def test_a_poll_of_a_quiet_repository_costs_no_points_g1_g14():
    with hub(memory=Kept()) as at:
        at.pass_time(days=1)
        at.pages("pulls", at.time[0])
        at.asked()
        assert at.read("pulls", PullRequestRecord, at.time[0]) == []
        assert [(path.partition("?")[0].count("/"), status) for path, status in at.asked()] == [(3, 304), (4, 304)]


def test_a_change_while_a_whole_reading_goes_on_is_not_lost_g2():
    with hub() as at:
        pages = at.connector.read(Slice("pulls", REPOSITORY), since=None)
        found = [next(pages)]
        at.pass_time(seconds=5)
        at.world.edit(REPOSITORY, 1, title="Changed behind the reader's back")
        found += pages
        rows = [row for page in found for row in page.records if isinstance(row, PullRequestRecord)]
        last = {row.number: row for row in rows}
        assert last[1].title == "Changed behind the reader's back"
        assert last.keys() == {pull.number for pull in world().pulls(REPOSITORY, NOW)}


def test_sizes_merge_and_merger_come_with_the_page_g3():
    with hub() as at:
        row = one(at.read("pulls", PullRequestRecord))
    assert (row.additions, row.deletions, row.changed_files) == (DONE.additions, DONE.deletions, DONE.changed_files)
    assert (row.merged, row.merge_sha) == (seconds(DONE.merged), DONE.merge_sha)


def test_those_we_hold_as_open_are_asked_for_by_number_g5():
    with hub() as at:
        at.world.merge(REPOSITORY, LAST)
        records, gaps = at.again("pulls", str(LAST), "999999")
    row = one([record for record in records if isinstance(record, PullRequestRecord)], LAST)
    assert (row.merged, gaps) == (NOW, [])
    assert [record for record in records if isinstance(record, GoneRecord)] == [GoneRecord("pulls", "999999")]


def test_many_are_asked_for_together_g5():
    numbers = [str(pull.number) for pull in world().pulls(REPOSITORY, NOW)[:45]]
    with hub() as at:
        records, _ = at.again("pulls", *numbers)
        assert [str(row.number) for row in records if isinstance(row, PullRequestRecord)] == numbers
        assert len(at.asked()) == 4  # the repository and twenty at a time


def test_what_happened_to_a_pull_request_g6():
    made = DONE.created
    happened = (
        Happening("review_requested", made + timedelta(hours=1), "p1", None),
        Happening("head_ref_force_pushed", made + timedelta(hours=2)),
        Happening("closed", made + timedelta(hours=3)),
        Happening("reopened", made + timedelta(hours=4)),
        Happening("head_ref_force_pushed", made + timedelta(hours=5)),
        Happening("review_requested", made + timedelta(hours=6), "p1", None),
    )
    with hub() as at:
        at.world.add(REPOSITORY, replace(DONE, happened=happened, requested_reviewers=(), milestone="2026.1"))
        row = one(at.read("pulls", PullRequestRecord))
    assert row.review_requested == seconds(made + timedelta(hours=1))
    assert row.reopened == seconds(made + timedelta(hours=4))
    assert (row.force_pushes, row.milestone) == (2, "2026.1")


def test_a_reopened_one_is_open_again_and_a_forced_push_replaces_its_commits_g6():
    new = Commit("c" * 40, None, "ghost@example.test", NOW, NOW, "PLAT-7: anew")
    with hub() as at:
        at.world.reopen(REPOSITORY, DONE.number)
        at.world.force_push(REPOSITORY, DONE.number, new)
        row = one(at.read("pulls", PullRequestRecord, SINCE))
    assert (row.closed, row.merged, row.reopened, row.force_pushes) == (None, None, NOW, 1)
    assert [(commit.sha, commit.author) for commit in row.commits] == [("c" * 40, None)]
    assert "PLAT-7" in row.keys


def test_one_that_was_drafted_later_was_ready_from_the_start_g6():
    drafted = Happening("convert_to_draft", DONE.created + timedelta(hours=1))
    ready = Happening("ready_for_review", DONE.created + timedelta(hours=9))
    with hub() as at:
        at.world.add(REPOSITORY, replace(DONE, ready=None, draft=False, happened=(drafted, ready)))
        assert one(at.read("pulls", PullRequestRecord)).ready == seconds(DONE.created)
        at.world.add(REPOSITORY, replace(DONE, ready=None, draft=False, happened=(ready,)))
        assert one(at.read("pulls", PullRequestRecord)).ready == seconds(ready.at)
        at.world.add(REPOSITORY, replace(DONE, ready=None, draft=True, happened=(ready, drafted)))
        assert one(at.read("pulls", PullRequestRecord)).ready is None


def test_every_review_comes_also_beyond_a_hundred_and_a_dismissed_one_has_none_of_its_verdict_g7():
    reviews = tuple(
        Review(9_000_000_000 + n, None, "DISMISSED" if n == 0 else "COMMENTED", DONE.created + timedelta(minutes=n), "")
        for n in range(230)
    )
    with hub() as at:
        at.world.add(REPOSITORY, replace(DONE, reviews=reviews))
        row = one(at.read("pulls", PullRequestRecord))
    assert [review.native_id for review in row.reviews] == [str(review.id) for review in reviews]
    assert [review.state for review in row.reviews[:2]] == ["dismissed", "commented"]


def test_every_commit_comes_also_beyond_250_g8():
    commits = tuple(Commit(f"{n:040x}", None, "", DONE.created, DONE.created, "") for n in range(320))
    with hub() as at:
        at.world.add(REPOSITORY, replace(DONE, commits=commits))
        row = one(at.read("pulls", PullRequestRecord))
    assert [commit.sha for commit in row.commits] == [commit.sha for commit in commits]
    assert row.commits_complete


def test_many_events_are_read_to_their_end_g6():
    pushes = tuple(Happening("head_ref_force_pushed", DONE.created + timedelta(minutes=n)) for n in range(170))
    with hub() as at:
        at.world.add(REPOSITORY, replace(DONE, happened=pushes))
        assert one(at.read("pulls", PullRequestRecord)).force_pushes == 170


def test_one_that_github_stumbles_over_once_is_asked_for_again_g16():
    with hub() as at:
        at.world.stumble(REPOSITORY, DONE.number, times=1)
        pages = at.pages("pulls")
    numbers = [row.number for page in pages for row in page.records if isinstance(row, PullRequestRecord)]
    assert numbers == [pull.number for pull in world().pulls(REPOSITORY, NOW)]
    assert not any(page.gaps for page in pages)


def test_one_that_github_never_answers_about_is_a_gap_and_the_others_come_g16():
    with hub() as at:
        at.world.stumble(REPOSITORY, DONE.number)
        pages = at.pages("pulls")
        records, gaps = at.again("pulls", str(DONE.number), str(LAST))
    numbers = [row.number for page in pages for row in page.records if isinstance(row, PullRequestRecord)]
    assert numbers == [pull.number for pull in world().pulls(REPOSITORY, NOW) if pull.number != DONE.number]
    assert {gap.what for page in pages for gap in page.gaps} == {f"{REPOSITORY}#{DONE.number}"}
    assert [row.number for row in records if isinstance(row, PullRequestRecord)] == [LAST]
    assert [gap.what for gap in gaps] == [f"{REPOSITORY}#{DONE.number}"]


def test_ghosts_unknown_authors_and_listed_bots_g21():
    robin = next(person for person in world().people if not person.is_bot)
    review = Review(8_000_000_001, None, "APPROVED", DONE.created, "")
    with hub(bots=(robin.github_login.upper(),)) as at:
        at.world.add(REPOSITORY, replace(DONE, author=robin.id, reviews=(review,)))
        row = one(at.read("pulls", PullRequestRecord))
    people = {account.native_id: account for account in row.accounts}
    assert people[str(robin.github_id)].is_bot
    assert people[str(robin.github_id)].login == robin.github_login
    assert row.reviews[0].author is None


def test_ids_outgrow_31_bits_g22():
    with hub() as at:
        at.world.add(REPOSITORY, replace(DONE, id=9_876_543_210))
        assert one(at.read("pulls", PullRequestRecord)).native_id == "9876543210"


def test_the_issues_it_closes_are_named():
    with hub() as at:
        at.world.open_issue(REPOSITORY, 90_001)
        at.world.edit(REPOSITORY, DONE.number, closes=(f"{REPOSITORY}#90001",))
        assert one(at.read("pulls", PullRequestRecord, SINCE)).closes == (f"{REPOSITORY}#90001",)


def test_a_killed_reading_of_a_window_goes_on_where_it_was_also_when_something_changed_meanwhile():
    since = NOW - timedelta(days=200)
    part = Slice("pulls", REPOSITORY)
    with hub() as at:
        whole = {row.number for row in at.read("pulls", PullRequestRecord, since)}
        pages = at.connector.read(part, since=since)
        first = [next(pages), next(pages)]
        pages.close()
        at.pass_time(seconds=5)
        at.world.edit(REPOSITORY, min(whole), title="Changed meanwhile")
        at.asked()
        rest = list(at.connector.read(part, since=since, cursor=first[-1].cursor))
        rows = [row.number for page in (*first, *rest) for row in page.records if isinstance(row, PullRequestRecord)]
        assert len(whole) > 60
        assert 0 <= first[0].expected - len(whole) < 5  # a search counts whole days
        assert whole - {min(whole)} <= set(rows)
        assert len(rows) <= len(whole)
        assert [row.number for row in at.read("pulls", PullRequestRecord, NOW)] == [min(whole)]


def test_as_many_labels_and_issues_as_github_lets_one_have_all_come_g16():
    """A list that is cut without a sign would be a wrong one: a rule may rest on the label that is last."""
    labels, closes = tuple(f"label {n:03}" for n in range(100)), tuple(f"{REPOSITORY}#{90_001 + n}" for n in range(40))
    with hub() as at:
        for n in range(40):
            at.world.open_issue(REPOSITORY, 90_001 + n, labels=labels if n == 0 else ())
        at.world.edit(REPOSITORY, DONE.number, labels=labels, closes=closes)
        row = one(at.read("pulls", PullRequestRecord, SINCE))
        first = min(at.read("issues", WorkItemRecord), key=lambda issue: issue.key)
    assert (row.labels, row.closes, first.labels) == (labels, closes, labels)
