"""Invitations: one-time links by which somebody becomes a person. Rights are given in `access`."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from simplr.accounts.models import Invitation, Organisation, Person
from simplr.accounts.secrets import digest_of, new_secret
from simplr.accounts.services import PersonKnown, checked_email
from simplr.base import events
from simplr.base.actors import Actor
from simplr.base.events import Event
from simplr_core.errors import Conflict, NotFound, Refused

VALID_FOR = timedelta(days=7)


class InvitationOver(Conflict):
    """This invitation was used, withdrawn or is too old. Ask for another one."""

    code = "invitation-over"
    status = 410


@dataclass(frozen=True, kw_only=True)
class NewInvitation:
    """An invitation as made, with the secret of its link that is shown this once."""

    invitation: Invitation
    secret: str = field(repr=False)


@transaction.atomic
def make_invitation(
    *,
    email: str,
    organisation_id: UUID,
    actor: Actor,
    name: str = "",
    project_id: UUID | None = None,
    role: str = "",
) -> NewInvitation:
    """Make a one-time link for one address. The caller has checked that the actor may.

    An older open invitation of the same address by the same person is withdrawn. Raises Invalid,
    NotFound or PersonKnown.
    """
    email = checked_email(email)
    if actor.person_id is None:
        raise Refused("Only a person can invite.")
    if not Organisation.objects.filter(id=organisation_id).exists():
        raise NotFound("There is no such organisation here.", field="organisation")
    if Person.objects.filter(email=email).exists():
        raise PersonKnown(field="email")
    now = timezone.now()
    for older in Invitation.objects.filter(
        email=email, invited_by_id=actor.person_id, accepted_at=None, revoked_at=None
    ):
        revoke_invitation(invitation_id=older.id, actor=actor)
    secret = new_secret()
    invitation = Invitation.objects.create(
        email=email,
        name=name.strip()[:200],
        organisation_id=organisation_id,
        project_id=project_id,
        role=role,
        secret_digest=digest_of(secret),
        invited_by_id=actor.person_id,
        expires_at=now + VALID_FOR,
    )
    events.record(
        code=Event.INVITATION_SENT,
        actor=actor,
        organisation_id=organisation_id,
        project_id=project_id,
        node_id=project_id,
        subject=("invitation", invitation.id),
        details={"role": role},
    )
    return NewInvitation(invitation=invitation, secret=secret)


def open_invitation(*, secret: str, now: datetime, lock: bool = False) -> Invitation:
    """The invitation that a link's secret opens. Raises NotFound or InvitationOver."""
    rows = Invitation.objects.select_related("organisation", "invited_by")
    if lock:
        rows = rows.select_for_update(of=("self",))
    invitation = rows.filter(secret_digest=digest_of(secret)).first()
    if invitation is None:
        raise NotFound
    if (
        invitation.accepted_at is not None
        or invitation.revoked_at is not None
        or invitation.expires_at <= now
        or not invitation.invited_by.is_active
    ):
        raise InvitationOver
    return invitation


def mark_accepted(*, invitation: Invitation, person: Person, now: datetime) -> None:
    """Note who an invitation made; it opens nothing from now on."""
    invitation.accepted_at = now
    invitation.accepted_by = person
    invitation.save(update_fields=["accepted_at", "accepted_by"])
    events.record(
        code=Event.INVITATION_ACCEPTED,
        actor=Actor(kind="person", person_id=person.id),
        organisation_id=invitation.organisation_id,
        project_id=invitation.project_id,
        node_id=invitation.project_id,
        subject=("invitation", invitation.id),
    )


@transaction.atomic
def revoke_invitation(*, invitation_id: UUID, actor: Actor) -> Invitation:
    """Withdraw an invitation: one's own, or any for an administrator.

    Raises NotFound or InvitationOver.
    """
    invitation = Invitation.objects.select_for_update(of=("self",)).filter(id=invitation_id).first()
    if invitation is None or not (
        actor.administrator or invitation.invited_by_id == actor.person_id
    ):
        raise NotFound
    if invitation.accepted_at is not None or invitation.revoked_at is not None:
        raise InvitationOver
    invitation.revoked_at = timezone.now()
    invitation.save(update_fields=["revoked_at"])
    events.record(code=Event.INVITATION_REVOKED, actor=actor, subject=("invitation", invitation.id))
    return invitation
