"""Reading projects and their members."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, Max, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from simplr.access.models import RoleAssignment
from simplr.access.permissions import nodes_reached, standing
from simplr.accounts.models import Invitation, Person
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
    since: datetime


@dataclass(frozen=True, kw_only=True)
class ProjectFacts:
    """What a list says of a project to one reader."""

    role: str
    dataset_count: int
    file_count: int
    changed_at: datetime | None


def projects_visible_to(actor: Actor, *, words: str = "") -> QuerySet[Project]:
    """Every project that the actor may know of, the newest first.

    `is_described` says whether he may see more of it than its title: aims and counts.
    """
    reached = nodes_reached(actor, action=Action.DISCOVER).filter(kind="project")
    described = nodes_reached(actor, action=Action.DESCRIBE).filter(kind="project")
    # Counted for each project of a page, not joined: a join counts those of all projects first.
    kept = standing().filter(kind="resource", project_id=OuterRef("node_id")).order_by()
    count = kept.values("project_id").annotate(n=Count("id")).values("n")
    found = (
        Project.objects.filter(node__in=reached)
        .select_related("node__organisation", "node__owner")
        .annotate(
            is_described=Exists(described.filter(id=OuterRef("node_id"))),
            resource_count=Coalesce(Subquery(count), 0),
        )
        .order_by("-node_id")
    )
    for word in words.split()[:10]:
        found = found.filter(Q(title__icontains=word) | Q(aims__icontains=word, is_described=True))
    return found


def aims_of(project: Any) -> str:
    """What a project of `projects_visible_to` is for, as far as the reader may see it."""
    return str(project.aims) if project.is_described else ""


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
                since=row.given_at,
            )
            for row in rows
        ),
        key=lambda member: (order.index(member.role), member.name),
    )


def facts_of(actor: Actor, project_ids: Iterable[UUID]) -> dict[UUID, ProjectFacts]:
    """The reader's role and the counts of what he may know of, for each project."""
    wanted = list(project_ids)
    roles = dict(
        RoleAssignment.objects.filter(node_id__in=wanted, person_id=actor.person_id).values_list(
            "node_id", "role"
        )
        if actor.person_id
        else ()
    )
    reached = nodes_reached(actor, action=Action.DISCOVER).filter(kind="resource")
    rows = (
        Project.objects.filter(
            pk__in=wanted, resources__node__in=reached.filter(project_id__in=wanted)
        )
        .annotate(
            datasets=Count("resources", filter=Q(resources__kind="dataset"), distinct=True),
            files=Count("resources", filter=Q(resources__kind="file"), distinct=True),
            changed=Max("resources__versions__created_at"),
        )
        .values_list("pk", "datasets", "files", "changed")
    )
    counted = {pk: counts for pk, *counts in rows}
    return {pk: _facts(roles.get(pk, ""), *counted.get(pk, (0, 0, None))) for pk in wanted}


def _facts(role: str, datasets: int, files: int, changed_at: datetime | None) -> ProjectFacts:
    return ProjectFacts(role=role, dataset_count=datasets, file_count=files, changed_at=changed_at)


def invited_to(project_id: UUID) -> list[dict[str, Any]]:
    """Who was invited to a project and has not come yet."""
    rows = Invitation.objects.filter(
        project_id=project_id, accepted_at=None, revoked_at=None, expires_at__gt=timezone.now()
    )
    return [
        {"id": row.id, "email": row.email, "role": row.role, "until": row.expires_at}
        for row in rows.order_by("-created_at")[:100]
    ]


def organisation_of(actor: Actor) -> str:
    """The name of the actor's organisation; empty without one."""
    if actor.person_id is None:
        return ""
    name = Person.objects.filter(pk=actor.person_id).values_list("organisation__name", flat=True)
    return name.first() or ""


def project_counts(organisation_ids: Iterable[UUID]) -> dict[UUID, int]:
    """How many projects each of these organisations has."""
    rows = (
        Project.objects.filter(
            node__organisation_id__in=list(organisation_ids), node__deleted_at=None
        )
        .values_list("node__organisation_id")
        .annotate(count=Count("node_id"))
    )
    return dict(rows)
