"""Is somebody let into the installation at all?"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import connection
from django.db.models import Q, QuerySet

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


LICENCE_LETS_IN = """EXISTS (
    SELECT 1 FROM licensing_licence licence
    WHERE (licence.person_id = person.id OR licence.organisation_id = person.organisation_id)
    AND licence.revoked_at IS NULL
    AND (licence.expires_at IS NULL OR licence.expires_at > %(now)s))"""
"""Whether a licence lets a person in: a part of a statement over `accounts_person person`."""


def is_licensed(person: Person, *, now: datetime) -> bool:
    """Whether any licence lets this person in: his own, or his organisation's."""
    statement = f"SELECT {LICENCE_LETS_IN} FROM accounts_person person WHERE person.id = %(id)s"  # noqa: S608 - put together of constants alone
    with connection.cursor() as cursor:
        cursor.execute(statement, {"id": person.pk, "now": now})
        row = cursor.fetchone()
    return row is not None and bool(row[0])


def licensed_among(person_ids: Iterable[UUID], *, now: datetime) -> set[UUID]:
    """Those of some people whom a licence lets in."""
    statement = (
        "SELECT person.id FROM accounts_person person "  # noqa: S608 - constants alone
        f"WHERE person.id = ANY(%(ids)s) AND {LICENCE_LETS_IN}"
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, {"ids": list(person_ids), "now": now})
        return {row[0] for row in cursor.fetchall()}


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
