"""What pages, API and digest read, by noun; everything here only reads. Numbers come from ``delivery.core``."""

from delivery.queries.deployments import DoraNow, dora_of
from delivery.queries.items import (
    BlockedItem,
    OpenItem,
    blocked_items,
    flow_items,
    open_items,
    scope_items,
)
from delivery.queries.members import Member, members
from delivery.queries.pace import Pace, paces_of, usual_cycle_time
from delivery.queries.reviews import (
    ReviewTimes,
    WaitingReview,
    first_review_waits,
    merged_pull_requests,
    review_times,
    review_waits_of,
    waiting_reviews,
)

__all__ = [
    "BlockedItem",
    "DoraNow",
    "Member",
    "OpenItem",
    "Pace",
    "ReviewTimes",
    "WaitingReview",
    "blocked_items",
    "dora_of",
    "first_review_waits",
    "flow_items",
    "members",
    "merged_pull_requests",
    "open_items",
    "paces_of",
    "review_times",
    "review_waits_of",
    "scope_items",
    "usual_cycle_time",
    "waiting_reviews",
]
