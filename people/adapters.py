"""How people come in: an administrator invites them; nobody signs up, and nobody uses the demo's password."""

from __future__ import annotations

import logging
from smtplib import SMTPException
from typing import Any, ClassVar

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context as request_context
from allauth.core.exceptions import ImmediateHttpResponse
from django.conf import settings
from django.http import HttpRequest
from django.shortcuts import render

DEMO_PASSWORD = "demo"  # noqa: S105 - the demo prints it

log = logging.getLogger(__name__)


class InvitedOnly(DefaultAccountAdapter):  # type: ignore[misc]
    error_messages: ClassVar[dict[str, Any]] = DefaultAccountAdapter.error_messages | {
        "email_password_mismatch": "This address and this password do not belong together. "
        "Check both, or choose a new password with “Forgot the password?”.",
        "too_many_login_attempts": "Too many wrong passwords. Wait five minutes and try again.",
        "enter_current_password": "This is not the password you have now. Type the one you signed in with.",
        "incorrect_password": "This is not your password. Type the one you signed in with.",
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def authenticate(self, request: HttpRequest, **credentials: Any) -> Any:
        if credentials.get("password") == DEMO_PASSWORD and not settings.DEMO:
            self.authentication_failed(request, **credentials)
            return None
        return super().authenticate(request, **credentials)

    def format_email_subject(self, subject: str) -> str:
        return subject

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Known address or not, the answer is the same; a mail server that fails is said, not hidden."""
        try:
            super().send_mail(template_prefix, email, context)
        except (OSError, SMTPException) as error:
            log.exception("A mail could not be sent")
            raise ImmediateHttpResponse(render(request_context.request, "gate/no_mail.html", status=503)) from error
