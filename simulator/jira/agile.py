"""The agile API 1.0, which Cloud and Data Center share: boards, sprints and their issues."""

from __future__ import annotations

from datetime import datetime

from simulator.jira import changelog, search, shape, words
from simulator.jira.call import Call, page_bounds, refusal
from simulator.jira.common_api import Parts
from simulator.jira.dates import stamp, zulu
from simulator.jira.shape import Shape
from simulator.jira_records import Board
from simulator.records import Issue, Sprint
from simulator.web import Reply, json_reply, route, whole_number

PAGE = 50
ISSUE_PAGE = 5000
EMBEDDED = 100  # newest entries an agile list embeds on Cloud (J9)


def every_board(call: Call) -> list[Board]:
    """The board of each team, and what else an organisation has; those over projects that may be seen."""
    own = [Board(team.board_id, f"{team.project} board", (team.project,), (team.board_id,)) for team in call.teams()]
    seen = {team.project for team in call.teams()}
    return own + [board for board in call.jira.world.boards(call.now) if seen & set(board.projects)]


def sprints_of(call: Call, board: Board) -> list[Sprint]:
    """A board lists the sprints of others, too; each sprint names the one it was made on (J29)."""
    return [sprint for id in board.shows for sprint in call.jira.world.sprints(id, call.now)]


def kind(call: Call, board: Board) -> str:
    """A board without a single sprint is a kanban board."""
    return "scrum" if sprints_of(call, board) else "kanban"


def board(call: Call, parts: Parts) -> Board:
    id = whole_number(parts["board"])
    found = next((board for board in every_board(call) if board.id == id), None)
    if found is None:
        raise refusal(
            404,
            "The requested board cannot be viewed because it either does not exist or you do not have permission to view it.",
        )
    return found


def shown_board(call: Call, board: Board) -> dict[str, object]:
    return {
        "id": board.id,
        "self": f"{call.agile}/board/{board.id}",
        "name": board.name,
        "type": kind(call, board),
        **({"location": location(call, board), "isPrivate": False} if call.jira.cloud else {}),
    }


def location(call: Call, board: Board) -> dict[str, object]:
    """The project a board belongs to; it may show more of them."""
    key = board.projects[0]
    team, project = call.project(key), call.jira.project_id(key)
    name = team.name if team else key
    return {
        "projectId": int(project),
        "displayName": f"{name} ({key})",
        "projectName": name,
        "projectKey": key,
        "projectTypeKey": "software",
        "avatarURI": f"{call.request.base}/secure/projectavatar?pid={project}",
        "name": f"{name} ({key})",
    }


def boards(call: Call, parts: Parts) -> Reply:
    query = call.request.query
    project, type = query.get("projectKeyOrId"), query.get("type")
    found = every_board(call)
    if project:
        team = call.project(project)
        if team is None:
            raise refusal(400, f"No project could be found with key or id '{project}'.")
        found = [board for board in found if team.project in board.projects]
    rows = [shown_board(call, board) for board in found]
    return values(call, [row for row in rows if type in (None, row["type"])])


def one_board(call: Call, parts: Parts) -> Reply:
    return json_reply(shown_board(call, board(call, parts)))


def values(call: Call, rows: list[dict[str, object]]) -> Reply:
    """A page by ``startAt``, at most 50 (J28)."""
    start, size = page_bounds(call, default=PAGE, most=PAGE)
    page = rows[start : start + size]
    last = start + size >= len(rows)
    head = {"maxResults": size, "startAt": start, "total": len(rows), "isLast": last}
    return json_reply({**head, "values": page})


def shown_sprint(call: Call, sprint: Sprint) -> dict[str, object]:
    dates = {"startDate": sprint.start, "endDate": sprint.end, "completeDate": sprint.completed}
    return {
        "id": sprint.id,
        "self": f"{call.agile}/sprint/{sprint.id}",
        "state": sprint.state,
        "name": sprint.name,
        **{name: instant(call, when) for name, when in dates.items() if when},
        "originBoardId": sprint.board_id,
        "goal": sprint.goal,
    }


