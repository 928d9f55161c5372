"""Jira sites that answer with recorded pages: a Cloud with a team-managed project, and a German Data Center."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from delivery.connectors.contract import Connector, Credentials, Page, Slice
from delivery.core.records import Record, WorkItemRecord
from tests.connectors.pages import page
from tests.connectors.pretend import TOKEN, Asked, Pretend, Reply, answering, value
from tests.connectors.simulated import opened

Routes = dict[str, Any]
MISSING = {"errorMessages": ["Issue does not exist or you do not have permission to see it."], "errors": {}}
CLOUD: Routes = {
    "/rest/api/2/serverInfo": {
        "baseUrl": "https://acme.example.test",
        "displayUrl": "https://acme.example.test",
        "version": "1001.0.0-SNAPSHOT",
        "versionNumbers": [1001, 0, 0],
        "deploymentType": "Cloud",
        "buildNumber": 100298,
        "serverTime": "2026-11-02T10:00:00.000+0100",
        "serverTitle": "Jira",
        "defaultLocale": {"locale": "de_DE"},
    },
    "/rest/api/2/myself": {"accountId": "712020:me", "displayName": "Me", "accountType": "atlassian"},
    "/rest/api/3/project/MOB": {"id": "10001", "key": "MOB", "name": "Mobile", "simplified": True, "style": "next-gen"},
    "/rest/api/3/field": page("jira_cloud_fields"),
    "/rest/api/3/search/approximate-count": {"count": 3},
    "/rest/api/3/search/jql": page("jira_cloud_team_managed"),
    "/rest/api/3/issue/bulkfetch": page("jira_cloud_bulkfetch"),
    "/rest/agile/1.0/board": page("jira_cloud_boards"),
    "/rest/agile/1.0/board/3/sprint": page("jira_cloud_sprints"),
    "/rest/agile/1.0/board/8/sprint": value({"errorMessages": ["The board does not support sprints"]}, 400),
    "/rest/api/3/worklog/updated": page("jira_worklog_updated"),
    "/rest/api/3/worklog/list": page("jira_worklog_list"),
    "/rest/api/3/worklog/deleted": {"values": [], "since": 0, "until": 1789394532000, "self": "", "lastPage": True},
}
DATACENTER: Routes = {
    "/rest/api/2/serverInfo": {
        "baseUrl": "https://jira.example.test/jira",
        "version": "9.12.8",
        "versionNumbers": [9, 12, 8],
        "deploymentType": "Server",
        "buildNumber": 9120008,
        "serverTitle": "Jira",
    },
    "/rest/api/2/myself": {"name": "me", "key": "JIRAUSER10000", "displayName": "Me", "active": True},
    "/rest/api/2/project/BILL": {"id": "10200", "key": "BILL", "name": "Billing", "archived": False},
    "/rest/api/2/field": page("jira_datacenter_whole_fields"),
    "/rest/api/2/search": page("jira_datacenter_whole"),
}


@contextmanager
def recorded(routes: Routes, **options: Any) -> Iterator[tuple[Connector, Pretend]]:
    def answer(asked: Asked) -> Reply:
        found = routes.get(asked.path.partition("?")[0], value(MISSING, 404))
        found = found(asked) if callable(found) else found
        return found if isinstance(found, Reply) else value(found)

    with answering(answer) as site, opened("jira", Credentials(site.url, TOKEN), **options) as connector:
        yield connector, site


def read(connector: Connector, kind: str, scope: str) -> tuple[list[Record], list[Page]]:
    pages = list(connector.read(Slice(kind, scope), since=None))
    return [one for found in pages for one in found.records], pages


def items(connector: Connector, scope: str = "MOB") -> dict[str, WorkItemRecord]:
    return {one.key: one for one in read(connector, "issues", scope)[0] if isinstance(one, WorkItemRecord)}


def at(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type, misc]
