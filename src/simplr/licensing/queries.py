"""Is somebody let into the installation at all?"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

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


def licences_of_outer(now: datetime) -> Exists:
    """Whether any licence lets a person in, as a part of a query over people."""
    holder = Q(person=OuterRef("pk")) | Q(organisation=OuterRef("organisation"))
    return Exists(Licence.objects.filter(holder & live(now)))


def organisation_is_licensed(organisation_id: UUID, *, now: datetime) -> bool:
    """Whether everyone of an organisation is let in."""
    return Licence.objects.filter(live(now), organisation_id=organisation_id).exists()


def licences() -> QuerySet[Licence]:
    """Every licence, ended ones too."""
    return Licence.objects.select_related("person", "organisation", "issued_by")


def state_of(licence: Licence, *, now: datetime) -> str:
    """`live`, `revoked` or `expired`."""
    if licence.revoked_at is not None:
        return "revoked"
    if licence.expires_at is not None and licence.expires_at <= now:
        return "expired"
    return "live"
