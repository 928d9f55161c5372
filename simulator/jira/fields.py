"""The catalogue of fields; custom ids and names differ between the two sites, as they do between real ones."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CustomIds:
    """Where a site keeps what is no system field of Jira."""

    points: str
    sprint: str
    epic: str
    flagged: str
    rank: str


CLOUD = CustomIds(
    points="customfield_10016",
    sprint="customfield_10020",
    epic="customfield_10014",
    flagged="customfield_10021",
    rank="customfield_10019",
)
DATACENTER = CustomIds(
    points="customfield_10106",
    sprint="customfield_10105",
    epic="customfield_10101",
    flagged="customfield_10200",
    rank="customfield_10100",
)

# id, name, type, items of an array
SYSTEM = (
    ("summary", "Summary", "string", ""),
    ("description", "Description", "string", ""),
    ("issuetype", "Issue Type", "issuetype", ""),
    ("project", "Project", "project", ""),
    ("status", "Status", "status", ""),
    ("statusCategory", "Status Category", "statusCategory", ""),
    ("statuscategorychangedate", "Status Category Changed", "datetime", ""),
    ("priority", "Priority", "priority", ""),
    ("resolution", "Resolution", "resolution", ""),
    ("resolutiondate", "Resolved", "datetime", ""),
    ("created", "Created", "datetime", ""),
    ("updated", "Updated", "datetime", ""),
    ("duedate", "Due date", "date", ""),
    ("reporter", "Reporter", "user", ""),
    ("creator", "Creator", "user", ""),
    ("assignee", "Assignee", "user", ""),
    ("labels", "Labels", "array", "string"),
    ("components", "Components", "array", "component"),
    ("fixVersions", "Fix versions", "array", "version"),
    ("issuelinks", "Linked Issues", "array", "issuelinks"),
    ("subtasks", "Sub-tasks", "array", "issuelinks"),
)
CLAUSES = {
    "issuetype": ["issuetype", "type"],
    "created": ["created", "createdDate"],
    "updated": ["updated", "updatedDate"],
    "duedate": ["due", "duedate"],
    "resolutiondate": ["resolutiondate", "resolved"],
    "components": ["component"],
    "fixVersions": ["fixVersion"],
}
GREENHOPPER = "com.pyxis.greenhopper.jira"
BASIC = "com.atlassian.jira.plugin.system.customfieldtypes"


def custom_ids(cloud: bool) -> CustomIds:
    return CLOUD if cloud else DATACENTER


def catalogue(cloud: bool) -> list[dict[str, object]]:
    """The answer of ``/field``."""
    ids = custom_ids(cloud)
    points = (
        ("Story point estimate", f"{GREENHOPPER}:jsw-story-points") if cloud else ("Story Points", f"{BASIC}:float")
    )
    sprint = ("array", "json" if cloud else "string")
    custom = [
        custom_field(ids.points, points[0], ("number", ""), points[1], cloud),
        custom_field(ids.sprint, "Sprint", sprint, f"{GREENHOPPER}:gh-sprint", cloud),
        custom_field(ids.epic, "Epic Link", ("any", ""), f"{GREENHOPPER}:gh-epic-link", cloud),
        custom_field(ids.flagged, "Flagged", ("array", "option"), f"{BASIC}:multicheckboxes", cloud),
        custom_field(ids.rank, "Rank", ("any", ""), f"{GREENHOPPER}:gh-lexo-rank", cloud),
    ]
    parent = {
        "id": "parent",
        "key": "parent",
        "name": "Parent",
        "custom": False,
        "orderable": False,
        "navigable": True,
        "searchable": False,
        "clauseNames": ["parent"],
    }
    return [system_field(*row, cloud=cloud) for row in SYSTEM] + ([parent] if cloud else []) + custom


def system_field(id: str, name: str, type: str, items: str, *, cloud: bool) -> dict[str, object]:
    schema: dict[str, object] = {"type": type, "system": id}
    if items:
        schema["items"] = items
    return described(id, name, CLAUSES.get(id, [id]), schema, cloud)


def custom_field(id: str, name: str, type: tuple[str, str], custom: str, cloud: bool) -> dict[str, object]:
    number = id.removeprefix("customfield_")
    schema: dict[str, object] = {"type": type[0], "custom": custom, "customId": int(number)}
    if type[1]:
        schema["items"] = type[1]
    field = described(id, name, [f"cf[{number}]", name], schema, cloud)
    return field | ({"untranslatedName": name} if cloud else {})


def described(id: str, name: str, clauses: list[str], schema: dict[str, object], cloud: bool) -> dict[str, object]:
    return {
        "id": id,
        **({"key": id} if cloud else {}),
        "name": name,
        "custom": "custom" in schema,
        "orderable": True,
        "navigable": True,
        "searchable": True,
        "clauseNames": clauses,
        "schema": schema,
    }
