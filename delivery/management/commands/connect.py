"""``manage.py connect jira|github``: check credentials and every project or repository, then save the source."""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from delivery import sources
from delivery.connectors.contract import ConnectorError
from delivery.management import output
from delivery.models import Auth, Source
from delivery.secrets import SecretError

GITHUB = "https://api.github.com"


class Command(BaseCommand):
    help = "Connect a Jira or a GitHub. Nothing is saved before the credentials and every project have been checked."

    def add_arguments(self, parser: CommandParser) -> None:
        kinds = parser.add_subparsers(dest="kind", required=True, metavar="jira|github")
        jira = kinds.add_parser("jira", help="Jira Cloud or Jira Data Center")
        jira.add_argument("--url", required=True, help="https://your-company.atlassian.net, or your server's address")
        jira.add_argument("--email", default="", help="the account's e-mail (Cloud); without it the token is a PAT")
        jira.add_argument(
            "--scoped", action="store_true", help="the token has scopes, or is a service account's (Cloud)"
        )
        jira.add_argument("--worklogs", action="store_true", default=None, help="read worklogs, too")
        jira.add_argument(
            "--project", required=True, nargs="+", action="extend", dest="scopes", metavar="KEY", help="or a pattern"
        )
        jira.add_argument("--deployment", choices=["cloud", "datacenter"], default="", help="asked of Jira otherwise")
        github = kinds.add_parser("github", help="github.com or GitHub Enterprise")
        github.add_argument("--url", default=GITHUB, help=f"the API's address; {GITHUB} unless given")
        github.add_argument("--repo", required=True, nargs="+", action="extend", dest="scopes", metavar="OWNER/NAME")
        github.add_argument("--app-id", default="", help="of a GitHub App, instead of a token")
        github.add_argument("--installation", default="", help="the number of its installation; not needed for one")
        github.add_argument("--private-key", default="", metavar="FILE", help="the App's .pem file")
        github.set_defaults(email="", deployment="", scoped=False, worklogs=None)
        jira.set_defaults(app_id="", installation="", private_key="")
        for each in (jira, github):
            each.add_argument(
                "--name", required=True, help="what people will call it; an existing one is connected anew"
            )
            each.add_argument(
                "--token", default="", help="'-' reads it from standard input, out of the shell's history"
            )
            each.add_argument(
                "--since", type=date.fromisoformat, metavar="DATE", help="history before it is not read; else all is"
            )
            each.add_argument(
                "--share", type=int, metavar="PERCENT", help="the most of the source's quota to take (50)"
            )
            each.add_argument(
                "--allow-private", action="store_true", help="the address is in a private network, and that is meant"
            )
            each.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        token = sys.stdin.readline() if options["token"] == "-" else options["token"]
        if not token.strip() and not options["app_id"]:
            output.stop(self, "There is no token: give --token, or '--token -' and the token on standard input.", 2)
        secret = self._secret(options)
        with output.database_sentences(self):
            known = Source.objects.filter(name=options["name"]).first()
            try:
                source = _connect(options, token, secret)
            except (ConnectorError, SecretError) as error:
                if options["json"]:
                    output.write_json(self, {"connected": False, "error": str(error)})
                hint = " Here that is --allow-private." if "can allow private addresses" in str(error) else ""
                output.stop(self, f"{error}{hint}")
        self._tell(source, known, as_json=options["json"])

    def _secret(self, options: dict[str, Any]) -> dict[str, str]:
        """What an App signs in with; empty for a token."""
        if not options["app_id"]:
            return {}
        try:
            key = Path(options["private_key"]).read_text()
        except (OSError, UnicodeDecodeError):
            output.stop(self, f"There is no private key to read in {options['private_key'] or '--private-key'}.", 2)
        return {"app_id": options["app_id"], "installation": options["installation"], "private_key": key}

    def _tell(self, source: Source, known: Source | None, *, as_json: bool) -> None:
        if as_json:
            told = ("name", "kind", "url", "deployment", "account", "version", "scopes")
            facts = {field: getattr(source, field) for field in told}
            output.write_json(self, {"connected": True, "new": known is None, **facts})
            return
        what = " ".join(word for word in (source.get_kind_display(), source.deployment, source.version) if word)
        done = "Connected" if known is None else "Connected anew"
        self.stdout.write(f"{done}: {source.name} ({what}) as {source.account}: {', '.join(source.scopes)}.")
        left = [scope for scope in known.scopes if scope not in source.scopes] if known else []
        if left:
            self.stdout.write(f"No longer read: {', '.join(left)}. What was read of them stays.")
        self.stdout.write(f'Next: manage.py sync "{source.name}"')


def _connect(options: dict[str, Any], token: str, secret: dict[str, str]) -> Source:
    name = options["name"].strip()
    named = [scope.strip() for scope in options["scopes"]]
    patterns = tuple(scope for scope in named if "*" in scope)
    return sources.connect_source(
        kind=options["kind"],
        name=name,
        url=options["url"],
        token="" if secret else token,
        email=options["email"],
        scopes=[scope for scope in named if "*" not in scope],
        deployment=options["deployment"],
        allow_private=options["allow_private"],
        auth=Auth.APP if secret else Auth.TOKEN,
        token_kind="scoped" if options["scoped"] else "",
        secret=secret,
        choices=_choices(options, Source.objects.filter(name=name).first(), patterns),
    )


def _choices(options: dict[str, Any], known: Source | None, patterns: tuple[str, ...]) -> sources.Choices:
    """What is said replaces what a known source has; what is not said stays."""
    said = {"backfill_from": options["since"], "share": options["share"], "worklogs": options["worklogs"]}
    words: dict[str, Any] = {name: value for name, value in said.items() if value is not None}
    return replace(sources.choices_of(known), patterns=patterns, **words)
