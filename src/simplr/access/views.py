"""Pages of tokens, of invitations and of links."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from simplr.access import invitations, links, people, tokens
from simplr.access.forms import LinkPasswordForm, TokenForm
from simplr.access.oauth import standing
from simplr.accounts import queries as accounts
from simplr.accounts.forms import AcceptForm
from simplr.accounts.invitations import InvitationOver, open_invitation
from simplr.accounts.views import error_in, sign_in
from simplr.base.actors import actor_of
from simplr.base.entry import anyone, person_id_of, signed_in
from simplr_core.access import Role
from simplr_core.errors import Conflict, Invalid, Refused

_SOON = timedelta(days=7)
ROLES = {
    Role.OWNER: gettext_lazy("owner"),
    Role.STEWARD: gettext_lazy("steward"),
    Role.ANALYST: gettext_lazy("analyst"),
    Role.VIEWER: gettext_lazy("viewer"),
    Role.GUEST: gettext_lazy("guest"),
}


def _token_line(token: Any) -> dict[str, Any]:
    now = timezone.now()
    ended = ""
    if token.revoked_at is not None:
        ended = _("revoked")
    elif token.ends_at <= now:
        ended = _("over")
    return {
        "id": token.public_id,
        "name": token.name,
        "detail": _("a program that you allowed") if token.application else "",
        "scopes": token.scope.split(),
        "used_at": token.last_used_at,
        "used_text": "",
        "until": token.ends_at,
        "ends_soon": not ended and token.ends_at < now + _SOON,
        "ended": ended,
    }


@require_http_methods(["GET", "POST"])
@signed_in
def token_list(request: HttpRequest) -> HttpResponse:
    """One's access tokens, and making one; the secret is on the answer to the POST alone."""
    actor, person_id = actor_of(request), person_id_of(request)
    form = TokenForm(request.POST or None)
    made = None
    if request.method == "POST" and form.is_valid():
        try:
            issued = tokens.issue_access_token(
                name=form.cleaned_data["name"],
                scopes=form.wanted_scopes(),
                expires_at=form.ends(),
                actor=actor,
            )
        except (Invalid, Refused) as error:
            error_in(form, error)
        else:
            made = {"name": issued.token.name, "secret": issued.secret}
            form = TokenForm()
    rows = [_token_line(token) for token in tokens.tokens_of(person_id)]
    return render(
        request,
        "access/tokens.html",
        {
            "made": made,
            "tokens": rows,
            "waiting": [
                {"id": program.public_id, "name": program.name}
                for program in standing.waiting_for(person_id)
            ],
            "live_count": sum(not row["ended"] for row in rows),
            "page": {"shown": len(rows), "total": len(rows), "next": None, "first": True},
            "form": form,
            "open": bool(form.errors),
        },
        status=422 if form.errors else 200,
    )


@require_POST
@signed_in
def revoke_token(request: HttpRequest, token: UUID) -> HttpResponse:
    """End one of one's own tokens."""
    tokens.revoke_access_token(token_id=token, actor=actor_of(request))
    return redirect("access:tokens")


@require_POST
@signed_in
def revoke_tokens(request: HttpRequest) -> HttpResponse:
    """End all of one's own tokens."""
    actor, person_id = actor_of(request), person_id_of(request)
    people.revoke_every_token(person_id=person_id, actor=actor)
    return redirect("access:tokens")


@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
@anyone(because="the link's secret of 256 bits is the credential; a GET uses nothing up")
def invitation(request: HttpRequest, secret: str) -> HttpResponse:
    """Accept an invitation: give a name, choose a password or add a passkey straight after."""
    found = open_invitation(secret=secret, now=timezone.now())
    known = accounts.is_known(found.email)
    then = request.POST.get("then", "")
    form = AcceptForm(
        request.POST or None, password_needed=then != "passkey", initial={"name": found.name}
    )
    if request.method == "POST" and not known and form.is_valid():
        try:
            person = invitations.accept_invitation(secret=secret, **form.cleaned_data)
        except (Invalid, Conflict) as error:
            if isinstance(error, InvitationOver):
                raise
            error_in(form, error)
        else:
            return sign_in(request, person, by="invitation", then=then)
    return render(
        request,
        "accounts/invitation.html",
        {
            "invitation": {
                "email": found.email,
                "organisation": found.organisation.name,
                "project": "",
                "role": ROLES[Role(found.role)] if found.role else "",
                "by": found.invited_by.name,
                "until": found.expires_at,
            },
            "form": form,
            "known": known,
        },
        status=422 if form.errors else 200,
    )


@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
@anyone(because="the link's secret and password are the credential; tries are limited")
def link(request: HttpRequest, secret: str) -> HttpResponse:
    """The page behind a link. Nothing of what is shared is told before the password is right."""
    form = LinkPasswordForm(request.POST or None)
    if request.method == "POST":
        try:
            opened = links.open_link(
                secret=secret, password=request.POST.get("password", ""), request=request
            )
        except links.LinkRefused as error:
            error_in(form, error)
        else:
            return HttpResponseRedirect(f"/received/{opened.release_id}")
    looked = links.look_at_link(secret=secret)
    return render(
        request,
        "sharing/link.html",
        {
            "form": form if looked.needs_password else None,
            "organisation": "",
            "ends": "",
            "tries_left": None,
        },
        status=403 if form.errors else 200,
    )
