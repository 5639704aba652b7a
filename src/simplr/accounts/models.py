"""People and the organisations they belong to."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from simplr.accounts.passwords import normalised
from simplr.base.ids import new_id


class Organisation(models.Model):
    """An institution, or an outside body that works with one."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(max_length=200, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.name


class PersonManager(BaseUserManager["Person"]):
    """Makes people with a normalised address and, at first, no usable password."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> Person:
        person: Person = self.model(email=email.strip().lower(), **fields)
        person.set_password(password)
        person.save(using=self._db)
        return person

    def get_by_natural_key(self, username: str | None) -> Person:
        return self.get(email__iexact=(username or "").strip())


class Person(AbstractBaseUser):
    """Someone who can sign in. What they may do is said by licences, roles and grants."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    email = models.EmailField(max_length=254, unique=True)
    name = models.CharField(max_length=200)
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="people", null=True
    )
    is_active = models.BooleanField(default=True)
    is_administrator = models.BooleanField(default=False)
    is_auditor = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)
    wants_daily_mail = models.BooleanField(default=False)
    """Whether a mail says once a day what is unread."""
    daily_mail_at = models.DateTimeField(null=True)
    """When the last such mail was sent."""
    slowed_until = models.DateTimeField(null=True)
    """Until then few requests a minute are answered: access was unusual."""

    is_staff = False
    is_superuser = False

    objects: ClassVar[PersonManager] = PersonManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta:
        constraints = (models.UniqueConstraint(Lower("email"), name="person_email_once"),)

    def __str__(self) -> str:
        return self.name

    def has_perm(self, perm: str, obj: object = None) -> bool:
        """Django's own permissions are not used: nothing is allowed by them."""
        return False

    def has_module_perms(self, app_label: str) -> bool:
        return False

    def set_password(self, raw_password: str | None) -> None:
        super().set_password(None if raw_password is None else normalised(raw_password))

    def check_password(self, raw_password: str | None) -> bool:
        return super().check_password(None if raw_password is None else normalised(raw_password))

    @property
    def initials(self) -> str:
        words = self.name.split() or [self.email]
        return "".join(word[0] for word in (words[0], *words[1:][-1:])).upper()


class Group(models.Model):
    """Several people of one organisation under one name, to be granted to at once."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="groups")
    name = models.CharField(max_length=200)
    created_at = models.DateTimeField(auto_now_add=True)
    members: models.ManyToManyField[Person, GroupMembership] = models.ManyToManyField(
        Person, through="GroupMembership", related_name="member_groups"
    )

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["organisation", "name"], name="group_name_once"),
        )

    def __str__(self) -> str:
        return self.name


class GroupMembership(models.Model):
    """One person in one group."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="memberships")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="memberships")
    added_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["group", "person"], name="group_member_once"),
        )

    def __str__(self) -> str:
        return f"membership {self.id}"


class Invitation(models.Model):
    """A one-time link by which somebody becomes a person here. Only its digest is kept."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    email = models.EmailField(max_length=254)
    name = models.CharField(max_length=200, blank=True)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    project_id = models.UUIDField(null=True)
    role = models.CharField(max_length=12, blank=True)
    secret_digest = models.BinaryField(max_length=32, unique=True)
    invited_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    accepted_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                name="invitation_accepted_by_someone",
                condition=Q(accepted_at__isnull=True, accepted_by__isnull=True)
                | Q(accepted_at__isnull=False, accepted_by__isnull=False),
            ),
        )

    def __str__(self) -> str:
        return f"invitation {self.id}"


class SigninLink(models.Model):
    """A one-time link that signs one person in. Only its digest is kept."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person = models.ForeignKey(Person, on_delete=models.CASCADE)
    secret_digest = models.BinaryField(max_length=32, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"sign-in link {self.id}"


class Session(models.Model):
    """One browser that is signed in, or about to be. Useless without the cookie of that browser.

    The cookie holds the secret; here is its digest, and the content sealed under a key made from
    the secret. Whom it belongs to and when it was seen lie in clear, to list and to end it.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    digest = models.BinaryField(max_length=32, unique=True)
    sealed = models.BinaryField()
    person = models.ForeignKey(
        Person, on_delete=models.CASCADE, null=True, related_name="browser_sessions"
    )
    browser = models.CharField(max_length=80, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    seen_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"session {self.id}"


class NoticeCode(models.TextChoices):
    """What a person can be told of."""

    ASKED = "asked"
    COMMENTED = "commented"
    DECLINED = "declined"
    GRANTED = "granted"
    INFECTED = "infected"
    MEMBER = "member"
    TRASHED = "trashed"
    UNUSUAL = "unusual"


class Notice(models.Model):
    """Something that one person should know of: who did what to which node. It holds no value."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="notices")
    code = models.CharField(max_length=12, choices=NoticeCode.choices)
    node_id = models.UUIDField()
    by = models.ForeignKey(Person, on_delete=models.CASCADE, null=True, related_name="+")
    at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)

    class Meta:
        indexes = (
            models.Index(fields=["person", "-id"], name="notice_by_person"),
            models.Index(
                fields=["person", "code", "node_id"],
                condition=models.Q(read_at__isnull=True),
                name="notice_unread",
            ),
        )

    def __str__(self) -> str:
        return f"notice {self.id}"
