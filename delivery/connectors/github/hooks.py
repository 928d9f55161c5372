"""What GitHub's webhooks tell. Actions are hardly looked at: new ones appear, and each says the same: look again."""

from __future__ import annotations

from collections.abc import Mapping

from delivery.connectors.hook import SCOPES, Dialect, Hint, Json, text

# Events of which the slice as a whole is looked through for what changed lately.
WHOLE = {
    "deployment": "deployments",
    "deployment_status": "deployments",
    "release": "releases",
    "workflow_run": "workflows",
}
REVIEWED = ("pull_request", "pull_request_review", "pull_request_review_thread")
TAGS = "refs/tags/"


def event(headers: Mapping[str, str], payload: Json) -> str:
    return headers.get("x-github-event", "")


def hint(event: str, payload: Json) -> Hint | None:
    """What to read again; None for what Headway does not keep, or what a newer GitHub calls by a new name."""
    scope = text(payload, "repository", "full_name")
    if event in ("installation_repositories", "installation"):
        return Hint(SCOPES)
    if not scope:
        return None
    if event in REVIEWED:
        number = text(payload, "pull_request", "number")
        return Hint("pulls", scope, (number,)) if number else None
    if event == "issues":
        number = text(payload, "issue", "number")
        return Hint("issues", scope, (f"{scope}#{number}",)) if number else None
    if event == "repository":
        return _repository(scope, payload)
    if event in WHOLE:
        return Hint(WHOLE[event], scope)
    return Hint("releases", scope) if _is_tag(event, payload) else None


def _is_tag(event: str, payload: Json) -> bool:
    if event == "push":
        return text(payload, "ref").startswith(TAGS)
    return event in ("create", "delete") and text(payload, "ref_type") == "tag"


def _repository(scope: str, payload: Json) -> Hint:
    """A repository that has another name or owner is known here by its former one, which leads there (G10)."""
    if text(payload, "action") == "created":
        return Hint(SCOPES, scope)
    owner, _, name = scope.partition("/")
    former = text(payload, "changes", "repository", "name", "from")
    giver = text(payload, "changes", "owner", "from", "user", "login")
    giver = giver or text(payload, "changes", "owner", "from", "organization", "login")
    return Hint("pulls", f"{giver or owner}/{former or name}")


HOOKS = Dialect("x-github-delivery", "x-hub-signature-256", event, hint)
