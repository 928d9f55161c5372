"""Worklogs by what changed (J27): the three questions that Cloud and Data Center share."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from simulator.jira import dates, users
from simulator.jira.call import Call, refusal
from simulator.jira.common_api import Parts
from simulator.jira_records import Worklog
from simulator.web import Reply, json_reply, route

PAGE = 1000
UNSETTLED = timedelta(minutes=1)  # the last minute is not told yet


def updated(call: Call, parts: Parts) -> Reply:
    return changed(call, "updated", [log for log in told(call) if log.removed is None])


def deleted(call: Call, parts: Parts) -> Reply:
    return changed(call, "deleted", [log for log in told(call) if log.removed is not None])


def told(call: Call) -> Sequence[Worklog]:
    """Worklogs of every project, seen or not: ids alone give nothing away."""
    return [log for log in call.jira.world.worklogs(call.now) if moment(log) <= call.now - UNSETTLED]


def moment(log: Worklog) -> datetime:
    return log.removed or log.updated


def changed(call: Call, path: str, logs: Sequence[Worklog]) -> Reply:
    """Ids after ``since`` (epoch milliseconds), a thousand a page; ``until`` is the last one's instant."""
    since = datetime.fromtimestamp(call.request.number("since", 0) / 1000, UTC)
    found = sorted((log for log in logs if moment(log) > since), key=lambda log: (moment(log), log.id))
    page = found[:PAGE]
    first, until = dates.milliseconds(since), dates.milliseconds(moment(page[-1]) if page else since)
    last = len(found) <= PAGE
    more = {} if last else {"nextPage": f"{call.api}/worklog/{path}?since={until}"}
    values = [{"worklogId": log.id, "updatedTime": dates.milliseconds(moment(log)), "properties": []} for log in page]
    head = {"since": first, "until": until, "self": f"{call.api}/worklog/{path}?since={first}", "lastPage": last}
    return json_reply({**head, **more, "values": values})


def listed(call: Call, parts: Parts) -> Reply:
    """The worklogs of some ids, without those of issues that may not be seen."""
    body = call.request.json()
    ids = body.get("ids") if isinstance(body, dict) else None
    if not isinstance(ids, list) or len(ids) > PAGE:
        raise refusal(400, f"ids must be a list of at most {PAGE} worklog ids.")
    there = {log.id: log for log in call.jira.world.worklogs(call.now) if log.removed is None}
    known = [there[id] for id in ids if id in there]
    return json_reply([shown(call, log) for log in known if call.find(str(log.issue))])


def shown(call: Call, log: Worklog) -> dict[str, object]:
    person = call.jira.person(log.author)
    who = users.user(call, person) if person else None
    return {
        "self": f"{call.api}/issue/{log.issue}/worklog/{log.id}",
        **({"author": who, "updateAuthor": who} if who else {}),
        "created": dates.stamp(log.created, call.zone),
        "updated": dates.stamp(log.updated, call.zone),
        "started": dates.stamp(log.started, call.zone),
        "timeSpent": f"{log.seconds // 60}m",
        "timeSpentSeconds": log.seconds,
        "id": str(log.id),
        "issueId": str(log.issue),
    }


ANY = "/rest/api/(?:2|3|latest)/worklog"
ROUTES = (
    route("GET", f"{ANY}/updated", updated),
    route("GET", f"{ANY}/deleted", deleted),
    route("POST", f"{ANY}/list", listed),
)
