"""How the fields of pull requests, their reviews, commits and events are read from the records."""

from __future__ import annotations

from collections.abc import Iterator
from operator import attrgetter
from typing import Any

from simulator.github import extras
from simulator.github.call import Call, iso
from simulator.github.connections import Part, Window, window
from simulator.github.graphql_plan import Resolve
from simulator.github.shapes import node_id
from simulator.records import Commit, Person, Pull, Review

Args = dict[str, Any]
Table = dict[str, Resolve]
EVENTS = (
    "ClosedEvent",
    "ConvertToDraftEvent",
    "HeadRefForcePushedEvent",
    "MergedEvent",
    "ReadyForReviewEvent",
    "ReopenedEvent",
    "ReviewRequestedEvent",
)
EVENT_OF = {
    "closed": "ClosedEvent",
    "convert_to_draft": "ConvertToDraftEvent",
    "head_ref_force_pushed": "HeadRefForcePushedEvent",
    "ready_for_review": "ReadyForReviewEvent",
    "reopened": "ReopenedEvent",
    "review_requested": "ReviewRequestedEvent",
}


def person(call: Call, id: str | None) -> Person | None:
    """Null is a ghost (G21)."""
    return call.hub.people.get(id) if id else None


def user(call: Call, id: str | None) -> Person | None:
    """Where the schema wants a User, a bot is nobody."""
    found = person(call, id)
    return None if found is None or found.is_bot else found


def state(pull: Pull) -> str:
    if pull.merged:
        return "MERGED"
    return "CLOSED" if pull.closed else "OPEN"


def small(id: int) -> int | None:
    """``databaseId`` is an Int of 32 bits: what is larger shows as null (G22)."""
    return id if id < 2**31 else None


def reviews(call: Call, pull: Pull, args: Args) -> Window:
    states = args.get("states")
    shown = [Part("PullRequestReview", pull, one) for one in pull.reviews if not states or one.state in states]
    return window(shown, args)


def commits(call: Call, pull: Pull, args: Args) -> Window:
    return window([Part("PullRequestCommit", pull, one) for one in pull.commits], args)


def requests(call: Call, pull: Pull, args: Args) -> Window:
    """Who is asked and has not answered: nobody once the pull request is closed."""
    asked = pull.requested_reviewers if pull.closed is None else ()
    return window([Part("ReviewRequest", pull, person(call, id)) for id in asked], args)


def labels(call: Call, pull: Pull, args: Args) -> Window:
    return window(pull.labels, args)


def closing(call: Call, pull: Pull, args: Args) -> Window:
    """The issues it says it closes, as far as the token may see them."""
    found = []
    for name in pull.closes:
        place, _, number = name.rpartition("#")
        one = call.find_repository(place)
        found += [row for row in (extras.issue(call, one, int(number)),) if row] if one else []
    return window(found, args)


def decision(call: Call, pull: Pull, args: Args) -> str:
    """From the last verdict of everyone but the author."""
    last = {one.author: one.state for one in pull.reviews if one.author != pull.author and one.state != "COMMENTED"}
    if "CHANGES_REQUESTED" in last.values():
        return "CHANGES_REQUESTED"
    return "APPROVED" if "APPROVED" in last.values() else "REVIEW_REQUIRED"


def timeline(call: Call, pull: Pull, args: Args) -> Window:
    """The events of the wanted kinds, by time."""
    wanted = {kind.replace("_", "").lower() for kind in args.get("itemTypes") or ()}
    found = [part for part in events(call, pull) if not wanted or part.type.lower() in wanted]
    return window(sorted(found, key=attrgetter("at")), args)


def events(call: Call, pull: Pull) -> Iterator[Part]:
    for commit in pull.commits:
        yield Part("PullRequestCommit", pull, commit, commit.committed)
    for review in pull.reviews:
        yield Part("PullRequestReview", pull, review, review.submitted)
    for event in pull.happened:
        about = person(call, event.about) if event.kind == "review_requested" else None
        yield Part(EVENT_OF[event.kind], pull, about, event.at, event.actor)
    if pull.ready:
        yield Part("ReadyForReviewEvent", pull, None, pull.ready, pull.author)
    for id in pull.requested_reviewers:
        yield Part("ReviewRequestedEvent", pull, person(call, id), pull.ready or pull.created, pull.author)
    if pull.merged:
        yield Part("MergedEvent", pull, None, pull.merged, pull.merged_by)
    if pull.closed:
        yield Part("ClosedEvent", pull, None, pull.closed, pull.merged_by or pull.author)


def merge_commit(call: Call, pull: Pull, args: Args) -> Commit | None:
    """The commit on the default branch, which the records know by its name only."""
    if pull.merge_sha is None or pull.merged is None:
        return None
    merger = person(call, pull.merged_by)
    mail = merger.email if merger else ""
    return Commit(pull.merge_sha, pull.merged_by, mail, pull.merged, pull.merged, f"{pull.title} (#{pull.number})")


def head(pull: Pull) -> str:
    return pull.commits[-1].sha if pull.commits else f"{pull.id:040x}"


def git_actor(call: Call, commit: Commit, at: str | None) -> dict[str, Any]:
    found = person(call, commit.author)
    name = found.name if found else commit.email.partition("@")[0]
    return {"date": at, "email": commit.email, "name": name, "user": None if found is None or found.is_bot else found}


