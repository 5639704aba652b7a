"""The upload: a file on its way in."""

from __future__ import annotations

from django.db import models

from simplr.accounts.models import Person
from simplr.base.ids import new_id
from simplr.projects.models import Project
from simplr.resources.models import Folder, Resource, Version


class UploadState(models.TextChoices):
    RECEIVING = "receiving"
    RECEIVED = "received"
    UNDERSTANDING = "understanding"
    UNDERSTOOD = "understood"
    KEEPING = "keeping"
    KEPT = "kept"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Upload(models.Model):
    """One file between its first byte and the version it becomes."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="uploads")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    resource = models.ForeignKey(Resource, on_delete=models.PROTECT, null=True, related_name="+")
    """The resource that gets a new version, if not a new one."""
    folder = models.ForeignKey(Folder, on_delete=models.SET_NULL, null=True, related_name="+")
    """Where a new resource will lie, if not at the top of the project."""
    version = models.ForeignKey(Version, on_delete=models.PROTECT, null=True, related_name="+")
    name = models.CharField(max_length=255)
    wanted_as = models.CharField(max_length=5, default="auto")
    state = models.CharField(max_length=14, choices=UploadState.choices)
    size = models.BigIntegerField()
    received_bytes = models.BigIntegerField(default=0)
    object_id = models.UUIDField(null=True)
    report_id = models.UUIDField(null=True)
    """The sealed understanding: decisions with examples, and sample rows."""
    read_as = models.JSONField(null=True)
    """What a person says of how its text is read; null where nobody did."""
    understanding = models.JSONField(default=dict)
    """The part of the understanding that holds no cell value."""
    overrides = models.JSONField(default=dict)
    recipes = models.BinaryField(null=True)
    """The recipes that it is kept by, sealed: they may hold values."""
    progress = models.JSONField(default=dict)
    job_id = models.BigIntegerField(null=True)
    expires_at = models.DateTimeField(null=True)
    """When a resumable upload is given up if no more arrives; null for one by one request."""
    metadata = models.BinaryField(null=True)
    """What the sender said of a resumable upload, sealed: it may hold a digest of the content."""
    error_code = models.CharField(max_length=60, blank=True)
    error_message = models.TextField(blank=True)
    cancel_asked_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        indexes = (
            models.Index(fields=["project", "-id"], name="upload_by_project"),
            models.Index(fields=["state", "changed_at"], name="upload_by_state"),
        )

    def __str__(self) -> str:
        return f"upload {self.id}"

    @property
    def is_resumable(self) -> bool:
        """Whether it arrives by any number of requests."""
        return self.expires_at is not None


class UploadPiece(models.Model):
    """A stretch of an upload that has arrived: a sealed object of its own, until all are joined."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    upload = models.ForeignKey(Upload, on_delete=models.CASCADE, related_name="pieces")
    offset = models.BigIntegerField()
    size = models.BigIntegerField()
    object_id = models.UUIDField(unique=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["upload", "offset"], name="one_piece_at_an_offset"),
            models.CheckConstraint(
                name="piece_holds_something", condition=models.Q(offset__gte=0, size__gt=0)
            ),
        )

    def __str__(self) -> str:
        return f"piece {self.id}"
