"""Changes to people, organisations and groups. Invitations and sign-in links have their own files."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.mail import send_mail
from django.core.validators import validate_email
from django.db import IntegrityError, transaction

from simplr.accounts import sessions
from simplr.accounts.models import Group, GroupMembership, Organisation, Person, Session
from simplr.base import events
from simplr.base.actors import Actor
from simplr.base.events import Event
from simplr_core.errors import Conflict, Invalid, NotFound, Refused


class NameTaken(Conflict):
    """There is one of this name already."""

    code = "name-taken"


class PersonKnown(Conflict):
    """This address belongs to somebody who is here already."""

    code = "person-known"


class PasswordRefused(Invalid):
    """This password is too easy to guess."""

    code = "password-refused"


class LastAdministrator(Conflict):
    """An installation keeps at least one active administrator. Appoint another one first."""

    code = "last-administrator"


def reach(*, person_id: UUID, subject: str, body: str) -> None:
    """Send one person a message by mail. Without a mail server nothing is sent (base.mail)."""
    person = Person.objects.get(id=person_id)
    send_mail(subject, body, None, [person.email])


def checked_email(text: str) -> str:
    """The address in its kept form. Raises Invalid."""
    email = text.strip().lower()
    try:
        validate_email(email)
    except ValidationError as error:
        raise Invalid("This is not an e-mail address.", field="email") from error
    return email


def check_password_rules(*, password: str, person: Person) -> None:
    """Raise PasswordRefused, with the reason, unless the person may take this password."""
    try:
        validate_password(password, person)
    except ValidationError as error:
        raise PasswordRefused(" ".join(error.messages), field="password") from error


@transaction.atomic
def add_organisation(*, name: str, actor: Actor) -> Organisation:
    """Make an organisation. Raises Invalid or NameTaken."""
    name = name.strip()
    if not name:
        raise Invalid("Give the organisation a name.", field="name")
    if Organisation.objects.filter(name__iexact=name).exists():
        raise NameTaken(field="name")
    organisation = Organisation.objects.create(name=name)
    events.record(
        code=Event.ORGANISATION_ADDED,
        actor=actor,
        organisation_id=organisation.id,
        subject=("organisation", organisation.id),
    )
    return organisation


@transaction.atomic
def add_person(
    *,
    email: str,
    name: str,
    organisation: Organisation | None,
    actor: Actor,
    password: str = "",
    administrator: bool = False,
) -> Person:
    """Make a person; without a password he signs in by link or passkey only.

    Raises Invalid, PasswordRefused or PersonKnown.
    """
    email = checked_email(email)
    name = name.strip()
    if not name:
        raise Invalid("Give a name, so that others know who this is.", field="name")
    person = Person(
        email=email, name=name, organisation=organisation, is_administrator=administrator
    )
    if password:
        check_password_rules(password=password, person=person)
    person.set_password(password or None)
    try:
        with transaction.atomic():
            person.save(force_insert=True)
    except IntegrityError as error:
        raise PersonKnown(field="email") from error
    events.record(
        code=Event.PERSON_ADDED,
        actor=actor,
        organisation_id=person.organisation_id,
        subject=("person", person.id),
    )
    return person


@transaction.atomic
def rename_person(*, person_id: UUID, name: str, actor: Actor) -> Person:
    """Change how others see a person. Raises Invalid or NotFound."""
    person = _locked(person_id)
    name = name.strip()
    if not name:
        raise Invalid("Give a name, so that others know who this is.", field="name")
    person.name = name[:200]
    person.save(update_fields=["name"])
    events.record(code=Event.PERSON_CHANGED, actor=actor, subject=("person", person.id))
    return person


@transaction.atomic
def deactivate_person(*, person_id: UUID, actor: Actor) -> Person:
    """Shut a person out now; browser sessions end. Raises NotFound, Refused or LastAdministrator."""
    person = _locked(person_id)
    if person.id == actor.person_id:
        raise Refused("Nobody deactivates himself.", reason="self")
    if person.is_administrator:
        _check_another_administrator(person)
    if person.is_active:
        person.is_active = False
        person.save(update_fields=["is_active"])
        events.record(code=Event.PERSON_DEACTIVATED, actor=actor, subject=("person", person.id))
    Session.objects.filter(person=person).delete()
    return person


@transaction.atomic
def reactivate_person(*, person_id: UUID, actor: Actor) -> Person:
    """Let a person in again; he signs in anew. Raises NotFound."""
    person = _locked(person_id)
    if not person.is_active:
        person.is_active = True
        person.save(update_fields=["is_active"])
        events.record(code=Event.PERSON_REACTIVATED, actor=actor, subject=("person", person.id))
    return person


@transaction.atomic
def set_office(*, person_id: UUID, office: str, held: bool, actor: Actor) -> Person:
    """Give or take an office, `administrator` or `auditor`. Nobody does so to himself.

    The person's browsers are signed out.

    Raises NotFound, Invalid, Refused or LastAdministrator.
    """
    person = _locked(person_id)
    if person.id == actor.person_id:
        raise Refused("Nobody gives or takes his own office.", reason="self")
    field = {"administrator": "is_administrator", "auditor": "is_auditor"}.get(office)
    if field is None:
        raise Invalid("The offices are administrator and auditor.")
    if getattr(person, field) is held:
        return person
    if office == "administrator" and not held:
        _check_another_administrator(person)
    setattr(person, field, held)
    person.save(update_fields=[field])
    # A session is as mighty as its sign-in: with an office, or without one, she signs in again.
    Session.objects.filter(person=person).delete()
    events.record(
        code=Event.OFFICE_GIVEN if held else Event.OFFICE_TAKEN,
        actor=actor,
        subject=("person", person.id),
        details={"office": office},
    )
    return person


def _locked(person_id: UUID) -> Person:
    person = Person.objects.select_for_update(of=("self",)).filter(id=person_id).first()
    if person is None:
        raise NotFound
    return person


def _check_another_administrator(person: Person) -> None:
    others = Person.objects.select_for_update(of=("self",)).filter(
        is_administrator=True, is_active=True
    )
    if not any(other.id != person.id for other in others):
        raise LastAdministrator


@transaction.atomic
def add_group(*, name: str, organisation_id: UUID, actor: Actor) -> Group:
    """Make a group of an organisation. Raises Invalid, NotFound or NameTaken."""
    name = name.strip()
    if not name:
        raise Invalid("Give the group a name.", field="name")
    if not Organisation.objects.filter(id=organisation_id).exists():
        raise NotFound("There is no such organisation here.", field="organisation")
    if Group.objects.filter(organisation_id=organisation_id, name__iexact=name).exists():
        raise NameTaken(field="name")
    group = Group.objects.create(organisation_id=organisation_id, name=name)
    events.record(
        code=Event.GROUP_ADDED,
        actor=actor,
        organisation_id=organisation_id,
        subject=("group", group.id),
    )
    return group


@transaction.atomic
def add_group_member(*, group_id: UUID, person_id: UUID, actor: Actor) -> GroupMembership:
    """Add a person to a group, and so to what is granted to it. Nobody adds himself.

    Raises NotFound or Refused.
    """
    if person_id == actor.person_id:
        raise Refused("Nobody adds himself to a group.", reason="self-grant")
    group = Group.objects.filter(id=group_id).first()
    if group is None:
        raise NotFound
    if not Person.objects.filter(id=person_id, is_active=True).exists():
        raise NotFound("There is no such person here.", field="person")
    membership, made = GroupMembership.objects.get_or_create(group=group, person_id=person_id)
    if made:
        events.record(
            code=Event.GROUP_MEMBER_ADDED,
            actor=actor,
            organisation_id=group.organisation_id,
            subject=("group", group.id),
            details={"person": str(person_id)},
        )
    return membership


@transaction.atomic
def remove_group_member(*, group_id: UUID, person_id: UUID, actor: Actor) -> None:
    """Take a person out of a group; what it is granted ends for him at once. Raises NotFound."""
    removed, _ = GroupMembership.objects.filter(group_id=group_id, person_id=person_id).delete()
    if not removed:
        raise NotFound
    events.record(
        code=Event.GROUP_MEMBER_REMOVED,
        actor=actor,
        subject=("group", group_id),
        details={"person": str(person_id)},
    )


@transaction.atomic
def end_all_sessions(*, person_id: UUID, actor: Actor) -> int:
    """End every browser session of a person, so that she must sign in again; returns how many."""
    ended = Session.objects.filter(person_id=person_id).delete()[0]
    events.record(
        code=Event.SESSIONS_ENDED,
        actor=actor,
        subject=("person", person_id),
        details={"count": ended},
    )
    return ended


def slow_person(*, person_id: UUID, until: datetime | None) -> None:
    """Answer few requests a minute of a person's browsers until then; with None as many as usual."""
    Person.objects.filter(pk=person_id).update(slowed_until=until)


@transaction.atomic
def end_other_sessions(*, person_id: UUID, here: str, actor: Actor) -> int:
    """End every browser session of a person but the one whose cookie value is `here`."""
    others = Session.objects.filter(person_id=person_id).exclude(digest=sessions.digest_of(here))
    ended = others.delete()[0]
    events.record(
        code=Event.SESSIONS_ENDED,
        actor=actor,
        subject=("person", person_id),
        details={"count": ended},
    )
    return ended
