"""Issuing and revoking licences."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from simplr.accounts.models import Organisation, Person
from simplr.base import events
from simplr.base.actors import Actor
from simplr.licensing.models import Licence
from simplr_core.errors import Conflict, Invalid, NotFound


class LicenceEnded(Conflict):
    """This licence was revoked already."""

    code = "licence-ended"


@transaction.atomic
def issue_licence(
    *,
    actor: Actor,
    person: Person | None = None,
    organisation: Organisation | None = None,
    expires_at: datetime | None = None,
) -> Licence:
    """Let a person, or everyone of an organisation, in until `expires_at`. Raises Invalid."""
    if (person is None) == (organisation is None):
        raise Invalid("A licence is for one person or for one organisation.")
    now = timezone.now()
    if expires_at is not None and expires_at <= now:
        raise Invalid("A licence ends in the future.")
    licence = Licence.objects.create(
        person=person,
        organisation=organisation,
        issued_at=now,
        issued_by_id=actor.person_id,
        expires_at=expires_at,
    )
    events.record(code=events.Event.LICENCE_ISSUED, actor=actor, subject=("licence", licence.id))
    return licence


@transaction.atomic
def revoke_licence(*, licence_id: UUID, actor: Actor) -> Licence:
    """End a licence now; its holders' sessions, tokens and streams end within a second.

    Raises NotFound or LicenceEnded.
    """
    licence = Licence.objects.select_for_update().filter(id=licence_id).first()
    if licence is None:
        raise NotFound
    if licence.revoked_at is not None:
        raise LicenceEnded
    licence.revoked_at = timezone.now()
    licence.save(update_fields=["revoked_at"])
    events.record(code=events.Event.LICENCE_REVOKED, actor=actor, subject=("licence", licence.id))
    return licence


def issue_licence_to(
    *,
    actor: Actor,
    person_id: UUID | None = None,
    organisation_id: UUID | None = None,
    expires_at: datetime | None = None,
) -> Licence:
    """`issue_licence` for ids. Raises NotFound or Invalid."""
    person = Person.objects.filter(id=person_id).first() if person_id else None
    organisation = (
        Organisation.objects.filter(id=organisation_id).first() if organisation_id else None
    )
    if (person_id and person is None) or (organisation_id and organisation is None):
        raise NotFound
    return issue_licence(
        person=person, organisation=organisation, expires_at=expires_at, actor=actor
    )
