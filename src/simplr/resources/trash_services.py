"""The trash: what was thrown away can be brought back for a time, and is then erased for good.

    there ─> in the trash ─> being erased ─> erased
      └─────────┘ brought back

Putting something in the trash marks one node: all below it is out of sight with it, for everybody,
and comes back with it as it was, grants included. Erasing marks first, then destroys the keys,
then confirms by removing the rows, then deletes the sealed bytes; whatever cuts it off, the next
round goes on. The node stays as a stone in its place: the ledger names it.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from simplr.access.models import Node
from simplr.access.permissions import nodes_reached, standing
from simplr.accounts.models import NoticeCode
from simplr.accounts.notice_services import notify
from simplr.base import events
from simplr.base.actors import SYSTEM, Actor
from simplr.projects import services as projects
from simplr.resources import erasing, queries, tasks
from simplr.resources.models import Folder, Resource, Trashed
from simplr.vault import services as vault
from simplr_core.access import Action
from simplr_core.errors import Conflict, NotFound, Refused

KINDS = ("resource", "folder")
"""The kinds of nodes that can lie in the trash."""


class NotRestorable(Conflict):
    """It is being erased, or its time in the trash is over. It cannot be brought back."""

    code = "not-restorable"


class HoldsOthers(Refused):
    """It holds things that you may not manage. Ask an owner or a steward of the project."""

    code = "holds-others"


def kept_for() -> timedelta:
    """How long something lies in the trash before it is erased."""
    return timedelta(days=settings.ENV.trash_days)


@transaction.atomic
def put_in_trash(*, node_id: UUID, actor: Actor) -> Trashed:
    """Take a thing and all below it out of everybody's sight, running streams within a second.

    The caller has checked that the actor may manage it. Raises NotFound, or HoldsOthers when it
    holds something that the actor may not manage.
    """
    node = _locked(node_id)
    if node is None or not standing(Node.objects.filter(pk=node_id)).exists():
        raise NotFound
    check_reaches_all(actor, action=Action.MANAGE, node=node)
    now = timezone.now()
    until = now + kept_for()
    node.deleted_at, node.restorable_until = now, until
    node.save(update_fields=["deleted_at", "restorable_until"])
    if actor.person_id is None or node.project_id is None:
        raise Refused("Only a person puts something in the trash.")
    trashed = Trashed.objects.create(
        node=node,
        project_id=node.project_id,
        trashed_by_id=actor.person_id,
        trashed_at=now,
        until=until,
    )
    _record(events.Event.RESOURCE_TRASHED, node, actor=actor, until=until.isoformat())
    notify(
        code=NoticeCode.TRASHED,
        person_ids=[node.owner_id],
        node_id=node.project_id,
        by=actor.person_id,
        now=now,
    )
    return trashed


@transaction.atomic
def bring_back(*, node_id: UUID, actor: Actor) -> Node:
    """Put a thing back where it lay, with all that hangs on it.

    The caller has asked the decision in the trash. Raises NotFound or NotRestorable.
    """
    node = _locked(node_id)
    trashed = Trashed.objects.select_for_update(of=("self",)).filter(pk=node_id).first()
    if node is None or trashed is None:
        raise NotFound
    if trashed.erasing_at is not None or trashed.until <= timezone.now():
        raise NotRestorable
    node.deleted_at = node.restorable_until = None
    node.save(update_fields=["deleted_at", "restorable_until"])
    trashed.delete()
    _record(events.Event.RESOURCE_BROUGHT_BACK, node, actor=actor)
    return node


@transaction.atomic
def order_erasure(*, node_id: UUID, actor: Actor, reason: str = "asked") -> None:
    """Have a thing in the trash erased now. There is no way back from here.

    The caller has checked that the actor is an owner of the project. Raises NotFound.
    """
    node = _locked(node_id)
    trashed = Trashed.objects.select_for_update(of=("self",)).filter(pk=node_id).first()
    if node is None or trashed is None:
        raise NotFound
    if trashed.erasing_at is not None:
        return
    trashed.erasing_at = timezone.now()
    trashed.save(update_fields=["erasing_at"])
    node.restorable_until = None
    node.save(update_fields=["restorable_until"])
    _record(events.Event.ERASURE_ORDERED, node, actor=actor, reason=reason)
    tasks.erase.configure(queueing_lock=f"erase-{node_id}").defer(node_id=str(node_id))


def erase(*, node_id: UUID) -> int:
    """Erase what was ordered to be erased; returns how many sealed objects went. May be repeated."""
    if not Trashed.objects.filter(pk=node_id, erasing_at__isnull=False).exists():
        return 0
    resource_ids = list(
        Resource.objects.filter(node__path__contains=[node_id]).values_list("pk", flat=True)
    )
    vault.destroy_keys(_objects_to_erase(resource_ids))
    with transaction.atomic():
        # One erasure at a time in a project: the last of those that share a file takes it along.
        project_id = queries.project_of_node(node_id)
        Node.objects.select_for_update(of=("self",)).get(pk=project_id)
        node = _locked(node_id)
        trashed = Trashed.objects.select_for_update(of=("self",)).filter(pk=node_id).first()
        if node is None or trashed is None:
            return 0
        # Asked again under the lock: something may have been kept meanwhile.
        objects = _objects_to_erase(resource_ids)
        vault.release(objects)
        size = queries.bytes_of(resource_ids)
        erasing.forget(resource_ids)
        Trashed.objects.filter(node__path__contains=[node_id]).delete()
        Folder.objects.filter(node__path__contains=[node_id]).delete()
        projects.release_bytes(project_id=trashed.project_id, size=size)
        details = {"resources": len(resource_ids), "objects": len(objects), "size": size}
        _record(events.Event.RESOURCE_ERASED, node, actor=SYSTEM, **details)
    return vault.discard(objects)


def _objects_to_erase(resource_ids: list[UUID]) -> set[UUID]:
    """All that is kept about them, but an original that other data sets were made of as well."""
    objects = erasing.objects_of(resource_ids)
    return objects - queries.shared_originals(objects, resource_ids)


def end_the_overdue(*, now: datetime) -> int:
    """Order the erasure of all whose time in the trash is over; go on with what was cut off."""
    overdue = Trashed.objects.filter(until__lte=now, erasing_at=None)
    ended = list(overdue.values_list("pk", flat=True)[:10_000])
    for node_id in ended:
        order_erasure(node_id=node_id, actor=SYSTEM, reason="time-over")
    begun = Trashed.objects.filter(erasing_at__isnull=False).exclude(pk__in=ended)
    for node_id in begun.values_list("pk", flat=True)[:10_000]:
        tasks.erase_again(node_id)
    return len(ended)


def check_reaches_all(actor: Actor, *, action: Action, node: Node) -> None:
    """Return quietly if the actor may do `action` to everything in a folder; raise HoldsOthers."""
    if node.kind != "folder":
        return
    inside = standing(Node.objects.filter(path__contains=[node.pk], kind__in=KINDS))
    reached = nodes_reached(actor, action=action).values("id")
    if inside.exclude(pk__in=reached).exists():
        raise HoldsOthers


def _locked(node_id: UUID) -> Node | None:
    return Node.objects.select_for_update(of=("self",)).filter(pk=node_id, kind__in=KINDS).first()


def _record(code: events.Event, node: Node, *, actor: Actor, **details: object) -> None:
    events.record(
        code=code,
        actor=actor,
        node_id=node.pk,
        project_id=node.project_id,
        subject=(node.kind, node.pk),
        details=details,
    )
