"""Connecting a source, step by step. What was typed survives every error, every way back and an expired login."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

from django.contrib import messages
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django_htmx.http import HttpResponseClientRedirect

from dashboards import typed
from dashboards.forms.connect import SECRETS, Choose, History, SignIn
from dashboards.pages import source_connecting, source_draft, source_picks, source_wizard
from dashboards.pages.source_draft import Draft
from dashboards.pages.source_picks import Picks
from dashboards.pages.sources import asked
from dashboards.views.managed import managed
from dashboards.views.queued import later_if_away
from dashboards.views.source_oauth import consent_of, forget_consent
from delivery import tasks
from delivery.connectors.contract import ConnectorError
from delivery.models import Auth

RAN_OUT = "Your login or the hour for this had run out. What you typed is still here: look at it and send it again."
OTHER_TAB = (
    "You began to connect another source in another tab; this is how far that one is. Nothing of it was changed."
)
TOO_LATE = "A source that is being connected is kept for an hour. Choose again; what you typed last waits on its step."
Errors = Mapping[str, Any]  # the texts of each field
View = Callable[..., HttpResponse]


def step(view: View) -> View:
    """A step that may not be open yet leads to the one that is."""

    @wraps(view)
    @managed
    def opened(request: HttpRequest) -> HttpResponse:
        draft = source_draft.of(request.user)  # type: ignore[arg-type]
        here, sent = view.__name__, request.POST.get("draft", "")
        if sent and sent != draft.id and (made := source_draft.made_of(sent)) is not None:
            return _leave(request, "source_first", made)
        if sent and draft.id and sent != draft.id:
            messages.warning(request, OTHER_TAB)
            return _leave(request, source_wizard.reached(draft))
        if not source_wizard.may_open(here, draft):
            if request.method == "POST" and draft == Draft():
                typed.keep(request)
                messages.warning(request, TOO_LATE)
            return _leave(request, source_wizard.reached(draft))
        return view(request, draft)

    return opened


def _leave(request: HttpRequest, name: str, *where: int) -> HttpResponse:
    """To another page as a whole, also where only a part of this one was asked for."""
    if request.htmx:  # type: ignore[attr-defined]
        return HttpResponseClientRedirect(reverse(name, args=where))
    return redirect(name, *where)


@step
def source_new(request: HttpRequest, draft: Draft) -> HttpResponse:
    """Which tool, and how to sign in there. Another way than before is checked anew."""
    data = typed.posted(request)
    form = Choose(data or {"way": request.GET.get("way", draft.way)})
    if request.method != "POST" or not form.is_valid():
        return _show(request, "source_new", draft, form.data, form.errors if data else {})
    way = form.cleaned_data["way"]
    if way != draft.way:
        draft = source_connecting.begin(request.user, draft, way)
    return redirect("source_new_sign_in")


@step
def source_new_sign_in(request: HttpRequest, draft: Draft) -> HttpResponse:
    """The address and the credentials: kept, checked, and what they may see looked up."""
    data = typed.posted(request)
    way = draft.how
    if way is None:
        return redirect("source_new")
    if data is None:
        return _show(request, "source_new_sign_in", draft)
    if way.auth == Auth.OAUTH:
        draft = source_connecting.allow(request.user, draft, consent_of(request), data.get("url", ""))
    form = SignIn(way, data, kept=draft.kept)
    valid = form.is_valid()
    sent = data.dict()
    given: dict[str, str] = {
        name: str(sent[name]) for name in ("name", "url", "email", "app_id", "installation") if name in sent
    }
    if "name" in form.errors:
        given.pop("name", None)  # what cannot be its name must not become it on another way through the steps
    new = {name: str(sent[name]).strip() for name in SECRETS if str(sent.get(name, "")).strip()}
    draft = source_connecting.enter(request.user, draft, given, new)
    errors: Errors = form.errors
    if request.method == "POST" and valid:
        try:
            source_connecting.check(request.user, draft)
            return redirect("source_new_scopes")
        except ConnectorError as error:
            errors = {source_connecting.field_of(error, way): [str(error)]}
    return _show(request, "source_new_sign_in", draft, data, errors)


@step
def source_new_scopes(request: HttpRequest, draft: Draft) -> HttpResponse:
    """What to read: chosen from the list, by patterns, or both."""
    data = typed.posted(request)
    found = source_connecting.found(request.user, draft)
    if isinstance(found, ConnectorError):
        messages.error(request, str(found))
        return redirect("source_new_sign_in")
    if data is not None:
        draft = _chosen(request, draft, data)
    errors: Errors = {}
    if request.method == "POST":
        if draft.scopes or draft.patterns:
            return redirect("source_new_history")
        errors = {"scopes": ["Choose at least one, or enter a pattern such as DATA* or acme/*."]}
    return _show(request, "source_new_scopes", draft, data, errors, _picks(draft, data, request))


@step
def source_new_shown(request: HttpRequest, draft: Draft) -> HttpResponse:
    """The list as it is searched, with all that fit chosen or none, where that button was pressed."""
    data = typed.posted(request)
    if data is None:
        return redirect("source_new_scopes")
    draft = _chosen(request, draft, data)
    mark = data.get("mark", "")
    if mark in ("all", "none"):
        draft = source_connecting.mark(request.user, draft, data.get("search", ""), every=mark == "all")
    picks = _picks(draft, data, request)
    if not request.htmx:  # type: ignore[attr-defined]
        return _show(request, "source_new_scopes", draft, data, {}, picks)
    return render(request, "sources/new/_picks.html", {"picks": picks})


@step
def source_new_history(request: HttpRequest, draft: Draft) -> HttpResponse:
    """How far back, and what share of the quota; then it is connected and reading begins."""
    data = typed.posted(request)
    if data is None:
        return _show(request, "source_new_history", draft)
    form = History(data)
    if request.method != "POST" or not form.is_valid():
        return _show(request, "source_new_history", draft, data, form.errors)
    draft = source_draft.keep(request.user, draft, **form.cleaned_data)  # type: ignore[arg-type]
    try:
        made = source_connecting.connect_once(draft, timezone.localdate())
    except ConnectorError as error:
        return _show(request, "source_new_history", draft, data, {"window": [str(error)]})
    source_draft.forget(request.user)  # type: ignore[arg-type]
    forget_consent(request)
    with later_if_away():
        if cache.add(asked(made), True, 60):  # seconds in which the list waits for a worker to begin
            tasks.read_now.delay(source_id=made)
    return redirect("source_first", made)


@managed
def source_new_forget(request: HttpRequest) -> HttpResponse:
    """Begin anew: the draft and the secrets in it go at once."""
    if request.method == "POST":
        source_draft.forget(request.user)  # type: ignore[arg-type]
        forget_consent(request)
        messages.info(request, "Nothing was connected, and what was typed is forgotten.")
    return redirect("sources" if request.method == "POST" else "source_new")


def _chosen(request: HttpRequest, draft: Draft, data: QueryDict) -> Draft:
    """The draft with what was ticked; what the search had hidden stays as it was."""
    shown, ticked = set(data.getlist("shown")), data.getlist("scope")
    scopes = dict.fromkeys([one for one in draft.scopes if one not in shown] + ticked)
    patterns = source_picks.split(data.get("patterns", ""))
    return source_draft.keep(request.user, draft, scopes=tuple(scopes), patterns=patterns)  # type: ignore[arg-type]


def _picks(draft: Draft, data: QueryDict | None, request: HttpRequest) -> Picks | None:
    found = source_draft.found(request.user)  # type: ignore[arg-type]
    if found is None or draft.how is None:
        return None
    search = (data or request.GET).get("search", "")
    return source_picks.picks(draft.how.kind, found, draft.scopes, draft.patterns, search)


def _show(
    request: HttpRequest,
    here: str,
    draft: Draft,
    data: Any = None,
    errors: Errors | None = None,
    picks: Picks | None = None,
) -> HttpResponse:
    if request.method == "GET" and data and here != "source_new":
        messages.warning(request, RAN_OUT)
    picks = picks or (_picks(draft, None, request) if draft.checked else None)
    values = data.dict() if isinstance(data, QueryDict) else data
    now, oauth = timezone.now(), source_connecting.oauth_is_set_up()
    allowed = consent_of(request) if draft.how and draft.how.auth == Auth.OAUTH else None
    sites = [(one.url, one.name) for one in allowed.resources] if allowed else []
    page = source_wizard.wizard(
        here, draft, now=now, values=values, errors=errors, picks=picks, oauth=oauth, sites=sites
    )
    return render(request, "sources/new/wizard.html", {"page": page})
