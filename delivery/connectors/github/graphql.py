"""The questions put to GitHub's GraphQL API. Limits: 100 a connection, 500,000 nodes, 10 s of work (G15, G16)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

PULLS = 50
FEW = 10  # the first page of a small update; most of the time nothing more has changed
MANY = 100  # of everything else, and the most that GitHub gives
TOGETHER = 20  # items asked for by their numbers in one question
# Pieces that an older Enterprise Server does not know (G17), each under the name that its refusal quotes.
OPTIONAL: dict[str, tuple[str, ...]] = {
    "fullDatabaseId": ("fullDatabaseId",),
    "closingIssuesReferences": (
        "closingIssuesReferences(first: 100) { nodes { number repository { nameWithOwner } } }",
    ),
    "issueType": ("issueType { name }",),
    "parent": ("parent { number repository { nameWithOwner } }",),
    "stateReason": ("stateReason",),
}

ACTOR = """
fragment Actor on Actor {
  __typename login
  ... on User { databaseId name }
  ... on Bot { databaseId }
  ... on Mannequin { databaseId }
}
"""


@dataclass(frozen=True, slots=True)
class Kind:
    """What one connection of a repository holds, and how to ask for it.

    ``parts``: connections inside a node that are read to their end, each with its arguments and its selection.
    ``declared`` and ``arguments`` are what the connection takes besides a page and an order.
    """

    connection: str
    noun: str  # what a gap calls one of them, with its number behind it
    one: str  # the field that gives one by its number; "" where only its node id does
    type: str
    spread: str  # the fragment's name
    fragment: str
    order: str
    parts: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    declared: str = ""
    arguments: str = ""
    nullable: bool = False  # null is an empty connection: a repository without a commit has no refs

    @property
    def key(self) -> str:
        return "number" if self.one else "id"

    @property
    def name(self) -> str:
        """The field that a gap tells one by."""
        return "number" if self.one else "databaseId" if self.type != "Ref" else "name"


REVIEWS = """pageInfo { hasNextPage endCursor }
      nodes { databaseId fullDatabaseId state submittedAt author { ...Actor } }"""
COMMITS = """totalCount pageInfo { hasNextPage endCursor }
      nodes { commit { oid authoredDate committedDate message author { user { ...Actor } } } }"""
PULL_EVENTS = (
    "itemTypes: [READY_FOR_REVIEW_EVENT, CONVERT_TO_DRAFT_EVENT, REVIEW_REQUESTED_EVENT, "
    "HEAD_REF_FORCE_PUSHED_EVENT, REOPENED_EVENT]"
)
PULL_HAPPENED = """pageInfo { hasNextPage endCursor }
      nodes {
        __typename
        ... on ReadyForReviewEvent { createdAt }
        ... on ConvertToDraftEvent { createdAt }
        ... on ReviewRequestedEvent { createdAt }
        ... on HeadRefForcePushedEvent { createdAt }
        ... on ReopenedEvent { createdAt }
      }"""
PULL = f"""
fragment Pull on PullRequest {{
  id databaseId fullDatabaseId number title body headRefName url isDraft
  createdAt updatedAt mergedAt closedAt additions deletions changedFiles
  mergeCommit {{ oid }}
  milestone {{ title }}
  author {{ ...Actor }}
  labels(first: 100) {{ nodes {{ name }} }}
  reviewRequests(first: 100) {{ nodes {{ requestedReviewer {{ ...Actor }} }} }}
  closingIssuesReferences(first: 100) {{ nodes {{ number repository {{ nameWithOwner }} }} }}
  timelineItems(first: 50, {PULL_EVENTS}) {{ {PULL_HAPPENED} }}
  reviews(first: 50) {{ {REVIEWS} }}
  commits(first: 100) {{ {COMMITS} }}
}}
"""
PULL_REQUEST = Kind(
    "pullRequests",
    "",
    "pullRequest",
    "PullRequest",
    "Pull",
    PULL,
    "IssueOrder",
    {"timelineItems": (PULL_EVENTS, PULL_HAPPENED), "reviews": ("", REVIEWS), "commits": ("", COMMITS)},
)

DEPLOYMENT = Kind(
    "deployments",
    "deployment ",
    "",
    "Deployment",
    "Deployed",
    """
fragment Deployed on Deployment {
  id databaseId environment commitOid createdAt
  ref { name }
  creator { ...Actor }
  statuses(first: 100) { pageInfo { hasNextPage } nodes { state createdAt } }
}
""",
    "DeploymentOrder",
    {"statuses": ("", "")},  # not read on: hardly a deployment has a hundred, and one that has more is told
)

ISSUE_EVENTS = "itemTypes: [CLOSED_EVENT, REOPENED_EVENT]"
ISSUE_HAPPENED = """pageInfo { hasNextPage endCursor }
      nodes {
        __typename
        ... on ClosedEvent { createdAt stateReason actor { ...Actor } }
        ... on ReopenedEvent { createdAt actor { ...Actor } }
      }"""
ISSUE = Kind(
    "issues",
    "",
    "issue",
    "Issue",
    "Worked",
    f"""
