"""Where somebody without a login is sent: a page to the login page, a part of a page to the login page as a whole.
What they had typed into a long form waits for them; a draft that is kept as one types does not leave its form."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final
from urllib.parse import urlencode

from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django_htmx.http import HttpResponseClientRedirect

from dashboards import typed

DRAFT: Final = "check_in_draft"
SIGNED_OUT: Final = (
    "You are signed out, and this is not kept as a draft. It stays here: go on, then publish it or save the draft, "
    "and you sign in first."
)


class LoginRequired(LoginRequiredMiddleware):
    """A table or list that asks again after the login ran out would show the login page inside itself: the browser
    leaves the page instead, and comes back to it.
    """

    def handle_no_permission(  # type: ignore[override]
        self, request: HttpRequest, view_func: Callable[..., Any]
    ) -> HttpResponse:
        typed.keep(request)
        if not request.htmx:  # type: ignore[attr-defined]
            return super().handle_no_permission(request, view_func)
        match = request.resolver_match
        if match is not None and match.url_name == DRAFT:
            return HttpResponse(render_to_string("check_in/_draft.html", {"error": SIGNED_OUT}))
        here = request.htmx.current_url_abs_path or "/"  # type: ignore[attr-defined]
        words = {self.get_redirect_field_name(view_func): here}
        return HttpResponseClientRedirect(f"{self.get_login_url(view_func)}?{urlencode(words)}")
