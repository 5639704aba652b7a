"""Pages of one's own account, and of the one-time link that signs one in."""

from __future__ import annotations

from uuid import UUID

from allauth.account.internal.flows.login import record_authentication
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from simplr.accounts import invitations, queries, services, signin_links
from simplr.accounts.adapters import remember_browser
from simplr.accounts.forms import FirstRunForm, NameForm
from simplr.base.actors import actor_of
from simplr.base.entry import anyone, person_id_of, signed_in
from simplr_core.errors import Conflict, Invalid, SimplrError

SIGN_IN_BACKEND = "simplr.accounts.adapters.SignInBackend"


def sign_in(request: HttpRequest, person: object, *, by: str, then: str) -> HttpResponse:
    """Open a session for a person who just proved himself by a one-time link.

    The proof is fresh, so a passkey may be added at once: nobody types a password twice, and who
    lost password and device can set himself up again.
    """
    login(request, person, backend=SIGN_IN_BACKEND)  # type: ignore[arg-type]
    record_authentication(request, person, method=by, reauthenticated=True)
    response = redirect("mfa_add_webauthn" if then == "passkey" else "/")
    remember_browser(response, person)  # type: ignore[arg-type]
    return response


def error_in(form: object, error: SimplrError) -> None:
    """Show a deliberate error at the field it is about, or above the form."""
    field = str(error.details.get("field", ""))
    fields = getattr(form, "fields", {})
    form.add_error(field if field in fields else None, error.message)  # type: ignore[attr-defined]


@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
@anyone(because="the link's secret of 256 bits is the credential; a GET uses nothing up")
def welcome(request: HttpRequest, secret: str) -> HttpResponse:
    """A one-time sign-in link. Opening it shows a button; only the button uses it up."""
    link = signin_links.open_link(secret=secret, now=timezone.now())
    then = request.POST.get("then", "")
    if not signin_links.is_first_run(link.person):
        if request.method == "POST":
            person = signin_links.redeem_signin_link(secret=secret)
            return sign_in(request, person, by="signin-link", then=then)
        return render(request, "accounts/welcome.html", {"person": link.person, "link": link})
    home = link.person.organisation
    form = FirstRunForm(
        request.POST or None,
        password_needed=then != "passkey",
        initial={"organisation": home.name if home else ""},
    )
    if request.method == "POST" and form.is_valid():
        try:
            person = signin_links.begin_installation(secret=secret, **form.cleaned_data)
        except (Invalid, Conflict) as error:
            if isinstance(error, signin_links.LinkOver):
                raise
            error_in(form, error)
        else:
            return sign_in(request, person, by="signin-link", then=then)
    return render(
        request,
        "accounts/first_run.html",
        {"form": form, "until": link.expires_at},
        status=422 if form.errors else 200,
    )


@require_http_methods(["GET", "POST"])
@signed_in
def account(request: HttpRequest) -> HttpResponse:
    """Account and security of the person who is signed in."""
    actor, person_id = actor_of(request), person_id_of(request)
    person = queries.person_by_id(person_id)
    form = NameForm(request.POST or None, initial={"name": person.name})
    if request.method == "POST" and form.is_valid():
        services.rename_person(person_id=person.id, name=form.cleaned_data["name"], actor=actor)
        return redirect("accounts:account")
    factors = queries.factors_of(person.id)
    offices = [
        text
        for held, text in (
            (person.is_administrator, _("administrator")),
            (person.is_auditor, _("auditor")),
        )
        if held
    ]
    return render(
        request,
        "accounts/account.html",
        {
            "person": {
                "name": person.name,
                "email": person.email,
                "organisation": person.organisation.name if person.organisation else "",
                "licence": "",
                "roles": ", ".join(offices),
            },
            "passkeys": factors.passkeys,
            "totp": factors.totp,
            "recovery_codes": factors.recovery_codes,
            "password_set": person.has_usable_password(),
            "sessions": queries.sessions_of(
                person_id=person.id, here=request.session.session_key or ""
            ),
            "form": form,
        },
        status=422 if form.errors else 200,
    )


@require_POST
@signed_in
def end_sessions(request: HttpRequest) -> HttpResponse:
    """Sign out everywhere else."""
    actor, person_id = actor_of(request), person_id_of(request)
    services.end_other_sessions(
        person_id=person_id, here=request.session.session_key or "", actor=actor
    )
    return redirect("accounts:account")


@require_POST
@signed_in
def withdraw_invitation(request: HttpRequest, invitation: UUID) -> HttpResponse:
    """Withdraw an invitation: one's own, or any for an administrator."""
    invitations.revoke_invitation(invitation_id=invitation, actor=actor_of(request))
    return redirect("operations:installation-people")


@require_GET
@anyone(because="tells a person who has signed in, but has no licence, that he has none")
def waiting(request: HttpRequest) -> HttpResponse:
    """For somebody who proved who he is, and has no licence now."""
    return render(request, "accounts/waiting.html", {"person": request.user}, status=403)
