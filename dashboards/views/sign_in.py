"""The way in: by address and password; in the demo also by one click."""

from __future__ import annotations

from typing import Any

from allauth.account.views import LoginView
from django.conf import settings
from django.contrib.auth.decorators import login_not_required

DEMO_LOGINS = tuple(f"{role}@example.test" for role in ("director", "manager", "engineer", "executive", "admin"))


class SignIn(LoginView):  # type: ignore[misc]
    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return context | {"demo_logins": DEMO_LOGINS if settings.DEMO else ()}


sign_in = login_not_required(SignIn.as_view())
