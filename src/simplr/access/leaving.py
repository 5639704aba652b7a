"""A leaver: what somebody owned is handed over, and all his access ends, in one act.

Each thing goes to somebody who decides about its project already, where there is one: nobody gains
by it. Only of a project that he alone owned another owner is named; never the administrator who
does it, since running an installation opens no data.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from simplr.access.asking import withdraw_all
from simplr.access.models import Grant, Node, RoleAssignment
from simplr.access.people import revoke_every_token
from simplr.access.services import revoke_grant
from simplr.access.tokens import live_tokens
from simplr.accounts import invitations
from simplr.accounts import services as accounts
from simplr.accounts.models import GroupMembership, Invitation, NoticeCode, Person
from simplr.accounts.notice_services import notify
from simplr.base import events
from simplr.base.actors import Actor
from simplr.licensing.models import Licence
from simplr.licensing.queries import is_licensed
from simplr.licensing.services import revoke_licence
from simplr_core.access import Role
from simplr_core.errors import Conflict, Invalid, NotFound, Refused


class HeirNeeded(Conflict):
    """This person alone owns a project. Name who is to own it from now on."""

    code = "heir-needed"


@dataclass(frozen=True, kw_only=True)
class Departure:
    """What goes and what ends when somebody leaves: counts, and who follows."""

    projects: int
    """Projects that he alone owns: for these another owner is named."""
    things: int
    """Whatever else is his: it goes to an owner of its project."""
    roles: int
    grants: int
    """Grants to him, and links that he made: he knows their addresses."""
    requests: int
    tokens: int
    groups: int
    licences: int
    invitations: int
    heir_needed: bool


def departure_of(person_id: UUID) -> Departure:
    """What would happen if somebody left now. Raises NotFound."""
    person = _person(person_id)
    alone = _owned_alone(person.id)
    return Departure(
        projects=len(alone),
        things=Node.objects.filter(owner=person).exclude(id__in=alone).count(),
        roles=RoleAssignment.objects.filter(person=person).count(),
        grants=_grants(person.id).count(),
        requests=person.access_requests.filter(state="waiting").count(),
        tokens=person.access_accesstoken.filter(live_tokens(timezone.now())).count(),
        groups=GroupMembership.objects.filter(person=person).count(),
        licences=Licence.objects.filter(person=person, revoked_at=None).count(),
        invitations=_invitations(person.id).count(),
        heir_needed=bool(alone),
    )


@transaction.atomic
def let_go(*, person_id: UUID, actor: Actor, heir_id: UUID | None = None) -> Departure:
    """Hand over what somebody owns and end all his access, now and together.

    The caller has checked the office. Raises NotFound, Refused, Invalid, HeirNeeded or
    LastAdministrator; then nothing was changed.
    """
    now = timezone.now()
    if person_id == actor.person_id:
        raise Refused("Nobody lets himself go. Another administrator does.", reason="self")
    person = Person.objects.select_for_update().filter(pk=person_id).first()
    if person is None:
        raise NotFound
    _lock_roles_beside(person_id)
    told = departure_of(person_id)
    if told.heir_needed or heir_id is not None:
        heir = _heir(heir_id, person=person, actor=actor, now=now)
        _make_owner(heir, person, actor=actor)
    _hand_over(person)
    _end_roles(person, actor=actor)
    for grant_id in list(_grants(person.id).values_list("id", flat=True)):
        revoke_grant(grant_id=grant_id, actor=actor)
    withdraw_all(person_id=person.id, actor=actor)
    revoke_every_token(person_id=person.id, actor=actor)
    for group_id in GroupMembership.objects.filter(person=person).values_list(
        "group_id", flat=True
    ):
        accounts.remove_group_member(group_id=group_id, person_id=person.id, actor=actor)
    for licence_id in Licence.objects.filter(person=person, revoked_at=None).values_list(
        "id", flat=True
    ):
        revoke_licence(licence_id=licence_id, actor=actor)
    _take_invitations_back(person.id, actor=actor)
    accounts.deactivate_person(person_id=person.id, actor=actor)
    events.record(
        code=events.Event.PERSON_LET_GO,
        actor=actor,
        subject=("person", person.id),
        details={**_counts(told), "heir": str(heir_id or "") if told.heir_needed else ""},
    )
    return told


def _lock_roles_beside(person_id: UUID) -> None:
    """Of two owners who leave at once, the second sees that he is the last."""
    his = RoleAssignment.objects.filter(person_id=person_id).values("node_id")
    list(
        RoleAssignment.objects.select_for_update(of=("self",))
        .filter(node_id__in=his)
        .order_by("id")
        .values_list("id", flat=True)
    )


def _counts(told: Departure) -> dict[str, Any]:
    return {name: value for name, value in asdict(told).items() if name != "heir_needed"}


def _person(person_id: UUID) -> Person:
    found = Person.objects.filter(pk=person_id).first()
    if found is None:
        raise NotFound
    return found


def _owned_alone(person_id: UUID) -> list[UUID]:
    """Projects of which somebody is the one owner who may still come in."""
    owners = RoleAssignment.objects.filter(role=Role.OWNER.value)
    his = owners.filter(person_id=person_id).values_list("node_id", flat=True)
    others = owners.filter(node_id__in=his, person__is_active=True).exclude(person_id=person_id)
    shared = set(others.values_list("node_id", flat=True))
    return [node_id for node_id in his if node_id not in shared]


def _heir(heir_id: UUID | None, *, person: Person, actor: Actor, now: datetime) -> Person:
    if heir_id is None:
        raise HeirNeeded
    heir = Person.objects.filter(pk=heir_id, is_active=True).first()
    if heir is None or not is_licensed(heir, now=now):
        raise NotFound("There is no such person here.", field="heir")
    if heir.id == person.id:
        raise Invalid("Name somebody else.", field="heir")
    if heir.id == actor.person_id:
        raise Refused("Nobody hands data to himself. Name somebody else.", reason="self")
    if heir.organisation_id != person.organisation_id:
        raise Invalid("Name somebody of the same organisation.", field="heir")
    return heir


def _make_owner(heir: Person, person: Person, *, actor: Actor) -> None:
    """The one act here that opens something to somebody: he is told, and the ledger says so."""
    for project_id in _owned_alone(person.id):
        RoleAssignment.objects.update_or_create(
            node_id=project_id,
            person=heir,
            defaults={"role": Role.OWNER.value, "given_by_id": actor.person_id or heir.id},
        )
        events.record(
            code=events.Event.ROLE_GIVEN,
            actor=actor,
            node_id=project_id,
            project_id=project_id,
            subject=("person", heir.id),
            details={"role": Role.OWNER.value},
        )
        notify(
            code=NoticeCode.MEMBER,
            person_ids=[heir.id],
            node_id=project_id,
            by=actor.person_id,
            now=timezone.now(),
        )


def _hand_over(person: Person) -> None:
    """What he owned goes to the longest owner of its project; outside any, it stays his in name."""
    his = Node.objects.filter(owner=person).order_by()
    for project_id in set(his.values_list("path__0", flat=True)):
        owner = (
            RoleAssignment.objects.filter(
                node_id=project_id, role=Role.OWNER.value, person__is_active=True
            )
            .exclude(person=person)
            .order_by("given_at", "id")
            .first()
        )
        if owner is not None:
            Node.objects.filter(owner=person, path__0=project_id).update(owner=owner.person_id)


def _end_roles(person: Person, *, actor: Actor) -> None:
    for role in RoleAssignment.objects.select_for_update(of=("self",)).filter(person=person):
        project_id = role.node_id
        role.delete()
        events.record(
            code=events.Event.ROLE_TAKEN,
            actor=actor,
            node_id=project_id,
            project_id=project_id,
            subject=("person", person.id),
        )


def _grants(person_id: UUID) -> Any:
    live = Grant.objects.filter(revoked_at=None)
    links = live.filter(granted_by_id=person_id, link_digest__isnull=False)
    return live.filter(person_id=person_id) | links


def _invitations(person_id: UUID) -> Any:
    return Invitation.objects.filter(
        invited_by_id=person_id, accepted_at=None, revoked_at=None, expires_at__gt=timezone.now()
    )


def _take_invitations_back(person_id: UUID, *, actor: Actor) -> None:
    for invitation in _invitations(person_id):
        invitations.revoke_invitation(invitation_id=invitation.id, actor=actor)
