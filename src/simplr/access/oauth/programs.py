"""Programs that may act for people: registered and revoked by administrators."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from urllib.parse import urlsplit
from uuid import UUID

from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from simplr.access.models import AccessToken, Application
from simplr.access.oauth.secrets import kept_of, new_program_secret
from simplr.access.tokens import CONSENTS, end_tokens, live_tokens
from simplr.accounts.models import Person
from simplr.base import events
from simplr.base.actors import Actor
from simplr_core.access import parse_scope
from simplr_core.access.scopes import IDENTITY_SCOPES, MOST_SCOPES
from simplr_core.errors import Conflict, Invalid, NotFound

MOST_ADDRESSES = 10
LONGEST_ADDRESS = 500
_LOOPBACK = {"127.0.0.1", "::1"}


class ProgramEnded(Conflict):
    """This program was revoked already."""

    code = "program-ended"


class Kind(StrEnum):
    """What sort of program it is, which says how it gets its tokens."""

    WEB = "web"
    """A web service that keeps a secret; its people come back to an address of it."""
    NATIVE = "native"
    """A program on people's own machines, which can keep no secret."""
    DEVICE = "device"
    """A program without a browser: its person types a code where he has one."""
    SERVICE = "service"
    """A program that acts by itself, for one person, who allowed it beforehand."""


_OAUTH_WORDS = {
    Kind.WEB: (Application.CLIENT_CONFIDENTIAL, Application.GRANT_AUTHORIZATION_CODE),
    Kind.NATIVE: (Application.CLIENT_PUBLIC, Application.GRANT_AUTHORIZATION_CODE),
    Kind.DEVICE: (Application.CLIENT_PUBLIC, Application.GRANT_DEVICE_CODE),
    Kind.SERVICE: (Application.CLIENT_CONFIDENTIAL, Application.GRANT_CLIENT_CREDENTIALS),
}
_COMES_BACK = {Kind.WEB, Kind.NATIVE}
COMMAND_LINE = "simplr-command-line"
"""The client id of `simplr signin`, which is there without being registered."""
_OF_THE_COMMAND_LINE = (
    *("profile", "email", "project:read", "project:write", "project:manage"),
    *("resource:download", "resource:write", "resource:manage"),
    *("release:download", "release:manage", "grant:read", "grant:manage"),
    *("person:read", "person:manage", "group:read", "group:manage"),
    *("organisation:read", "organisation:manage", "invitation:read", "invitation:manage"),
    *("licence:read", "licence:manage", "token:read", "token:manage"),
    *("ledger:read", "installation:read", "installation:manage"),
)


def kind_of(program: Application) -> Kind:
    """Which kind a registered program is."""
    words = (program.client_type, program.authorization_grant_type)
    return next(kind for kind, found in _OAUTH_WORDS.items() if found == words)


@dataclass(frozen=True, kw_only=True)
class NewProgram:
    """A program as registered, with its secret, which is shown this once."""

    program: Application
    secret: str = field(repr=False)
    """Empty for a program that can keep none."""


@transaction.atomic
def register_program(
    *,
    name: str,
    kind: Kind,
    scopes: Sequence[str],
    actor: Actor,
    addresses: Sequence[str] = (),
    acts_for: UUID | None = None,
) -> NewProgram:
    """Let a program ask people to act for them, within `scopes`. It may do nothing by that.

    `addresses` are those to which a browser is sent back; `acts_for` is the person for whom a
    service is to act, which he has to allow. Raises ScopeInvalid, Invalid or NotFound.
    """
    if not name.strip():
        raise Invalid("Give the program a name, which people see when it asks.", field="name")
    wanted = checked_scopes(scopes)
    if kind not in _COMES_BACK and addresses:
        raise Invalid("Nobody comes back to a program of this kind.", field="addresses")
    if kind in _COMES_BACK and not 1 <= len(addresses) <= MOST_ADDRESSES:
        raise Invalid("Name the addresses to which people come back: 1 to 10.", field="addresses")
    for address in addresses:
        check_address(address)
    if (kind is Kind.SERVICE) != (acts_for is not None):
        raise Invalid("A service acts for one person, and only a service does.", field="acts_for")
    if acts_for and not Person.objects.filter(id=acts_for, is_active=True).exists():
        raise NotFound("There is no such person here.", field="acts_for")
    client_type, grant_type = _OAUTH_WORDS[kind]
    secret = new_program_secret() if client_type == Application.CLIENT_CONFIDENTIAL else ""
    program = Application.objects.create(
        name=name.strip(),
        client_type=client_type,
        authorization_grant_type=grant_type,
        redirect_uris=" ".join(dict.fromkeys(addresses)),
        client_secret=kept_of(secret) if secret else "",
        hash_client_secret=False,  # what is kept of it is a hash already
        scopes=wanted,
        user_id=acts_for,
        registered_by_id=actor.person_id,
    )
    events.record(
        code=events.Event.PROGRAM_REGISTERED,
        actor=actor,
        subject=("program", program.public_id),
        details={"kind": kind.value, "scopes": wanted},
    )
    return NewProgram(program=program, secret=secret)


