"""The event row: one fact of the ledger, written with the change it tells of."""

from __future__ import annotations

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Func

from simplr.base.ids import new_id


class CurrentTransaction(Func):
    """The 64-bit id of the running transaction (PostgreSQL `pg_current_xact_id`)."""

    template = "(pg_current_xact_id()::text::bigint)"
    output_field = models.BigIntegerField()


class Event(models.Model):
    """Who did what to which thing, and how it went. Never changed, never deleted.

    It names people and things by id and carries no values, so that erasing a person's data
    leaves the ledger whole. The transaction id lets the sealer take only rows that can have no
    older sibling still uncommitted: ids are not commit order.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    transaction = models.BigIntegerField(db_default=CurrentTransaction(), editable=False)
    at = models.DateTimeField()
    code = models.CharField(max_length=80)
    outcome = models.CharField(max_length=8)
    actor_kind = models.CharField(max_length=12)
    actor_id = models.UUIDField(null=True)
    token_id = models.UUIDField(null=True)
    organisation_id = models.UUIDField(null=True)
    project_id = models.UUIDField(null=True)
    node_id = models.UUIDField(null=True)
    subject_kind = models.CharField(max_length=40)
    subject_id = models.UUIDField(null=True)
    request_id = models.UUIDField(null=True)
    details = models.JSONField(default=dict)

    class Meta:
        indexes = (
            models.Index(fields=["transaction"], name="event_by_transaction"),
            models.Index(fields=["node_id", "-id"], name="event_by_node"),
            models.Index(fields=["project_id", "-id"], name="event_by_project"),
            models.Index(fields=["actor_id", "-id"], name="event_by_actor"),
            models.Index(fields=["subject_id", "-id"], name="event_by_subject"),
            BrinIndex(fields=["at"], name="event_by_time"),
        )
        constraints = (
            models.CheckConstraint(
                name="event_outcome_is_known",
                condition=models.Q(outcome__in=["ok", "refused", "failed"]),
            ),
        )

    def __str__(self) -> str:
        return f"{self.code} {self.outcome}"
