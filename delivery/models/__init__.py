"""Rows and their constraints."""

from delivery.models.code import Commit, Deployment, Incident, PullRequest, PullRequestItem, Repository, Review
from delivery.models.forecast import Forecast, ForecastOutcome
from delivery.models.plan import (
    CheckIn,
    Commitment,
    Deliverable,
    Goal,
    KeyResult,
    Scope,
    ScopedItem,
    SlipCause,
)
from delivery.models.source import Source, SourceKind, SourceSlice, Stage, StageMapping, SyncRun, TeamScope
from delivery.models.work import FieldChange, Kind, Sprint, Transition, WorkItem

__all__ = [
    "CheckIn",
    "Commit",
    "Commitment",
    "Deliverable",
    "Deployment",
    "FieldChange",
    "Forecast",
    "ForecastOutcome",
    "Goal",
    "Incident",
    "KeyResult",
    "Kind",
    "PullRequest",
    "PullRequestItem",
    "Repository",
    "Review",
    "Scope",
    "ScopedItem",
    "SlipCause",
    "Source",
    "SourceKind",
    "SourceSlice",
    "Sprint",
    "Stage",
    "StageMapping",
    "SyncRun",
    "TeamScope",
    "Transition",
    "WorkItem",
]
