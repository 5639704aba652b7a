"""The page on which somebody types the code that a program without a browser shows."""

from __future__ import annotations

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from simplr.access.oauth import devices
from simplr.accounts import queries as accounts
from simplr.accounts.views import error_in
from simplr.base.entry import person_id_of, signed_in
from simplr.operations.consent import AllowForm, question


class CodeForm(forms.Form):
    """The code."""

    code = forms.CharField(
        label=_("Code"),
        max_length=20,
        widget=forms.TextInput({"autocomplete": "off", "autocapitalize": "characters"}),
        help_text=_("Eight letters, as the program shows them."),
    )


@require_http_methods(["GET", "POST"])
@signed_in
def device(request: HttpRequest) -> HttpResponse:
    """Type a code, read what its program asks, and answer."""
    typed = request.POST.get("user_code") or request.POST.get("code") or ""
    if request.method == "GET" or not typed:
        return _ask(request, CodeForm(initial={"code": request.GET.get("code", "")[:20]}))
    form = CodeForm({"code": typed})
    if not form.is_valid():
        return _ask(request, form)
    person_id = person_id_of(request)
    try:
        grant, name = devices.waiting_for(request, typed, person_id=person_id)
    except devices.CodeUnknown as error:
        error_in(form, error)
        return _ask(request, form)
    scopes = tuple(grant.scope.split())
    if not {"allow", "deny"} & set(request.POST):
        return question(request, name=name, scopes=scopes, user_code=typed)
    answer = AllowForm(request.POST)
    if "allow" in request.POST and not answer.is_valid():
        return question(request, name=name, scopes=scopes, user_code=typed, form=answer)
    until = answer.ends() if "allow" in request.POST else None
    devices.decide(grant, person=accounts.person_by_id(person_id), until=until)
    return _done(request, program=name, allowed=until is not None)


def _ask(request: HttpRequest, form: CodeForm) -> HttpResponse:
    return render(
        request,
        "operations/device.html",
        {"form": form, "program": "", "allowed": False},
        status=422 if form.errors else 200,
    )


def _done(request: HttpRequest, *, program: str, allowed: bool) -> HttpResponse:
    return render(
        request,
        "operations/device.html",
        {"form": None, "program": program, "allowed": allowed},
    )


urlpatterns = [path("device", device, name="device")]
