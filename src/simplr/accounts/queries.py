"""Reading people and organisations."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from allauth.mfa.models import Authenticator
from django.db.models import Count, Q, QuerySet
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _

from simplr.accounts.models import Group, Invitation, Organisation, Person, Session
from simplr.accounts.sessions import digest_of, lives
from simplr_core.errors import NotFound


def person_id_by_email(email: str) -> UUID:
    """The active person with this address. Raises NotFound."""
    person_id = (
        Person.objects.filter(email=email.strip().lower(), is_active=True)
        .values_list("id", flat=True)
        .first()
    )
    if person_id is None:
        raise NotFound("Nobody here has this address. Invite them first.")
    return person_id


def person_by_id(person_id: UUID) -> Person:
    """One person. Raises NotFound."""
    person = Person.objects.select_related("organisation").filter(id=person_id).first()
    if person is None:
        raise NotFound
    return person


def administrators() -> QuerySet[Person]:
    """People who run the installation."""
    return Person.objects.filter(is_administrator=True)


def people_matching(words: str) -> QuerySet[Person]:
    """Every person, or those whose name or address holds the words; for administrators."""
    found = Person.objects.select_related("organisation")
    for word in words.split():
        found = found.filter(Q(name__icontains=word) | Q(email__icontains=word))
    return found


def open_invitations() -> QuerySet[Invitation]:
    """Invitations that may still be accepted."""
    return Invitation.objects.select_related("organisation", "invited_by").filter(
        accepted_at=None, revoked_at=None, expires_at__gt=timezone.now()
    )


def organisations() -> QuerySet[Organisation]:
    """Every organisation, with its number of people."""
    return Organisation.objects.annotate(people_count=Count("people", distinct=True))


def organisation_called(name: str) -> Organisation | None:
    """The organisation of this whole name, whatever its capitals; None if there is none."""
    return Organisation.objects.filter(name__iexact=name).first()


def groups() -> QuerySet[Group]:
    """Every group, with its number of members."""
    return Group.objects.select_related("organisation").annotate(
        member_count=Count("memberships", distinct=True)
    )


@dataclass(frozen=True, kw_only=True)
class SessionLine:
    """One place where a person is signed in."""

    id: UUID
    text: str
    at: datetime
    here: bool


def sessions_of(*, person_id: UUID, here: str) -> list[SessionLine]:
    """Where a person is signed in; `here` is the cookie value of the browser that asks."""
    digest, now = digest_of(here), timezone.now()
    rows = Session.objects.filter(person_id=person_id, expires_at__gt=now).defer("sealed")
    return [
        SessionLine(
            id=row.id,
            text=row.browser or _("An unknown browser"),
            at=row.seen_at,
            here=constant_time_compare(bytes(row.digest), digest),
        )
        for row in rows.order_by("-seen_at")[:100]
        if lives(row, now=now)
    ]


@dataclass(frozen=True, kw_only=True)
class Passkey:
    """A passkey as its owner knows it."""

    id: int
    name: str
    added_at: datetime
    used_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class CodesLeft:
    """How many recovery codes are unused."""

    left: int
    of: int


@dataclass(frozen=True, kw_only=True)
class Factors:
    """How a person may prove who he is."""

    passkeys: list[Passkey]
    totp: bool
    recovery_codes: CodesLeft | None


def factors_of(person_id: UUID) -> Factors:
    """The passkeys, code app and recovery codes of a person."""
    rows = list(Authenticator.objects.filter(user_id=person_id).order_by("created_at"))
    codes = next((row for row in rows if row.type == Authenticator.Type.RECOVERY_CODES), None)
    left = codes.wrap() if codes else None
    return Factors(
        passkeys=[
            Passkey(
                id=row.pk,
                name=row.wrap().name,
                added_at=row.created_at,
                used_at=row.last_used_at,
            )
            for row in rows
            if row.type == Authenticator.Type.WEBAUTHN
        ],
        totp=any(row.type == Authenticator.Type.TOTP for row in rows),
        recovery_codes=CodesLeft(left=len(left.get_unused_codes()), of=len(left.generate_codes()))
        if left
        else None,
    )


def group_by_id(group_id: UUID) -> Group:
    """One group with its number of members. Raises NotFound."""
    group = groups().filter(id=group_id).first()
    if group is None:
        raise NotFound
    return group


def is_known(email: str) -> bool:
    """Whether somebody here has this address."""
    return Person.objects.filter(email=email.strip().lower()).exists()
