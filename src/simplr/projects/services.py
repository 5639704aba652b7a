"""Changes to projects."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F

from simplr.access import services as access
from simplr.accounts.models import Person
from simplr.base import events
from simplr.base.actors import Actor
from simplr.projects.models import Project
from simplr_core.access import NodeKind, Role
from simplr_core.errors import Conflict, Invalid, NotFound, Refused


class SlugTaken(Conflict):
    """Another project has this short name. Choose another one."""

    code = "slug-taken"


class QuotaFull(Conflict):
    """The project has no room for this. Remove something, or ask for a larger quota."""

    code = "quota-full"


_SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,58}[a-z0-9])?\Z")


def slug_from(title: str) -> str:
    """A short name for addresses and commands, made from a title."""
    words = re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")[:50].strip("-")
    return words or "project"


@transaction.atomic
def create_project(*, title: str, actor: Actor, slug: str = "", aims: str = "") -> Project:
    """Make a project of the acting person's organisation, owned by him.

    Raises Refused for somebody without an organisation, SlugTaken, or Invalid.
    """
    person = Person.objects.filter(pk=actor.person_id or UUID(int=0)).first()
    if person is None or person.organisation_id is None:
        raise Refused("Only a member of an organisation can make a project.")
    wanted = slug or slug_from(title)
    if not _SLUG.match(wanted):
        raise Invalid("A short name is small letters, digits and hyphens.", field="slug")
    if not slug:
        wanted = _free_slug(wanted)
    node = access.make_node(
        kind=NodeKind.PROJECT,
        parent=None,
        owner_id=person.id,
        organisation_id=person.organisation_id,
    )
    try:
        with transaction.atomic():
            project = Project.objects.create(
                node=node,
                slug=wanted,
                title=title.strip(),
                aims=aims.strip(),
                quota_bytes=settings.ENV.quota_bytes,
            )
    except IntegrityError as error:
        raise SlugTaken(field="slug") from error
    events.record(
        code=events.Event.PROJECT_ADDED,
        actor=actor,
        node_id=node.id,
        project_id=node.id,
        organisation_id=node.organisation_id,
        subject=("project", node.id),
    )
    access.give_role(project_id=node.id, person_id=person.id, role=Role.OWNER, actor=actor)
    return project


def _free_slug(wanted: str) -> str:
    taken = set(Project.objects.filter(slug__startswith=wanted).values_list("slug", flat=True))
    if wanted not in taken:
        return wanted
    return next(f"{wanted}-{n}" for n in range(2, len(taken) + 3) if f"{wanted}-{n}" not in taken)


@transaction.atomic
def change_project(*, project_id: UUID, changes: dict[str, Any], actor: Actor) -> Project:
    """Change title, aims or status. The caller has checked the right. Raises NotFound, Invalid."""
    project = Project.objects.select_for_update(of=("self",)).filter(pk=project_id).first()
    if project is None:
        raise NotFound
    status = changes.get("status")
    if status is not None and status not in {"working", "finished", "failed", "paused"}:
        raise Invalid("A project is working, paused, finished or failed.", field="status")
    for name in ("title", "aims", "status"):
        if changes.get(name) is not None:
            setattr(project, name, changes[name])
    project.save(update_fields=["title", "aims", "status"])
    events.record(
        code=events.Event.PROJECT_CHANGED,
        actor=actor,
        node_id=project_id,
        project_id=project_id,
        subject=("project", project_id),
        details={"changed": sorted(name for name, value in changes.items() if value is not None)},
    )
    return project


def reserve_bytes(*, project_id: UUID, size: int) -> None:
    """Set room aside before bytes arrive: parallel uploads cannot overshoot. Raises QuotaFull."""
    try:
        with transaction.atomic():
            changed = Project.objects.filter(
                pk=project_id, used_bytes__lte=F("quota_bytes") - size
            ).update(used_bytes=F("used_bytes") + size)
    except IntegrityError as error:
        raise QuotaFull from error
    if not changed:
        raise QuotaFull(needed=size)


def release_bytes(*, project_id: UUID, size: int) -> None:
    """Give back room that was set aside."""
    Project.objects.filter(pk=project_id).update(used_bytes=F("used_bytes") - size)
