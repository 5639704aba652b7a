"""Reading releases and what stands on them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from simplr.access.facts import known_of
from simplr.access.models import Grant, Node
from simplr.access.permissions import decide, nodes_reached, standing
from simplr.accounts.models import Group, Organisation, Person
from simplr.base.actors import Actor
from simplr.base.paging import USUAL, Page, page_of
from simplr.datasets.models import Field
from simplr.projects.models import Project
from simplr.resources import queries as resources
from simplr.resources.models import Folder, Resource
from simplr.sharing.models import Comparison, Mending, PseudonymMap, Release
from simplr_core.access import Action
from simplr_core.errors import NotFound


def releases_visible_to(actor: Actor, *, resource_id: UUID | None = None) -> QuerySet[Release]:
    """Releases that the actor may know of, the newest first."""
    found = Release.objects.filter(
        node__in=nodes_reached(actor, action=Action.DISCOVER).filter(kind="release")
    ).select_related("version", "resource", "node__owner")
    if resource_id is not None:
        found = found.filter(resource_id=resource_id)
    return found.order_by("-node_id")


def objects_referred_to(ids: Iterable[UUID]) -> set[UUID]:
    """Those of `ids` that a map of pseudonyms, a comparison or a mending keeps."""
    wanted = list(ids)
    maps = PseudonymMap.objects.filter(object_id__in=wanted).values_list("object_id", flat=True)
    found = Comparison.objects.filter(object_id__in=wanted).values_list("object_id", flat=True)
    asked = Mending.objects.filter(asked_id__in=wanted).values_list("asked_id", flat=True)
    return {*maps, *(id_ for id_ in (*found, *asked) if id_ is not None)}


def grant_of(grant_id: UUID) -> Grant:
    """One grant. Raises NotFound."""
    grant = (
        Grant.objects.select_related("node", "person", "organisation", "group", "granted_by")
        .filter(pk=grant_id)
        .first()
    )
    if grant is None:
        raise NotFound
    return grant


def node_of_grant(grant_id: UUID) -> UUID:
    """The node whose management decides about a grant. Raises NotFound."""
    return grant_of(grant_id).node_id


def grants_on(node_id: UUID) -> QuerySet[Grant]:
    """Every grant on a node, ended ones too, the newest first."""
    return (
        Grant.objects.filter(node_id=node_id)
        .select_related("person", "organisation", "group", "granted_by")
        .order_by("-id")
    )


def grants_to(actor: Actor) -> list[Grant]:
    """What was granted to the actor and still holds, the newest first."""
    named = _held(actor).select_related("granted_by", "node", "person", "organisation", "group")
    return list(named.order_by("-id")[:500])


def _held(actor: Actor) -> QuerySet[Grant]:
    now = timezone.now()
    live = [grant.id for grant in known_of(actor, now=now).grants if grant.is_live(now)]
    found = Grant.objects.filter(pk__in=live, node__in=standing())
    return found.select_related("granted_by", "node")


def titles_of(node_ids: Iterable[UUID]) -> dict[UUID, str]:
    """Titles of projects, folders, resources and releases by id."""
    wanted = list(node_ids)
    found: dict[UUID, str] = {}
    for model in (Project, Folder, Resource, Release):
        found.update(model.objects.filter(pk__in=wanted).values_list("node_id", "title"))
    return found


def titles_known_to(actor: Actor, node_ids: Iterable[UUID]) -> dict[UUID, str]:
    """The titles of those of some nodes that the actor may know of."""
    known = nodes_reached(actor).filter(id__in=list(node_ids)).values_list("id", flat=True)
    return titles_of(known)


def is_managed_by(actor: Actor, node_id: UUID) -> bool:
    """Whether the actor may decide about a node."""
    return bool(decide(actor=actor, action="manage", node_id=node_id).allowed)


def live() -> Q:
    """Grants that hold now."""
    return Q(revoked_at=None) & (Q(until=None) | Q(until__gt=timezone.now()))


def grant_counts(release_ids: Iterable[UUID]) -> dict[UUID, int]:
    """How many grants that hold stand on each release."""
    rows = Grant.objects.filter(live(), release_id__in=list(release_ids)).values("release_id")
    return {row["release_id"]: row["n"] for row in rows.annotate(n=Count("id")).order_by()}


def grants_under(release_id: UUID) -> list[Grant]:
    """The grants that stand on a release, ended ones too, the newest first."""
    return list(
        Grant.objects.filter(release_id=release_id)
        .select_related("person", "organisation", "group", "granted_by")
        .order_by("-id")[:200]
    )


def grants_to_many(node_id: UUID) -> list[Grant]:
    """What holds for organisations, groups and links on a node, the newest first."""
    found = Grant.objects.filter(live(), node_id=node_id, person=None)
    return list(found.select_related("organisation", "group", "granted_by").order_by("-id")[:200])


@dataclass(frozen=True, kw_only=True)
class Card:
    """What a dialog says of the thing that it is about."""

    id: UUID
    kind: str
    """project, folder, dataset or file"""
    title: str
    url: str
    personal_count: int = 0


def card_of(node_id: UUID) -> Card:
    """A project, a folder, a data set or a file. Raises NotFound for anything else."""
    project = Project.objects.filter(pk=node_id, node__deleted_at=None).first()
    if project is not None:
        url = reverse("projects:members", args=[project.slug])
        return Card(id=node_id, kind="project", title=project.title, url=url)
    folder = Folder.objects.filter(pk=node_id, node__deleted_at=None).first()
    if folder is not None:
        url = reverse("resources:folder", args=[node_id])
        return Card(id=node_id, kind="folder", title=folder.title, url=url)
    resource = Resource.objects.filter(pk=node_id, node__deleted_at=None).first()
    if resource is None:
        raise NotFound
    if resource.kind == "file":
        url = reverse("resources:file", args=[node_id])
        return Card(id=node_id, kind="file", title=resource.title, url=url)
    fields = Field.objects.filter(version=resources.version_of(node_id), personal="personal")
    return Card(
        id=node_id,
        kind="dataset",
        title=resource.title,
        url=reverse("sharing:access", args=[node_id]),
        personal_count=fields.count(),
    )


@dataclass(frozen=True, kw_only=True)
class Candidates:
    """Whom a dialog offers to grant to: [{email, label, name}], [{id, label}], [{label}]."""

    people: list[dict[str, Any]]
    groups: list[dict[str, Any]]
    organisations: list[dict[str, Any]]


def candidates_for(actor: Actor, node_id: UUID) -> Candidates:
    """People and organisations granted to here before, one's own organisation, its people and groups.

    Others can be named by their address or name: who else is here is not told.
    """
    me = Person.objects.filter(pk=actor.person_id).first() if actor.person_id else None
    known = Q(grants__node_id=node_id)
    if me is not None and me.organisation_id is not None:
        known |= Q(organisation_id=me.organisation_id)
    people = (
        Person.objects.filter(known, is_active=True)
        .exclude(pk=actor.person_id or UUID(int=0))
        .select_related("organisation")
        .distinct()
        .order_by("name")[:500]
    )
    return Candidates(
        people=[
            {
                "email": person.email,
                "name": person.name,
                "label": ", ".join(
                    filter(
                        None, (person.name, person.organisation.name if person.organisation else "")
                    )
                ),
            }
            for person in people
        ],
        groups=[
            {"id": group.id, "label": group.name}
            for group in Group.objects.filter(
                organisation_id=(me.organisation_id if me else None) or UUID(int=0)
            ).order_by("name")[:500]
        ],
        organisations=[
            {"label": organisation.name}
            for organisation in Organisation.objects.filter(
                Q(grants__node_id=node_id)
                | Q(people__grants__node_id=node_id)
                | Q(pk=(me.organisation_id if me else None) or UUID(int=0))
            )
            .distinct()
            .order_by("name")[:500]
        ],
    )


@dataclass(frozen=True, kw_only=True)
class Share:
    """A grant as its grantee sees it: the release and the resource that it opens."""

    grant: Grant
    title: str
    release: Release | None


def shares_of(actor: Actor, *, cursor: str = "", limit: int = USUAL) -> Page[Share]:
    """What was granted to the actor and still holds, some at a time, the newest first."""
    open_ones = _held(actor).filter(Q(release=None) | Q(release__deleted_at=None))
    page = page_of(open_ones, cursor=cursor, limit=limit)
    titles = titles_of({grant.node_id for grant in page.items})
    wanted = {grant.release_id for grant in page.items if grant.release_id}
    releases = Release.objects.in_bulk(wanted)
    return page.map(
        lambda grant: Share(
            grant=grant,
            title=titles.get(grant.node_id, ""),
            release=releases[grant.release_id] if grant.release_id else None,
        )
    )


def grant_with_giver(grant_id: UUID | None) -> Grant | None:
    """A grant with who gave it; None for none."""
    if grant_id is None:
        return None
    rows = Grant.objects.select_related("granted_by__organisation", "node__organisation")
    return rows.filter(pk=grant_id).first()


def kind_of_node(node_id: UUID) -> str:
    """`release`, `dataset`, `file`, `project` or another kind of node. Raises NotFound."""
    node = Node.objects.filter(pk=node_id, deleted_at=None).first()
    if node is None:
        raise NotFound
    if node.kind != "resource":
        return node.kind
    return resources.resource_of(node_id).kind
