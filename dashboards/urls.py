"""The pages' addresses."""

from __future__ import annotations

from django.urls import path

from dashboards.views import (
    accuracy,
    deliverables,
    health,
    meanings,
    overview,
    person,
    source,
    source_edit,
    source_new,
    source_oauth,
    sources,
    team,
)

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("", overview.overview, name="overview"),
    path("deliverables/", deliverables.deliverables, name="deliverables"),
    path("deliverables/<int:pk>/", deliverables.deliverable, name="deliverable"),
    path("accuracy/", accuracy.accuracy, name="accuracy"),
    path("teams/<slug:slug>/", team.team, name="team"),
    path("sources/", sources.sources, name="sources"),
    path("sources/new/", source_new.source_new, name="source_new"),
    path("sources/new/sign-in/", source_new.source_new_sign_in, name="source_new_sign_in"),
    path("sources/new/scopes/", source_new.source_new_scopes, name="source_new_scopes"),
    path("sources/new/scopes/shown/", source_new.source_new_shown, name="source_new_shown"),
    path("sources/new/history/", source_new.source_new_history, name="source_new_history"),
    path("sources/new/forget/", source_new.source_new_forget, name="source_new_forget"),
    path("sources/<int:pk>/", source.source, name="source"),
    path("sources/<int:pk>/first/", source.source_first, name="source_first"),
    path("sources/<int:pk>/pause/", source.source_pause, name="source_pause"),
    path("sources/<int:pk>/resume/", source.source_resume, name="source_resume"),
    path("sources/<int:pk>/resync/", source.source_resync, name="source_resync"),
    path("sources/<int:pk>/parts/<int:part>/retry/", source.source_retry, name="source_retry"),
    path("sources/<int:pk>/parts/<int:part>/accept/", source.source_accept, name="source_accept"),
    path("sources/<int:pk>/hook/", source.source_hook, name="source_hook"),
    path("sources/<int:pk>/edit/", source_edit.source_edit, name="source_edit"),
    path("sources/<int:pk>/statuses/", meanings.source_statuses, name="source_statuses"),
    path("sources/<int:pk>/kinds/", meanings.source_kinds, name="source_kinds"),
    path("sources/<int:pk>/deployments/", meanings.source_deployments, name="source_deployments"),
    path("sources/<int:pk>/token/", source_edit.source_token, name="source_token"),
    path("sources/<int:pk>/disconnect/", source_edit.source_disconnect, name="source_disconnect"),
    path("sources/<int:pk>/read/", sources.source_read, name="source_read"),
    path("sources/oauth/start/", source_oauth.source_oauth_start, name="source_oauth_start"),
    path("sources/oauth/callback/", source_oauth.source_oauth_callback, name="source_oauth_callback"),
    path("people/me/", person.me, name="me"),
    path("people/<int:pk>/", person.person, name="person"),
]
