"""Reading resources and versions."""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce
from operator import or_
from typing import Any
from uuid import UUID

from django.contrib.postgres.aggregates import BoolOr
from django.db.models import (
    BooleanField,
    Case,
    Count,
    F,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    Subquery,
    When,
)
from django.utils import timezone

from simplr.access.models import Grant, Node
from simplr.access.permissions import is_reached, nodes_reached
from simplr.base.actors import Actor
from simplr.base.numbers import whole_number
from simplr.resources.models import Folder, Resource, Version
from simplr_core.access import Action
from simplr_core.errors import NotFound


def _complete(resources: QuerySet[Resource]) -> QuerySet[Resource]:
    newest = Version.objects.filter(resource=OuterRef("pk")).order_by("-number")
    return resources.select_related("node__owner", "project").annotate(
        current_number=Subquery(newest.values("number")[:1]),
        current_id=Subquery(newest.values("node_id")[:1]),
        row_count=Subquery(newest.values("rows_kept")[:1]),
        size=Subquery(newest.values("size")[:1]),
        media_type=Subquery(newest.values("media_type")[:1]),
        scan=Subquery(newest.values("scan")[:1]),
        changed_at=Subquery(newest.values("created_at")[:1]),
    )


def resources_visible_to(
    actor: Actor,
    *,
    words: str = "",
    kind: str = "",
    project_id: UUID | None = None,
    below: UUID | None = None,
) -> QuerySet[Resource]:
    """Every resource that the actor may know of: the query twin of the one decision."""
    found = Resource.objects.filter(
        node__in=nodes_reached(actor, action=Action.DISCOVER).filter(kind="resource")
    )
    if project_id is not None:
        found = found.filter(project_id=project_id)
    if below is not None:
        found = found.filter(node__path__contains=[below])
    if kind:
        found = found.filter(kind=kind)
    described = is_reached(actor, action=Action.DESCRIBE, as_whole=True, at="node__")
    for word in words.split()[:10]:
        # Descriptions and names of fields are found only where they may be seen.
        found = found.filter(
            Q(title__icontains=word)
            | (described & (Q(description__icontains=word) | _has_field(word)))
        )
    return _complete(found).order_by("-node_id")


FEW = 2000
"""So many versions with a field of some name are looked up at once; more are asked one by one."""


def _has_field(word: str) -> Q:
    """Whether a version of a resource has such a field, on rows of resources.

    A rare word is looked up first, by its index. A frequent one is asked of each resource as it
    comes, and a page is full soon: by an aggregate, since EXISTS may be answered for all fields that
    there are before the first resource.
    """
    named = Q(fields__name__icontains=word) | Q(fields__title__icontains=word)
    having = Version.objects.filter(named).order_by().values_list("resource_id", flat=True)
    few = list(having[: FEW + 1])
    if len(few) <= FEW:
        return Q(pk__in=set(few))
    versions = Version.objects.filter(resource_id=OuterRef("pk")).order_by().values("resource_id")
    return Q(Subquery(versions.annotate(has=BoolOr(named)).values("has"), BooleanField()))


def resource_of(resource_id: UUID) -> Resource:
    """One resource with the facts of its newest version. Raises NotFound."""
    found = (
        _complete(Resource.objects.filter(pk=resource_id, node__deleted_at=None))
        .prefetch_related(Prefetch("versions", queryset=Version.objects.order_by("-number")))
        .first()
    )
    if found is None:
        raise NotFound
    return found


def version_of(resource_id: UUID, version: str = "") -> Version:
    """A version by id or number; the newest without either. Raises NotFound."""
    versions = Version.objects.filter(resource_id=resource_id, node__deleted_at=None)
    if not version:
        found = versions.order_by("-number").first()
    elif (number := whole_number(version)) is not None:
        found = versions.filter(number=number).first()
    else:
        try:
            found = versions.filter(node_id=UUID(version)).first()
        except ValueError:
            found = None
    if found is None:
        raise NotFound("There is no such version.")
    return found


