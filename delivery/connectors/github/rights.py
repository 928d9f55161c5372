"""What a token is and what it may see: said by its headers, its first letters, and one cheap question each (G13, G23)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from urllib.parse import quote

from delivery.connectors import refusals
from delivery.connectors.answer import Answer
from delivery.connectors.contract import ConnectorError, Found
from delivery.connectors.github import lists
from delivery.connectors.http import Http

PREFIXES = {"ghs_": "app", "github_pat_": "fine-grained", "gho_": "oauth", "ghu_": "oauth", "ghp_": "classic"}
EVERYTHING = "repo"  # the scope of a classic token that may read all of a repository
# What is read, where a little of it is found, and the permission that opens it.
PARTS = (
    ("pull requests", "pulls?per_page=1", "Pull requests: read"),
    ("issues", "issues?per_page=1", "Issues: read"),
    ("deployments", "deployments?per_page=1", "Deployments: read"),
    ("releases and tags", "releases?per_page=1", "Contents: read"),
    ("workflow runs", "actions/runs?per_page=1", "Actions: read"),
)
REFUSED = ("permission", "missing", "outdated")
SWITCHED_OFF = (404, 410)  # no issues in this repository, no Actions on this server


def kind_of(token: str, headers: Mapping[str, str]) -> str:
    """classic, fine-grained, app or oauth; "" where nothing shows it. Only classic and OAuth tokens have scopes."""
    for prefix, kind in PREFIXES.items():
        if token.startswith(prefix):
            return kind
    return "classic" if "x-oauth-scopes" in headers else ""


def expiry(headers: Mapping[str, str]) -> datetime | None:
    """When the token runs out: ``2026-12-31 10:00:00 UTC``, or with an offset; None for one that does not say."""
    text = headers.get("github-authentication-token-expiration", "")
    text = text.replace(" UTC", "+00:00").replace(" +", "+").replace(" -", "-")
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def lacking(http: Http, scope: str, headers: Mapping[str, str]) -> Iterator[str]:
    """A sentence for each part of a repository that the token may not read."""
    scopes = {word.strip() for word in headers.get("x-oauth-scopes", "").split(",")}
    if EVERYTHING in scopes:
        return
    for what, path, right in PARTS:
        try:
            http.get(f"/repos/{quote(scope)}/{path}", passing=SWITCHED_OFF)
        except ConnectorError as error:
            if error.kind not in REFUSED:
                raise
            yield f"The token may not read {what} of {scope}: give it {right}."


def visible(http: Http, pattern: str, *, app: bool) -> Iterator[Found]:
    """The repositories that the token sees and the pattern fits, each once, as GitHub lists them."""
    seen: set[str] = set()
    owner = pattern.partition("/")[0]
    paths = ["/installation/repositories?per_page=100" if app else "/user/repos?per_page=100"]
    if not app and "/" in pattern and not set(owner) & set("*?["):
        paths.append(f"/orgs/{quote(owner)}/repos?per_page=100")  # those seen without being a member: internal ones
    for path in paths:
        for answer in lists.pages(http, path, passing=(404,) if path.startswith("/orgs") else ()):
            for found in _found(http, answer):
                if found.scope not in seen and fits(found.scope, pattern):
                    seen.add(found.scope)
                    yield found


def fits(scope: str, pattern: str) -> bool:
    """Whether owner/name is meant by ``acme/*``; a pattern without a slash is one of the name. Case does not count."""
    low, wanted = scope.lower(), pattern.lower()
    return not wanted or fnmatchcase(low if "/" in wanted else low.partition("/")[2], wanted)


def _found(http: Http, answer: Answer) -> Iterator[Found]:
    if answer.status == 404:
        return
    rows = answer.json.get("repositories") if isinstance(answer.json, dict) else answer.json
    if not isinstance(rows, list):
        raise refusals.unexpected(http.site, "no list of repositories")
    for row in rows:
        if isinstance(row, dict) and row.get("full_name"):
            name = str(row["full_name"])
            yield Found(name, str(row.get("description") or name), bool(row.get("archived")))
