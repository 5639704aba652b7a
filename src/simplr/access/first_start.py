"""The first administrator: made once, with a licence, a one-time link and a token for automation."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from django.conf import settings
from django.db import connection, transaction
from django.urls import reverse
from django.utils import timezone

from simplr.access.tokens import issue_access_token
from simplr.accounts import queries, services, signin_links
from simplr.accounts.models import Person
from simplr.base.actors import SYSTEM, Actor
from simplr.licensing.services import issue_licence
from simplr_core.errors import Conflict, NotFound

TOKEN_FOR = timedelta(days=90)
SCOPES = (
    *("project:manage", "project:write", "project:download"),
    *("resource:manage", "resource:write", "resource:download"),
    *("release:manage", "release:download"),
    *(
        f"{thing}:{action}"
        for thing in ("token", "person", "group", "organisation", "invitation", "licence", "grant")
        for action in ("read", "manage")
    ),
    *("ledger:read", "installation:read", "installation:manage"),
)
"""What automation needs to fill an installation; it never exceeds what the administrator may."""
_LOCK = 0x51_61_70_01


class SeveralAdministrators(Conflict):
    """There are several administrators. Say which one by --email."""

    code = "several-administrators"


@dataclass(frozen=True, kw_only=True)
class FirstStart:
    """What the start prints: a link, and on the very first start a token."""

    signin: str = field(repr=False)
    token: str | None = field(repr=False)


@transaction.atomic
def first_signin_link(*, email: str = "") -> FirstStart:
    """A one-time link for an administrator, who is made if there is none.

    Raises NotFound when `email` is no administrator's, SeveralAdministrators without one.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
    token = None
    people = list(queries.administrators().filter(is_active=True)[:2])
    if not queries.administrators().exists():
        person, token = _begin()
    elif email:
        found = queries.administrators().filter(email=email.strip().lower(), is_active=True).first()
        if found is None:
            raise NotFound("No administrator here has this address.")
        person = found
    elif len(people) == 1:
        person = people[0]
    else:
        raise SeveralAdministrators
    secret = signin_links.issue_signin_link(person_id=person.id, actor=SYSTEM)
    # Asked of the app alone: all other pages take a second to load, and a start waits for this.
    address = reverse("welcome", urlconf="simplr.accounts.urls", args=[secret])
    return FirstStart(signin=f"{settings.BASE_URL}{address}", token=token)


def _begin() -> tuple[Person, str]:
    name = str(settings.ENV.organisation_name)
    home = services.add_organisation(name=name or "Our organisation", actor=SYSTEM)
    person = services.add_person(
        email=signin_links.NOT_YET,
        name="Administrator",
        organisation=home,
        administrator=True,
        actor=SYSTEM,
    )
    issue_licence(organisation=home, actor=SYSTEM)
    issue_licence(person=person, actor=SYSTEM)
    made = issue_access_token(
        name="first start",
        scopes=SCOPES,
        expires_at=timezone.now() + TOKEN_FOR,
        actor=Actor(kind="person", person_id=person.id, administrator=True),
    )
    return person, made.secret
