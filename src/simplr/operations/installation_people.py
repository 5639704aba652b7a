"""Pages of the installation for administrators: people, organisations and groups, licences."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from simplr.access import invitations, people
from simplr.accounts import queries, services
from simplr.accounts.views import error_in
from simplr.base.actors import actor_of
from simplr.base.entry import administrator, person_id_of
from simplr.base.paging import Page, page_of
from simplr.licensing import queries as licences
from simplr.licensing import services as licensing
from simplr.projects.queries import project_counts
from simplr_core.errors import Conflict, Invalid, NotFound, Refused

_DELIBERATE = (Conflict, Invalid, NotFound, Refused)


def _organisation_choices() -> list[tuple[str, str]]:
    return [(str(row.id), row.name) for row in queries.organisations().order_by("name")[:500]]


class InviteForm(forms.Form):
    """Whom to invite, and where he belongs."""

    email = forms.EmailField(label=gettext_lazy("E-mail address"), max_length=254)
    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("May be left to the one who is invited."),
    )
    organisation = forms.ChoiceField(label=gettext_lazy("Organisation"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["organisation"].choices = _organisation_choices()  # type: ignore[attr-defined]


class OrganisationForm(forms.Form):
    """A new organisation."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=200)


class GroupForm(forms.Form):
    """A new group of an organisation."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=200)
    organisation = forms.ChoiceField(label=gettext_lazy("Organisation"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["organisation"].choices = _organisation_choices()  # type: ignore[attr-defined]


class LicenceForm(forms.Form):
    """Whom a licence lets in: one person by address, or everyone of an organisation."""

    email = forms.EmailField(
        label=gettext_lazy("A person's e-mail address"), max_length=254, required=False
    )
    organisation = forms.ChoiceField(label=gettext_lazy("or an organisation"), required=False)
    until = forms.DateField(
        label=gettext_lazy("Until"),
        required=False,
        widget=forms.DateInput({"type": "date"}),
        help_text=gettext_lazy("The end of that day. Empty: no end."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["organisation"].choices = [  # type: ignore[attr-defined]
            ("", ""),
            *_organisation_choices(),
        ]


def _page(request: HttpRequest, page: Page[Any]) -> dict[str, Any]:
    return {
        "shown": len(page.items),
        "total": None,
        "about": False,
        "next": page.next,
        "first": "cursor" not in request.GET,
    }


def _person_line(person: Any, states: dict[Any, str]) -> dict[str, Any]:
    roles = [
        text
        for held, text in (
            (person.is_administrator, _("administrator")),
            (person.is_auditor, _("auditor")),
        )
        if held
    ]
    return {
        "id": person.id,
        "name": person.name,
        "email": person.email,
        "organisation": person.organisation.name if person.organisation else "",
        "roles": ", ".join(roles),
        "licence": states[person.id],
        "last_seen": person.last_login,
        "suspended": not person.is_active,
        "is_administrator": person.is_administrator,
        "is_auditor": person.is_auditor,
    }


@require_http_methods(["GET", "POST"])
@administrator
def people_page(request: HttpRequest) -> HttpResponse:
    """Who is here, who is invited, and inviting somebody."""
    actor = actor_of(request)
    form = InviteForm(request.POST or None)
    made = None
    if request.method == "POST" and form.is_valid():
        try:
            invited = invitations.invite(
                email=form.cleaned_data["email"],
                name=form.cleaned_data["name"],
                organisation_id=form.cleaned_data["organisation"],
                actor=actor,
            )
        except _DELIBERATE as error:
            error_in(form, error)
        else:
            made = {
                "email": invited.invitation.email,
                "url": invitations.address_of(invited.secret),
            }
            form = InviteForm()
    page = page_of(
        queries.people_matching(request.GET.get("q", "")), cursor=request.GET.get("cursor", "")
    )
    licensed = licences.licensed_among((person.id for person in page.items), now=timezone.now())
    states = {
        person.id: _("shut out")
        if not person.is_active
        else _("licensed")
        if person.id in licensed
        else _("no licence")
        for person in page.items
    }
    open_ones = queries.open_invitations().order_by("-id")[:100]
    return render(
        request,
        "operations/installation.html",
        {
            "tab": "people",
            "me": person_id_of(request),
            "people": [_person_line(person, states) for person in page.items],
            "invited": [
                {
                    "id": row.id,
                    "email": row.email,
                    "organisation": row.organisation.name,
                    "until": row.expires_at,
                }
                for row in open_ones
            ],
            "form": form,
            "made": made,
            "page": _page(request, page),
        },
        status=422 if form.errors else 200,
    )


@require_POST
@administrator
def change_person(request: HttpRequest, person: Any) -> HttpResponse:
    """Shut a person out, let him in again, give or take an office: what the button says."""
    word, _sep, value = request.POST.get("change", "").partition(":")
    if word not in {"active", "administrator", "auditor"} or value not in {"yes", "no"}:
        raise Invalid
    people.change_person(person_id=person, actor=actor_of(request), **{word: value == "yes"})
    return redirect("operations:installation-people")


@require_http_methods(["GET", "POST"])
@administrator
def organisations_page(request: HttpRequest) -> HttpResponse:
    """Organisations and groups, and making one."""
    actor = actor_of(request)
    what = request.POST.get("what", "")
    form = OrganisationForm(request.POST if what == "organisation" else None)
    group_form = GroupForm(request.POST if what == "group" else None, auto_id="id_group_%s")
    for asked in (form, group_form):
        if not asked.is_valid():
            continue
        try:
            if what == "group":
                services.add_group(
                    name=asked.cleaned_data["name"],
                    organisation_id=asked.cleaned_data["organisation"],
                    actor=actor,
                )
            else:
                services.add_organisation(name=asked.cleaned_data["name"], actor=actor)
        except _DELIBERATE as error:
            error_in(asked, error)
        else:
            return redirect("operations:installation-organisations")
    page = page_of(queries.organisations(), cursor=request.GET.get("cursor", ""))
    counts = project_counts([row.id for row in page.items])
    return render(
        request,
        "operations/installation.html",
        {
            "tab": "organisations",
            "organisations": [
                {
                    "id": row.id,
                    "name": row.name,
                    "people_count": getattr(row, "people_count", 0),
                    "project_count": counts.get(row.id, 0),
                }
                for row in page.items
            ],
            "groups": [
                {"id": row.id, "name": row.name, "people_count": getattr(row, "member_count", 0)}
                for row in queries.groups().order_by("name")[:200]
            ],
            "form": form,
            "group_form": group_form,
            "page": _page(request, page),
        },
        status=422 if form.errors or group_form.errors else 200,
    )


@require_http_methods(["GET", "POST"])
@administrator
def licences_page(request: HttpRequest) -> HttpResponse:
    """Who may be here at all, and giving a licence."""
    form = LicenceForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            licensing.issue_licence_to(
                person_id=queries.person_id_by_email(given["email"]) if given["email"] else None,
                organisation_id=given["organisation"] or None,
                expires_at=_end_of(given["until"]),
                actor=actor_of(request),
            )
        except _DELIBERATE as error:
            error_in(form, error)
        else:
            return redirect("operations:installation-licences")
    page = page_of(licences.licences(), cursor=request.GET.get("cursor", ""))
    now = timezone.now()
    words = {"live": "", "revoked": _("revoked"), "expired": _("over")}
    return render(
        request,
        "operations/installation.html",
        {
            "tab": "licences",
            "licences": [
                {
                    "id": row.id,
                    "name": str(row.person or row.organisation),
                    "kind": _("one person") if row.person else _("everyone of the organisation"),
                    "since": row.issued_at,
                    "until": row.expires_at,
                    "ended": words[licences.state_of(row, now=now)],
                }
                for row in page.items
            ],
            "form": form,
            "page": _page(request, page),
        },
        status=422 if form.errors else 200,
    )


def _end_of(day: Any) -> datetime | None:
    return timezone.make_aware(datetime.combine(day, time.max)) if day else None


urlpatterns = [
    path("installation/people", people_page, name="installation-people"),
    path("installation/people/<uuid:person>", change_person, name="installation-person"),
    path("installation/organisations", organisations_page, name="installation-organisations"),
    path("installation/licences", licences_page, name="installation-licences"),
]
