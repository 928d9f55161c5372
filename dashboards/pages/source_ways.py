"""How Headway can sign in at a Jira or a GitHub, and the least that each kind of token must be given. PURE."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

Field = Literal["url", "email", "token", "app_id", "installation", "private_key"]


@dataclass(frozen=True, slots=True)
class Permission:
    """One box to tick where the token is made, and why."""

    what: str
    why: str


@dataclass(frozen=True, slots=True)
class Way:
    """One kind of credentials. ``auth`` as ``Source.auth``; ``fields`` are asked for, in this order.

    ``make``: the steps to the token, in the tool's own words; ``optional``: fields that may stay empty; ``beware`` what this kind may do beyond reading;
    ``optional``: fields that may stay empty.
    """

    id: str
    kind: str
    auth: str
    title: str
    fits: str
    fields: tuple[Field, ...]
    make: tuple[str, ...]
    permissions: tuple[Permission, ...]
    beware: str
    address: str  # an example of the address
    address_help: str
    deployment: str = ""
    default_url: str = ""
    optional: tuple[Field, ...] = ()


BROWSE: Final = Permission("Browse projects", "in each project to read: issues, their history, sprints")
SEE_PEOPLE: Final = Permission("Browse users and groups", "names beside changes; without it people stay numbers")
NOTHING_ELSE: Final = Permission("Nothing else", "no administration, no create, edit or delete: Headway never writes")
CLOUD_ADDRESS: Final = "The address you open Jira at."
SCOPES: Final = (
    Permission("read:jira-work", "issues, their history, projects and statuses"),
    Permission("read:jira-user", "names beside changes"),
    Permission("read:board-scope:jira-software", "which boards a project has"),
    Permission("read:board-scope.admin:jira-software", "which field a board estimates with"),
    Permission("read:sprint:jira-software", "sprints and what they held"),
    Permission("read:project:jira", "the list of projects to pick from"),
)
REPOSITORY: Final = (
    Permission("Metadata: read", "the list of repositories; GitHub always adds it"),
    Permission("Pull requests: read", "changes, reviews and review requests"),
    Permission("Contents: read", "commits, releases and tags; no file is ever read"),
    Permission("Issues: read", "issues, milestones and labels"),
    Permission("Deployments: read", "deployments and how they ended"),
    Permission("Actions: read", "workflow runs, where these are your deployments"),
)
API: Final = Way(
    id="api",
    kind="jira",
    auth="token",
    title="E-mail and API token",
    fits="Jira Cloud; quick, and enough for most",
    fields=("url", "email", "token"),
    make=(
        "Have a person of its own for Headway in Jira, in a group that may only browse.",
        "As that person open id.atlassian.com, Security, API tokens, and choose “Create API token”.",
        "Let it last as long as your rules allow, at most a year. Headway says when it is about to run out.",
    ),
    permissions=(BROWSE, SEE_PEOPLE, NOTHING_ELSE),
    beware="Such a token may do all that its person may do: that is why the person should have few rights.",
    address="https://you.atlassian.net",
    address_help=CLOUD_ADDRESS,
    deployment="cloud",
)
SCOPED: Final = Way(
    id="scoped",
    kind="jira",
    auth="token",
    title="Scoped token or service account",
    fits="Jira Cloud; the token itself can only read",
    fields=("url", "email", "token"),
    optional=("email",),
    make=(
        "Have an organisation administrator make a service account, or open id.atlassian.com, Security, API tokens.",
        "Choose “Create API token with scopes”, then Jira, and tick the scopes below.",
        "Give the account “Browse projects” in each project to read.",
    ),
    permissions=(*SCOPES, NOTHING_ELSE),
    beware="The scopes stand above the account's own rights: the token sees what both allow.",
    address="https://you.atlassian.net",
    address_help="The address you open Jira at; Headway finds the one where scoped tokens work.",
    deployment="cloud",
)
OAUTH: Final = Way(
    id="oauth",
    kind="jira",
    auth="oauth",
    title="OAuth 2.0",
    fits="Jira Cloud; you agree in the browser, nothing to paste",
    fields=("url",),
    make=(
        "Atlassian asks you to agree to the scopes below, for one site.",
        "Headway keeps the right to renew its hourly token; you withdraw it under Connected apps.",
    ),
    permissions=(*SCOPES, Permission("offline_access", "renewing the hourly token without asking you again")),
    beware="It acts as you: it sees what you may see, and stops when you leave.",
    address="https://you.atlassian.net",
    address_help=CLOUD_ADDRESS,
    deployment="cloud",
)
PERSONAL: Final = Way(
    id="personal",
    kind="jira",
    auth="token",
    title="Personal access token",
    fits="Jira Data Center 8.14 and later",
    fields=("url", "token"),
    make=(
        "Have a person of its own for Headway in Jira, in a group that may only browse.",
        "As that person open the profile, Personal Access Tokens, and choose “Create token”.",
        "Let it last as long as your rules allow. Headway says when it is about to run out.",
    ),
    permissions=(BROWSE, SEE_PEOPLE, NOTHING_ELSE),
    beware="Such a token may do all that its person may do: that is why the person should have few rights.",
    address="https://jira.example.com",
    address_help="The address you open Jira at, with its path if it has one, such as https://example.com/jira.",
    deployment="datacenter",
)
FINE_GRAINED: Final = Way(
    id="fine-grained",
    kind="github",
    auth="token",
    title="Fine-grained token",
    fits="GitHub; for chosen repositories, and it can only read",
    fields=("url", "token"),
    make=(
        "Open Settings, Developer settings, Personal access tokens, Fine-grained tokens, “Generate new token”.",
        "As resource owner choose the organisation, as access “Only select repositories”.",
        "Tick the repository permissions below, each as read-only. An owner may have to approve the token.",
    ),
    permissions=(*REPOSITORY, Permission("Nothing else", "no write, no administration, no account permission")),
    beware="It ends with the person who made it; for a whole organisation a GitHub App lasts longer.",
    address="https://github.com",
    address_help="https://github.com, or the address of your Enterprise Server.",
    default_url="https://github.com",
)
CLASSIC: Final = Way(
    id="classic",
    kind="github",
    auth="token",
    title="Classic token",
    fits="GitHub; where fine-grained tokens are switched off",
    fields=("url", "token"),
    make=(
        "Open Settings, Developer settings, Personal access tokens, Tokens (classic), “Generate new token”.",
        "Tick the scopes below. Where the organisation has single sign-on, choose “Configure SSO” beside the token.",
    ),
    permissions=(
        Permission("repo", "private repositories; for public ones alone no scope is needed"),
        Permission("read:org", "the list of the organisation's repositories"),
        Permission("Nothing else", "no workflow, no admin, no delete"),
    ),
    beware="The scope repo also allows writing: GitHub has no smaller one here. Headway never writes; a fine-grained "
    "token could not.",
    address="https://github.com",
    address_help="https://github.com, or the address of your Enterprise Server.",
    default_url="https://github.com",
)
APP: Final = Way(
    id="app",
    kind="github",
    auth="app",
    title="GitHub App",
    fits="GitHub; belongs to the organisation, with the largest quota",
    fields=("url", "app_id", "installation", "private_key"),
    make=(
        "Open the organisation's Settings, Developer settings, GitHub Apps, “New GitHub App”; no webhook, no callback.",
        "Tick the repository permissions below, each as read-only, and choose “Create GitHub App”.",
        "Generate a private key, then install the App on the repositories to read. The installation's number is the "
        "last part of its address.",
    ),
    permissions=(*REPOSITORY, Permission("Nothing else", "no write, no organisation permission, no event")),
    beware="The key opens every installation of the App: make an App for Headway alone.",
    address="https://github.com",
    address_help="https://github.com, or the address of your Enterprise Server.",
    default_url="https://github.com",
)
WAYS: Final = {way.id: way for way in (API, SCOPED, OAUTH, PERSONAL, FINE_GRAINED, CLASSIC, APP)}


def ways(kind: str, *, oauth: bool) -> tuple[Way, ...]:
    """The ways to sign in at ``kind``; OAuth only where the operator has registered Headway with Atlassian."""
    return tuple(way for way in WAYS.values() if way.kind == kind and (oauth or way.auth != "oauth"))
