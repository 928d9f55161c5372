"""How people come in: an administrator invites them; nobody signs up, and nobody uses the demo's password."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.http import HttpRequest

DEMO_PASSWORD = "demo"  # noqa: S105 - the demo prints it


class InvitedOnly(DefaultAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def authenticate(self, request: HttpRequest, **credentials: Any) -> Any:
        if credentials.get("password") == DEMO_PASSWORD and not settings.DEMO:
            self.authentication_failed(request, **credentials)
            return None
        return super().authenticate(request, **credentials)
