"""``manage.py connect jira|github``: check credentials and every project or repository, then save the source."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from delivery import sources
from delivery.connectors.contract import ConnectorError
from delivery.management import output
from delivery.models import Source
from delivery.secrets import SecretError

GITHUB = "https://api.github.com"


class Command(BaseCommand):
    help = "Connect a Jira or a GitHub. Nothing is saved before the credentials and every project have been checked."

    def add_arguments(self, parser: CommandParser) -> None:
        kinds = parser.add_subparsers(dest="kind", required=True, metavar="jira|github")
        jira = kinds.add_parser("jira", help="Jira Cloud or Jira Data Center")
        jira.add_argument("--url", required=True, help="https://your-company.atlassian.net, or your server's address")
        jira.add_argument("--email", default="", help="the account's e-mail (Cloud); without it the token is a PAT")
        jira.add_argument("--project", required=True, nargs="+", action="extend", dest="scopes", metavar="KEY")
        jira.add_argument("--deployment", choices=["cloud", "datacenter"], default="", help="asked of Jira otherwise")
        github = kinds.add_parser("github", help="github.com or GitHub Enterprise")
        github.add_argument("--url", default=GITHUB, help=f"the API's address; {GITHUB} unless given")
        github.add_argument("--repo", required=True, nargs="+", action="extend", dest="scopes", metavar="OWNER/NAME")
        github.set_defaults(email="", deployment="")
        for each in (jira, github):
            each.add_argument(
                "--name", required=True, help="what people will call it; an existing one is connected anew"
            )
            each.add_argument(
                "--token", required=True, help="'-' reads it from standard input, out of the shell's history"
            )
            each.add_argument(
                "--allow-private", action="store_true", help="the address is in a private network, and that is meant"
            )
            each.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        token = sys.stdin.readline() if options["token"] == "-" else options["token"]
        if not token.strip():
            output.stop(self, "There is no token: give --token, or '--token -' and the token on standard input.", 2)
        with output.database_sentences(self):
            known = Source.objects.filter(name=options["name"]).first()
            try:
                source = _connect(options, token)
            except (ConnectorError, SecretError) as error:
                if options["json"]:
                    output.write_json(self, {"connected": False, "error": str(error)})
                hint = " Here that is --allow-private." if "can allow private addresses" in str(error) else ""
                output.stop(self, f"{error}{hint}")
        self._tell(source, known, as_json=options["json"])

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


def _connect(options: dict[str, Any], token: str) -> Source:
    return sources.connect_source(
        kind=options["kind"],
        name=options["name"].strip(),
        url=options["url"],
        token=token,
        email=options["email"],
        scopes=[scope.strip() for scope in options["scopes"]],
        deployment=options["deployment"],
        allow_private=options["allow_private"],
    )
