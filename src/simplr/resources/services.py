"""Changes to resources and their versions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any
from uuid import UUID

from django.db import transaction

from simplr.access import services as access
from simplr.access.models import Node
from simplr.access.permissions import standing
from simplr.base import events
from simplr.base.actors import Actor
from simplr.resources.models import Mode, Resource, Version
from simplr.resources.scanning import services as scanning
from simplr_core.access import NodeKind
from simplr_core.errors import Conflict, Invalid, NotFound

ADDING = (Mode.APPEND, Mode.UPSERT, Mode.MEND)
"""Modes that make a version out of the newest one."""

CLASSIFICATIONS = ("public", "internal", "confidential", "restricted")


@dataclass(frozen=True, kw_only=True)
class Lineage:
    """How a version came: out of which upload and which earlier version, matched by which key."""

    mode: str = Mode.REPLACE
    key: Sequence[str] = ()
    earlier_id: UUID | None = None
    upload_id: UUID | None = None
    changes: Mapping[str, int] = field(default_factory=dict)


class VersionSuperseded(Conflict):
    """Another version was kept meanwhile. Look at it, and do this again."""

    code = "version-superseded"


def add_resource(
    *,
    project_id: UUID,
    kind: str,
    title: str,
    owner_id: UUID,
    actor: Actor,
    classification: str = "",
    folder_id: UUID | None = None,
) -> Resource:
    """Make a resource without a version, inside the caller's transaction.

    It lies in the folder, or at the top of the project without one or when the folder is gone.
    """
    wanted = folder_id or project_id
    folder = standing(Node.objects.filter(id=wanted, kind="folder", project_id=project_id))
    node = access.make_node(
        kind=NodeKind.RESOURCE,
        parent=folder.first() or Node.objects.get(id=project_id, kind="project"),
        owner_id=owner_id,
        classification=classification,
    )
    resource = Resource.objects.create(
        node=node, project_id=project_id, kind=kind, title=title.strip()[:200] or "Untitled"
    )
    events.record(
        code=events.Event.RESOURCE_ADDED,
        actor=actor,
        node_id=node.id,
        project_id=project_id,
        subject=("resource", node.id),
        details={"kind": kind},
    )
    return resource


def add_version(
    *,
    resource: Resource,
    owner_id: UUID,
    original_id: UUID,
    original_name: str,
    media_type: str,
    size: int,
    actor: Actor,
    rows: dict[str, int] | None = None,
    quarantine_id: UUID | None = None,
    recipe_id: UUID | None = None,
    text_id: UUID | None = None,
    text_refusal: Mapping[str, str] = MappingProxyType({}),
    table_path: Sequence[str] = (),
    lineage: Lineage | None = None,
) -> Version:
    """Add the next version, inside the caller's transaction. The resource row is locked.

    Raises VersionSuperseded where it was to add to a version that is the newest no more: two who
    add at once both keep their rows.
    """
    came = lineage or Lineage()
    locked = Resource.objects.select_for_update(of=("self",)).get(pk=resource.pk)
    newest = locked.versions.order_by("-number").first()
    last = newest.number if newest else 0
    if came.mode in ADDING and (newest is None or newest.pk != came.earlier_id):
        raise VersionSuperseded
    node = access.make_node(
        kind=NodeKind.VERSION, parent=Node.objects.get(pk=resource.pk), owner_id=owner_id
    )
    counts = rows or {}
    version = Version.objects.create(
        node=node,
        resource=locked,
        number=last + 1,
        original_id=original_id,
        original_name=original_name,
        media_type=media_type,
        size=size,
        rows_in=counts.get("in"),
        rows_kept=counts.get("kept"),
        rows_made=counts.get("made", 0),
        rows_each=counts.get("each", 1),
        rows_quarantined=counts.get("quarantined_rows"),
        cells_quarantined=counts.get("quarantined_cells"),
        quarantine_id=quarantine_id,
        recipe_id=recipe_id,
        text_id=text_id,
        text_refusal=dict(text_refusal),
        table_path=list(table_path),
        mode=came.mode,
        key=list(came.key),
        earlier_id=came.earlier_id,
        upload_id=came.upload_id,
        changes=dict(came.changes),
    )
    events.record(
        code=events.Event.VERSION_ADDED,
        actor=actor,
        node_id=resource.pk,
        project_id=resource.project_id,
        subject=("version", node.id),
        details={
            "number": version.number,
            "size": size,
            "mode": version.mode,
            **({"earlier": str(came.earlier_id)} if came.earlier_id else {}),
            **counts,
        },
    )
    scanning.begin(version)
    return version


@transaction.atomic
def change_resource(*, resource_id: UUID, changes: dict[str, Any], actor: Actor) -> Resource:
    """Change title, description, usage terms or classification. Raises NotFound or Invalid."""
    resource = (
        Resource.objects.select_for_update(of=("self",))
        .select_related("node")
        .filter(pk=resource_id, node__deleted_at=None)
        .first()
    )
    if resource is None:
        raise NotFound
    wanted = {name: value for name, value in changes.items() if value is not None}
    if "title" in wanted and not wanted["title"].strip():
        raise Invalid("A resource has a title.", field="title")
    classification = wanted.pop("classification", None)
    if classification is not None:
        if classification not in CLASSIFICATIONS:
            raise Invalid("This classification is not known.", field="classification")
        Node.objects.filter(pk=resource_id).update(classification=classification)
    for name in ("title", "description", "usage_terms"):
        if name in wanted:
            setattr(resource, name, wanted[name])
    resource.save(update_fields=["title", "description", "usage_terms"])
    events.record(
        code=events.Event.RESOURCE_CHANGED,
        actor=actor,
        node_id=resource_id,
        project_id=resource.project_id,
        subject=("resource", resource_id),
        details={"changed": sorted(wanted) + (["classification"] if classification else [])},
    )
    return resource


def forget(resource_ids: Sequence[UUID]) -> None:
    """Remove the rows of resources that are erased, inside the caller's transaction."""
    Resource.objects.select_for_update(of=("self",)).filter(pk__in=resource_ids).count()
    versions = Version.objects.filter(resource_id__in=resource_ids)
    original_ids = set(versions.values_list("original_id", flat=True))
    versions.delete()
    scanning.forget(original_ids)
    Resource.objects.filter(pk__in=resource_ids).delete()
