"""Opening a link: the password is tried under a limit, and every try is in the ledger."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone

from simplr.access import authentication
from simplr.access.models import Grant
from simplr.access.throttling import tries_left_or_refuse
from simplr.base import events
from simplr.base.actors import ANONYMOUS, Actor
from simplr.base.events import Event
from simplr_core.errors import NotFound, Refused


class LinkRefused(Refused):
    """This is not the password of the link."""

    code = "link-refused"


@dataclass(frozen=True, kw_only=True)
class OpenLink:
    """What a stranger may know of a link before its password was right."""

    needs_password: bool


@dataclass(frozen=True, kw_only=True)
class Opened:
    """What the right password opened."""

    grant_id: UUID
    release_id: UUID | None


def _live(secret: str) -> Grant | None:
    grant = authentication.grant_of_link(secret)
    now = timezone.now()
    if grant is None or grant.revoked_at is not None or (grant.until and grant.until <= now):
        return None
    return grant


def look_at_link(*, secret: str) -> OpenLink:
    """Whether a link is open and asks for a password. Raises NotFound."""
    grant = _live(secret)
    if grant is None:
        raise NotFound("This link is not open, or no longer. Ask who sent it.")
    return OpenLink(needs_password=bool(grant.link_password))


def open_link(*, secret: str, password: str, request: HttpRequest) -> Opened:
    """Let this browser use a link from now on.

    The same work is done for every link, known or not. Raises NotFound, LinkRefused or
    TooManyTries.
    """
    with tries_left_or_refuse(request, link=secret) as tried:
        grant = _live(secret)
        fits = authentication.link_password_checked(grant, password)
        if grant is None:
            raise NotFound("This link is not open, or no longer. Ask who sent it.")
        project_id = grant.node.project_id or grant.node_id
        if not fits:
            events.record(
                code=Event.LINK_REFUSED,
                actor=ANONYMOUS,
                outcome="refused",
                node_id=grant.node_id,
                project_id=project_id,
                subject=("grant", grant.id),
            )
            raise LinkRefused(field="password")
        tried.succeeded()
    events.record(
        code=Event.LINK_OPENED,
        actor=Actor(kind="link", link_id=grant.id),
        node_id=grant.node_id,
        project_id=project_id,
        subject=("grant", grant.id),
    )
    authentication.remember_link(request, grant)
    return Opened(grant_id=grant.id, release_id=grant.release_id)
