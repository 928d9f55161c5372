"""Who may do what with Headway itself. The only place (with the other apps' ``access``) where that is decided."""

from __future__ import annotations

from typing import Final, TypeGuard

from django.contrib.auth.models import AnonymousUser

from people.models import Person, Role

User = Person | AnonymousUser
NOBODY: Final = 0


def is_known(user: User) -> TypeGuard[Person]:
    """Whether ``user`` is logged in and active: nobody else sees anything."""
    return user.is_authenticated and user.is_active


def has_role(user: User, *roles: Role) -> TypeGuard[Person]:
    """Whether ``user`` is known and has one of ``roles``."""
    return is_known(user) and user.role in roles


def can_manage_people(user: User) -> bool:
    """Invite, change and switch off users, and map identities."""
    return has_role(user, Role.ADMIN)


def can_see_audit(user: User) -> bool:
    """Read who changed what."""
    return has_role(user, Role.ADMIN)


def stand_in(role: Role) -> Person:
    """Somebody of ``role`` whom no row stands for: what they see is what nobody in particular of that role sees.

    A reader of the digest without a login is one, as an executive. No row has its pk: None would be found wherever nobody
    manages, leads or owns something.
    """
    return Person(pk=NOBODY, role=role, name="", email="", is_active=True)
