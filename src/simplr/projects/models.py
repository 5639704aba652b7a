"""The project: a space that binds data, people and decisions."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from simplr.access.models import Node


class Project(models.Model):
    """A space of work inside one organisation."""

    node = models.OneToOneField(Node, on_delete=models.PROTECT, primary_key=True, related_name="+")
    slug = models.SlugField(max_length=60, unique=True)
    title = models.CharField(max_length=200)
    aims = models.TextField(blank=True)
    status = models.CharField(max_length=12, default="working")
    quota_bytes = models.BigIntegerField()
    used_bytes = models.BigIntegerField(default=0)
    """Bytes kept and bytes reserved by uploads on their way."""
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                name="project_within_quota",
                condition=Q(used_bytes__gte=0, used_bytes__lte=F("quota_bytes")),
            ),
        )

    def __str__(self) -> str:
        return self.title
