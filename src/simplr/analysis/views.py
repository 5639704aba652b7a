"""The pages of alerts."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from simplr.analysis import presenting, queries, services, words
from simplr.base.actors import actor_of
from simplr.base.entry import signed_in
from simplr.base.paging import page_of
from simplr.base.views_frame import foot
from simplr_core.errors import Invalid

STATES = ("open", "dismissed", "confirmed")


@require_GET
@signed_in
def alerts(request: HttpRequest) -> HttpResponse:
    """Unusual access that one may know of, the newest first."""
    actor, cursor = actor_of(request), request.GET.get("cursor", "")
    state = request.GET.get("state", "")
    found = queries.alerts_visible_to(actor, state=state if state in STATES else "")
    page = page_of(found, cursor=cursor)
    return render(
        request,
        "analysis/alerts.html",
        {
            "alerts": [
                {
                    "id": alert.id,
                    "name": alert.person.name,
                    "through": words.through(alert),
                    "why": words.in_one(alert),
                    "at": alert.at,
                    "badge": words.state(alert),
                }
                for alert in page.items
            ],
            "chosen": state,
            "page": foot(page, cursor=cursor),
        },
    )


@require_GET
@signed_in
def alert(request: HttpRequest, alert: UUID) -> HttpResponse:
    """One alert: why, what was done, what was reached."""
    actor = actor_of(request)
    found = queries.alert_of(alert, actor=actor)
    return render(
        request,
        "analysis/alert.html",
        {
            "alert": found,
            "name": found.person.name,
            "through": words.through(found),
            "why": words.why(found),
            "rarity": words.rarity(found),
            "done": words.done(found),
            "badge": words.state(found),
            "decided_by": found.decided_by.name if found.decided_by else "",
            "reached": queries.reached_by(found, reader=actor),
            "may_decide": presenting.may_decide(found, actor=actor),
            "open": found.state == "open",
        },
    )


@require_POST
@signed_in
def decide(request: HttpRequest, alert: UUID) -> HttpResponse:
    """Say that an alert was a false alarm, or that it was right."""
    decision = request.POST.get("decision", "")
    if decision not in {"dismissed", "confirmed"}:
        raise Invalid("Say whether it was a false alarm or right.", field="decision")
    services.decide_alert(
        alert_id=alert, decision=decision, actor=actor_of(request), now=timezone.now()
    )
    messages.success(
        request,
        _("As much counts as usual from now on.")
        if decision == "dismissed"
        else _("Noted. What was done about it stays."),
    )
    return redirect("analysis:alert", alert=alert)
