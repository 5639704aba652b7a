"""The fields and sealed parts of a table's version."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from simplr.accounts.models import Person
from simplr.base.ids import new_id
from simplr.resources.models import Resource, Version


class Part(models.Model):
    """One column group of a version: a sealed Parquet object under its own key."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    version = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="parts")
    number = models.PositiveSmallIntegerField()
    object_id = models.UUIDField(db_index=True)
    """A version that was restored has the objects of the old one."""

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["version", "number"], name="part_number_once"),
        )

    def __str__(self) -> str:
        return f"part {self.number}"


class Field(models.Model):
    """One column with its meaning. Counts lie in clear; everything made of values is sealed."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    version = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="fields")
    part = models.ForeignKey(Part, on_delete=models.PROTECT, related_name="fields")
    position = models.PositiveIntegerField()
    name = models.CharField(max_length=200)
    source_name = models.TextField()
    title = models.CharField(max_length=200, blank=True)
    meaning = models.TextField(blank=True)
    type = models.CharField(max_length=12)
    format = models.CharField(max_length=60, blank=True)
    personal = models.CharField(max_length=10, default="none")
    personal_kind = models.CharField(max_length=40, blank=True)
    confidence = models.CharField(max_length=8, blank=True)
    evidence = models.TextField(blank=True)
    unit = models.CharField(max_length=60, blank=True)
    is_key = models.BooleanField(default=False)
    limits = models.BinaryField(null=True)
    """What its values may be, sealed like them: allowed values with labels, range, pattern."""
    missing_codes = ArrayField(models.CharField(max_length=60), default=list)
    missing_count = models.BigIntegerField(null=True)
    distinct_count = models.BigIntegerField(null=True)
    distinct_is_exact = models.BooleanField(default=True)
    quarantined_count = models.BigIntegerField(null=True)
    inconsistent_count = models.BigIntegerField(null=True)
    """Cells written unlike most of their field; of codes, estimated from a sample."""
    profile_id = models.UUIDField(null=True)
    """The sealed object that holds range, quantiles, frequent values and shape."""

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["version", "position"], name="field_position_once"),
            models.UniqueConstraint(fields=["version", "name"], name="field_name_once"),
            models.CheckConstraint(
                name="field_personal_is_known",
                condition=models.Q(personal__in=["none", "indirect", "personal"]),
            ),
        )

    def __str__(self) -> str:
        return self.name


class Structure(models.Model):
    """Which fields of a version tell its rows apart, and which follow from which: names, no values."""

    version = models.OneToOneField(
        Version, on_delete=models.PROTECT, primary_key=True, related_name="structure"
    )
    keys = models.JSONField(default=list)
    """[[name]]: a field, or two together, that no row lacks and no two rows share."""
    dependencies = models.JSONField(default=list)
    """[{"from": name, "to": name}]"""
    is_whole = models.BooleanField()
    """Whether every row was looked at, and not only a sample."""

    def __str__(self) -> str:
        return f"structure of {self.version_id}"


class Comment(models.Model):
    """What a member wrote about a data set. The body is sealed: people write cells into it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    resource = models.ForeignKey(Resource, on_delete=models.PROTECT, related_name="comments")
    author = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    body = models.BinaryField()
    written_at = models.DateTimeField()
    edited_at = models.DateTimeField(null=True)

    class Meta:
        indexes = (models.Index(fields=["resource", "-id"], name="comment_by_resource"),)

    def __str__(self) -> str:
        return f"comment {self.id}"
