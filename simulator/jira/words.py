"""Statuses, issue types, projects, sprints: the small nouns that an issue's JSON is made of."""

from __future__ import annotations

from simulator.jira.call import Call
from simulator.jira.dates import stamp, zulu
from simulator.records import Sprint, Status, Team

# type: id, level in the hierarchy
TYPES = {
    "Epic": (10_000, 1),
    "Story": (10_001, 0),
    "Task": (10_002, 0),
    "Bug": (10_004, 0),
    "Experiment": (10_005, 0),
    "Incident": (10_006, 0),
    "Sub-task": (10_003, -1),
}
# key: id, colour, name
CATEGORIES = {
    "undefined": (1, "medium-gray", "No Category"),
    "new": (2, "blue-gray", "To Do"),
    "indeterminate": (4, "yellow", "In Progress"),
    "done": (3, "green", "Done"),
}


def category(call: Call, key: str) -> dict[str, object]:
    id, colour, name = CATEGORIES[key]
    return {"self": f"{call.api}/statuscategory/{id}", "id": id, "key": key, "colorName": colour, "name": name}


def status(call: Call, status: Status) -> dict[str, object]:
    return {
        "self": f"{call.api}/status/{status.id}",
        "description": "",
        "iconUrl": f"{call.request.base}/images/icons/statuses/generic.png",
        "name": status.name,
        **({"untranslatedName": status.name} if call.jira.cloud else {}),
        "id": status.id,
        "statusCategory": category(call, status.category),
    }


def issue_type(call: Call, name: str) -> dict[str, object]:
    id, level = TYPES.get(name, (10_099, 0))
    return {
        "self": f"{call.api}/issuetype/{id}",
        "id": str(id),
        "description": "",
        "iconUrl": f"{call.api}/universal_avatar/view/type/issuetype/avatar/{id}?size=medium",
        "name": name,
        **({"untranslatedName": name} if call.jira.cloud else {}),
        "subtask": level < 0,
        "avatarId": id,
        **({"hierarchyLevel": level} if call.jira.cloud else {}),
    }


def priority(call: Call) -> dict[str, object]:
    icon = f"{call.request.base}/images/icons/priorities/medium.svg"
    return {"self": f"{call.api}/priority/3", "iconUrl": icon, "name": "Medium", "id": "3"}


def resolution(call: Call, name: str) -> dict[str, object]:
    """What came of a resolved issue: Done, or the status that says why not."""
    id = "10000" if name == "Done" else "10001"
    return {"self": f"{call.api}/resolution/{id}", "id": id, "description": "", "name": name}


def project(call: Call, team: Team) -> dict[str, object]:
    """The short form, as in an issue."""
    id, base = call.jira.project_id(team.project), call.request.base
    return {
        "self": f"{call.api}/project/{id}",
        "id": id,
        "key": team.project,
        "name": team.name,
        "projectTypeKey": "software",
        **({"simplified": False} if call.jira.cloud else {}),
        "avatarUrls": {"48x48": f"{base}/secure/projectavatar?pid={id}"},
    }


def sprint(call: Call, sprint: Sprint) -> object:
    """A sprint in an issue's field: an object on Cloud, the text of a Java object on Data Center (J21)."""
    if not call.jira.cloud:
        return sprint_text(call, sprint)
    dates = {"startDate": sprint.start, "endDate": sprint.end, "completeDate": sprint.completed}
    return {
        "id": sprint.id,
        "name": sprint.name,
        "state": sprint.state,
        "boardId": sprint.board_id,
        "goal": sprint.goal,
        **{name: zulu(when) for name, when in dates.items() if when},
    }


def sprint_text(call: Call, sprint: Sprint) -> str:
    dates = {"startDate": sprint.start, "endDate": sprint.end, "completeDate": sprint.completed}
    texts = {name: offset_text(stamp(when, call.zone) if when else None) for name, when in dates.items()}
    parts = {
        "id": sprint.id,
        "rapidViewId": sprint.board_id,
        "state": sprint.state.upper(),
        "name": sprint.name,
        **texts,
        "activatedDate": texts["startDate"],
        "sequence": sprint.id,
        "goal": sprint.goal,
    }
    inside = ",".join(f"{name}={value}" for name, value in parts.items())
    return f"com.atlassian.greenhopper.service.sprint.Sprint@{sprint.id * 7919:x}[{inside}]"


def offset_text(text: str | None) -> str:
    """Data Center's sprints write the offset with a colon, and a missing date as ``<null>`` (J14)."""
    return f"{text[:-2]}:{text[-2:]}" if text else "<null>"


def version(call: Call, name: str) -> dict[str, object]:
    id = str(sum(name.encode()) + 10_000)
    return {
        "self": f"{call.api}/version/{id}",
        "id": id,
        "description": "",
        "name": name,
        "archived": False,
        "released": False,
    }


def component(call: Call, name: str) -> dict[str, object]:
    id = str(sum(name.encode()) + 20_000)
    return {"self": f"{call.api}/component/{id}", "id": id, "name": name}