_OBJECTS = ("original_id", "quarantine_id", "recipe_id", "text_id")
"""The columns of a version that name sealed objects."""


def objects_referred_to(ids: Iterable[UUID]) -> set[UUID]:
    """Those of `ids` that some version keeps: the sweeper leaves them alone."""
    wanted = set(ids)
    own = [Q(**{f"{name}__in": wanted}) for name in _OBJECTS]
    rows = Version.objects.filter(reduce(or_, own)).values_list(*_OBJECTS)
    return {id_ for row in rows for id_ in row if id_ in wanted}


def objects_of(resource_ids: Iterable[UUID]) -> set[UUID]:
    """The originals, the quarantine, the recipes and the texts of every version of some resources."""
    rows = Version.objects.filter(resource_id__in=list(resource_ids))
    return {id_ for row in rows.values_list(*_OBJECTS) for id_ in row if id_ is not None}


def shared_originals(object_ids: Iterable[UUID], resource_ids: Iterable[UUID]) -> set[UUID]:
    """Those of some objects that are the original of other resources too: of other tables in it."""
    rows = Version.objects.filter(original_id__in=list(object_ids))
    return set(
        rows.exclude(resource_id__in=list(resource_ids)).values_list("original_id", flat=True)
    )


def bytes_of(resource_ids: Iterable[UUID]) -> int:
    """The room that goes with some resources: of each original once, if no other keeps it."""
    sizes = dict(
        Version.objects.filter(resource_id__in=list(resource_ids)).values_list(
            "original_id", "size"
        )
    )
    kept = shared_originals(sizes, resource_ids)
    return sum(size for id_, size in sizes.items() if id_ not in kept)


def titles_of(node_ids: Iterable[UUID]) -> dict[UUID, str]:
    """The titles of some resources and folders, also of those in the trash."""
    wanted = list(node_ids)
    found = dict(Resource.objects.filter(pk__in=wanted).values_list("pk", "title"))
    return found | dict(Folder.objects.filter(pk__in=wanted).values_list("pk", "title"))


def complete(resource_ids: Iterable[UUID]) -> dict[UUID, Resource]:
    """Resources by id, with the facts of their newest versions. The caller has checked the right."""
    wanted = list(resource_ids)
    return {row.pk: row for row in _complete(Resource.objects.filter(pk__in=wanted))}


def titles_of_folders_above(resource_ids: Iterable[UUID]) -> dict[UUID, str]:
    """The title of the folder that each of some resources lies in; nothing at the top."""
    rows = Resource.objects.filter(pk__in=list(resource_ids), node__parent__kind="folder")
    above = dict(rows.values_list("pk", "node__parent_id"))
    titles = dict(Folder.objects.filter(pk__in=above.values()).values_list("pk", "title"))
    return {pk: titles[parent] for pk, parent in above.items() if parent in titles}


def project_of_node(node_id: UUID) -> UUID:
    """The project that a node lies in; a project lies in itself. Raises NotFound."""
    node = Node.objects.filter(pk=node_id).first()
    if node is None:
        raise NotFound
    return node.project_id or node.pk


def describable(actor: Actor, resource_ids: Iterable[UUID]) -> set[UUID]:
    """Those of some resources whose counts, sizes and versions the actor may see.

    Whoever reads a release learns from the release how much it holds, and of nothing beside it.
    """
    reached = nodes_reached(actor, action=Action.DESCRIBE, as_whole=True)
    reached = reached.filter(id__in=list(resource_ids))
    return set(reached.values_list("id", flat=True))


def openable(actor: Actor, resource_ids: Iterable[UUID]) -> set[UUID]:
    """Those of some resources whose page the actor may open, be it through a release alone."""
    reached = nodes_reached(actor, action=Action.DESCRIBE).filter(id__in=list(resource_ids))
    return set(reached.values_list("id", flat=True))


