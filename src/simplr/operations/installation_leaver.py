"""The page of a leaver: what goes and what ends, who follows, and the one act."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from simplr.access import leaving
from simplr.accounts import queries
from simplr.base.actors import actor_of
from simplr.base.entry import administrator
from simplr_core.errors import Conflict, Invalid, NotFound, Refused


@require_http_methods(["GET", "HEAD", "POST"])
@administrator
def leaver(request: HttpRequest, person: UUID) -> HttpResponse:
    """Let a person go: what they own is handed over, and all their access ends."""
    who = queries.person_by_id(person)
    heir, errors = request.POST.get("heir", "").strip(), []
    if request.method == "POST":
        try:
            leaving.let_go(
                person_id=person,
                heir_id=queries.person_id_by_email(heir) if heir else None,
                actor=actor_of(request),
            )
        except (Conflict, Invalid, NotFound, Refused) as error:
            errors.append(error.message)
        else:
            messages.success(request, _("%(name)s has left.") % {"name": who.name})
            return redirect("operations:installation-people")
    told = leaving.departure_of(person)
    context = {
        "person": {"id": who.id, "name": who.name, "email": who.email},
        "facts": _facts(told),
        "heir_needed": told.heir_needed,
        "heir": heir,
        "errors": errors,
    }
    return render(request, "operations/leaver.html", context, status=422 if errors else 200)


def _facts(told: leaving.Departure) -> list[dict[str, Any]]:
    counted = [
        (_("Projects that they alone own"), told.projects),
        (_("Other things of theirs"), told.things),
        (_("Roles"), told.roles),
        (_("Grants to them, and links that they made"), told.grants),
        (_("Requests for access"), told.requests),
        (_("Access tokens"), told.tokens),
        (_("Groups"), told.groups),
        (_("Licences"), told.licences),
        (_("Open invitations"), told.invitations),
    ]
    return [{"label": label, "value": value} for label, value in counted if value]


urlpatterns = [
    path("installation/people/<uuid:person>/leave", leaver, name="installation-leaver"),
]
