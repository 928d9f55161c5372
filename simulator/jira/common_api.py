"""What both Jira sites answer alike."""

from __future__ import annotations

from simulator.jira import fields, users, words
from simulator.jira.call import Call, refusal
from simulator.records import Team
from simulator.web import Reply, json_reply

Parts = dict[str, str]


def myself(call: Call, parts: Parts) -> Reply:
    return json_reply(users.myself(call))


def statuses(call: Call, parts: Parts) -> Reply:
    return json_reply([words.status(call, status) for status in call.jira.world.statuses()])


def field_list(call: Call, parts: Parts) -> Reply:
    return json_reply(fields.catalogue(call.jira.cloud))


def issue_types(call: Call, parts: Parts) -> Reply:
    return json_reply([words.issue_type(call, name) for name in words.TYPES])


def project(call: Call, parts: Parts) -> Reply:
    team = call.project(parts["project"])
    if team is None:
        raise refusal(404, f"No project could be found with key '{parts['project']}'.")
    types = [words.issue_type(call, name) for name in words.TYPES]
    return json_reply(whole_project(call, team) | {"issueTypes": types, "versions": [], "components": []})


def whole_project(call: Call, team: Team) -> dict[str, object]:
    """A project as lists of projects show it."""
    lead = call.jira.person(team.lead)
    shown: dict[str, object] = {
        "expand": "description,lead,issueTypes,url,projectKeys,permissions,insight",
        **words.project(call, team),
        "lead": lead and users.user(call, lead),
        "archived": False,
    }
    return shown | ({"style": "classic", "isPrivate": False, "properties": {}} if call.jira.cloud else {})


def my_permissions(call: Call, parts: Parts) -> Reply:
    """What the asker may do in a project; a token sees all of it or nothing."""
    key = call.request.query.get("projectKey", "")
    if key and call.project(key) is None:
        raise refusal(404, f"No project could be found with key '{key}'.")
    names = [name for name in call.request.query.get("permissions", "BROWSE_PROJECTS").split(",") if name]
    rows = {name: {"id": str(n), "key": name, "name": name, "havePermission": True} for n, name in enumerate(names)}
    return json_reply({"permissions": rows})