fragment Worked on Issue {{
  id databaseId fullDatabaseId number title state stateReason url createdAt updatedAt closedAt
  author {{ ...Actor }}
  milestone {{ title }}
  issueType {{ name }}
  parent {{ number repository {{ nameWithOwner }} }}
  assignees(first: 5) {{ nodes {{ ...Actor }} }}
  labels(first: 100) {{ nodes {{ name }} }}
  timelineItems(first: 20, {ISSUE_EVENTS}) {{ {ISSUE_HAPPENED} }}
}}
""",
    "IssueOrder",
    {"timelineItems": (ISSUE_EVENTS, ISSUE_HAPPENED)},
    ", $filter: IssueFilters",
    ", filterBy: $filter",
)

RELEASE = Kind(
    "releases",
    "release ",
    "",
    "Release",
    "Released",
    """
fragment Released on Release {
  id databaseId tagName name isDraft isPrerelease createdAt publishedAt url
  tagCommit { oid }
  author { ...Actor }
}
""",
    "ReleaseOrder",
)
TAG = Kind(
    "refs",
    "release tag:",
    "",
    "Ref",
    "Tagged",
    """
fragment Tagged on Ref {
  id name
  target {
    __typename oid
    ... on Commit { committedDate author { user { ...Actor } } }
    ... on Tag { tagger { date user { ...Actor } } target { oid ... on Commit { committedDate } } }
  }
}
""",
    "RefOrder",
    arguments=', refPrefix: "refs/tags/"',
    nullable=True,
)

_IN_REPOSITORY = "$owner: String!, $name: String!"
_BUDGET = "rateLimit { cost limit remaining resetAt }"


def page(kind: Kind) -> str:
    """The question for a page of whole nodes."""
    return _listing(f"{kind.spread}s", kind, f"...{kind.spread}", kind.fragment + ACTOR)


def listing(kind: Kind) -> str:
    """The question for what is on a page, without saying more of it."""
    return _listing("Numbers", kind, " ".join(dict.fromkeys((kind.key, kind.name))))


def census() -> str:
    """The question for the ids of issues."""
    return _listing("Census", ISSUE, "databaseId fullDatabaseId")


def _listing(name: str, kind: Kind, selection: str, fragments: str = "") -> str:
    return f"""
query {name}({_IN_REPOSITORY}, $first: Int!, $after: String, $order: {kind.order}!{kind.declared}) {{
  {_BUDGET}
  repository(owner: $owner, name: $name) {{
    {kind.connection}(first: $first, after: $after, orderBy: $order{kind.arguments}) {{
      totalCount pageInfo {{ hasNextPage endCursor }} nodes {{ {selection} }}
    }}
  }}
}}
{fragments}"""


def one(kind: Kind) -> str:
    """The question for one node: by its number, or by its node id."""
    if not kind.one:
        return f"""
query {kind.spread}($id: ID!) {{
  node(id: $id) {{ ...{kind.spread} }}
}}
{kind.fragment}{ACTOR}"""
    return f"""
query {kind.spread}({_IN_REPOSITORY}, $number: Int!) {{
  repository(owner: $owner, name: $name) {{ {kind.one}(number: $number) {{ ...{kind.spread} }} }}
}}
{kind.fragment}{ACTOR}"""


def several(kind: Kind, numbers: Sequence[int]) -> str:
    """The question for the nodes of these numbers, each under an alias: ``n12``."""
    rows = "\n    ".join(f"n{number}: {kind.one}(number: {number}) {{ ...{kind.spread} }}" for number in numbers)
    return f"""
query Several({_IN_REPOSITORY}) {{
  {_BUDGET}
  repository(owner: $owner, name: $name) {{
    {rows}
  }}
}}
{kind.fragment}{ACTOR}"""


def releases_of(count: int) -> str:
    """The question whether these tags, ``$t0`` and on, have a release: each under the alias ``t0`` and on."""
    names = "".join(f", $t{index}: String!" for index in range(count))
    rows = "\n    ".join(f"t{index}: release(tagName: $t{index}) {{ ...Released }}" for index in range(count))
    return f"""
query ReleasesOf({_IN_REPOSITORY}{names}) {{
  repository(owner: $owner, name: $name) {{
    {rows}
  }}
}}
{RELEASE.fragment}{ACTOR}"""


def more(kind: Kind, part: str) -> str:
    """The question for the rest of one connection of a node."""
    arguments, selection = kind.parts[part]
    inside = f", {arguments}" if arguments else ""
    return f"""
query More({_IN_REPOSITORY}, $number: Int!, $after: String) {{
  repository(owner: $owner, name: $name) {{
    {kind.one}(number: $number) {{ {part}(first: 100, after: $after{inside}) {{ {selection} }} }}
  }}
}}
{ACTOR if "...Actor" in selection else ""}"""
