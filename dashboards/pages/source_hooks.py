"""Webhooks of a source: where they go, which events to tick, and what was heard."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from django.conf import settings

from dashboards.pages.source_runs import when
from delivery import hooks
from delivery.models import Auth, Source, SourceKind

STEPS: Final = {
    SourceKind.JIRA: (
        "In Jira open Settings, System, WebHooks, and choose “Create a WebHook”. It takes a Jira administrator.",
        "Paste the address as URL and the secret as Secret.",
        "As JQL enter the line below, so that Jira tells of nothing else.",
        "Tick the events below, leave the rest, and choose Create.",
    ),
    SourceKind.GITHUB: (
        "In GitHub open the organisation's (or one repository's) Settings, Webhooks, and choose “Add webhook”.",
        "Paste the address as Payload URL, choose application/json as content type, and paste the secret.",
        "Choose “Let me select individual events”, tick those below, leave the rest, and choose “Add webhook”.",
    ),
}
EVENTS: Final = {
    SourceKind.JIRA: (
        "Issue: created, updated, deleted",
        "Sprint: created, updated, started, closed, deleted",
        "Board: created, updated, deleted, configuration changed",
    ),
    SourceKind.GITHUB: (
        "Pull requests",
        "Pull request reviews",
        "Issues",
        "Deployments",
        "Deployment statuses",
        "Releases",
        "Branch or tag creation",
        "Workflow runs",
        "Repositories",
    ),
}
WORKLOGS: Final = "Worklog: created, updated, deleted"
OAUTH: Final = "OAuth could only set up webhooks that end after 30 days, so an administrator makes this one by hand."
MOST: Final = 40  # projects in a line of JQL that is worth pasting


@dataclass(frozen=True, slots=True)
class Hooks:
    """``secret``: only right after it was made; nothing shows it again. ``local``: the source cannot reach us."""

    made: bool
    heard: str
    url: str
    secret: str
    steps: tuple[str, ...]
    jql: str
    events: tuple[str, ...]
    note: str
    local: bool


def page(source: Source, *, now: datetime, zone: ZoneInfo, secret: str = "") -> Hooks:
    kind = SourceKind(source.kind)
    jql = _jql(source) if kind == SourceKind.JIRA else ""
    return Hooks(
        made=bool(source.hook_secret),
        heard=when(source.hook_heard, now, zone) if source.hook_heard else "",
        url=f"{settings.PUBLIC_URL}{hooks.path_of(source)}",
        secret=secret,
        steps=tuple(line for line in STEPS[kind] if jql or "JQL" not in line),
        jql=jql,
        events=EVENTS[kind] + ((WORKLOGS,) if source.worklogs and kind == SourceKind.JIRA else ()),
        note=OAUTH if source.auth == Auth.OAUTH else "",
        local=settings.PUBLIC_URL.split("//")[-1].split(":")[0] in ("127.0.0.1", "localhost"),
    )


def _jql(source: Source) -> str:
    if not source.scopes or len(source.scopes) > MOST or source.patterns:
        return ""
    keys = ", ".join(f'"{scope}"' for scope in source.scopes)  # a key may be a word of JQL
    return f"project in ({keys})"
