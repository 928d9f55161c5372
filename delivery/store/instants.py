"""The instants of a pull request that its commits and reviews tell."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from delivery.core.records import PullRequestRecord, ReviewRecord


def first_commit(pull: PullRequestRecord) -> datetime | None:
    """When the earliest of its commits was authored.

    A pull request opens with a commit: where all known ones are younger, a force push has replaced the first (G6), and
    when that was nobody knows any more.
    """
    authored = min((commit.authored for commit in pull.commits), default=None)
    return authored if authored is None or authored <= pull.created else None


def first_review(pull: PullRequestRecord, bots: Collection[str]) -> datetime | None:
    """The first review or comment by somebody else who is no bot (G7)."""
    return min((review.submitted for review in _by_others(pull, bots)), default=None)


def approved(pull: PullRequestRecord, bots: Collection[str]) -> datetime | None:
    """The first approval by somebody else, no bot, that stood: it opened the way to merging.

    The first, for a second needed approval is not told apart from a courtesy. One that stood: a dismissed one (its
    verdict is gone, G7) and one whose author asked for changes later opened nothing. After merging it opened nothing
    either: a pull request approved only then was merged without approval, and says so by null.
    """
    reviews = sorted(_by_others(pull, bots), key=lambda review: review.submitted)
    stood = (
        review.submitted
        for place, review in enumerate(reviews)
        if review.state == "approved" and not _withdrawn(review, reviews[place + 1 :], pull.merged)
    )
    first = next(stood, None)
    return first if first is None or pull.merged is None or first <= pull.merged else None


def _withdrawn(approval: ReviewRecord, later: Iterable[ReviewRecord], merged: datetime | None) -> bool:
    """Whether its author asked for changes afterwards and before the merge."""
    return any(
        review.state == "changes_requested"
        and review.author == approval.author
        and (merged is None or review.submitted <= merged)
        for review in later
    )


def _by_others(pull: PullRequestRecord, bots: Collection[str]) -> list[ReviewRecord]:
    """Reviews by neither the author nor a bot. A deleted reviewer is somebody, unless the author is deleted as well."""
    return [review for review in pull.reviews if review.author != pull.author and review.author not in bots]
