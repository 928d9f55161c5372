"""The pages' addresses."""

from __future__ import annotations

from django.urls import path

from dashboards.views import health, overview, team

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("", overview.overview, name="overview"),
    path("deliverables/", overview.overview, name="deliverables"),
    path("deliverables/<int:pk>/", overview.overview, name="deliverable"),
    path("teams/<slug:slug>/", team.team, name="team"),
]