def instant(call: Call, when: datetime) -> str | None:
    """``Z`` on Cloud, an offset with a colon on Data Center (J14)."""
    return zulu(when) if call.jira.cloud else words.offset_text(stamp(when, call.zone))


def board_sprints(call: Call, parts: Parts) -> Reply:
    sprints = sprints_of(call, board(call, parts))
    if not sprints:
        raise refusal(400, "The board does not support sprints")
    states = set(filter(None, call.request.query.get("state", "").split(",")))
    return values(call, [shown_sprint(call, sprint) for sprint in sprints if not states or sprint.state in states])


def configuration(call: Call, parts: Parts) -> Reply:
    shown, ids = board(call, parts), call.jira.ids
    columns = [
        {
            "name": status.name,
            "statuses": [{"id": status.id, "self": f"{call.api}/status/{status.id}"}],
        }
        for status in call.jira.world.statuses()
    ]
    points = "Story point estimate" if call.jira.cloud else "Story Points"
    return json_reply(
        {
            "id": shown.id,
            "name": shown.name,
            "type": kind(call, shown),
            "self": f"{call.agile}/board/{shown.id}/configuration",
            "filter": {"id": str(shown.id + 1000), "self": f"{call.api}/filter/{shown.id + 1000}"},
            "columnConfig": {"columns": columns, "constraintType": "issueCount"},
            "estimation": {"type": "field", "field": {"fieldId": ids.points, "displayName": points}},
            "ranking": {"rankCustomFieldId": int(ids.rank.removeprefix("customfield_"))},
        }
    )


def find_sprint(call: Call, parts: Parts) -> Sprint:
    id = whole_number(parts["sprint"])
    all_sprints = (sprint for board in every_board(call) for sprint in sprints_of(call, board))
    found = next((sprint for sprint in all_sprints if sprint.id == id), None)
    if found is None:
        raise refusal(404, "Sprint does not exist or you do not have permission to view it.")
    return found


def one_sprint(call: Call, parts: Parts) -> Reply:
    return json_reply(shown_sprint(call, find_sprint(call, parts)))


def sprint_issues(call: Call, parts: Parts) -> Reply:
    sprint = find_sprint(call, parts)
    return issues(call, f"sprint {sprint.id}", lambda issue: sprint.id in issue.sprints)


def board_issues(call: Call, parts: Parts) -> Reply:
    shown = board(call, parts)
    return issues(call, f"board {shown.id}", lambda issue: issue.project in shown.projects)


def issues(call: Call, scope: str, inside: search.Test) -> Reply:
    """The issues of a board or a sprint, narrowed by ``jql``."""
    start, size = page_bounds(call, default=PAGE, most=ISSUE_PAGE)
    query = call.request.query
    found = search.found(call, query.get("jql", ""), inside, scope)
    mould = Shape(call, call.zone)
    fields = shape.fields_of(call, query.get("fields", "*all").split(","))
    rows = [row(mould, issue, fields) for issue in found[start : start + size]]
    head = {"expand": "schema,names", "startAt": start, "maxResults": size, "total": len(found)}
    return json_reply({**head, "issues": rows})


def row(mould: Shape, issue: Issue, fields: list[tuple[str, shape.Field]]) -> dict[str, object]:
    body = shape.issue(mould, issue, fields)
    if "changelog" in mould.call.request.query.get("expand", "").split(","):
        body["changelog"] = changelog.embedded(mould, issue, EMBEDDED)
    return body


A1 = "/rest/agile/1.0"
ROUTES = (
    route("GET", f"{A1}/board", boards),
    route("GET", f"{A1}/board/{{board}}", one_board),
    route("GET", f"{A1}/board/{{board}}/sprint", board_sprints),
    route("GET", f"{A1}/board/{{board}}/configuration", configuration),
    route("GET", f"{A1}/board/{{board}}/issue", board_issues),
    route("GET", f"{A1}/sprint/{{sprint}}", one_sprint),
    route("GET", f"{A1}/sprint/{{sprint}}/issue", sprint_issues),
)
