"""Nodes and what points at them: roles, grants, tokens."""

from __future__ import annotations

from datetime import datetime

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from oauth2_provider import models as oauth

from simplr.access.fields import FingerprintField
from simplr.accounts.models import Group, Organisation, Person
from simplr.base.ids import new_id
from simplr_core.access import Action, NodeKind, RequestState, Role


class Node(models.Model):
    """The row that a project, folder, resource, version or release is known by.

    `path` runs from the project down to the node itself, so that "is it below?" is one look.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.CharField(max_length=12)
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="children")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    project = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="+")
    path = ArrayField(models.UUIDField())
    owner = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    classification = models.CharField(max_length=12, default="internal")
    required_agreement_id = models.UUIDField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    deleted_at = models.DateTimeField(null=True)
    """Since when it and all below it are out of sight."""
    restorable_until = models.DateTimeField(null=True)
    """Set while it lies in the trash: until then it may be brought back."""

    class Meta:
        indexes = (
            GinIndex(fields=["path"], name="node_path"),
            models.Index(fields=["kind", "id"], name="node_by_kind"),
            models.Index(fields=["parent", "-id"], name="node_by_parent"),
            models.Index(
                fields=["deleted_at"],
                condition=Q(deleted_at__isnull=False),
                name="node_deleted",
            ),
        )
        constraints = (
            models.CheckConstraint(
                name="node_kind_is_known",
                condition=Q(kind__in=[kind.value for kind in NodeKind]),
            ),
            models.CheckConstraint(
                name="node_in_the_trash_is_deleted",
                condition=Q(restorable_until__isnull=True) | Q(deleted_at__isnull=False),
            ),
            models.CheckConstraint(
                name="node_classification_is_known",
                condition=Q(
                    classification__in=["public", "internal", "confidential", "restricted"]
                ),
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"


class RoleAssignment(models.Model):
    """What a member is in a project."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    node = models.ForeignKey(Node, on_delete=models.CASCADE, related_name="roles")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="roles")
    role = models.CharField(max_length=12)
    given_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    given_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["node", "person"], name="one_role_each"),
            models.CheckConstraint(
                name="role_is_known", condition=Q(role__in=[role.value for role in Role])
            ),
        )

    def __str__(self) -> str:
        return f"{self.role} {self.id}"


