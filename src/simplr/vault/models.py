"""Wrapped keys and the pinned facts of sealed objects. Lives in a database of its own."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from simplr.base.ids import new_id


class ProjectKey(models.Model):
    """One key encryption key, wrapped under the root key. The nil project is the installation."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    project_id = models.UUIDField()
    wrapped = models.BinaryField(max_length=128, null=True)
    root_key_id = models.CharField(max_length=64)
    created_at = models.DateTimeField(auto_now_add=True)
    retired_at = models.DateTimeField(null=True)
    destroyed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["project_id"], condition=Q(retired_at__isnull=True), name="one_current_key"
            ),
        )

    def __str__(self) -> str:
        return f"key of project {self.project_id}"


class SealedObject(models.Model):
    """What is known of one sealed object: its wrapped key and what its bytes must be.

    The header pins the object: an older object put in its place has another one and is refused.
    Written before the bytes, confirmed after the row that refers to it; what stays unconfirmed
    is swept.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    project_key = models.ForeignKey(ProjectKey, on_delete=models.PROTECT)
    kind = models.CharField(max_length=20)
    context = models.BinaryField()
    wrapped = models.BinaryField(max_length=128, null=True)
    header = models.BinaryField(max_length=47, null=True)
    size = models.BigIntegerField(null=True)
    sealed_size = models.BigIntegerField(null=True)
    digests = models.BinaryField(null=True)
    """BLAKE3 and SHA-256 of the content, sealed: a digest can confirm a guess."""
    created_at = models.DateTimeField(auto_now_add=True)
    stored_at = models.DateTimeField(null=True)
    confirmed_at = models.DateTimeField(null=True)
    erased_at = models.DateTimeField(null=True)
    checked_at = models.DateTimeField(null=True)
    """When its stored bytes were last opened and compared with their digest."""
    damaged_at = models.DateTimeField(null=True)
    """When they were found to be missing or wrong; empty again once they are found right."""

    class Meta:
        indexes = (
            models.Index(
                fields=["created_at"],
                condition=Q(confirmed_at__isnull=True),
                name="object_unconfirmed",
            ),
            models.Index(
                F("checked_at").asc(nulls_first=True),
                "id",
                condition=Q(stored_at__isnull=False, wrapped__isnull=False),
                name="object_to_check",
            ),
            models.Index(
                fields=["damaged_at"],
                condition=Q(damaged_at__isnull=False),
                name="object_damaged",
            ),
        )
        constraints = (
            models.CheckConstraint(
                name="stored_object_is_pinned",
                condition=Q(stored_at__isnull=True)
                | Q(header__isnull=False, size__isnull=False, sealed_size__isnull=False),
            ),
        )

    def __str__(self) -> str:
        return f"object {self.id}"
