"""Who gets, sees and sends digests (PRODUCT.md "Roles")."""

from __future__ import annotations

from django.db.models import QuerySet

from dashboards.models import Delivery, DigestIssue, Subscription
from people.access import User, has_role, is_known
from people.models import Role


def can_subscribe_others(user: User) -> bool:
    """Subscribe people and addresses, change, pause and stop it for them, and look at what they get: directors."""
    return has_role(user, Role.DIRECTOR)


def visible_subscriptions(user: User) -> QuerySet[Subscription]:
    """A director’s are all; everybody’s their own."""
    if has_role(user, Role.DIRECTOR):
        return Subscription.objects.all()
    return Subscription.objects.filter(person=user.pk) if is_known(user) else Subscription.objects.none()


def visible_issues(user: User) -> QuerySet[DigestIssue]:
    """What was told to oneself; a director sees what was told to anybody."""
    rows = DigestIssue.objects.filter(content__isnull=False)
    if has_role(user, Role.DIRECTOR):
        return rows
    return rows.filter(subscription__person=user.pk) if is_known(user) else rows.none()


def visible_deliveries(user: User) -> QuerySet[Delivery]:
    """How messages got to oneself; directors and administrators see whether everybody’s did, and why not.

    An administrator sees the log and not what the messages say.
    """
    if has_role(user, Role.DIRECTOR, Role.ADMIN):
        return Delivery.objects.all()
    return Delivery.objects.filter(subscription__person=user.pk) if is_known(user) else Delivery.objects.none()


def can_see_delivery_log(user: User) -> bool:
    """The log of everybody’s."""
    return has_role(user, Role.DIRECTOR, Role.ADMIN)


def can_send_again(user: User) -> bool:
    """Have a message handed over once more that failed, or whose answer was lost."""
    return has_role(user, Role.DIRECTOR, Role.ADMIN)


def can_preview_as(user: User, role: Role) -> bool:
    """Look at the digest as nobody in particular of ``role`` gets it. A director’s tells of confidential goals."""
    return has_role(user, Role.DIRECTOR) or (is_known(user) and role != Role.DIRECTOR)
