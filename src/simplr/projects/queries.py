"""Reading projects and their members."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from simplr.access.models import RoleAssignment
from simplr.access.permissions import nodes_reached
from simplr.base.actors import Actor
from simplr.projects.models import Project
from simplr_core.access import Action
from simplr_core.errors import NotFound


@dataclass(frozen=True, kw_only=True)
class Member:
    """One person's role in a project."""

    person_id: UUID
    name: str
    email: str
    organisation: str
    role: str


def projects_visible_to(actor: Actor, *, words: str = "") -> QuerySet[Project]:
    """Every project that the actor may know of, the newest first."""
    reached = nodes_reached(actor, action=Action.DISCOVER).filter(kind="project")
    found = (
        Project.objects.filter(node__in=reached)
        .select_related("node__organisation", "node__owner")
        .annotate(
            resource_count=Count(
                "resources", filter=Q(resources__node__deleted_at=None), distinct=True
            )
        )
        .order_by("-node_id")
    )
    for word in words.split()[:10]:
        found = found.filter(Q(title__icontains=word) | Q(aims__icontains=word))
    return found


def project_id_of(name: str) -> UUID:
    """The id that an id or a short name stands for. Raises NotFound; says nothing about rights."""
    try:
        return UUID(name)
    except ValueError:
        pass
    found = Project.objects.filter(slug=name).values_list("node_id", flat=True).first()
    if found is None:
        raise NotFound
    return found


def project_of(project_id: UUID) -> Project:
    """One project. The caller has checked the right. Raises NotFound."""
    project = (
        Project.objects.select_related("node__organisation", "node__owner")
        .filter(pk=project_id, node__deleted_at=None)
        .first()
    )
    if project is None:
        raise NotFound
    return project


def members_of(project_id: UUID) -> list[Member]:
    """Who belongs to a project, by role and name."""
    order = ["owner", "steward", "analyst", "viewer", "guest"]
    rows = RoleAssignment.objects.filter(node_id=project_id).select_related("person__organisation")
    return sorted(
        (
            Member(
                person_id=row.person_id,
                name=row.person.name,
                email=row.person.email,
                organisation=row.person.organisation.name if row.person.organisation else "",
                role=row.role,
            )
            for row in rows
        ),
        key=lambda member: (order.index(member.role), member.name),
    )