def program_of_client(client_id: str) -> Application | None:
    """The program of a client id; the command line is made when it is asked for first."""
    found: Application | None = Application.objects.filter(client_id=client_id).first()
    if found is None and client_id == COMMAND_LINE:
        client_type, grant_type = _OAUTH_WORDS[Kind.DEVICE]
        found, _made = Application.objects.get_or_create(
            client_id=COMMAND_LINE,
            defaults={
                "name": "Simplr command line",
                "client_type": client_type,
                "authorization_grant_type": grant_type,
                "client_secret": "",
                "hash_client_secret": False,
                "scopes": sorted(_OF_THE_COMMAND_LINE),
            },
        )
    return found


def checked_scopes(scopes: Sequence[str]) -> list[str]:
    """All that a program may ask for, in order. Raises ScopeInvalid or Invalid."""
    if not 1 <= len(set(scopes)) <= MOST_SCOPES:
        raise Invalid("A program may ask for between 1 and 64 scopes.", field="scopes")
    return sorted(each if each in IDENTITY_SCOPES else str(parse_scope(each)) for each in {*scopes})


def check_address(address: str) -> None:
    """An address to which a code may be sent: over TLS, or on the person's own machine."""
    try:
        parts = urlsplit(address)
        host, _port = parts.hostname, parts.port
    except ValueError:
        host = None
    if host is None or len(address) > LONGEST_ADDRESS or not address.isascii():
        raise Invalid(f"{address} is no address to come back to.", field="addresses")
    if any(sign in address for sign in "#@*\\ ") or not address.isprintable():
        raise Invalid(
            f"{address}: an address to come back to is written out, without # @ * and blanks.",
            field="addresses",
        )
    if parts.scheme != "https" and not (parts.scheme == "http" and host in _LOOPBACK):
        raise Invalid(
            f"{address}: codes go over https, or to http://127.0.0.1 on the person's own machine.",
            field="addresses",
        )


@transaction.atomic
def revoke_program(*, program_id: UUID, actor: Actor) -> Application:
    """End a program and every token that people allowed it. Raises NotFound or ProgramEnded."""
    program = Application.objects.select_for_update(of=("self",)).filter(public_id=program_id)
    found: Application | None = program.first()
    if found is None:
        raise NotFound
    if found.revoked_at is not None:
        raise ProgramEnded
    found.revoked_at = timezone.now()
    found.save(update_fields=["revoked_at"])
    events.record(
        code=events.Event.PROGRAM_REVOKED, actor=actor, subject=("program", found.public_id)
    )
    end_tokens(
        AccessToken.objects.select_for_update(of=("self",)).filter(
            application=found, revoked_at=None
        ),
        actor=actor,
    )
    return found


def programs() -> QuerySet[Application]:
    """Every program, ended ones too, each with how many tokens of it live."""
    live = live_tokens(timezone.now(), at="accesstoken__") & Q(accesstoken__made_with=None)
    found: QuerySet[Application] = Application.objects.select_related(
        "registered_by", "user"
    ).annotate(token_count=Count("accesstoken", filter=Q(accesstoken__isnull=False) & live))
    return found


def program_of(program_id: UUID) -> Application:
    """One program. Raises NotFound."""
    found = programs().filter(public_id=program_id).first()
    if found is None:
        raise NotFound
    return found


def tokens_of_program(program_id: UUID) -> list[AccessToken]:
    """The live tokens of a program with their people, the newest first. Raises NotFound."""
    program = program_of(program_id)
    live = live_tokens(timezone.now()) & CONSENTS
    rows = AccessToken.objects.filter(live, application=program)
    return list(rows.select_related("user", "application").order_by("-created")[:500])
