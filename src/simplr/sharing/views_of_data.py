"""What one actor sees of one data set: the whole, the whole without personal fields, or a release.

Every way in (page, API, stream, sample, statistics) builds its answer from such a view and from
nothing else, so none of them can be wider than another.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils import timezone

from simplr.access.authentication import actor_again
from simplr.access.permissions import decide
from simplr.base.actors import Actor
from simplr.base.entry import NotSignedIn
from simplr.datasets import queries as datasets
from simplr.resources import queries as resources
from simplr.resources.models import Resource, Version
from simplr.resources.scanning import rules as scanning
from simplr.sharing.models import Release
from simplr.vault import services as vault
from simplr_core.errors import Invalid, NotFound, Refused
from simplr_core.privacy import masks
from simplr_core.tables.schema import Personal, Schema


class ReleaseNeeded(Invalid):
    """Several releases of this data set are open to you. Name the one that you want."""

    code = "release-needed"


@dataclass(frozen=True, kw_only=True)
class ShownField:
    """A field of a view and what is done to it before it leaves."""

    name: str
    mask: masks.Mask


@dataclass(frozen=True, kw_only=True)
class DataView:
    """What may leave, of which version, decided for one actor at one moment."""

    resource: Resource
    version: Version
    schema: Schema
    """The stored schema, all fields: never shown, only used to find parts and to parse."""
    fields: tuple[ShownField, ...]
    condition: str | None = field(repr=False)
    release_id: UUID | None
    node_id: UUID
    """The node that was decided on: the release, or the resource itself."""
    personal: bool

    @property
    def shown_schema(self) -> Schema:
        """The schema as it leaves: only shown fields, with the types that masks make."""
        shown = (masks.output_field(item.mask, self.schema[item.name]) for item in self.fields)
        return Schema(tuple(field for field in shown if field is not None))

    def plan(self) -> dict[str, Any]:
        """The release part of a delivery plan."""
        return {
            "fields": [
                {"name": item.name, "mask": masks.mask_to_json(item.mask)} for item in self.fields
            ],
            "condition": self.condition,
        }


def view_for(
    actor: Actor,
    *,
    dataset_id: UUID,
    action: str = "read",
    release: str = "",
    version: str = "",
) -> DataView:
    """The view that `action` opens for the actor.

    Without `release`, the whole where that is open to him, else the one release that is. Raises
    NotFound for what he may not know of, Refused with the reason, ReleaseNeeded; and FileInfected
    or FileNotScanned where more than the description is asked for.
    """
    view = _decided(actor, dataset_id, action, release, version)
    if action != "describe":
        scanning.check_may_leave(view.version, actor=actor)
    return view


def _decided(actor: Actor, dataset_id: UUID, action: str, release: str, version: str) -> DataView:
    if release:
        return _through_release(actor, dataset_id, _uuid(release), action, version)
    verdict = decide(actor=actor, action=action, node_id=dataset_id)
    # Who may know of a data set through a release may describe it: as the release shows it.
    if verdict.allowed and verdict.release_id is None:
        return whole_view(
            resources.resource_of(dataset_id),
            resources.version_of(dataset_id, version),
            personal=verdict.personal,
        )
    if not verdict.known:
        raise NotSignedIn if actor.kind == "anonymous" else NotFound
    open_ones = sorted(
        id_ for id_ in verdict.releases if decide(actor=actor, action=action, node_id=id_).allowed
    )
    if len(open_ones) == 1:
        return _through_release(actor, dataset_id, open_ones[0], action, version)
    if open_ones:
        raise ReleaseNeeded(releases=[str(id_) for id_ in open_ones])
    raise Refused(reason=verdict.code, action=action)


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise NotFound from None


def _through_release(
    actor: Actor, dataset_id: UUID, release_id: UUID, action: str, version: str
) -> DataView:
    verdict = decide(actor=actor, action=action, node_id=release_id)
    if not verdict.known:
        raise NotSignedIn if actor.kind == "anonymous" else NotFound
    if not verdict.allowed:
        raise Refused(reason=verdict.code, action=action)
    release = release_row(release_id)
    if release.resource_id != dataset_id:
        raise NotFound
    if version and version not in {str(release.version.number), str(release.version_id)}:
        # Which other versions exist is not the grantee's to know.
        raise NotFound("There is no such version.")
    return release_view(release)


def release_row(release_id: UUID) -> Release:
    """A release with what it stands on. Raises NotFound."""
    row = (
        Release.objects.select_related("version", "resource", "node")
        .filter(pk=release_id, node__deleted_at=None)
        .first()
    )
    if row is None:
        raise NotFound
    return row


def condition_of(release: Release) -> str | None:
    """The row condition of a release, opened."""
    if release.condition is None:
        return None
    return vault.open_value(
        bytes(release.condition),
        project_id=release.resource.project_id,
        context=b"condition" + release.pk.bytes,
    ).decode()


def release_view(release: Release) -> DataView:
    """What a release shows."""
    return DataView(
        resource=release.resource,
        version=release.version,
        schema=datasets.schema_of(datasets.fields_of(release.version)),
        fields=tuple(
            ShownField(name=item["name"], mask=masks.mask_from_json(item["mask"]))
            for item in release.fields
        ),
        condition=condition_of(release),
        release_id=release.pk,
        node_id=release.pk,
        personal=True,
    )


def whole_view(resource: Resource, version: Version, *, personal: bool) -> DataView:
    """All of a version; without its personal fields unless `personal`."""
    schema = datasets.schema_of(datasets.fields_of(version))
    return DataView(
        resource=resource,
        version=version,
        schema=schema,
        fields=tuple(
            ShownField(name=item.name, mask=masks.Keep())
            for item in schema
            if personal or item.personal is not Personal.PERSONAL
        ),
        condition=None,
        release_id=None,
        node_id=resource.pk,
        personal=personal,
    )


def narrowed(view: DataView, names: list[str] | None) -> DataView:
    """The view with fewer fields, in the order asked for. Raises NotFound for any other name."""
    if names is None:
        return view
    shown = {item.name: item for item in view.fields}
    unknown = [name for name in names if name not in shown]
    if unknown:
        raise NotFound("There is no such field.", fields=unknown)
    return replace(view, fields=tuple(shown[name] for name in names))


def still_open(actor: Actor, *, view: DataView, action: str) -> Callable[[], bool]:
    """Asks the one decision again whether the view is open as it was, by what holds by then."""

    def ask() -> bool:
        now: datetime = timezone.now()
        asking = actor_again(actor, now=now)
        again = decide(actor=asking, action=action, node_id=view.node_id)
        return (
            again.allowed
            and again.release_id == view.release_id
            and again.personal >= view.personal
            and scanning.may_still_leave(view.version.pk, actor=asking)
        )

    return ask
