"""People, repositories, pull requests and what hangs on them, as GitHub's REST API shows them."""

from __future__ import annotations

import base64

import orjson

from simulator.github.call import Call, iso
from simulator.hub_records import HubIssue
from simulator.records import Commit, Person, Pull, Repository, Review

Row = dict[str, object]


def node_id(kind: str, id: int) -> str:
    return f"{kind}_{base64.urlsafe_b64encode(str(id).encode()).decode().rstrip('=')}"


def login(person: Person) -> str:
    """Bots carry a suffix here, which GraphQL drops (G21)."""
    plain = person.github_login.removesuffix("[bot]")
    return f"{plain}[bot]" if person.is_bot else plain


def account(call: Call, person: Person) -> Row:
    name = login(person)
    address = f"{call.api}/users/{name}"
    return {
        "login": name,
        "id": person.github_id,
        "node_id": node_id("U", person.github_id),
        "avatar_url": f"{call.html}/avatars/u/{person.github_id}?v=4",
        "gravatar_id": "",
        "url": address,
        "html_url": f"{call.html}/{'apps/' if person.is_bot else ''}{person.github_login.removesuffix('[bot]')}",
        "repos_url": f"{address}/repos",
        "events_url": f"{address}/events{{/privacy}}",
        "type": "Bot" if person.is_bot else "User",
        "user_view_type": "public",
        "site_admin": False,
    }


def by_id(call: Call, id: str | None) -> Row | None:
    """Somebody of the organisation; null is a ghost (G21)."""
    person = call.hub.people.get(id) if id else None
    return account(call, person) if person else None


def organisation(call: Call, name: str) -> Row:
    return {
        "login": name,
        "id": 6_000_000 + sum(name.encode()),
        "node_id": node_id("O", sum(name.encode())),
        "avatar_url": f"{call.html}/avatars/u/{sum(name.encode())}?v=4",
        "gravatar_id": "",
        "url": f"{call.api}/users/{name}",
        "html_url": f"{call.html}/{name}",
        "type": "Organization",
        "user_view_type": "public",
        "site_admin": False,
    }


def repository(call: Call, one: Repository) -> Row:
    owner, _, name = one.full_name.partition("/")
    api, html = f"{call.api}/repos/{one.full_name}", f"{call.html}/{one.full_name}"
    return {
        "id": one.id,
        "node_id": node_id("R", one.id),
        "name": name,
        "full_name": one.full_name,
        "private": True,
        "owner": organisation(call, owner),
        "html_url": html,
        "description": None,
        "fork": False,
        "url": api,
        "pulls_url": f"{api}/pulls{{/number}}",
        "issues_url": f"{api}/issues{{/number}}",
        "commits_url": f"{api}/commits{{/sha}}",
        "deployments_url": f"{api}/deployments",
        "releases_url": f"{api}/releases{{/id}}",
        "tags_url": f"{api}/tags",
        "created_at": iso(one.created),
        "updated_at": iso(one.updated or one.pushed),
        "pushed_at": iso(one.pushed),
        "git_url": f"git://{html.partition('://')[2]}.git",
        "clone_url": f"{html}.git",
        "size": 1024,
        "stargazers_count": 0,
        "watchers_count": 0,
        "language": "Python",
        "has_issues": True,
        "has_projects": True,
        "has_wiki": False,
        "forks_count": 0,
        "archived": one.archived,
        "disabled": False,
        "open_issues_count": 0,
        "license": None,
        "allow_forking": False,
        "is_template": False,
        "topics": [],
        "visibility": "private",
        "default_branch": one.default_branch,
        "permissions": {"admin": False, "maintain": False, "push": False, "triage": True, "pull": True},
    }


def milestone(call: Call, repository: str, title: str | None) -> Row | None:
    number = sum(title.encode()) if title else 0
    return {"id": number, "number": number, "title": title, "state": "open"} if title else None


def labels(call: Call, pull: Pull | HubIssue) -> list[Row]:
    api = f"{call.api}/repos/{pull.repository}/labels"
    return [
        {
            "id": 7_000_000_000 + sum(name.encode()),
            "node_id": node_id("LA", sum(name.encode())),
            "url": f"{api}/{name}",
            "name": name,
            "color": "ededed",
            "default": False,
            "description": None,
        }
        for name in pull.labels
    ]


