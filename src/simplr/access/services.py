"""Changes to nodes, roles and grants. Tokens have a file of their own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils import timezone

from simplr.access.authentication import digest_of, new_secret
from simplr.access.models import Grant, Node, RoleAssignment
from simplr.access.permissions import decide
from simplr.accounts.models import Group, NoticeCode, Organisation, Person
from simplr.accounts.notice_services import notify
from simplr.base import events
from simplr.base.actors import Actor
from simplr.base.ids import new_id
from simplr_core.access import (
    RELEASABLE,
    ROLE_RIGHTS,
    Action,
    Condition,
    NodeKind,
    Role,
    included,
)
from simplr_core.errors import Conflict, Invalid, NotFound, Refused

LINK_PASSWORD_LENGTH = 8
"""As for a password beside another factor (NIST SP 800-63B-4): the link is the other."""


class GrantEnded(Conflict):
    """This grant was revoked already. Nothing was changed."""

    code = "grant-ended"


class LastOwner(Conflict):
    """A project keeps at least one owner. Make somebody else an owner first."""

    code = "last-owner"


class NotYours(Refused):
    """Nobody gives what he has not himself: deciding about a thing is not reading it."""

    code = "not-yours"


def _holds(actor: Actor, *, node_id: UUID, actions: frozenset[Action], personal: bool) -> bool:
    """Whether the actor may do all of this himself, so that he may let others do it.

    His token need not carry it: giving shows the giver nothing.
    """
    giver = replace(actor, token_id=None, scopes=None)
    for action in actions:
        verdict = decide(actor=giver, action=action, node_id=node_id)
        if not verdict.allowed or (personal and not verdict.personal):
            return False
    return True


def make_node(
    *,
    kind: NodeKind,
    parent: Node | None,
    owner_id: UUID,
    organisation_id: UUID | None = None,
    classification: str = "",
) -> Node:
    """Make the node of a new thing, inside the caller's transaction.

    A project has no parent and names its organisation. The parent is locked and read again: while
    it is being moved, the new thing waits and lies where its parent comes to lie.
    """
    node_id = new_id()
    if parent is None:
        if kind is not NodeKind.PROJECT or organisation_id is None:
            raise Invalid("Only a project stands on its own.")
        return Node.objects.create(
            id=node_id,
            kind=kind.value,
            organisation_id=organisation_id,
            path=[node_id],
            owner_id=owner_id,
            classification=classification or "internal",
        )
    parent = Node.objects.select_for_update(of=("self",), no_key=True).get(pk=parent.pk)
    return Node.objects.create(
        id=node_id,
        kind=kind.value,
        parent=parent,
        organisation_id=parent.organisation_id,
        project_id=parent.project_id or parent.id,
        path=[*parent.path, node_id],
        owner_id=owner_id,
        classification=classification or parent.classification,
    )


@transaction.atomic
def give_role(*, project_id: UUID, person_id: UUID, role: Role, actor: Actor) -> RoleAssignment:
    """Make a person a member of a project, or change what he is there.

    Raises NotFound for an unknown person, NotYours for a role that carries more than the actor
    has, and LastOwner when the last owner would step down.
    """
    person = Person.objects.filter(id=person_id, is_active=True).first()
    if person is None:
        raise NotFound("There is no such person here. Invite them first.")
    assignments = list(
        RoleAssignment.objects.select_for_update(of=("self",)).filter(node_id=project_id)
    )
    # The first owner of a new project has nobody above him.
    if assignments and not may_give_role(actor=actor, project_id=project_id, role=role):
        raise NotYours
    present = next((row for row in assignments if row.person_id == person_id), None)
    if present is not None and present.role == Role.OWNER and role is not Role.OWNER:
        _check_another_owner(assignments, person_id)
    row, _ = RoleAssignment.objects.update_or_create(
        node_id=project_id,
        person_id=person_id,
        defaults={"role": role.value, "given_by_id": actor.person_id or person_id},
    )
    events.record(
        code=events.Event.ROLE_GIVEN,
        actor=actor,
        node_id=project_id,
        project_id=project_id,
        subject=("person", person_id),
        details={"role": role.value},
    )
    notify(
        code=NoticeCode.MEMBER,
        person_ids=[person_id],
        node_id=project_id,
        by=actor.person_id,
        now=timezone.now(),
    )
    return row


def may_give_role(*, actor: Actor, project_id: UUID, role: Role) -> bool:
    """Whether the actor decides about the project and has all that the role carries himself."""
    rights = ROLE_RIGHTS[role]
    return _holds(
        actor,
        node_id=project_id,
        actions=rights.on_project | rights.inside | {Action.MANAGE},
        personal=rights.personal,
    )


@transaction.atomic
def take_role(*, project_id: UUID, person_id: UUID, actor: Actor) -> None:
    """End a membership; it takes effect at once. Raises NotFound or LastOwner."""
    assignments = list(
        RoleAssignment.objects.select_for_update(of=("self",)).filter(node_id=project_id)
    )
    present = next((row for row in assignments if row.person_id == person_id), None)
    if present is None:
        raise NotFound
    if present.role == Role.OWNER:
        _check_another_owner(assignments, person_id)
    present.delete()
    events.record(
        code=events.Event.ROLE_TAKEN,
        actor=actor,
        node_id=project_id,
        project_id=project_id,
        subject=("person", person_id),
    )


def _check_another_owner(assignments: Sequence[RoleAssignment], person_id: UUID) -> None:
    if not any(row.role == Role.OWNER and row.person_id != person_id for row in assignments):
        raise LastOwner


@dataclass(frozen=True, kw_only=True)
class Grantee:
    """Whom a grant names: exactly one of them."""

    person_id: UUID | None = None
    email: str = ""
    organisation_id: UUID | None = None
    group_id: UUID | None = None
    link: bool = False
    password: str = ""


@dataclass(frozen=True, kw_only=True)
class NewGrant:
    """A grant as made, with the link's secret that is shown this once."""

    grant: Grant
    link_secret: str = ""

    def __repr__(self) -> str:
        return f"NewGrant({self.grant!r})"


