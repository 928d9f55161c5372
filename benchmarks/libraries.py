"""What public client libraries need for the same work: listing issues with changelogs, pull requests with their parts.

``python -m benchmarks.libraries jira URL PROJECT…`` or ``github URL REPOSITORY…``: one JSON object with items and
seconds. They list, they store nothing. Run twice: the first time the pretend server still makes its answers.
"""

from __future__ import annotations

import json
import logging
import sys
import time
from collections.abc import Iterable, Sequence

from github import Auth, Github
from github.PullRequest import PullRequest
from jira import JIRA

from simulator.tokens import DEMO_EMAIL, DEMO_GITHUB_TOKEN, DEMO_JIRA_TOKEN

PULLS = 150  # of each repository: every one of them costs two requests more


def jira_issues(url: str, projects: Sequence[str]) -> int:
    """Every issue of ``projects`` with its changelog."""
    client = JIRA(
        url, basic_auth=(DEMO_EMAIL, DEMO_JIRA_TOKEN), options={"rest_api_version": "3"}, get_server_info=True
    )
    found = 0
    for project in projects:
        jql = f'project = "{project}" ORDER BY created ASC, key ASC'
        found += len(client.enhanced_search_issues(jql, maxResults=0, expand="changelog", use_post=True))
    return found


def github_pulls(url: str, repositories: Sequence[str]) -> int:
    """The first pull requests of ``repositories`` with reviews and commits, by REST."""
    client = Github(base_url=url, auth=Auth.Token(DEMO_GITHUB_TOKEN), per_page=100, seconds_between_requests=0)
    found = 0
    for name in repositories:
        pulls = client.get_repo(name).get_pulls(state="all", sort="created", direction="asc")
        first: Iterable[PullRequest] = pulls[:PULLS]
        for pull in first:
            assert list(pull.get_reviews()) is not None
            assert list(pull.get_commits()) is not None
            found += 1
    return found


def main() -> None:
    logging.disable(logging.CRITICAL)
    kind, url, *scopes = sys.argv[1:]
    read = jira_issues if kind == "jira" else github_pulls
    read(url, scopes)
    began = time.monotonic()
    items = read(url, scopes)
    print(json.dumps({"items": items, "seconds": time.monotonic() - began}))


if __name__ == "__main__":
    main()