def pull_row(call: Call, one: Repository, pull: Pull, whole: orjson.Fragment) -> Row:
    """A pull request in a list: without sizes, ``merged`` and ``merged_by`` (G3). ``whole`` is the repository."""
    reviewers = [row for id in pull.requested_reviewers if pull.closed is None and (row := by_id(call, id))]
    tip = pull.commits[-1].sha if pull.commits else f"{pull.id:040x}"
    return pull_addresses(call, pull, tip) | {
        "id": pull.id,
        "node_id": node_id("PR", pull.id),
        "number": pull.number,
        "state": "closed" if pull.closed else "open",
        "locked": False,
        "title": pull.title,
        "user": by_id(call, pull.author),
        "body": pull.body or None,
        "created_at": iso(pull.created),
        "updated_at": iso(pull.updated),
        "closed_at": iso(pull.closed),
        "merged_at": iso(pull.merged),
        "merge_commit_sha": pull.merge_sha,
        "assignee": None,
        "assignees": [],
        "requested_reviewers": reviewers,
        "requested_teams": [],
        "labels": labels(call, pull),
        "milestone": milestone(call, pull.repository, pull.milestone),
        "draft": pull.draft,
        "head": side(call, pull, pull.branch, tip, whole),
        "base": side(call, pull, one.default_branch, f"{pull.id + 1:040x}", whole),
        "author_association": "MEMBER",
        "auto_merge": None,
        "active_lock_reason": None,
    }


def pull_addresses(call: Call, pull: Pull, tip: str) -> Row:
    api, html = f"{call.api}/repos/{pull.repository}", f"{call.html}/{pull.repository}/pull/{pull.number}"
    return {
        "url": f"{api}/pulls/{pull.number}",
        "html_url": html,
        "diff_url": f"{html}.diff",
        "patch_url": f"{html}.patch",
        "issue_url": f"{api}/issues/{pull.number}",
        "commits_url": f"{api}/pulls/{pull.number}/commits",
        "review_comments_url": f"{api}/pulls/{pull.number}/comments",
        "comments_url": f"{api}/issues/{pull.number}/comments",
        "statuses_url": f"{api}/statuses/{tip}",
    }


def side(call: Call, pull: Pull, branch: str, sha: str, whole: orjson.Fragment) -> Row:
    """Head or base."""
    owner = pull.repository.partition("/")[0]
    account = organisation(call, owner)
    return {"label": f"{owner}:{branch}", "ref": branch, "sha": sha, "user": account, "repo": whole}


def whole_pull(call: Call, one: Repository, pull: Pull, whole: orjson.Fragment) -> Row:
    """A pull request asked for alone, with what a list lacks."""
    return pull_row(call, one, pull, whole) | {
        "merged": pull.merged is not None,
        "mergeable": None if pull.closed else True,
        "rebaseable": None,
        "mergeable_state": "unknown" if pull.closed else "clean",
        "merged_by": by_id(call, pull.merged_by),
        "comments": 0,
        "review_comments": 0,
        "maintainer_can_modify": False,
        "commits": len(pull.commits),
        "additions": pull.additions,
        "deletions": pull.deletions,
        "changed_files": pull.changed_files,
    }


def review_row(call: Call, pull: Pull, review: Review) -> Row:
    api = f"{call.api}/repos/{pull.repository}/pulls/{pull.number}"
    html = f"{call.html}/{pull.repository}/pull/{pull.number}#pullrequestreview-{review.id}"
    return {
        "id": review.id,
        "node_id": node_id("PRR", review.id),
        "user": by_id(call, review.author),
        "body": review.body,
        "state": review.state,
        "html_url": html,
        "pull_request_url": api,
        "_links": {"html": {"href": html}, "pull_request": {"href": api}},
        "submitted_at": iso(review.submitted),
        "commit_id": pull.commits[-1].sha if pull.commits else None,
        "author_association": "MEMBER",
    }


def commit_row(call: Call, repository: str, commit: Commit) -> Row:
    address = f"{call.api}/repos/{repository}/commits/{commit.sha}"
    person = call.hub.people.get(commit.author) if commit.author else None
    name = person.name if person else commit.email.partition("@")[0]
    return {
        "sha": commit.sha,
        "node_id": f"C_{commit.sha[:16]}",
        "commit": {
            "author": {"name": name, "email": commit.email, "date": iso(commit.authored)},
            "committer": {"name": name, "email": commit.email, "date": iso(commit.committed)},
            "message": commit.message,
            "tree": {"sha": commit.sha[::-1], "url": f"{call.api}/repos/{repository}/git/trees/{commit.sha[::-1]}"},
            "url": f"{call.api}/repos/{repository}/git/commits/{commit.sha}",
            "comment_count": 0,
        },
        "url": address,
        "html_url": f"{call.html}/{repository}/commit/{commit.sha}",
        "comments_url": f"{address}/comments",
        "author": account(call, person) if person else None,
        "committer": account(call, person) if person else None,
        "parents": [],
    }