@transaction.atomic
def give_grant(
    *,
    node_id: UUID,
    to: Grantee,
    actions: Sequence[Action],
    actor: Actor,
    release_id: UUID | None = None,
    until: datetime | None = None,
    conditions: Sequence[str] = (),
    note: str = "",
) -> NewGrant:
    """Let one grantee do `actions` to a node, perhaps only under one of its releases.

    The caller has checked that the actor may manage the node. A grant under a release carries
    read actions only; so does a link. Raises Invalid, NotFound, Refused, or NotYours when the
    actor may not do himself what he would let others do.
    """
    now = timezone.now()
    node = Node.objects.select_for_update(of=("self",)).filter(id=node_id, deleted_at=None).first()
    if node is None or node.kind not in {"project", "folder", "resource"}:
        raise NotFound
    wanted = included(frozenset(actions))
    if not wanted:
        raise Invalid("Say what the grant allows.")
    if (release_id is not None or to.link) and not wanted <= RELEASABLE:
        raise Invalid("A release or a link can be discovered, described, read and downloaded only.")
    if to.link and release_id is None:
        raise Invalid("A link opens a release. Make a release first, then grant it.")
    if until is not None and until <= now:
        raise Invalid("A grant ends in the future.", field="until")
    if to.link and until is None:
        raise Invalid("A link needs a day on which it ends.", field="until")
    if to.link and 0 < len(to.password) < LINK_PASSWORD_LENGTH:
        raise Invalid(
            f"The password of a link has {LINK_PASSWORD_LENGTH} characters or more. "
            "Leave it empty for none.",
            field="password",
        )
    unknown = set(conditions) - {condition.value for condition in Condition}
    if unknown:
        raise Invalid("This condition is not known.", field="conditions")
    if release_id is not None:
        release = Node.objects.filter(id=release_id, kind="release", parent_id=node_id).first()
        if release is None:
            raise NotFound("There is no such release of this resource.")
    if actor.person_id is None:
        raise Refused("Only a person can grant.")
    names = _names_of(to)
    if names.get("person_id") == actor.person_id:
        raise Refused("Nobody grants anything to himself.", reason="self-grant")
    # On a single resource a grant shows personal fields; on a project or under a release it does not.
    shows_personal = release_id is None and node.kind == NodeKind.RESOURCE and Action.READ in wanted
    if not _holds(actor, node_id=release_id or node_id, actions=wanted, personal=shows_personal):
        raise NotYours
    secret = new_secret() if to.link else ""
    grant = Grant.objects.create(
        node=node,
        release_id=release_id,
        actions=sorted(action.value for action in wanted),
        conditions=sorted(conditions),
        note=note,
        granted_by_id=actor.person_id,
        granted_at=now,
        until=until,
        link_digest=digest_of(secret) if secret else None,
        link_password=make_password(to.password) if to.link and to.password else "",
        **names,
    )
    if grant.person_id is not None:
        notify(
            code=NoticeCode.GRANTED,
            person_ids=[grant.person_id],
            node_id=release_id or node_id,
            by=actor.person_id,
            now=now,
        )
    kind = next((name.removesuffix("_id") for name in names), "link")
    events.record(
        code=events.Event.GRANT_GIVEN,
        actor=actor,
        node_id=node.id,
        project_id=node.project_id or node.id,
        subject=("grant", grant.id),
        details={
            "to": kind,
            "grantee": str(next(iter(names.values()), "")),
            "actions": grant.actions,
            "release": str(release_id or ""),
            "until": until.isoformat() if until else "",
        },
    )
    return NewGrant(grant=grant, link_secret=secret)