class Grant(models.Model):
    """One grantee may do these actions to one node until a time, perhaps under a release."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    node = models.ForeignKey(Node, on_delete=models.PROTECT, related_name="grants")
    release = models.ForeignKey(
        Node, on_delete=models.PROTECT, null=True, related_name="release_grants"
    )
    person = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="grants")
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, null=True, related_name="grants"
    )
    group = models.ForeignKey(Group, on_delete=models.PROTECT, null=True, related_name="grants")
    link_digest = models.BinaryField(max_length=32, null=True, unique=True)
    link_password = models.CharField(max_length=200, blank=True)
    actions = ArrayField(models.CharField(max_length=12))
    conditions = ArrayField(models.CharField(max_length=40), default=list)
    note = models.CharField(max_length=500, blank=True)
    granted_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    granted_at = models.DateTimeField()
    until = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    revoked_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        indexes = (
            models.Index(fields=["node", "revoked_at"], name="grant_by_node"),
            models.Index(fields=["person", "revoked_at"], name="grant_by_person"),
            models.Index(fields=["organisation", "revoked_at"], name="grant_by_organisation"),
            models.Index(
                fields=["until"],
                condition=Q(revoked_at__isnull=True, until__isnull=False),
                name="grant_that_ends",
            ),
        )
        constraints = (
            models.CheckConstraint(
                name="grant_has_one_grantee",
                condition=(
                    Q(person__isnull=False, organisation=None, group=None, link_digest=None)
                    | Q(person=None, organisation__isnull=False, group=None, link_digest=None)
                    | Q(person=None, organisation=None, group__isnull=False, link_digest=None)
                    | Q(person=None, organisation=None, group=None, link_digest__isnull=False)
                ),
            ),
            models.CheckConstraint(
                name="grant_ends_after_it_begins",
                condition=Q(until__isnull=True) | Q(until__gt=F("granted_at")),
            ),
            models.CheckConstraint(
                name="grant_revoked_by_someone",
                condition=Q(revoked_at__isnull=True, revoked_by__isnull=True)
                | Q(revoked_at__isnull=False, revoked_by__isnull=False),
            ),
            models.CheckConstraint(
                name="grant_actions_are_known",
                condition=Q(actions__contained_by=[action.value for action in Action])
                & ~Q(actions=[]),
            ),
        )

    def __str__(self) -> str:
        return f"grant {self.id}"


class AccessRequest(models.Model):
    """Somebody asks to use a resource that he knows of; who manages it answers, once.

    Purpose and answer are what people wrote: they are sealed under the project's key.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    node = models.ForeignKey(Node, on_delete=models.PROTECT, related_name="access_requests")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="access_requests")
    purpose = models.BinaryField()
    actions = ArrayField(models.CharField(max_length=12))
    until = models.DateTimeField(null=True)
    state = models.CharField(max_length=12, default=RequestState.WAITING.value)
    asked_at = models.DateTimeField()
    reminded_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    answer = models.BinaryField(null=True)
    grant = models.ForeignKey(Grant, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        indexes = (
            models.Index(fields=["node", "-id"], name="request_by_node"),
            models.Index(fields=["person", "-id"], name="request_by_person"),
            models.Index(
                fields=["asked_at"], condition=Q(state="waiting"), name="request_that_waits"
            ),
        )
        constraints = (
            models.CheckConstraint(
                name="request_state_is_known",
                condition=Q(state__in=[state.value for state in RequestState]),
            ),
            models.UniqueConstraint(
                fields=["node", "person"], condition=Q(state="waiting"), name="request_waits_once"
            ),
            models.CheckConstraint(
                name="request_granted_has_a_grant",
                condition=Q(state="granted", grant__isnull=False)
                | (~Q(state="granted") & Q(grant__isnull=True)),
            ),
            models.CheckConstraint(
                name="request_is_not_answered_by_who_asked",
                condition=Q(answered_by__isnull=True) | ~Q(answered_by=F("person")),
            ),
        )

    def __str__(self) -> str:
        return f"access request {self.id}"


class Application(oauth.AbstractApplication):
    """A program that acts for people (OAuth's word is client). `user` is for whom it acts alone."""

    public_id = models.UUIDField(default=new_id, unique=True, editable=False)
    scopes = ArrayField(models.CharField(max_length=100), default=list)
    """All that it may ever ask for."""
    registered_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    revoked_at = models.DateTimeField(null=True)

    class Meta(oauth.AbstractApplication.Meta):
        abstract = False

    def __str__(self) -> str:
        return f"program {self.public_id}"

    def is_usable(self, request: object) -> bool:
        return self.revoked_at is None


class AccessToken(oauth.AbstractAccessToken):
    """A scoped, revocable credential. Only its digest is kept; `token` stays empty.

    What a person allowed a program is one row for as long as that lasts: renewing exchanges its
    digest, so that what streams and the ledger name stays the same.
    """

    public_id = models.UUIDField(default=new_id, unique=True, editable=False)
    name = models.CharField(max_length=100, blank=True)
    made_with = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, related_name="made")
    revoked_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)
    suspended_at = models.DateTimeField(null=True)
    """Since when it rests, because its use was unusual."""
    slowed_until = models.DateTimeField(null=True)
    renewable_until = models.DateTimeField(null=True)
    """Until when its person allowed a program to renew it; none for one that ends by itself."""

    class Meta(oauth.AbstractAccessToken.Meta):
        abstract = False
        constraints = (models.CheckConstraint(name="token_is_never_kept", condition=Q(token="")),)

    def __str__(self) -> str:
        return f"token {self.public_id}"

    @property
    def ends_at(self) -> datetime:
        """When it is over for good, unless it is revoked before."""
        ends: datetime = max(self.expires, self.renewable_until or self.expires)
        return ends


class RefreshToken(oauth.AbstractRefreshToken):
    """Renews an access token, once. Those that were used stay: one that comes again was stolen.

    `token_family` is the public id of the access token, of which there is one for all of them.
    """

    scope = models.TextField(blank=True)
    """What the person allowed: a program may take less at one renewal and all at the next."""

    class Meta(oauth.AbstractRefreshToken.Meta):
        abstract = False
        constraints = (
            models.CheckConstraint(name="refresh_token_is_never_kept", condition=Q(token="")),
        )

    def __str__(self) -> str:
        return f"refresh token {self.pk}"


class IDToken(oauth.AbstractIDToken):
    """An OpenID Connect identity token."""

    class Meta(oauth.AbstractIDToken.Meta):
        abstract = False

    def __str__(self) -> str:
        return f"identity token {self.pk}"


class CodeGrant(oauth.AbstractGrant):
    """An authorisation code on its way to a token (OAuth's own word for it is grant)."""

    code = FingerprintField(max_length=255, unique=True)
    until = models.DateTimeField(null=True)
    """Until when the person allows what the code stands for."""
    made = models.ForeignKey(AccessToken, on_delete=models.CASCADE, null=True, related_name="+")
    """What it was redeemed for. It stays, so that a second redemption ends what the first made."""

    class Meta(oauth.AbstractGrant.Meta):
        abstract = False

    def __str__(self) -> str:
        return f"code grant {self.pk}"


class DeviceGrant(oauth.AbstractDeviceGrant):
    """A device waiting for its person to allow it."""

    device_code = FingerprintField(max_length=100)
    user_code = FingerprintField(max_length=100, unique=True)
    until = models.DateTimeField(null=True)
    made = models.ForeignKey(AccessToken, on_delete=models.CASCADE, null=True, related_name="+")

    class Meta(oauth.AbstractDeviceGrant.Meta):
        abstract = False

    def __str__(self) -> str:
        return f"device grant {self.pk}"


class IdentityKey(models.Model):
    """What signs who somebody is. The newest signs; older ones stay, to be checked against."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    public = models.TextField()
    """The public half, as JSON (RFC 7517)."""
    sealed = models.BinaryField()
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"identity key {self.id}"
