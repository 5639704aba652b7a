"""Folders, and where things lie: making, renaming, moving inside a project.

The path of a node decides who reaches it, so moving one is a change of access. A move never goes
to another project. One that would let somebody in who is not in already is refused unless it is
asked for in so many words by somebody who may manage what moves.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.db import models, transaction
from django.db.models import F, Func, Q, Value
from django.utils import timezone

from simplr.access import services as access
from simplr.access.models import Grant, Node, RoleAssignment
from simplr.access.permissions import nodes_reached, standing
from simplr.base import events
from simplr.base.actors import Actor
from simplr.resources.models import Folder
from simplr.resources.trash_services import check_reaches_all
from simplr_core.access import Action, NodeKind
from simplr_core.errors import Conflict, Invalid, NotFound, Refused

DEEPEST = 20
"""How many folders may lie inside one another."""


class FolderExists(Conflict):
    """A folder of this name is there already. Choose another name, or use that folder."""

    code = "folder-exists"


class TooDeep(Invalid):
    """Folders lie at most twenty deep. Put it further up."""

    code = "folder-too-deep"


class UnderItself(Invalid):
    """A folder cannot be put into itself, nor into a folder inside it."""

    code = "folder-under-itself"


class OtherProject(Invalid):
    """Things move inside their project. To share with another one, make a grant."""

    code = "other-project"


class MoveWidens(Conflict):
    """Others than now would see it there. Say that this is meant, or choose another place."""

    code = "move-widens"


@transaction.atomic
def make_folder(*, place_id: UUID, title: str, actor: Actor, description: str = "") -> Folder:
    """Make a folder in a project or in another folder.

    The caller has checked that the actor may write there. Raises NotFound, FolderExists, TooDeep
    or Invalid.
    """
    if actor.person_id is None:
        raise Refused("Only a person makes a folder.")
    place = _locked_place(place_id)
    if len(place.path) > DEEPEST:
        raise TooDeep
    wanted = _title(title)
    _check_free(place, wanted)
    node = access.make_node(kind=NodeKind.FOLDER, parent=place, owner_id=actor.person_id)
    folder = Folder.objects.create(
        node=node, project_id=node.project_id, title=wanted, description=description.strip()
    )
    _record(events.Event.FOLDER_ADDED, node, actor=actor, to=str(place_id))
    return folder


@transaction.atomic
def change_folder(*, folder_id: UUID, changes: dict[str, Any], actor: Actor) -> Folder:
    """Change title or description. The caller has checked the right.

    Raises NotFound, FolderExists or Invalid.
    """
    folder = (
        Folder.objects.select_for_update(of=("self",))
        .select_related("node__parent")
        .filter(pk=folder_id, node__in=standing())
        .first()
    )
    if folder is None:
        raise NotFound
    if changes.get("title") is not None:
        wanted = _title(changes["title"])
        _check_free(_locked_place(folder.node.parent_id), wanted, but=folder_id)
        folder.title = wanted
    if changes.get("description") is not None:
        folder.description = changes["description"].strip()
    folder.save(update_fields=["title", "description"])
    changed = sorted(name for name, value in changes.items() if value is not None)
    _record(events.Event.FOLDER_CHANGED, folder.node, actor=actor, changed=changed)
    return folder


@transaction.atomic
def move(*, node_id: UUID, place_id: UUID, actor: Actor, wider: bool = False) -> None:
    """Put a resource or a folder, with all in it, into another place of its project.

    Roles and grants follow: what stood on the old folders reaches it no longer, what stands on the
    new ones does. The caller has checked that the actor may write to both, and, for `wider`, that
    he may manage what moves. Raises NotFound, HoldsOthers, OtherProject, UnderItself, TooDeep,
    FolderExists, MoveWidens without `wider`, or NotYours with it for somebody who may not read
    himself what he would let others read.
    """
    place = _locked_place(place_id)
    node = Node.objects.filter(pk=node_id, kind__in=["folder", "resource"]).first()
    if node is None or not standing(Node.objects.filter(pk=node_id)).exists():
        raise NotFound
    if (place.project_id or place.pk) != node.project_id:
        raise OtherProject
    if node_id in place.path:
        raise UnderItself
    if node.parent_id == place_id:
        return
    check_reaches_all(actor, action=Action.MANAGE if wider else Action.WRITE, node=node)
    if node.kind == "folder":
        _check_depth(node, place)
        _check_free(place, Folder.objects.get(pk=node_id).title, but=node_id)
    entering = let_in_by(node=node, place=place)
    if entering and not wider:
        raise MoveWidens(who=entering)
    if entering:
        _check_reads_all(actor, node)
    came_from = node.parent_id
    _rewrite_paths(node, place)
    _record(
        events.Event.RESOURCE_MOVED,
        node,
        actor=actor,
        **{"from": str(came_from), "to": str(place_id), "wider": bool(entering)},
    )


def _check_reads_all(actor: Actor, node: Node) -> None:
    """Letting others in by a move is giving: nobody gives what he has not. Raises NotYours.

    His token need not carry reading: a move shows its mover nothing.
    """
    mover = replace(actor, token_id=None, scopes=None)
    moving = standing(Node.objects.filter(path__contains=[node.pk], kind="resource"))
    read = nodes_reached(mover, action=Action.READ).values("id")
    if moving.exclude(pk__in=read).exists():
        raise access.NotYours


def let_in_by(*, node: Node, place: Node) -> int:
    """How many roles and grants that hold stand on the new folders and not on the old ones."""
    new = [id_ for id_ in place.path if id_ not in node.path]
    live = Q(revoked_at=None) & (Q(until=None) | Q(until__gt=timezone.now()))
    return (
        Grant.objects.filter(live, node_id__in=new).count()
        + RoleAssignment.objects.filter(node_id__in=new).count()
    )


def _rewrite_paths(node: Node, place: Node) -> None:
    """The node and all below it, in the trash or not, lie under `place` from now on.

    They are locked first: what is being added below one of them is waited for, and moves along.
    """
    below = Node.objects.filter(path__contains=[node.pk])
    list(below.select_for_update(of=("self",)).values_list("id", flat=True))
    uuids = ArrayField(models.UUIDField())
    rest = Func(
        F("path"),
        template=f"(%(expressions)s)[{len(node.path)}:]",
        output_field=uuids,
    )
    path = Func(
        Value(place.path, output_field=uuids),
        rest,
        template="(%(expressions)s)",
        arg_joiner=" || ",
        output_field=uuids,
    )
    Node.objects.filter(path__contains=[node.pk]).update(path=path)
    Node.objects.filter(pk=node.pk).update(parent_id=place.pk)


def _locked_place(place_id: UUID | None) -> Node:
    """The project or folder `place_id`, with its whole project locked against other moves."""
    known = Node.objects.filter(kind__in=["project", "folder"])
    found = known.filter(pk=place_id).first() if place_id else None
    if found is None:
        raise NotFound("There is no such folder.")
    project_id = found.project_id or found.pk
    Node.objects.select_for_update(of=("self",)).get(pk=project_id)
    place = standing(Node.objects.filter(pk=found.pk)).first()
    if place is None:
        raise NotFound("There is no such folder.")
    return place


def _check_depth(node: Node, place: Node) -> None:
    folders = Node.objects.filter(path__contains=[node.pk], kind="folder")
    deepest = max(len(path) for path in folders.values_list("path", flat=True))
    if len(place.path) + deepest - len(node.path) + 1 > DEEPEST + 1:
        raise TooDeep


def _check_free(place: Node, title: str, *, but: UUID | None = None) -> None:
    same = Folder.objects.filter(
        node__parent_id=place.pk, title__iexact=title, node__deleted_at=None
    ).exclude(pk=but)
    if same.exists():
        raise FolderExists(field="title", folder=str(same.values_list("pk", flat=True)[0]))


def _title(text: str) -> str:
    """A title is shown and nothing else: it never becomes a path."""
    wanted = text.strip()
    if not wanted or len(wanted) > 200:
        raise Invalid("A folder has a name of at most 200 characters.", field="title")
    return wanted


def _record(code: events.Event, node: Node, *, actor: Actor, **details: object) -> None:
    events.record(
        code=code,
        actor=actor,
        node_id=node.pk,
        project_id=node.project_id,
        subject=(node.kind, node.pk),
        details=details,
    )