def _names_of(to: Grantee) -> dict[str, UUID]:
    given = [to.person_id or to.email, to.organisation_id, to.group_id, to.link]
    if sum(map(bool, given)) != 1:
        raise Invalid("A grant names one person, one organisation, one group or a link.")
    if to.email:
        person = Person.objects.filter(email=to.email.strip().lower(), is_active=True).first()
        if person is None:
            raise NotFound("Nobody here has this address. Invite them first.", field="to")
        return {"person_id": person.id}
    if to.person_id:
        if not Person.objects.filter(id=to.person_id, is_active=True).exists():
            raise NotFound("There is no such person here.", field="to")
        return {"person_id": to.person_id}
    if to.organisation_id:
        if not Organisation.objects.filter(id=to.organisation_id).exists():
            raise NotFound("There is no such organisation here.", field="to")
        return {"organisation_id": to.organisation_id}
    if to.group_id:
        if not Group.objects.filter(id=to.group_id).exists():
            raise NotFound("There is no such group here.", field="to")
        return {"group_id": to.group_id}
    return {}


@transaction.atomic
def revoke_grant(*, grant_id: UUID, actor: Actor) -> Grant:
    """End a grant now, running streams within a second. The caller has checked the right.

    Raises NotFound or GrantEnded.
    """
    grant = (
        Grant.objects.select_for_update(of=("self",))
        .select_related("node")
        .filter(id=grant_id)
        .first()
    )
    if grant is None:
        raise NotFound
    if grant.revoked_at is not None:
        raise GrantEnded
    grant.revoked_at = timezone.now()
    grant.revoked_by_id = actor.person_id
    grant.save(update_fields=["revoked_at", "revoked_by"])
    events.record(
        code=events.Event.GRANT_REVOKED,
        actor=actor,
        node_id=grant.node_id,
        project_id=grant.node.project_id or grant.node_id,
        subject=("grant", grant.id),
    )
    return grant
