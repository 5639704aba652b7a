"""Is somebody let into the installation at all?"""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q

from simplr.accounts.models import Person
from simplr.licensing.models import Licence


def live(now: datetime) -> Q:
    """Licences that are neither revoked nor over."""
    return Q(revoked_at=None) & (Q(expires_at=None) | Q(expires_at__gt=now))


def licence_of(person: Person, *, now: datetime) -> Licence | None:
    """The licence that lets a person in: his own before his organisation's."""
    holder = Q(person=person)
    if person.organisation_id is not None:
        holder |= Q(organisation_id=person.organisation_id)
    return (
        Licence.objects.filter(holder & live(now)).order_by("organisation_id", "-issued_at").first()
    )


def is_licensed(person: Person, *, now: datetime) -> bool:
    """Whether any licence lets this person in."""
    return licence_of(person, now=now) is not None
