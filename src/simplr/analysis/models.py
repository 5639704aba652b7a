"""What is remembered of usual access, how far the events were read, and alerts."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from simplr.accounts.models import Person
from simplr.base.ids import new_id


class Baseline(models.Model):
    """What is usual of a person's browsers, or of one token: counts, ids, hours and networks.

    Networks are keyed digests. It goes when the person goes, and holds nothing that was read.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.CharField(max_length=8, choices=[("person", "person"), ("token", "token")])
    subject_id = models.UUIDField()
    """The person, or the token."""
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    state = models.JSONField(default=dict)
    at = models.DateTimeField()
    """When it was last added to."""

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["kind", "subject_id"], name="baseline_once"),
        )

    def __str__(self) -> str:
        return f"baseline of {self.kind} {self.subject_id}"


class Position(models.Model):
    """How far the events were read. One row, whose lock makes those who read take turns."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    below_transaction = models.BigIntegerField(default=0)
    """All events of transactions below this one were read."""
    seen = models.JSONField(default=list)
    """Events of later transactions that were read all the same, by id."""
    cluster = models.CharField(max_length=40, blank=True)
    house = models.JSONField(default=dict)
    """What is usual in the whole institution."""

    class Meta:
        constraints = (models.CheckConstraint(name="one_position_of_watching", condition=Q(id=1)),)

    def __str__(self) -> str:
        return f"below {self.below_transaction}"


class AlertState(models.TextChoices):
    """What people said of an alert."""

    OPEN = "open"
    DISMISSED = "dismissed"
    CONFIRMED = "confirmed"


class Measure(models.TextChoices):
    """What was done at once, by the policy of the installation."""

    NOTIFY = "notify"
    SLOW = "slow"
    STEP_UP = "step-up"
    SUSPEND = "suspend"


class Alert(models.Model):
    """Access that was unusual: whose, when, in which ways, and what was done about it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    token_id = models.UUIDField(null=True)
    token_name = models.CharField(max_length=100, blank=True)
    begins_at = models.DateTimeField()
    """Since when what was reached counts: the beginning of the day of the access, at most."""
    at = models.DateTimeField()
    """The access by which it became an alert."""
    raised_at = models.DateTimeField()
    last_at = models.DateTimeField()
    """The last access that is part of it."""
    score = models.FloatField()
    parts = models.JSONField()
    """[{kind, surprise, value, usual}], the strongest first."""
    network = models.CharField(max_length=16, blank=True)
    measure = models.CharField(max_length=8, choices=Measure.choices)
    state = models.CharField(
        max_length=9, choices=AlertState.choices, default=AlertState.OPEN.value
    )
    decided_by = models.ForeignKey(Person, on_delete=models.SET_NULL, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)

    class Meta:
        indexes = (
            models.Index(fields=["person", "token_id", "-at"], name="alert_by_person"),
            models.Index(fields=["state", "-id"], name="alert_by_state"),
        )
        constraints = (
            models.CheckConstraint(
                name="alert_is_open_or_decided",
                condition=Q(state="open", decided_at__isnull=True)
                | (~Q(state="open") & Q(decided_at__isnull=False)),
            ),
        )

    def __str__(self) -> str:
        return f"alert {self.id}"


class AlertProject(models.Model):
    """A project of which something was reached: its owners may see the alert."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    alert = models.ForeignKey(Alert, on_delete=models.CASCADE, related_name="projects")
    project_id = models.UUIDField()

    class Meta:
        indexes = (models.Index(fields=["project_id"], name="alert_by_project"),)
        constraints = (
            models.UniqueConstraint(fields=["alert", "project_id"], name="alert_project_once"),
        )

    def __str__(self) -> str:
        return f"project {self.project_id}"
