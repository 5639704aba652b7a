"""Pages of the trash, and of doing one thing to several."""

from __future__ import annotations

from contextlib import suppress
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from simplr.base.actors import actor_of
from simplr.base.entry import needs
from simplr.base.paging import page_of
from simplr.base.views_frame import foot, may
from simplr.base.words import in_full, number
from simplr.projects import presenting as projects
from simplr.resources import acts, presenting, queries, trash_queries, trash_services
from simplr_core.errors import Invalid


@require_GET
@needs("discover", node="project")
def trash(request: HttpRequest, project: str) -> HttpResponse:
    """What lies in the trash of a project, as far as the reader may manage it."""
    project_id, cursor = UUID(project), request.GET.get("cursor", "")
    found = trash_queries.in_trash_of(actor_of(request), project_id=project_id)
    page = page_of(found, cursor=cursor, key="node_id")
    reason = _("Only an owner of the project erases something.")
    frame = projects.frame_of(request, project_id, tab="trash")
    return render(
        request,
        "resources/trash.html",
        frame
        | {
            "things": trash_queries.lines(page.items),
            "page": foot(page, cursor=cursor),
            "may_erase": may(request, "manage", project_id, reason=reason),
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
@needs("manage", node="resource")
def trash_one(request: HttpRequest, resource: UUID) -> HttpResponse:
    """Put one resource in the trash, after saying what that means."""
    row = queries.resource_of(resource)
    if request.method == "POST":
        trashed = trash_services.put_in_trash(node_id=resource, actor=actor_of(request))
        messages.success(
            request,
            _("“%(title)s” is in the trash until %(day)s.")
            % {"title": row.title, "day": in_full(trashed.until)},
        )
        return redirect("resources:project", row.project.slug)
    address = "datasets:dataset" if row.kind == "dataset" else "resources:file"
    return render(
        request,
        "resources/trash_one.html",
        {
            "thing": {"id": row.pk, "title": row.title, "url": reverse(address, args=[row.pk])},
            "grant_count": queries.live_grant_count(row.pk),
            "days": trash_services.kept_for().days,
        },
    )


@require_POST
@needs("discover", node="place")
def several(request: HttpRequest, place: str) -> HttpResponse:
    """Do one thing to everything that was ticked in a list; each outcome is named."""
    place_id = UUID(place)
    project_id = queries.project_of_node(place_id)
    frame = projects.frame_of(request, project_id, tab="contents")
    act, ids = request.POST.get("act", ""), _chosen(request)
    back = _back(act, place_id, slug=frame["project"]["slug"], project_id=project_id)
    if not ids:
        messages.warning(request, _("Nothing was chosen. Tick what it is about first."))
        return redirect(back)
    if act == "erase" and not request.POST.get("sure"):
        known = trash_queries.in_trash_of(actor_of(request)).filter(pk__in=ids)
        things = trash_queries.lines(known)
        return render(
            request,
            "resources/erase.html",
            frame | {"things": things, "back": back, "place_id": place_id},
        )
    to, wider = _id_in(request, "to"), request.POST.get("wider") == "yes"
    outcomes = acts.act_on_several(act=act, ids=ids, actor=actor_of(request), to=to, wider=wider)
    done = sum(outcome.is_done for outcome in outcomes)
    if done == len(outcomes):
        messages.success(request, _done_words(act, done))
        return redirect(back)
    return render(
        request,
        "resources/outcomes.html",
        frame
        | {
            "outcomes": [
                {
                    "title": outcome.title or _("Something that you may not know of"),
                    "is_done": outcome.is_done,
                    "text": outcome.error.message if outcome.error else _("done"),
                }
                for outcome in outcomes
            ],
            "done_count": done,
            "failed_count": len(outcomes) - done,
            "back": back,
            "place_id": place_id,
            "widening": _widening(outcomes, to=to),
        },
    )


def _back(act: str, place_id: UUID, *, slug: str, project_id: UUID) -> str:
    """The list that the act was chosen in."""
    if act not in {"trash", "move"}:
        return reverse("resources:trash", args=[slug])
    if place_id != project_id:
        return presenting.folder_url(place_id)
    return reverse("resources:project", args=[slug])


def _widening(outcomes: list[acts.Outcome], *, to: UUID | None) -> dict[str, Any] | None:
    """The moves that wait to be meant, because others would see the thing there."""
    ids = [one.id for one in outcomes if one.error is not None and one.error.code == "move-widens"]
    return {"to": to, "ids": ids} if ids else None


def _id_in(request: HttpRequest, name: str) -> UUID | None:
    with suppress(ValueError):
        return UUID(request.POST.get(name, ""))
    return None


def _chosen(request: HttpRequest) -> list[UUID]:
    ids = []
    for text in request.POST.getlist("id")[: acts.MOST + 1]:
        with suppress(ValueError):
            ids.append(UUID(text))
    return ids


def _done_words(act: str, count: int) -> str:
    texts: dict[str, Any] = {
        "trash": ngettext("%(n)s thing is in the trash.", "%(n)s things are in the trash.", count),
        "bring-back": ngettext(
            "%(n)s thing is back in its place.", "%(n)s things are back in their places.", count
        ),
        "move": ngettext("%(n)s thing was moved.", "%(n)s things were moved.", count),
        "erase": ngettext("%(n)s thing is being erased.", "%(n)s things are being erased.", count),
    }
    if act not in texts:
        raise Invalid(field="act")
    return str(texts[act] % {"n": number(count)})
