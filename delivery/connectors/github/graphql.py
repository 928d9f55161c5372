"""The questions put to GitHub's GraphQL API. Limits: 100 a connection, 500,000 nodes, 10 s of work (G15, G16)."""

from __future__ import annotations

PULLS = 50
FEW_PULLS = 10  # the first page of a small update; most of the time nothing more has changed
DEPLOYMENTS = 100
OPTIONAL = ("fullDatabaseId",)  # fields an older Enterprise Server does not have (G17)

ACTOR = """
fragment Actor on Actor {
  __typename login
  ... on User { databaseId name }
  ... on Bot { databaseId }
}
"""
REVIEWS = """pageInfo { hasNextPage endCursor }
      nodes { databaseId fullDatabaseId state submittedAt author { ...Actor } }"""
COMMITS = """totalCount pageInfo { hasNextPage endCursor }
      nodes { commit { oid authoredDate committedDate message author { user { ...Actor } } } }"""

PULL = f"""
fragment Pull on PullRequest {{
  id databaseId fullDatabaseId number title body headRefName url isDraft
  createdAt updatedAt mergedAt closedAt additions deletions changedFiles
  mergeCommit {{ oid }}
  author {{ ...Actor }}
  labels(first: 20) {{ nodes {{ name }} }}
  reviewRequests(first: 20) {{ nodes {{ requestedReviewer {{ ...Actor }} }} }}
  timelineItems(first: 1, itemTypes: [READY_FOR_REVIEW_EVENT, CONVERT_TO_DRAFT_EVENT]) {{
    nodes {{ __typename ... on ReadyForReviewEvent {{ createdAt }} }}
  }}
  reviews(first: 50) {{ {REVIEWS} }}
  commits(first: 100) {{ {COMMITS} }}
}}
"""

PULL_PAGE = f"""
query Pulls($owner: String!, $name: String!, $first: Int!, $after: String, $order: IssueOrder!) {{
  repository(owner: $owner, name: $name) {{
    pullRequests(first: $first, after: $after, orderBy: $order) {{
      totalCount pageInfo {{ hasNextPage endCursor }} nodes {{ ...Pull }}
    }}
  }}
}}
{PULL}{ACTOR}"""

PULL_NUMBERS = """
query Numbers($owner: String!, $name: String!, $first: Int!, $after: String, $order: IssueOrder!) {
  repository(owner: $owner, name: $name) {
    pullRequests(first: $first, after: $after, orderBy: $order) { nodes { number } }
  }
}
"""

ONE_PULL = f"""
query Pull($owner: String!, $name: String!, $number: Int!) {{
  repository(owner: $owner, name: $name) {{ pullRequest(number: $number) {{ ...Pull }} }}
}}
{PULL}{ACTOR}"""

DEPLOYMENT_PAGE = f"""
query Deployments($owner: String!, $name: String!, $first: Int!, $after: String, $order: DeploymentOrder!) {{
  repository(owner: $owner, name: $name) {{
    deployments(first: $first, after: $after, orderBy: $order) {{
      totalCount pageInfo {{ hasNextPage endCursor }}
      nodes {{
        id databaseId environment commitOid createdAt
        ref {{ name }}
        creator {{ ...Actor }}
        statuses(first: 100) {{ nodes {{ state createdAt }} }}
      }}
    }}
  }}
}}
{ACTOR}"""


def more(connection: str) -> str:
    """The question for the rest of a pull request's ``connection``: reviews or commits."""
    selection = {"reviews": REVIEWS, "commits": COMMITS}[connection]
    return f"""
query More($owner: String!, $name: String!, $number: Int!, $after: String) {{
  repository(owner: $owner, name: $name) {{
    pullRequest(number: $number) {{ {connection}(first: 100, after: $after) {{ {selection} }} }}
  }}
}}
{ACTOR}"""