def get(name: str) -> Resolve:
    read = attrgetter(name)
    return lambda call, thing, args: read(thing)


def when(name: str) -> Resolve:
    read = attrgetter(name)
    return lambda call, thing, args: iso(read(thing))


def always(value: object) -> Resolve:
    return lambda call, thing, args: value


def who(name: str) -> Resolve:
    read = attrgetter(name)
    return lambda call, thing, args: person(call, read(thing))


def key(name: str) -> Resolve:
    return lambda call, thing, args: thing[name]


def event(kind: str) -> Table:
    return {
        "id": lambda call, part, args: node_id(kind, part.pull.id),
        "actor": who("actor"),
        "createdAt": when("at"),
        "commit": lambda call, part, args: merge_commit(call, part.pull, args),
        "mergeRefName": always("main"),
        "requestedReviewer": get("item"),
        "stateReason": lambda call, part, args: part.item.upper() if isinstance(part.item, str) else None,
        "beforeCommit": always(None),
        "afterCommit": always(None),
    }


def review_commit(call: Call, part: Part, args: Args) -> Commit | None:
    return part.pull.commits[-1] if isinstance(part.pull, Pull) and part.pull.commits else None


def review_url(call: Call, part: Part, args: Args) -> str:
    assert isinstance(part.item, Review)
    return f"{call.html}/{part.pull.repository}/pull/{part.pull.number}#pullrequestreview-{part.item.id}"


def pull_url(call: Call, pull: Pull, args: Args) -> str:
    return f"{call.html}/{pull.repository}/pull/{pull.number}"


PULL: Table = {
    "id": lambda call, pull, args: node_id("PR", pull.id),
    "databaseId": lambda call, pull, args: small(pull.id),
    "fullDatabaseId": lambda call, pull, args: str(pull.id),
    **{name: get(name) for name in ("number", "title", "additions", "deletions")},
    "body": get("body"),
    "bodyText": get("body"),
    "changedFiles": get("changed_files"),
    "headRefName": get("branch"),
    "headRefOid": lambda call, pull, args: head(pull),
    "baseRefName": always("main"),
    "isDraft": get("draft"),
    "isCrossRepository": always(False),
    "locked": always(False),
    "state": lambda call, pull, args: state(pull),
    "closed": lambda call, pull, args: pull.closed is not None,
    "merged": lambda call, pull, args: pull.merged is not None,
    "createdAt": when("created"),
    "publishedAt": when("created"),
    "updatedAt": when("updated"),
    "closedAt": when("closed"),
    "mergedAt": when("merged"),
    "lastEditedAt": always(None),
    "author": who("author"),
    "mergedBy": who("merged_by"),
    "mergeCommit": merge_commit,
    "repository": lambda call, pull, args: call.find_repository(pull.repository),
    "headRepository": lambda call, pull, args: call.find_repository(pull.repository),
    "baseRepository": lambda call, pull, args: call.find_repository(pull.repository),
    "reviewDecision": decision,
    "labels": labels,
    "milestone": get("milestone"),
    "closingIssuesReferences": closing,
    "reviews": reviews,
    "commits": commits,
    "reviewRequests": requests,
    "timelineItems": timeline,
    "totalCommentsCount": always(0),
    "permalink": pull_url,
    "url": pull_url,
}
FIELDS: dict[str, Table] = {
    "PullRequest": PULL,
    "PullRequestReview": {
        "id": lambda call, part, args: node_id("PRR", part.item.id),
        "databaseId": lambda call, part, args: small(part.item.id),
        "fullDatabaseId": lambda call, part, args: str(part.item.id),
        "author": who("item.author"),
        "body": get("item.body"),
        "state": get("item.state"),
        "commit": review_commit,
        **dict.fromkeys(("createdAt", "publishedAt", "submittedAt", "updatedAt"), when("item.submitted")),
        "url": review_url,
    },
    "PullRequestCommit": {
        "id": lambda call, part, args: f"PURC_{part.item.sha[:16]}",
        "commit": get("item"),
        "url": lambda call, part, args: f"{pull_url(call, part.pull, args)}/commits/{part.item.sha}",
    },
    "Commit": {
        "id": lambda call, one, args: f"C_{one.sha[:16]}",
        "oid": get("sha"),
        "abbreviatedOid": lambda call, one, args: one.sha[:7],
        "authoredDate": when("authored"),
        "committedDate": when("committed"),
        "authoredByCommitter": always(True),
        "message": get("message"),
        "messageHeadline": lambda call, one, args: one.message.partition("\n")[0],
        "author": lambda call, one, args: git_actor(call, one, iso(one.authored)),
        "committer": lambda call, one, args: git_actor(call, one, iso(one.committed)),
        "url": lambda call, one, args: f"{call.html}/commit/{one.sha}",
    },
    "GitActor": {name: key(name) for name in ("date", "email", "name", "user")},
    "Label": {
        "id": lambda call, name, args: node_id("LA", sum(name.encode())),
        "name": lambda call, name, args: name,
        "color": always("ededed"),
    },
    "ReviewRequest": {
        "id": lambda call, part, args: node_id("RR", part.pull.id),
        "databaseId": lambda call, part, args: small(part.pull.id),
        "asCodeOwner": always(False),
        "requestedReviewer": get("item"),
    },
    "Team": {"id": always(""), "name": always(""), "slug": always("")},
    **{kind: event(kind) for kind in EVENTS},
}
