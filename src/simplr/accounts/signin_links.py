"""One-time links that sign one person in: for the first administrator, and when all else is lost."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from simplr.accounts import services
from simplr.accounts.models import Organisation, Person, SigninLink
from simplr.accounts.secrets import digest_of, new_secret
from simplr.base import events
from simplr.base.actors import Actor
from simplr.base.events import Event
from simplr_core.errors import Conflict, NotFound

VALID_FOR = timedelta(minutes=30)
NOT_YET = "nobody@installation.invalid"
"""Address of an administrator who has not said yet who he is (RFC 2606 keeps it from anyone)."""


class LinkOver(Conflict):
    """This link was used or is too old. Ask for another one: `simplr status` says how."""

    code = "signin-link-over"
    status = 410


@transaction.atomic
def issue_signin_link(*, person_id: UUID, actor: Actor) -> str:
    """Make a one-time link for a person and return its secret; older open ones end."""
    now = timezone.now()
    SigninLink.objects.filter(person_id=person_id, used_at=None).update(used_at=now)
    secret = new_secret()
    link = SigninLink.objects.create(
        person_id=person_id, secret_digest=digest_of(secret), expires_at=now + VALID_FOR
    )
    events.record(code=Event.SIGNIN_LINK_ISSUED, actor=actor, subject=("signin-link", link.id))
    return secret


def open_link(*, secret: str, now: datetime, lock: bool = False) -> SigninLink:
    """The link that a secret opens. Raises NotFound or LinkOver."""
    rows = SigninLink.objects.select_related("person", "person__organisation")
    if lock:
        rows = rows.select_for_update(of=("self",))
    link = rows.filter(secret_digest=digest_of(secret)).first()
    if link is None:
        raise NotFound
    if link.used_at is not None or link.expires_at <= now or not link.person.is_active:
        raise LinkOver
    return link


def is_first_run(person: Person) -> bool:
    """Whether this is the administrator of a new installation, who is still nobody."""
    return person.email == NOT_YET


@transaction.atomic
def redeem_signin_link(*, secret: str) -> Person:
    """Use up a link; the caller signs the person in. Raises NotFound or LinkOver."""
    now = timezone.now()
    link = open_link(secret=secret, now=now, lock=True)
    link.used_at = now
    link.save(update_fields=["used_at"])
    events.record(
        code=Event.SIGNIN_LINK_USED,
        actor=Actor(kind="person", person_id=link.person_id),
        subject=("signin-link", link.id),
    )
    person: Person = link.person
    return person


@transaction.atomic
def begin_installation(
    *, secret: str, name: str, email: str, organisation: str, password: str = ""
) -> Person:
    """Use up the first link: the administrator says who he is, and of which organisation.

    Raises NotFound, LinkOver, Invalid, PasswordRefused or NameTaken; then the link stays open.
    """
    person = redeem_signin_link(secret=secret)
    if not is_first_run(person):
        raise NotFound
    actor = Actor(kind="person", person_id=person.id, administrator=True)
    person.email = services.checked_email(email)
    if Person.objects.filter(email=person.email).exists():
        raise services.PersonKnown(field="email")
    if password:
        services.check_password_rules(password=password, person=person)
        person.set_password(password)
    person.save(update_fields=["email", "password"])
    services.rename_person(person_id=person.id, name=name, actor=actor)
    home = person.organisation
    if home is None:
        home = services.add_organisation(name=organisation, actor=actor)
    elif organisation.strip() and home.name != organisation.strip():
        if Organisation.objects.filter(name__iexact=organisation.strip()).exists():
            raise services.NameTaken(field="organisation")
        home.name = organisation.strip()[:200]
        home.save(update_fields=["name"])
        events.record(
            code=Event.ORGANISATION_CHANGED,
            actor=actor,
            organisation_id=home.id,
            subject=("organisation", home.id),
        )
    Person.objects.filter(id=person.id).update(organisation=home)
    return Person.objects.get(id=person.id)
