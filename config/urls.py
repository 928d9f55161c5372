"""Every address, in one place."""

from __future__ import annotations

from django.urls import include, path, re_path

from dashboards.views import errors
from dashboards.views.sign_in import sign_in

urlpatterns = [
    path("accounts/login/", sign_in),
    path("accounts/email/", errors.address_kept),
    re_path(r"^accounts/confirm-email/(?:(?P<key>[-:\w]+)/)?$", errors.address_kept),
    path("accounts/", include("allauth.urls")),
    path("", include("dashboards.urls")),
]
