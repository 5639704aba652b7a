"""Releases: named, reviewed definitions of what may leave."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from simplr.access import services as access
from simplr.access.models import Grant, Node
from simplr.access.permissions import decide
from simplr.base import events
from simplr.base.actors import Actor
from simplr.resources import queries as resources
from simplr.resources.models import Version
from simplr.resources.scanning import rules as scanning
from simplr.sharing import delivery, pseudonyms
from simplr.sharing.models import Release
from simplr.sharing.views_of_data import (
    DataView,
    ShownField,
    release_row,
    release_view,
    whole_view,
)
from simplr.vault import services as vault
from simplr_core.access import NodeKind
from simplr_core.errors import Conflict, Invalid, Refused
from simplr_core.privacy import masks
from simplr_core.tables.expressions import parse_condition
from simplr_core.tables.schema import Schema


class ReleaseEmpty(Invalid):
    """A release shows at least one field."""

    code = "release-empty"


class NewerVersionOnly(Conflict):
    """A release moves on to a newer version only, and only if it follows them."""

    code = "release-does-not-follow"


@dataclass(frozen=True, kw_only=True)
class Definition:
    """What a steward asks a release to be."""

    title: str
    fields: Sequence[Mapping[str, Any]]
    where: str = ""
    purpose: str = ""
    follows: str = "this"
    version: str = ""


def checked_view(*, dataset_id: UUID, definition: Definition) -> DataView:
    """The view that a definition makes, or the reason why it makes none.

    Raises ReleaseEmpty, Invalid (unknown field, mask that does not fit, condition not allowed).
    """
    version = resources.version_of(dataset_id, definition.version)
    whole = whole_view(resources.resource_of(dataset_id), version, personal=True)
    shown = _shown(definition.fields, whole.schema)
    condition = None
    if definition.where.strip():
        condition = parse_condition(definition.where, whole.schema).canonical
    return DataView(
        resource=whole.resource,
        version=version,
        schema=whole.schema,
        fields=shown,
        condition=condition,
        release_id=None,
        node_id=whole.node_id,
        personal=True,
    )


def _shown(asked: Sequence[Mapping[str, Any]], schema: Schema) -> tuple[ShownField, ...]:
    shown = []
    for item in asked:
        name = str(item.get("name", ""))
        if name not in schema:
            raise Invalid("The data set has no field of this name.", field=name)
        mask = masks.mask_from_json(item.get("mask") or {"kind": "keep"})
        if isinstance(mask, masks.Hide):
            continue
        masks.output_field(mask, schema[name])
        shown.append(ShownField(name=name, mask=mask))
    if not shown:
        raise ReleaseEmpty
    if len({item.name for item in shown}) != len(shown):
        raise Invalid("A field stands in a release once.")
    return tuple(shown)


def preview(
    *, dataset_id: UUID, definition: Definition, actor: Actor, personal: bool, limit: int = 20
) -> delivery.Sample:
    """Rows as a grantee would see them, made by the same child. Nothing is kept of it.

    Pseudonyms are drawn for the field if there are none yet. Raises as `checked_view`, and
    Refused for somebody who may not see personal fields himself.
    """
    _check_sees_all(personal, dataset_id=dataset_id, actor=actor)
    view = checked_view(dataset_id=dataset_id, definition=definition)
    scanning.check_may_leave(view.version, actor=actor)
    _make_pseudonyms(view)
    with transaction.atomic():
        events.record(
            code=events.Event.RELEASE_REVIEWED,
            actor=actor,
            node_id=dataset_id,
            project_id=view.resource.project_id,
            subject=("version", view.version.pk),
        )
    return delivery.rows_of(view, limit=limit, count=True)


def _check_sees_all(personal: bool, *, dataset_id: UUID, actor: Actor) -> None:
    """Deciding about a data set is not reading it: without both, nobody lets others read."""
    reading = decide(actor=actor, action="read", node_id=dataset_id)
    if not (personal and reading.allowed and reading.personal):
        raise Refused("A release is made by somebody who may see every field of the data set.")


def _make_pseudonyms(view: DataView) -> None:
    for item in view.fields:
        if isinstance(item.mask, masks.Pseudonym):
            pseudonyms.extend_map(version=view.version, field_name=item.name)


def create_release(
    *, dataset_id: UUID, definition: Definition, actor: Actor, personal: bool
) -> Release:
    """Save a release. It shows nothing to anybody until it is granted.

    The caller has checked that the actor may manage the data set. Raises as `preview`; FileInfected
    or FileNotScanned whoever asks.
    """
    # Making a release shows its maker nothing: his token need not carry reading as well.
    maker = replace(actor, token_id=None, scopes=None)
    _check_sees_all(personal, dataset_id=dataset_id, actor=maker)
    if not definition.title.strip():
        raise Invalid("A release has a title.", field="title")
    if definition.follows not in {"this", "each-accepted"}:
        raise Invalid("A release is of this version, or of each accepted one.", field="version")
    view = checked_view(dataset_id=dataset_id, definition=definition)
    scanning.check_shareable(view.version)
    _make_pseudonyms(view)
    rows = delivery.count_rows(view)
    with transaction.atomic():
        resource_node = Node.objects.get(pk=dataset_id)
        node = access.make_node(
            kind=NodeKind.RELEASE,
            parent=resource_node,
            owner_id=actor.person_id or resource_node.owner_id,
        )
        release = Release.objects.create(
            node=node,
            resource=view.resource,
            title=definition.title.strip(),
            purpose=definition.purpose.strip(),
            fields=[
                {"name": item.name, "mask": masks.mask_to_json(item.mask)} for item in view.fields
            ],
            condition=_sealed_condition(view, node.id),
            follows=definition.follows,
            version=view.version,
            row_count=rows,
        )
        events.record(
            code=events.Event.RELEASE_ADDED,
            actor=actor,
            node_id=dataset_id,
            project_id=view.resource.project_id,
            subject=("release", node.id),
            details={
                "fields": [item.name for item in view.fields],
                "masks": [item.mask.kind for item in view.fields],
                "has_condition": view.condition is not None,
                "rows": rows,
                "version": str(view.version.pk),
            },
        )
    return release


def _sealed_condition(view: DataView, release_id: UUID) -> bytes | None:
    if view.condition is None:
        return None
    return vault.seal_value(
        view.condition.encode(),
        project_id=view.resource.project_id,
        context=b"condition" + release_id.bytes,
    )


def accept_version(*, release_id: UUID, version: Version, actor: Actor) -> Release:
    """Let a following release serve a newer version from now on.

    Raises NewerVersionOnly, Invalid when the newer version lacks a released field, Refused for
    somebody who may not see what he lets out, FileInfected or FileNotScanned.
    """
    release = release_row(release_id)
    maker = replace(actor, token_id=None, scopes=None)
    _check_sees_all(True, dataset_id=release.resource_id, actor=maker)
    if release.follows != "each-accepted" or version.number <= release.version.number:
        raise NewerVersionOnly
    scanning.check_shareable(version)
    definition = Definition(
        title=release.title,
        fields=release.fields,
        where=release_view(release).condition or "",
        version=str(version.pk),
    )
    view = checked_view(dataset_id=release.resource_id, definition=definition)
    _make_pseudonyms(view)
    rows = delivery.count_rows(view)
    with transaction.atomic():
        Release.objects.filter(pk=release_id).update(version=version, row_count=rows)
        events.record(
            code=events.Event.RELEASE_ACCEPTED,
            actor=actor,
            node_id=release.resource_id,
            project_id=release.resource.project_id,
            subject=("release", release_id),
            details={"version": str(version.pk), "rows": rows},
        )
    return release_row(release_id)


@transaction.atomic
def end_release(*, release_id: UUID, actor: Actor) -> None:
    """End a release and every grant that stands on it, running streams within a second.

    The caller has checked that the actor may manage the release. Raises NotFound.
    """
    release = release_row(release_id)
    now = timezone.now()
    grants = Grant.objects.select_for_update(of=("self",)).filter(
        release_id=release_id, revoked_at=None
    )
    for grant_id in list(grants.values_list("id", flat=True)):
        access.revoke_grant(grant_id=grant_id, actor=actor)
    Node.objects.filter(pk=release_id, deleted_at=None).update(deleted_at=now)
    events.record(
        code=events.Event.RELEASE_ENDED,
        actor=actor,
        node_id=release.resource_id,
        project_id=release.resource.project_id,
        subject=("release", release_id),
    )
