"""``manage.py invite``: let somebody in, with a role and a link to choose a password."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand
from django.core.validators import validate_email
from django.urls import reverse

from people.models import Person, Role


class Command(BaseCommand):
    help = "Add a person (or give one who is there another role) and print a link, good once, to choose a password."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--name", required=True)
        parser.add_argument("--role", choices=Role.values, default=Role.ENGINEER)
        parser.add_argument("--timezone", default="UTC")
        parser.add_argument("--json", action="store_true", help="one JSON object instead of a sentence")

    def handle(self, *args: Any, **options: Any) -> None:
        email = options["email"].strip().lower()
        try:
            validate_email(email)
        except ValidationError:
            self.stderr.write(f"{email} is not an e-mail address: write it as you@example.com.")
            raise SystemExit(2) from None
        values = {"name": options["name"], "role": options["role"], "timezone": options["timezone"]}
        person, is_new = Person.objects.update_or_create(email=email, defaults=values)
        if is_new:
            person.set_unusable_password()
            person.save()
        link = link_for(person)
        if options["json"]:
            self.stdout.write(json.dumps({"email": email, "role": person.role, "new": is_new, "link": link}))
        else:
            self.stdout.write(f"{person.name} is {person.get_role_display().lower()}. To choose a password: {link}")


def link_for(person: Person) -> str:
    """Where the person chooses a password; worth a login, so it goes to them alone."""
    key = default_token_generator.make_token(person)
    path = reverse("account_reset_password_from_key", kwargs={"uidb36": user_pk_to_url_str(person), "key": key})
    return settings.PUBLIC_URL + path
