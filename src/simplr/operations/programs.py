"""Pages of the programs that may ask people to act for them, for administrators."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from simplr.access import tokens
from simplr.access.forms import CHOICES, PURPOSES
from simplr.access.oauth import programs
from simplr.access.oauth.words import in_words
from simplr.accounts import queries as accounts
from simplr.accounts.views import error_in
from simplr.base.actors import actor_of
from simplr.base.entry import administrator
from simplr.base.paging import page_of
from simplr.base.views_frame import foot
from simplr_core.errors import Invalid, NotFound

KINDS = {
    programs.Kind.WEB: gettext_lazy("a web service, which keeps a secret"),
    programs.Kind.NATIVE: gettext_lazy("a program on people's own machines, without a secret"),
    programs.Kind.DEVICE: gettext_lazy("a program without a browser: people type a code"),
    programs.Kind.SERVICE: gettext_lazy("a service that acts by itself for one person"),
}


class ProgramForm(forms.Form):
    """A program that asks people."""

    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=100,
        help_text=gettext_lazy("People see it when the program asks them."),
    )
    kind = forms.ChoiceField(
        label=gettext_lazy("It is"),
        choices=[(kind.value, text) for kind, text in KINDS.items()],
        initial=programs.Kind.WEB.value,
    )
    addresses = forms.CharField(
        label=gettext_lazy("Addresses to which people come back"),
        required=False,
        max_length=6000,
        widget=forms.Textarea({"rows": 3}),
        help_text=gettext_lazy("One a line, written out: https://… or http://127.0.0.1/…"),
    )
    acts_for = forms.EmailField(
        label=gettext_lazy("The person for whom a service acts"),
        required=False,
        max_length=254,
        help_text=gettext_lazy("By e-mail address. He has to allow it on the page of his tokens."),
    )
    purposes = forms.MultipleChoiceField(
        label=gettext_lazy("What it may ask for, at most"),
        choices=(("identity", gettext_lazy("Know who somebody is: name and address")), *CHOICES),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    scopes = forms.CharField(
        label=gettext_lazy("Or as scopes"),
        required=False,
        max_length=7000,
        help_text=gettext_lazy("Such as release:read, with blanks between them."),
    )

    def wanted_scopes(self) -> list[str]:
        """What was ticked and what was written."""
        purposes = {**PURPOSES, "identity": ("openid", "profile", "email")}
        ticked = {each for key in self.cleaned_data["purposes"] for each in purposes[key]}
        return sorted(ticked | set(self.cleaned_data["scopes"].split()))


def _person(email: str) -> UUID | None:
    return accounts.person_id_by_email(email) if email else None


def _line(program: Any) -> dict[str, Any]:
    return {
        "id": program.public_id,
        "name": program.name,
        "kind": KINDS[programs.kind_of(program)],
        "client_id": program.client_id,
        "since": program.created,
        "by": program.registered_by.name if program.registered_by else "",
        "acts_for": program.user.name if program.user else "",
        "token_count": program.token_count,
        "ended": _("revoked") if program.revoked_at else "",
    }


@require_http_methods(["GET", "POST"])
@administrator
def programs_page(request: HttpRequest) -> HttpResponse:
    """Every program, and registering one; its secret is on the answer to the POST alone."""
    form, made = ProgramForm(request.POST or None), None
    if request.method == "POST" and form.is_valid():
        try:
            new = programs.register_program(
                name=form.cleaned_data["name"],
                kind=programs.Kind(form.cleaned_data["kind"]),
                scopes=form.wanted_scopes(),
                addresses=form.cleaned_data["addresses"].split(),
                acts_for=_person(form.cleaned_data["acts_for"]),
                actor=actor_of(request),
            )
        except (Invalid, NotFound) as error:
            error_in(form, error)
        else:
            made = {
                "name": new.program.name,
                "client_id": new.program.client_id,
                "secret": new.secret,
            }
            form = ProgramForm()
    cursor = request.GET.get("cursor", "")
    page = page_of(programs.programs(), cursor=cursor, key="public_id")
    return render(
        request,
        "operations/installation.html",
        {
            "tab": "programs",
            "programs": [_line(program) for program in page.items],
            "made": made,
            "form": form,
            "page": foot(page, cursor=cursor),
        },
        status=422 if form.errors else 200,
    )


@require_GET
@administrator
def program_page(request: HttpRequest, program: UUID) -> HttpResponse:
    """One program: what it may ask for, and who allows it what at present."""
    found = programs.program_of(program)
    return render(
        request,
        "operations/installation.html",
        {
            "tab": "program",
            "program": {
                **_line(found),
                "addresses": found.redirect_uris.split(),
                "sentences": [in_words(scope, titles={}) for scope in found.scopes],
                "scopes": found.scopes,
            },
            "tokens": [
                {
                    "id": token.public_id,
                    "person": token.user.name,
                    "scopes": token.scope.split(),
                    "used_at": token.last_used_at,
                    "until": token.ends_at,
                }
                for token in programs.tokens_of_program(program)
            ],
        },
    )


@require_POST
@administrator
def revoke_program(request: HttpRequest, program: UUID) -> HttpResponse:
    """End a program and all tokens of it."""
    programs.revoke_program(program_id=program, actor=actor_of(request))
    return redirect("operations:installation-programs")


@require_POST
@administrator
def revoke_program_token(request: HttpRequest, program: UUID, token: UUID) -> HttpResponse:
    """End what one person allowed a program."""
    tokens.revoke_access_token(token_id=token, actor=actor_of(request))
    return redirect("operations:installation-program", program=program)


urlpatterns = [
    path("installation/programs", programs_page, name="installation-programs"),
    path("installation/programs/<uuid:program>", program_page, name="installation-program"),
    path("installation/programs/<uuid:program>/revoke", revoke_program, name="program-revoke"),
    path(
        "installation/programs/<uuid:program>/tokens/<uuid:token>/revoke",
        revoke_program_token,
        name="program-token-revoke",
    ),
]
