"""Reading event rows: about a thing, by an actor, of a kind, in a time. Who may is asked above."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from simplr.base.events import Event as Code
from simplr.base.models import Event

USES = (
    Code.CONTENT_READ,
    Code.PREVIEW_READ,
    Code.ROWS_READ,
    Code.ROWS_CUT_OFF,
    Code.SAMPLE_READ,
    Code.PROFILE_READ,
    Code.QUARANTINE_READ,
    Code.QUARANTINE_EXPORTED,
    Code.RECIPE_READ,
    Code.LINK_OPENED,
    Code.LINK_REFUSED,
    Code.ENTRY_REFUSED,
)
"""What counts as using a thing, or as trying to: each request and each disclosure."""


def uses_of(node_ids: Sequence[UUID]) -> QuerySet[Event]:
    """Who read these nodes, or was refused; give the node and all below it. Newest first."""
    return Event.objects.filter(
        node_id__in=node_ids, code__in=[code.value for code in USES]
    ).order_by("-id")


def disclosures_of(node_ids: Sequence[UUID]) -> QuerySet[Event]:
    """The uses of these nodes that gave something out. Newest first."""
    return uses_of(node_ids).filter(outcome="ok")


def matching(
    *,
    node_ids: Sequence[UUID] | None = None,
    actor_id: UUID | None = None,
    code: str = "",
    outcome: str = "",
    since: datetime | None = None,
    until: datetime | None = None,
) -> Q:
    """The condition for events that fit all that is given. `code` may end in `:` or `*`."""
    where = Q()
    if node_ids is not None:
        where &= Q(node_id__in=node_ids) | Q(project_id__in=node_ids) | Q(subject_id__in=node_ids)
    if actor_id is not None:
        where &= Q(actor_id=actor_id)
    if code.endswith((":", "*")):
        where &= Q(code__startswith=code.rstrip("*"))
    elif code:
        where &= Q(code=code)
    if outcome:
        where &= Q(outcome=outcome)
    if since is not None:
        where &= Q(at__gte=since)
    if until is not None:
        where &= Q(at__lt=until)
    return where