def versions_for(actor: Actor, resource_id: UUID) -> list[Version]:
    """Versions that the actor may read himself: a grantee under a release sees none."""
    readable = nodes_reached(actor, action=Action.READ).filter(id=resource_id).exists()
    if not readable:
        return []
    return list(
        Version.objects.filter(resource_id=resource_id)
        .select_related("node__owner")
        .order_by("-number")[:500]
    )


def version_for(actor: Actor, resource_id: UUID, version: str) -> Version:
    """One version that the actor may read himself, by number or id. Raises NotFound."""
    if not nodes_reached(actor, action=Action.READ).filter(id=resource_id).exists():
        raise NotFound("There is no such version.")
    return version_of(resource_id, version)


def personal_counts(version_ids: Iterable[UUID | None]) -> dict[UUID, int]:
    """How many fields of each version are about people by themselves."""
    rows = (
        Version.objects.filter(pk__in=[id_ for id_ in version_ids if id_])
        .annotate(n=Count("fields", filter=Q(fields__personal="personal")))
        .values_list("pk", "n")
    )
    return dict(rows)


def grants_on(node_id: UUID) -> list[dict[str, Any]]:
    """The grants on a node that hold, as a page lists them. The caller has checked the right."""
    rows = (
        Grant.objects.filter(node_id=node_id, revoked_at=None)
        .filter(Q(until=None) | Q(until__gt=timezone.now()))
        .select_related("person", "organisation", "group")
        .order_by("-id")[:200]
    )
    return [
        {
            "id": row.id,
            "name": str(row.person or row.organisation or row.group or ""),
            "actions": row.actions,
            "until": row.until,
        }
        for row in rows
    ]


def live_grant_count(node_id: UUID) -> int:
    """How many grants that hold stand on a node or on its releases."""
    now = timezone.now()
    return (
        Grant.objects.filter(node_id=node_id, revoked_at=None)
        .filter(Q(until=None) | Q(until__gt=now))
        .count()
    )


_SORTS = {"title": "title", "rows": "row_count", "changed": "changed_at"}
MOST_SORTED = 500


def sort_in(asked: str) -> dict[str, Any]:
    """{by, descending} of `title`, `-rows` and the like; by nothing where it is not known."""
    name = asked.removeprefix("-")
    known = name in _SORTS
    return {"by": name if known else "", "descending": known and asked.startswith("-")}


def in_order(
    found: QuerySet[Resource], *, actor: Actor, by: str, descending: bool
) -> list[Resource]:
    """The first resources in this order; the newest first where nothing else tells them apart.

    What the actor may only know of stands where it tells nothing of its size or its last change.
    """
    order: Any = F(_SORTS[by])
    if by != "title":
        described = nodes_reached(actor, action=Action.DESCRIBE, as_whole=True)
        if not described.exists():
            return list(found.order_by("-node_id")[:MOST_SORTED])
        order = Case(When(node__in=described, then=order))
    key = order.desc(nulls_last=True) if descending else order.asc(nulls_last=True)
    return list(found.order_by(key, "-node_id")[:MOST_SORTED])


def fields_named(resource_ids: Iterable[UUID], words: str) -> dict[UUID, list[str]]:
    """The fields of the newest versions whose names hold one of the words, a few of each."""
    asked = words.split()[:10]
    if not asked:
        return {}
    named = reduce(or_, (Q(fields__name__icontains=word) for word in asked))
    newest = Version.objects.filter(resource=OuterRef("resource")).order_by("-number")
    rows = (
        Version.objects.filter(resource_id__in=list(resource_ids))
        .filter(node_id=Subquery(newest.values("node_id")[:1]))
        .filter(named)
        .values_list("resource_id", "fields__name")
    )
    found: dict[UUID, list[str]] = {}
    for resource_id, name in rows[:1000]:
        if name and len(found.setdefault(resource_id, [])) < 3:
            found[resource_id].append(name)
    return found
