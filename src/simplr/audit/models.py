"""The Merkle log over the events, in a database of its own where nothing can be rewritten."""

from __future__ import annotations

from django.db import models


class Leaf(models.Model):
    """One entry of the log: the canonical bytes of one event, and their leaf hash."""

    seq = models.BigIntegerField(primary_key=True)
    event_id = models.UUIDField(unique=True)
    entry = models.BinaryField()
    leaf_hash = models.BinaryField(max_length=32)

    def __str__(self) -> str:
        return f"leaf {self.seq}"


class Checkpoint(models.Model):
    """A signed head: the log had this size and this root at this time."""

    size = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField()
    root = models.BinaryField(max_length=32)
    text = models.TextField()

    def __str__(self) -> str:
        return f"checkpoint {self.size}"


class Position(models.Model):
    """How far the sealer has come: every event of an older transaction is in the log."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    below_transaction = models.BigIntegerField(default=0)
    size = models.BigIntegerField(default=0)
    frontier = models.JSONField(default=list)
    cluster = models.CharField(max_length=40, blank=True, default="")
    """The database cluster whose transaction ids `below_transaction` is one of."""

    class Meta:
        constraints = (models.CheckConstraint(name="one_position", condition=models.Q(id=1)),)

    def __str__(self) -> str:
        return f"position {self.size}"
