"""Addresses of the digest below /api/v1/."""

from __future__ import annotations

from rest_framework.routers import SimpleRouter

from dashboards.api.views import DigestIssues

router = SimpleRouter()
router.register("digest-issues", DigestIssues)
urlpatterns = router.urls
lists = {name: f"{route}-list" for name, _, route in router.registry}
