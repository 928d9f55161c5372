"""Which custom fields a site keeps its points, sprints, flags and epics in: ids differ by site, names by language."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

GREENHOPPER = "com.pyxis.greenhopper.jira:"
CUSTOM = {
    GREENHOPPER + "jsw-story-points": "points",
    GREENHOPPER + "gh-sprint": "sprint",
    GREENHOPPER + "gh-epic-link": "epic_link",
    GREENHOPPER + "gh-epic-label": "epic_name",
}
# Company-managed points are a plain number and the flag plain check boxes (J20): only their names tell them.
NAMED = {
    "com.atlassian.jira.plugin.system.customfieldtypes:float": {"story points": "points"},
    "com.atlassian.jira.plugin.system.customfieldtypes:multicheckboxes": {"flagged": "flagged"},
}
SYSTEM = (
    "summary",
    "status",
    "issuetype",
    "created",
    "updated",
    "resolutiondate",
    "reporter",
    "assignee",
    "parent",
    "labels",
    "components",
    "fixVersions",
    "issuelinks",
)
# The names changelog items carry for what we follow, where they carry no field id (D2).
ITEM_KINDS = {
    "status": "status",
    "issuekey": "key",
    "Key": "key",
    "parent": "parent",
    "Parent": "parent",
    "Parent Issue": "parent",
    "IssueParentAssociation": "parent",
    "Epic Link": "parent",
    "Sprint": "sprint",
    "Flagged": "flagged",
}
CHANGES = {"sprint": "sprint", "flagged": "flagged", "epic_link": "parent", "points": "points"}


@dataclass(frozen=True, slots=True)
class Fields:
    """Ids of custom fields, most trusted first. ``item_kinds``: what a changelog item's field id or name is about."""

    points: tuple[str, ...] = ()
    sprint: tuple[str, ...] = ()
    epic_link: tuple[str, ...] = ()
    epic_name: tuple[str, ...] = ()
    flagged: tuple[str, ...] = ()
    item_kinds: tuple[tuple[str, str], ...] = tuple(ITEM_KINDS.items())

    @property
    def asked(self) -> list[str]:
        """What to ask of a search: named, never ``*all`` (J5)."""
        return [*SYSTEM, *self.points, *self.sprint, *self.epic_link, *self.epic_name, *self.flagged]


def discover(catalogue: Iterable[dict[str, Any]], points_field: str = "", estimated: Iterable[str] = ()) -> Fields:
    """The fields of a site from ``/field``.

    ``points_field`` is an administrator's own choice: then no other counts. ``estimated`` are what boards estimate in,
    for a site whose catalogue does not tell (J20).
    """
    chosen = [points_field] if points_field else list(estimated)
    found: dict[str, list[str]] = {"points": list(chosen)}
    kinds = dict(ITEM_KINDS) | dict.fromkeys(chosen, "points")
    for field in catalogue:
        if not field or not field.get("id"):
            continue
        purpose = "points" if field["id"] in chosen else _purpose(field)
        if not purpose or (purpose == "points" and chosen and field["id"] not in chosen):
            continue
        found.setdefault(purpose, []).append(field["id"])
        if purpose in CHANGES:
            kinds[field["id"]] = kinds[field.get("name") or field["id"]] = CHANGES[purpose]
    lists = {purpose: tuple(dict.fromkeys(ids)) for purpose, ids in found.items()}
    return Fields(**lists, item_kinds=tuple(kinds.items()))


def _purpose(field: dict[str, Any]) -> str:
    custom = (field.get("schema") or {}).get("custom") or ""
    if custom in CUSTOM:
        return CUSTOM[custom]
    names = NAMED.get(custom, {})
    words = ((field.get(name) or "").casefold() for name in ("untranslatedName", "name"))
    return next((names[word] for word in words if word in names), "")
