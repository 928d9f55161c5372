"""``manage.py apitoken EMAIL``: a fresh token for the REST API, shown once; the one before stops working."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from rest_framework.authtoken.models import Token

from people.models import Person


class Command(BaseCommand):
    help = "Print a fresh API token of a person. It replaces the one before and is not shown again."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", metavar="EMAIL", help="the person's e-mail address")
        parser.add_argument("--json", action="store_true", help="print one JSON object: email and token")

    def handle(self, *args: Any, email: str, **options: Any) -> None:
        person = Person.objects.filter(email__iexact=email).first()
        if person is None:
            raise CommandError(f"Nobody here has the address {email}.", returncode=2)
        if not person.is_active:
            raise CommandError(f"{person.email} is switched off and could not use a token.", returncode=1)
        with transaction.atomic():
            Token.objects.filter(user=person).delete()
            token = Token.objects.create(user=person)
        said = {"email": person.email, "token": token.key}
        self.stdout.write(json.dumps(said) if options["json"] else token.key)
