"""What pages, API and digest read, by noun; everything here only reads. Numbers come from ``delivery.core``."""

from delivery.queries.deployments import DoraNow, dora_of
from delivery.queries.items import (
    BlockedItem,
    OpenItem,
    blocked_items,
    cycle_times_of,
    finished_items,
    flow_items,
    oldest_in_progress,
    open_items,
    scope_items,
    usual_cycle_time,
    weekly_throughput,
)
from delivery.queries.members import Member, members
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
    "ReviewTimes",
    "WaitingReview",
    "blocked_items",
    "cycle_times_of",
    "dora_of",
    "finished_items",
    "first_review_waits",
    "flow_items",
    "members",
    "merged_pull_requests",
    "oldest_in_progress",
    "open_items",
    "review_times",
    "review_waits_of",
    "scope_items",
    "usual_cycle_time",
    "waiting_reviews",
    "weekly_throughput",
]
