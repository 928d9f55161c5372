"""Who is signed in, for pages that nobody else gets to."""

from __future__ import annotations

from django.http import HttpRequest

from people.models import Person


def reader(request: HttpRequest) -> Person:
    """The person; every page but those marked otherwise asks for a login before its view runs."""
    assert isinstance(request.user, Person)
    return request.user
