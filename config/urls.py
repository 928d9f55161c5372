"""Every address, in one place."""

from __future__ import annotations

from django.conf import settings
from django.urls import include, path, re_path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.permissions import IsAuthenticated

from config.demo import mail_pages
from dashboards.api import urls as dashboards_api
from dashboards.views import errors
from dashboards.views.sign_in import sign_in
from delivery.api import hooks
from delivery.api import urls as delivery_api
from delivery.api.root import Root

urlpatterns = [
    path("accounts/login/", sign_in),
    path("accounts/email/", errors.address_kept),
    re_path(r"^accounts/confirm-email/(?:(?P<key>[-:\w]+)/)?$", errors.address_kept),
    path("accounts/", include("allauth.urls")),
    path("api/v1/", Root.as_view(lists=delivery_api.lists | dashboards_api.lists), name="api-root"),
    path("api/v1/", include(delivery_api)),
    path("api/v1/", include(dashboards_api)),
    path("api/schema/", SpectacularAPIView.as_view(permission_classes=[IsAuthenticated]), name="schema"),
    path(
        "api/docs/",
        SpectacularSwaggerSplitView.as_view(permission_classes=[IsAuthenticated], url_name="schema"),
        name="api",
    ),
    path("hooks/<str:kind>/<int:pk>/", hooks.hook, name="hook"),
    path("", include("dashboards.urls")),
]

if settings.DEMO:
    urlpatterns += [
        path("demo/mail/", mail_pages.mails, name="demo_mails"),
        path("demo/mail/<str:name>/", mail_pages.mail, name="demo_mail"),
    ]

handler400 = errors.bad_request
