"""What waits for somebody, what runs, and how what he keeps was used."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from simplr.access.models import Grant, Node
from simplr.access.permissions import nodes_reached, sees_personal
from simplr.accounts.models import Person
from simplr.accounts.queries import factors_of
from simplr.base.actors import Actor
from simplr.base.events import Event as Code
from simplr.base.ids import first_id_of
from simplr.base.models import Event
from simplr.licensing.models import Licence
from simplr.licensing.queries import live
from simplr.resources.models import Version
from simplr.sharing.models import Release
from simplr_core.access import Action

SOON = timedelta(days=7)
MOST = 20
_DOWNLOADS = (
    Code.ROWS_READ.value,
    Code.CONTENT_READ.value,
    Code.QUARANTINE_EXPORTED.value,
)
_READS = (
    Code.SAMPLE_READ.value,
    Code.PROFILE_READ.value,
    Code.PREVIEW_READ.value,
    Code.QUARANTINE_READ.value,
    Code.RECIPE_READ.value,
)


def projects_written_by(actor: Actor) -> list[UUID]:
    """Projects into which the actor may put something."""
    reached = nodes_reached(actor, action=Action.WRITE).filter(kind="project")
    return list(reached.values_list("id", flat=True))


def releases_behind(managed: QuerySet[Node]) -> list[Any]:
    """Releases that follow new versions, where one waits to be accepted by who manages them."""
    newest = Version.objects.filter(resource=OuterRef("resource"), node__deleted_at=None).order_by(
        "-number"
    )
    return list(
        Release.objects.filter(
            node__in=managed.filter(kind="release"), follows="each-accepted", node__deleted_at=None
        )
        .annotate(newest=Subquery(newest.values("number")[:1]))
        .filter(newest__gt=F("version__number"))
        .select_related("resource", "version")
        .order_by("-node_id")[:MOST]
    )


def grants_ending(managed: QuerySet[Node]) -> list[Grant]:
    """Grants that end within a week, on what somebody manages; the first to end first."""
    now = timezone.now()
    return list(
        Grant.objects.filter(node__in=managed, revoked_at=None, until__gt=now, until__lt=now + SOON)
        .select_related("person", "organisation", "group")
        .order_by("until")[:MOST]
    )


def with_quarantine(actor: Actor) -> list[Version]:
    """Newest versions that the actor looks after, of the last week, with something put aside.

    With cells alone only where he sees all fields: their count tells of the hidden ones.
    """
    since = timezone.now() - SOON
    newer = Version.objects.filter(resource=OuterRef("resource"), number__gt=OuterRef("number"))
    mine = nodes_reached(actor, action=Action.WRITE).filter(kind="resource")
    found = (
        # By their ids, which are in the order of time, only those of the week are looked at.
        Version.objects.filter(pk__gte=first_id_of(since), created_at__gt=since)
        .filter(Q(rows_quarantined__gt=0) | Q(cells_quarantined__gt=0))
        .filter(~Exists(newer), resource__kind="dataset", resource__node__in=mine)
        .select_related("resource")
        .order_by("-created_at")[:MOST]
    )
    return [row for row in found if row.rows_quarantined or sees_personal(actor, row.resource_id)]


def people_without_licence() -> list[Person]:
    """Active people whom no licence lets in."""
    held = Licence.objects.filter(live(timezone.now()))
    return list(
        Person.objects.filter(is_active=True)
        .exclude(id__in=held.filter(person__isnull=False).values("person_id"))
        .exclude(
            organisation_id__in=held.filter(organisation__isnull=False).values("organisation_id")
        )
        .order_by("name")[:MOST]
    )


def lacks_second_factor(person_id: UUID) -> bool:
    """Whether somebody signs in by a password alone."""
    factors = factors_of(person_id)
    return not factors.passkeys and not factors.totp


def is_manager(actor: Actor) -> bool:
    """Whether the actor decides about anything at all."""
    return nodes_reached(actor, action=Action.MANAGE).exists()


@dataclass(frozen=True, kw_only=True)
class Used:
    """How what one decides about was used since a time."""

    downloads: int
    reads: int
    refused: int
    readers: int
    since: datetime


def used_of(actor: Actor) -> Used:
    """Uses in the last week of what the actor decides about, by others than himself."""
    since = timezone.now() - SOON
    mine = nodes_reached(actor, action=Action.MANAGE).values("id")
    rows = Event.objects.filter(node_id__in=mine, at__gte=since).exclude(actor_id=actor.person_id)
    counted = rows.aggregate(
        downloads=Count("id", filter=Q(code__in=_DOWNLOADS)),
        reads=Count("id", filter=Q(code__in=_READS)),
        refused=Count("id", filter=Q(outcome="refused")),
        readers=Count("actor_id", filter=Q(code__in=(*_DOWNLOADS, *_READS)), distinct=True),
    )
    return Used(**counted, since=since)


def has_resources(actor: Actor) -> bool:
    """Whether anything is kept that the actor may know of."""
    return nodes_reached(actor).filter(kind="resource").exists()


def has_shared(actor: Actor) -> bool:
    """Whether the actor has granted anything yet."""
    return Grant.objects.filter(granted_by_id=actor.person_id).exists()
