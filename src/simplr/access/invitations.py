"""Inviting people with a place in a project, and letting them in: rights on top of accounts."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from simplr.access import services
from simplr.access.permissions import decide
from simplr.accounts import invitations
from simplr.accounts.invitations import NewInvitation
from simplr.accounts.models import Person
from simplr.accounts.queries import person_by_id
from simplr.accounts.services import add_person
from simplr.base.actors import Actor
from simplr.base.mail import mail_is_configured
from simplr.licensing.queries import is_licensed, organisation_is_licensed
from simplr.licensing.services import issue_licence
from simplr_core.access import Role
from simplr_core.errors import Invalid, NotFound, Refused


def address_of(secret: str) -> str:
    """The link of an invitation."""
    return str(settings.BASE_URL) + reverse("access:invitation", args=[secret])


@transaction.atomic
def invite(
    *,
    email: str,
    actor: Actor,
    organisation_id: UUID | None = None,
    name: str = "",
    project_id: UUID | None = None,
    role: str = "",
) -> NewInvitation:
    """Invite somebody, perhaps into a project, by a one-time link; mailed where mail is set up.

    An administrator invites into any organisation. Whoever manages a project invites into it,
    and into his own organisation, if that has a licence: only an administrator gives licences.
    Raises Refused, NotFound, Invalid or PersonKnown.
    """
    if bool(role) != (project_id is not None):
        raise Invalid("A project and a role in it go together.", field="role")
    if role and role not in set(Role):
        raise Invalid("This role is not known.", field="role")
    if actor.person_id is None:
        raise Refused("Only a person can invite.")
    inviter = person_by_id(actor.person_id)
    organisation_id = organisation_id or inviter.organisation_id
    if organisation_id is None:
        raise Invalid("Say for which organisation.", field="organisation")
    if project_id is not None:
        _check_manages(actor, project_id)
        if not services.may_give_role(actor=actor, project_id=project_id, role=Role(role)):
            raise services.NotYours
    if not actor.administrator:
        _check_may_invite_without_office(inviter, organisation_id, project_id)
    made = invitations.make_invitation(
        email=email,
        organisation_id=organisation_id,
        actor=actor,
        name=name,
        project_id=project_id,
        role=role,
    )
    if mail_is_configured():
        transaction.on_commit(lambda: _mail(made, inviter))
    return made


def _check_manages(actor: Actor, project_id: UUID) -> None:
    verdict = decide(actor=actor, action="manage", node_id=project_id)
    if not verdict.allowed:
        raise (
            Refused("Only who manages a project invites into it.")
            if verdict.known
            else NotFound("There is no such project that you may know of.", field="project")
        )


def _check_may_invite_without_office(
    inviter: Person, organisation_id: UUID, project_id: UUID | None
) -> None:
    if project_id is None:
        raise Refused("Invite into a project of yours, or ask an administrator.")
    if organisation_id != inviter.organisation_id:
        raise Refused("Only an administrator invites into another organisation.")
    if not organisation_is_licensed(organisation_id, now=timezone.now()):
        raise Refused("Your organisation has no licence: ask an administrator to invite.")


def _mail(made: NewInvitation, inviter: Person) -> None:
    send_mail(
        _("%(name)s invites you") % {"name": inviter.name},
        _(
            "%(name)s invites you to %(address)s.\n\nOpen this link to accept. It works once, "
            "until %(until)s:\n%(link)s"
        )
        % {
            "name": inviter.name,
            "address": settings.BASE_URL,
            "until": made.invitation.expires_at.date().isoformat(),
            "link": address_of(made.secret),
        },
        None,
        [made.invitation.email],
        fail_silently=True,  # the link was shown to the inviter, who can pass it on
    )


@transaction.atomic
def accept_invitation(*, secret: str, name: str, password: str = "") -> Person:
    """Become a person: with the invited address, organisation, licence and role.

    An invitation by an administrator brings a licence where the organisation has none. What the
    inviter may no longer give is not given. Raises NotFound, InvitationOver, Invalid,
    PasswordRefused or PersonKnown; then the invitation stays open.
    """
    now = timezone.now()
    invitation = invitations.open_invitation(secret=secret, now=now, lock=True)
    inviter = invitation.invited_by
    if not inviter.is_administrator and invitation.organisation_id != inviter.organisation_id:
        # Made in an office that is not held any more: nobody else invites into other organisations.
        raise invitations.InvitationOver
    by = Actor(
        kind="person",
        person_id=inviter.id,
        administrator=inviter.is_administrator,
        auditor=inviter.is_auditor,
    )
    person = add_person(
        email=invitation.email,
        name=name,
        organisation=invitation.organisation,
        password=password,
        actor=by,
    )
    invitations.mark_accepted(invitation=invitation, person=person, now=now)
    if by.administrator and not is_licensed(person, now=now):
        issue_licence(actor=by, person=person)
    if invitation.project_id is not None:
        role = Role(invitation.role)
        if services.may_give_role(actor=by, project_id=invitation.project_id, role=role):
            services.give_role(
                project_id=invitation.project_id, person_id=person.id, role=role, actor=by
            )
    return person
