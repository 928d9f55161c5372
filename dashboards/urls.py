"""The pages' addresses."""

from __future__ import annotations

from django.urls import path

from dashboards.views import deliverables, health, overview, person, source_oauth, sources, team

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("", overview.overview, name="overview"),
    path("deliverables/", deliverables.deliverables, name="deliverables"),
    path("deliverables/<int:pk>/", deliverables.deliverable, name="deliverable"),
    path("teams/<slug:slug>/", team.team, name="team"),
    path("sources/", sources.sources, name="sources"),
    path("sources/<int:pk>/read/", sources.source_read, name="source_read"),
    path("sources/oauth/start/", source_oauth.source_oauth_start, name="source_oauth_start"),
    path("sources/oauth/callback/", source_oauth.source_oauth_callback, name="source_oauth_callback"),
    path("people/me/", person.me, name="me"),
    path("people/<int:pk>/", person.person, name="person"),
]
