"""Rows of the digest: who gets it, what was told to whom, how it was handed over, and what was told at once."""

from dashboards.models.alert import Alert
from dashboards.models.delivery import Delivery
from dashboards.models.issue import DigestIssue
from dashboards.models.subscription import Subscription

__all__ = ["Alert", "Delivery", "DigestIssue", "Subscription"]
