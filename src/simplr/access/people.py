"""Who one may know of, and what an administrator may do to people."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from simplr.access.models import AccessToken, Node, RoleAssignment
from simplr.accounts import queries, services
from simplr.accounts.models import Group, GroupMembership, Invitation, Organisation, Person
from simplr.base import events
from simplr.base.actors import Actor
from simplr.base.events import Event
from simplr_core.errors import Invalid


def people_known_to(actor: Actor, *, words: str = "") -> QuerySet[Person]:
    """People of one's organisation and of one's projects; everybody for an administrator.

    Search looks into names only, and into addresses for administrators: an address that may not
    be shown is not found by either.
    """
    if actor.person_id is None:
        return Person.objects.none()
    if actor.administrator:
        return queries.people_matching(words)
    projects = RoleAssignment.objects.filter(person_id=actor.person_id).values("node_id")
    found = Person.objects.select_related("organisation").filter(
        Q(id=actor.person_id)
        | Q(
            organisation_id__isnull=False,
            organisation_id__in=Person.objects.filter(id=actor.person_id).values("organisation_id"),
        )
        | Q(roles__node_id__in=projects),
        is_active=True,
    )
    for word in words.split():
        found = found.filter(name__icontains=word)
    return found.distinct()


def addresses_shown_to(actor: Actor, people: list[Person]) -> set[UUID]:
    """The people among these whose address the actor may see: himself, those he invited, and
    everybody for an administrator."""
    if actor.administrator:
        return {person.id for person in people}
    invited = Invitation.objects.filter(
        invited_by_id=actor.person_id, accepted_by__in=people
    ).values_list("accepted_by_id", flat=True)
    return {id_ for id_ in (*invited, actor.person_id) if id_ is not None}


def organisations_known_to(actor: Actor) -> QuerySet[Organisation]:
    """One's organisation, and those of the projects one belongs to and of their members."""
    if actor.administrator:
        return queries.organisations()
    if actor.person_id is None:
        return Organisation.objects.none()
    projects = RoleAssignment.objects.filter(person_id=actor.person_id).values("node_id")
    return queries.organisations().filter(
        Q(id__in=Person.objects.filter(id=actor.person_id).values("organisation_id"))
        | Q(id__in=Node.objects.filter(id__in=projects).values("organisation_id"))
        | Q(
            id__in=RoleAssignment.objects.filter(node_id__in=projects).values(
                "person__organisation_id"
            )
        )
    )


def groups_known_to(actor: Actor) -> QuerySet[Group]:
    """Groups of one's organisation and those one is in; every group for an administrator."""
    if actor.administrator:
        return queries.groups()
    if actor.person_id is None:
        return Group.objects.none()
    return queries.groups().filter(
        Q(organisation__people=actor.person_id)
        | Q(id__in=GroupMembership.objects.filter(person_id=actor.person_id).values("group_id"))
    )


@transaction.atomic
def change_person(
    *,
    person_id: UUID,
    actor: Actor,
    active: bool | None = None,
    administrator: bool | None = None,
    auditor: bool | None = None,
) -> Person:
    """Let a person in or shut him out, give or take his offices; only what is named changes.

    Shutting out ends sessions and tokens for good. Raises NotFound, Invalid, Refused or
    LastAdministrator; then nothing changed.
    """
    if active is None and administrator is None and auditor is None:
        raise Invalid("Say what is to change: active, administrator or auditor.")
    person = queries.person_by_id(person_id)
    if active is False:
        person = services.deactivate_person(person_id=person_id, actor=actor)
        revoke_every_token(person_id=person_id, actor=actor)
    elif active is True:
        person = services.reactivate_person(person_id=person_id, actor=actor)
    for office, held in (("administrator", administrator), ("auditor", auditor)):
        if held is not None:
            person = services.set_office(person_id=person_id, office=office, held=held, actor=actor)
    return queries.person_by_id(person.id)


@transaction.atomic
def revoke_every_token(*, person_id: UUID, actor: Actor) -> int:
    """End every live token of a person now; returns how many."""
    ended = 0
    for token in AccessToken.objects.select_for_update(of=("self",)).filter(
        user_id=person_id, revoked_at=None
    ):
        token.revoked_at = timezone.now()
        token.save(update_fields=["revoked_at"])
        events.record(code=Event.TOKEN_REVOKED, actor=actor, subject=("token", token.public_id))
        ended += 1
    return ended
