"""Rows and their constraints."""

from delivery.models.accuracy import BacktestAnswer, CalibrationEffect
from delivery.models.action import Action, Scenario
from delivery.models.code import Commit, Deployment, Incident, PullRequest, PullRequestItem, Repository, Review
from delivery.models.forecast import Forecast, ForecastOutcome, GoalForecast, TeamOutlook
from delivery.models.meaning import DeploymentRule, KindRule, StageMapping
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
from delivery.models.release import Release, WorkflowRun
from delivery.models.risk import Risk, RiskEvent, RiskKind, RiskRule
from delivery.models.source import (
    Auth,
    HookDelivery,
    Missing,
    Source,
    SourceKind,
    SourceSlice,
    SyncRun,
    TeamScope,
)
from delivery.models.work import (
    Board,
    FieldChange,
    KeyAlias,
    Kind,
    Sprint,
    SprintItem,
    Stage,
    Transition,
    WorkItem,
    Worklog,
)

__all__ = [
    "BacktestAnswer",
    "CalibrationEffect",
    "Action",
    "Auth",
    "Board",
    "CheckIn",
    "Commit",
    "Commitment",
    "Deliverable",
    "Deployment",
    "DeploymentRule",
    "FieldChange",
    "Forecast",
    "ForecastOutcome",
    "Goal",
    "GoalForecast",
    "HookDelivery",
    "Incident",
    "KeyAlias",
    "KeyResult",
    "Kind",
    "KindRule",
    "Missing",
    "PullRequest",
    "PullRequestItem",
    "Release",
    "Repository",
    "Review",
    "Risk",
    "RiskEvent",
    "RiskKind",
    "RiskRule",
    "Scenario",
    "Scope",
    "ScopedItem",
    "SlipCause",
    "Source",
    "SourceKind",
    "SourceSlice",
    "Sprint",
    "SprintItem",
    "Stage",
    "StageMapping",
    "SyncRun",
    "TeamOutlook",
    "TeamScope",
    "Transition",
    "WorkItem",
    "WorkflowRun",
    "Worklog",
]
