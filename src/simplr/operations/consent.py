"""The page on which a person allows a program to act for him, or does not."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods
from oauth2_provider.http import OAuth2ResponseRedirect

from simplr.access.oauth import codes, standing
from simplr.access.oauth.words import ids_in, in_words
from simplr.access.permissions import nodes_reached
from simplr.accounts import queries as accounts
from simplr.base.actors import Actor, actor_of
from simplr.base.entry import person_id_of, signed_in
from simplr.sharing import queries as sharing


class AllowForm(forms.Form):
    """Until when."""

    until = forms.ChoiceField(
        label=_("Until"),
        choices=(
            ("0.04", _("for an hour")),
            ("7", _("for a week")),
            ("30", _("for 30 days")),
            ("90", _("for 90 days")),
            ("365", _("for a year")),
        ),
        initial="30",
    )

    def ends(self) -> datetime:
        """The moment that was chosen."""
        return timezone.now() + timedelta(days=float(self.cleaned_data["until"]))


def sentences(scopes: tuple[str, ...], *, actor: Actor) -> list[str]:
    """What scopes let a program do; of what the person may not know, no title."""
    known = nodes_reached(actor).filter(id__in=ids_in(scopes)).values_list("id", flat=True)
    titles = sharing.titles_of(known)
    return [in_words(scope, titles=titles) for scope in scopes]


def question(
    request: HttpRequest, *, name: str, scopes: tuple[str, ...], **more: Any
) -> HttpResponse:
    """The page that asks the person; `more` is what only one way of asking has."""
    person = accounts.person_by_id(person_id_of(request))
    form = more.get("form") or AllowForm()
    return render(
        request,
        "operations/consent.html",
        {
            "program": name,
            "sentences": sentences(scopes, actor=actor_of(request)),
            "scopes": scopes,
            "person": {"name": person.name, "email": person.email},
            "form": form,
            "back_to": "",
            "alone": False,
            **more,
        },
        status=422 if form.errors else 200,
    )


@require_http_methods(["GET", "POST"])
@signed_in
def authorize(request: HttpRequest) -> HttpResponse:
    """A program sent a person here to be allowed something; the answer goes back by the browser."""
    try:
        asked = codes.asked_by(request)
        if request.method == "POST" and "deny" in request.POST:
            return _back(codes.deny(asked))
        form = AllowForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            return _back(codes.allow(request, asked, until=form.ends()))
    except codes.SentBack as answer:
        return _back(answer.location)
    shown = question(request, name=asked.name, scopes=asked.scopes, form=form, back_to=asked.origin)
    # Browsers ask this policy again when a form's answer leads elsewhere.
    shown._csp_update = {"form-action": [asked.origin]}  # type: ignore[attr-defined]
    return shown


@require_http_methods(["GET", "POST"])
@signed_in
def standing_consent(request: HttpRequest, program: UUID) -> HttpResponse:
    """A program is to act for a person while he is away; he answers before it can."""
    person_id = person_id_of(request)
    found = standing.program_waiting_for(person_id, program)
    if "deny" in request.POST:
        return redirect("access:tokens")
    form = AllowForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        person = accounts.person_by_id(person_id)
        standing.allow(found, person=person, until=form.ends())
        return redirect("access:tokens")
    return question(request, name=found.name, scopes=tuple(found.scopes), form=form, alone=True)


def _back(location: str) -> HttpResponse:
    answer: HttpResponse = OAuth2ResponseRedirect(location, ["http", "https"])
    return answer


urlpatterns = [
    path("oauth/authorize", authorize, name="authorize"),
    path("account/programs/<uuid:program>", standing_consent, name="standing"),
]
