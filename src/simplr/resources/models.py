"""Resources and their versions."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from simplr.access.models import Node
from simplr.accounts.models import Person
from simplr.projects.models import Project
from simplr_core.access.scans import ScanFacts, ScanState

_SCAN_STATES = [(state.value, state.value) for state in ScanState]


class Resource(models.Model):
    """Something the institute keeps: a data set or a file."""

    node = models.OneToOneField(Node, on_delete=models.PROTECT, primary_key=True, related_name="+")
    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="resources")
    kind = models.CharField(max_length=8, choices=[("dataset", "dataset"), ("file", "file")])
    title = models.CharField(max_length=200)
    description = models.TextField(blank=True)
    usage_terms = models.CharField(max_length=60, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = (models.Index(fields=["project", "-node"], name="resource_by_project"),)

    def __str__(self) -> str:
        return self.title


class Folder(models.Model):
    """A place inside a project. Its node's path says where it lies; its title is never a path."""

    node = models.OneToOneField(Node, on_delete=models.PROTECT, primary_key=True, related_name="+")
    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="folders")
    title = models.CharField(max_length=200)
    description = models.TextField(blank=True)

    class Meta:
        indexes = (models.Index(fields=["project", "-node"], name="folder_by_project"),)

    def __str__(self) -> str:
        return self.title


class Mode(models.TextChoices):
    """How a version came out of a file or of an earlier version."""

    REPLACE = "replace"
    APPEND = "append"
    UPSERT = "upsert"
    RESTORE = "restore"
    MEND = "mend"


BY_UPLOAD = (Mode.REPLACE, Mode.APPEND, Mode.UPSERT)
"""The modes by which a version is what an upload became."""


class Version(models.Model):
    """One immutable state of a resource. The original file is kept sealed beside the result."""

    node = models.OneToOneField(Node, on_delete=models.PROTECT, primary_key=True, related_name="+")
    resource = models.ForeignKey(Resource, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    original_id = models.UUIDField()
    original_name = models.CharField(max_length=255)
    table_path = models.JSONField(default=list)
    """The way from the original to the table: member, sheet, list. Empty where it is the table."""
    media_type = models.CharField(max_length=100)
    size = models.BigIntegerField()
    rows_in = models.BigIntegerField(null=True)
    rows_kept = models.BigIntegerField(null=True)
    rows_made = models.BigIntegerField(default=0)
    """How many rows there are more than those that came in and fit: by unpivoting them."""
    rows_each = models.PositiveIntegerField(default=1)
    """How many rows each row of its file became."""
    rows_quarantined = models.BigIntegerField(null=True)
    cells_quarantined = models.BigIntegerField(null=True)
    quarantine_id = models.UUIDField(null=True)
    mode = models.CharField(max_length=8, choices=Mode.choices, default=Mode.REPLACE)
    key = ArrayField(models.CharField(max_length=200), default=list)
    """The fields by which rows were matched, where they were."""
    earlier = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, related_name="+")
    """The version that this one was made out of; of a file alone, none."""
    upload_id = models.UUIDField(null=True)
    """The upload that it came by, if it did."""
    changes = models.JSONField(default=dict)
    """How many rows were added or replaced against the earlier version."""
    recipe_id = models.UUIDField(null=True)
    """The sealed recipe that made the table of the original."""
    text_id = models.UUIDField(null=True)
    """The sealed text of a document."""
    text_refusal = models.JSONField(default=dict)
    """Why a document has no text, {code, message}, once that was found out."""
    scan = models.CharField(
        max_length=11, choices=_SCAN_STATES, blank=True, default="", db_default=""
    )
    """What scanning its original said, and those of the versions that it was made out of."""
    scan_found = models.CharField(max_length=100, blank=True, default="", db_default="")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = (models.Index(fields=["original_id"], name="version_by_original"),)
        constraints = (
            models.UniqueConstraint(fields=["resource", "number"], name="version_number_once"),
            models.CheckConstraint(
                name="rows_in_are_kept_or_quarantined",
                condition=models.Q(rows_in__isnull=True)
                | models.Q(
                    rows_in=models.F("rows_kept")
                    + models.F("rows_quarantined")
                    - models.F("rows_made")
                ),
            ),
            models.CheckConstraint(
                name="rows_made_are_those_of_each_row",
                condition=models.Q(rows_in__isnull=True)
                | ~models.Q(mode=Mode.REPLACE)
                | models.Q(
                    rows_kept=(models.F("rows_in") - models.F("rows_quarantined"))
                    * models.F("rows_each")
                ),
            ),
        )

    def __str__(self) -> str:
        return f"version {self.number}"

    @property
    def scan_facts(self) -> ScanFacts:
        return ScanFacts(ScanState(self.scan), self.scan_found)


class Scan(models.Model):
    """What the scanner last said of an original. Several versions may have come by one."""

    original_id = models.UUIDField(primary_key=True)
    state = models.CharField(max_length=11, choices=_SCAN_STATES)
    found = models.CharField(max_length=100, blank=True)
    """The signature of what was found, or why it was not scanned."""
    scanner = models.CharField(max_length=100, blank=True)
    """The program and its signatures, as it names them."""
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"scan of {self.original_id}"

    @property
    def facts(self) -> ScanFacts:
        return ScanFacts(ScanState(self.state), self.found)


class Trashed(models.Model):
    """Something that was put in the trash: who did it, and until when it can be brought back."""

    node = models.OneToOneField(Node, on_delete=models.PROTECT, primary_key=True, related_name="+")
    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="+")
    trashed_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    trashed_at = models.DateTimeField()
    until = models.DateTimeField()
    erasing_at = models.DateTimeField(null=True)
    """Since when it is being erased: nobody brings it back any more."""

    class Meta:
        indexes = (
            models.Index(fields=["until"], name="trashed_by_end"),
            models.Index(fields=["project", "-node"], name="trashed_by_project"),
        )
        constraints = (
            models.CheckConstraint(
                name="trashed_until_later", condition=models.Q(until__gte=models.F("trashed_at"))
            ),
        )

    def __str__(self) -> str:
        return f"trashed {self.node_id}"
