"""Searching: which issues a JQL means for one asker, found once and then paged through."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, time
from functools import partial
from itertools import chain
from operator import ge, gt, le, lt

from simulator.jira import dates, jql
from simulator.jira.call import Call, refusal
from simulator.jira.jql import And, Clause, Node, Not, Or, Unreadable
from simulator.jira.words import TYPES
from simulator.records import Issue

Test = Callable[[Issue], bool]
UNBOUNDED = "Unbounded JQL queries are not allowed here. Please add a search restriction to your query."
COMPARE = {">=": ge, ">": gt, "<=": le, "<": lt}
LEAST = datetime.min.replace(tzinfo=UTC)
CATEGORY_NAMES = {"to do": "new", "in progress": "indeterminate", "done": "done"}


def people_of(call: Call, id: str | None) -> set[str]:
    person = call.jira.person(id)
    return {person.jira_account_id.lower(), person.jira_name.lower(), person.email.lower()} if person else set()


# The lower-case words by which an issue can be named in a field; none when the field is empty.
WORDS: dict[str, Callable[[Call, Issue], Iterable[str]]] = {
    "project": lambda call, issue: (issue.project.lower(), call.jira.project_id(issue.project)),
    "key": lambda call, issue: (issue.key.lower(), str(issue.id)),
    "parent": lambda call, issue: (issue.parent.lower(),) if issue.parent else (),
    "issuetype": lambda call, issue: (issue.type.lower(), str(TYPES.get(issue.type, (0,))[0])),
    "labels": lambda call, issue: [label.lower() for label in issue.labels],
    "fixversion": lambda call, issue: [name.lower() for name in issue.fix_versions],
    "component": lambda call, issue: [name.lower() for name in issue.components],
    "sprint": lambda call, issue: [str(id) for id in issue.sprints],
    "status": lambda call, issue: (issue.status.name.lower(), issue.status.id),
    "statuscategory": lambda call, issue: (issue.status.category,),
    "resolution": lambda call, issue: (
        ("won't do" if issue.status.name == "Won't Do" else "done",) if issue.resolved else ()
    ),
    "assignee": lambda call, issue: people_of(call, issue.assignee),
    "reporter": lambda call, issue: people_of(call, issue.reporter),
    "summary": lambda call, issue: (issue.title.lower(),),
}
DATES: dict[str, Callable[[Issue], datetime | None]] = {
    "updated": lambda issue: issue.updated,
    "created": lambda issue: issue.created,
    "resolved": lambda issue: issue.resolved,
    "due": lambda issue: datetime.combine(issue.due, time(), UTC) if issue.due else None,
}
ALIASES = {
    "id": "key",
    "issue": "key",
    "issuekey": "key",
    "type": "issuetype",
    "epic link": "parent",
    "cf[10014]": "parent",
    "cf[10101]": "parent",
    "updateddate": "updated",
    "createddate": "created",
    "resolutiondate": "resolved",
    "duedate": "due",
    "cf[10020]": "sprint",
}


def name_of(field: str) -> str:
    name = ALIASES.get(field, field)
    if name not in WORDS and name not in DATES:
        raise Unreadable(f"Field '{field}' does not exist or you do not have permission to view it.")
    return name


def test_of(call: Call, node: Node) -> Test:
    """The tree as a function of an issue; Unreadable when it names what does not exist."""
    if isinstance(node, Clause):
        return clause_test(call, node)
    if isinstance(node, Not):
        inner = test_of(call, node.part)
        return lambda issue: not inner(issue)
    tests = [test_of(call, part) for part in node.parts]
    if isinstance(node, And):
        return lambda issue: all(test(issue) for test in tests)
    return lambda issue: any(test(issue) for test in tests)


def clause_test(call: Call, clause: Clause) -> Test:
    name = name_of(clause.field)
    if name in DATES:
        return date_test(call, name, clause)
    words = WORDS[name]
    if function := next((value for value in clause.values if value.endswith("()")), None):
        raise Unreadable(f"Unable to find JQL function '{function}'.")
    if clause.operator == "empty":
        return lambda issue: not words(call, issue)
    if clause.operator in COMPARE:
        raise Unreadable(f"The operator '{clause.operator}' is not supported by the '{clause.field}' field.")
    if clause.operator in ("~", "!~"):
        part, negative = clause.values[0].lower(), clause.operator == "!~"
        return lambda issue: any(part in word for word in words(call, issue)) != negative
    wanted = {meant(call, name, value) for value in clause.values}
    if clause.operator == "!=":
        return lambda issue: wanted.isdisjoint(words(call, issue))
    return lambda issue: not wanted.isdisjoint(words(call, issue))


def meant(call: Call, name: str, value: str) -> str:
    """A value in our words; a project, status or type that does not exist is an error, as in Jira."""
    low = value.lower()
    if name == "statuscategory":
        return CATEGORY_NAMES.get(low, low)
    if name == "project" and call.project(value.upper()) is None:
        raise Unreadable(f"The value '{value}' does not exist for the field 'project'.")
    if name == "status" and low not in known_statuses(call):
        raise Unreadable(f"The value '{value}' does not exist for the field 'status'.")
    if name == "parent" and (issue := call.find(value)):
        return issue.key.lower()
    return named_issue(call, value) if name == "key" else low


def named_issue(call: Call, value: str) -> str:
    """The id of an issue; one deleted or hidden makes the whole query an error."""
    issue = call.find(value)
    if issue is None:
        raise Unreadable(f"An issue with key '{value}' does not exist for field 'key'.")
    return str(issue.id)


def known_statuses(call: Call) -> set[str]:
    return {word for status in call.jira.world.statuses() for word in (status.id, status.name.lower())}


def date_test(call: Call, name: str, clause: Clause) -> Test:
    when = DATES[name]
    if clause.operator == "empty":
        return lambda issue: when(issue) is None
    limits = [moment(call, clause, value) for value in clause.values]
    if clause.operator not in COMPARE:
        negative = clause.operator == "!="
        return lambda issue: (when(issue) in limits) != negative
    compare, limit = COMPARE[clause.operator], limits[0]
    return lambda issue: (found := when(issue)) is not None and bool(compare(found, limit))


def moment(call: Call, clause: Clause, value: str) -> datetime:
    if value.lower() == "now()":
        return call.now
    found = dates.read(value, call.now, call.zone)
    if found is None:
        raise Unreadable(
            f"Date value '{value}' for field '{clause.field}' is invalid. Valid formats include: 'yyyy/MM/dd HH:mm', "
            "'yyyy-MM-dd HH:mm', 'yyyy/MM/dd', 'yyyy-MM-dd', or a period format e.g. '-5d', '4w 2d'."
        )
    return found


def projects_of(call: Call, node: Node) -> set[str] | None:
    """The projects a condition can be true in, so that no other is read; None when it does not say."""
    if isinstance(node, Clause):
        return clause_projects(call, node)
    if isinstance(node, Not):
        return None
    known = [projects_of(call, part) for part in node.parts]
    if isinstance(node, Or):
        return None if None in known else set(chain.from_iterable(part or () for part in known))
    said = [part for part in known if part is not None]
    return set.intersection(*said) if said else None


def clause_projects(call: Call, clause: Clause) -> set[str] | None:
    if clause.operator not in ("=", "in"):
        return None
    name = name_of(clause.field)
    if name == "project":
        return {team.project for value in clause.values if (team := call.project(value.upper()))}
    if name == "key":
        return {issue.project for value in clause.values if (issue := call.find(value))}
    return None


def candidates(call: Call, node: Node) -> Iterable[Issue]:
    """Where to look: the named issues themselves, else the issues of the projects that may hold any."""
    if isinstance(node, Clause) and node.operator in ("=", "in") and name_of(node.field) == "key":
        return {issue.id: issue for value in node.values if (issue := call.find(value))}.values()
    wanted = projects_of(call, node)
    keys = [team.project for team in call.teams() if wanted is None or team.project in wanted]
    issues = chain.from_iterable(call.jira.snapshots.of(key, call.now).issues for key in keys)
    return (issue for issue in issues if call.may_see(issue.project, issue.id))


def parsed(text: str) -> jql.Query:
    try:
        return jql.parse(text)
    except Unreadable as error:
        raise refusal(400, str(error)) from None


def bounded(query: jql.Query) -> Node:
    """Cloud wants a restriction (J7)."""
    if query.where is None:
        raise refusal(400, UNBOUNDED)
    return query.where


def found(call: Call, text: str, extra: Test | None = None, scope: object = None) -> Sequence[Issue]:
    """The issues of a JQL in its order, kept for the pages to come; ``scope`` names what ``extra`` narrows to."""
    return call.jira.keep((text, scope, call.now, call.revision, call.token), lambda: look(call, text, extra))


def look(call: Call, text: str, extra: Test | None) -> Sequence[Issue]:
    query = parsed(text)
    call = replace(call, now=call.now - call.jira.world.lag)
    where = bounded(query) if call.jira.cloud and extra is None else query.where
    try:
        pool = candidates(call, where) if where else candidates(call, And(()))
        test = test_of(call, where) if where else None
        issues = [issue for issue in pool if (test is None or test(issue)) and (extra is None or extra(issue))]
        return in_order(issues, query.order)
    except Unreadable as error:
        raise refusal(400, str(error)) from None


def in_order(issues: list[Issue], order: Sequence[tuple[str, bool]]) -> list[Issue]:
    """Sorted as asked, the last field first as stable sorts want it; unsaid is newest first, as in Jira."""
    for field, descending in reversed(order or (("created", True),)):
        issues.sort(key=partial(rank, name_of(field)), reverse=descending)
    return issues


def rank(name: str, issue: Issue) -> tuple[object, ...]:
    if name in DATES:
        return (DATES[name](issue) or LEAST,)
    if name == "key":
        project, _, number = issue.key.partition("-")
        return project, int(number)
    texts = {"project": issue.project, "status": issue.status.name, "issuetype": issue.type}
    return (texts.get(name, issue.title),)
