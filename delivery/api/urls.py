"""Addresses of the REST API, below /api/v1/."""

from __future__ import annotations

from django.urls import path
from rest_framework.routers import SimpleRouter

from delivery.api import (
    action_views,
    bet_views,
    deliverable_views,
    goal_views,
    plan_views,
    risk_views,
    scenario_views,
    word_views,
    work_views,
)
from delivery.api.accuracy_views import Accuracy
from delivery.api.slip_views import Slips
from teams.api import views as team_views

router = SimpleRouter()
router.register("groups", team_views.Groups)
router.register("teams", team_views.Teams)
router.register("memberships", team_views.Memberships)
router.register("people", team_views.People)
router.register("goals", goal_views.Goals)
router.register("key-results", goal_views.KeyResults)
router.register("deliverables", deliverable_views.Deliverables)
router.register("actions", action_views.Actions)
router.register("bets", bet_views.Bets)
router.register("scenarios", scenario_views.Scenarios)
router.register("commitments", word_views.Commitments)
router.register("check-ins", word_views.CheckIns)
router.register("plan-changes", plan_views.PlanChanges)
router.register("forecasts", plan_views.Forecasts)
router.register("risks", risk_views.Risks)
router.register("work-items", work_views.WorkItems)
router.register("pull-requests", work_views.PullRequests)
router.register("reviews", work_views.Reviews)
router.register("deployments", work_views.Deployments)
router.register("incidents", work_views.Incidents)
router.register("sources", work_views.Sources)
router.register("sync-runs", work_views.SyncRuns)

lists = {name: f"{route}-list" for name, _, route in router.registry}
lists |= {"accuracy": "accuracy-api", "slips": "slips-api"}
urlpatterns = [
    path("accuracy/", Accuracy.as_view(), name="accuracy-api"),
    path("slips/", Slips.as_view(), name="slips-api"),
    *router.urls,
]
