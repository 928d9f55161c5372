"""What Jira's webhooks tell, of Cloud and Data Center alike. A payload may be old: it only says where to look (J34)."""

from __future__ import annotations

from collections.abc import Mapping

from delivery.connectors.hook import SCOPES, Dialect, Hint, Json, text

# Fires before other events and for more issues than changed; jira:issue_updated follows for what we keep.
UNREAD = ("jira:issue_property_set", "issue_property_set", "issue_property_deleted")


def event(headers: Mapping[str, str], payload: Json) -> str:
    return text(payload, "webhookEvent")


def hint(event: str, payload: Json) -> Hint | None:
    """What to read again; None for what Headway does not keep, or what a newer Jira calls by a new name."""
    name = event.removeprefix("jira:")
    family = name.partition("_")[0]
    if event in UNREAD:
        return None
    if family == "issue":
        return _issue(payload)
    if family == "issuelink":
        ids = (text(payload, "issueLink", end) for end in ("sourceIssueId", "destinationIssueId"))
        found = tuple(id for id in ids if id)
        return Hint("issues", ids=found) if found else None
    if family in ("sprint", "board"):
        return Hint("sprints")
    if family == "worklog":
        return Hint("worklogs")
    if family == "project":
        return _project(name, payload)
    return None


def _issue(payload: Json) -> Hint | None:
    """By its id, which stays when the issue moves (J15); its project is the one it is in now."""
    id = text(payload, "issue", "id")
    if not id:
        return None
    key = text(payload, "issue", "key").rpartition("-")[0]
    return Hint("issues", text(payload, "issue", "fields", "project", "key") or key, (id,))


def _project(name: str, payload: Json) -> Hint | None:
    key = text(payload, "project", "key")
    if name == "project_created":
        return Hint(SCOPES, key)
    return Hint("issues", key) if key else None


HOOKS = Dialect("x-atlassian-webhook-identifier", "x-hub-signature", event, hint)
