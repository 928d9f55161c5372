"""Rows and their constraints."""

from delivery.models.accuracy import BacktestAnswer, CalibrationEffect
from delivery.models.action import Action, ActionEvent, Scenario
from delivery.models.bet import Bet
from delivery.models.check_in import CheckIn, CheckInDraft
from delivery.models.code import Commit, Deployment, Incident, PullRequest, PullRequestItem, Repository, Review
from delivery.models.commitment import Commitment, SlipCause
from delivery.models.forecast import Forecast, ForecastOutcome, GoalForecast, TeamOutlook
from delivery.models.goal import Goal, KeyResult, KeyResultValue
from delivery.models.meaning import DeploymentRule, KindRule, StageMapping
from delivery.models.plan import Deliverable, Scope, ScopedItem, ScopeMatch
from delivery.models.plan_change import PlanChange
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
    "ActionEvent",
    "Auth",
    "Bet",
    "Board",
    "CheckIn",
    "CheckInDraft",
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
    "KeyResultValue",
    "Kind",
    "KindRule",
    "Missing",
    "PlanChange",
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
    "ScopeMatch",
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
