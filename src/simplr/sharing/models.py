"""Releases with the maps of their pseudonyms, comparisons of versions, and mendings."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from simplr.access.models import Node
from simplr.accounts.models import Person
from simplr.base.ids import new_id
from simplr.projects.models import Project
from simplr.resources.models import Resource, Version


class Release(models.Model):
    """A named, reviewed definition on one data set: which fields, which rows, which masks."""

    node = models.OneToOneField(Node, on_delete=models.PROTECT, primary_key=True, related_name="+")
    resource = models.ForeignKey(Resource, on_delete=models.PROTECT, related_name="releases")
    title = models.CharField(max_length=200)
    purpose = models.TextField(blank=True)
    fields = models.JSONField()
    """[{"name": …, "mask": {"kind": …}}], in the order in which they are shown."""
    condition = models.BinaryField(null=True)
    """The row condition, sealed: its constants are values of cells."""
    follows = models.CharField(
        max_length=14, choices=[("this", "this"), ("each-accepted", "each-accepted")]
    )
    version = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="releases")
    """The version that is served: the chosen one, or the last accepted one."""
    row_count = models.BigIntegerField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.title


class PseudonymMap(models.Model):
    """The sealed map of one field's values to random pseudonyms; one chain per project and name."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="+")
    field_name = models.CharField(max_length=200)
    number = models.PositiveIntegerField()
    object_id = models.UUIDField(unique=True)
    count = models.BigIntegerField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["project", "field_name", "number"], name="pseudonym_map_once"
            ),
        )

    def __str__(self) -> str:
        return f"pseudonyms {self.id}"


class Comparison(models.Model):
    """What changed between two versions, for those who may see just these fields of them.

    What was found is made of cell values: it is a sealed object, as a profile is.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    resource = models.ForeignKey(Resource, on_delete=models.PROTECT, related_name="comparisons")
    before = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="+")
    after = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="+")
    key = ArrayField(models.CharField(max_length=200), default=list)
    """The fields by which rows are matched; none: whole rows are compared."""
    shown_before = ArrayField(models.CharField(max_length=200))
    shown_after = ArrayField(models.CharField(max_length=200))
    """The fields that were looked at. Nobody is shown a comparison of others than he may see."""
    object_id = models.UUIDField(null=True)
    job_id = models.BigIntegerField(null=True)
    error_code = models.CharField(max_length=60, blank=True)
    error_message = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = (models.Index(fields=["resource", "-id"], name="comparison_by_resource"),)

    def __str__(self) -> str:
        return f"comparison {self.id}"

    @property
    def state(self) -> str:
        """waiting, ready or failed"""
        if self.object_id is not None:
            return "ready"
        return "failed" if self.error_code else "waiting"


class Mending(models.Model):
    """What somebody asked to become of the quarantine of a version, and the version it made.

    What was asked holds values of cells: it is a sealed object, and goes when the work has ended.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    resource = models.ForeignKey(Resource, on_delete=models.PROTECT, related_name="mendings")
    earlier = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    asked_id = models.UUIDField(null=True)
    edited = models.CharField(max_length=8, blank=True)
    """The format of an export that was edited; empty where changes were asked for one by one."""
    reading = models.JSONField(default=dict)
    """How fields are read by the rules: {field: {type, format, missing_codes}}."""
    made = models.ForeignKey(Version, on_delete=models.PROTECT, null=True, related_name="+")
    progress = models.JSONField(default=dict)
    job_id = models.BigIntegerField(null=True)
    cancel_asked_at = models.DateTimeField(null=True)
    error_code = models.CharField(max_length=60, blank=True)
    error_message = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = (models.Index(fields=["resource", "-id"], name="mending_by_resource"),)
        constraints = (
            models.CheckConstraint(
                name="mending_ends_once",
                condition=models.Q(made__isnull=True) | models.Q(error_code=""),
            ),
        )

    def __str__(self) -> str:
        return f"mending {self.id}"

    @property
    def state(self) -> str:
        """waiting, ready or failed"""
        if self.made_id is not None:
            return "ready"
        return "failed" if self.error_code else "waiting"
