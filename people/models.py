"""Who: people, and the accounts that the tools know them by."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.db.models.functions import Lower


class Role(models.TextChoices):
    """What a person may do; PRODUCT.md has the table, the ``access`` modules apply it."""

    DIRECTOR = "director", "Director"
    MANAGER = "manager", "Engineering manager"
    LEAD = "lead", "Lead"
    ENGINEER = "engineer", "Engineer"
    EXECUTIVE = "executive", "Executive"
    ADMIN = "admin", "Administrator"


class PersonQuerySet(BaseUserManager["Person"]):
    """Django's hook for making users; people are known by their e-mail address."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> Person:
        person = self.model(email=self.normalize_email(email).lower(), **fields)
        person.set_password(password)
        person.save(using=self._db)
        return person

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> Person:
        return self.create_user(
            email, password, **({"role": Role.ADMIN, "is_staff": True, "is_superuser": True} | fields)
        )

    def get_by_natural_key(self, username: str | None) -> Person:
        return self.get(email__iexact=username)


class Person(AbstractBaseUser, PermissionsMixin):
    """Someone in the organisation. They may log in once they have a password or a single sign-on."""

    email = models.EmailField(unique=True, error_messages={"unique": "Somebody with this address is here already."})
    name = models.CharField(max_length=200)
    role = models.CharField(max_length=20, choices=Role, default=Role.ENGINEER)
    timezone = models.CharField(max_length=64, default="UTC")
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False)
    created = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[PersonQuerySet] = PersonQuerySet()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta:
        ordering = ["name", "id"]
        verbose_name_plural = "people"
        constraints = [models.UniqueConstraint(Lower("email"), name="person_email_once")]

    def __str__(self) -> str:
        return self.name

    def get_full_name(self) -> str:
        return self.name

    @property
    def initials(self) -> str:
        """Two letters for the avatar: of the first and the last word of the name."""
        words = self.name.split()
        return (words[0][:1] + (words[-1][:1] if len(words) > 1 else "")).upper() if words else "?"


class Account(models.Model):
    """An identity in Jira or GitHub. ``origin`` is the address of the server that issued ``native_id``."""

    kind = models.CharField(max_length=20)  # jira, github
    origin = models.CharField(max_length=300)
    native_id = models.CharField(max_length=200)
    login = models.CharField(max_length=200, blank=True)
    name = models.CharField(max_length=200, blank=True)
    email = models.EmailField(blank=True)
    is_bot = models.BooleanField(default=False)
    person = models.ForeignKey(Person, null=True, blank=True, on_delete=models.SET_NULL, related_name="accounts")

    class Meta:
        ordering = ["kind", "origin", "login", "native_id"]
        constraints = [models.UniqueConstraint(fields=["kind", "origin", "native_id"], name="account_once")]
        indexes = [models.Index(fields=["person"], name="account_person")]

    def __str__(self) -> str:
        return self.login or self.name or self.native_id
