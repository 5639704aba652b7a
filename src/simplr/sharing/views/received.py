"""Pages of what was received: the list, and one release as its recipient sees it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from simplr.base.actors import actor_of
from simplr.base.entry import needs, signed_in
from simplr.base.snippets import snippets
from simplr.base.views_frame import may
from simplr.sharing import delivery, queries
from simplr.sharing.presenting import masks, received
from simplr.sharing.presenting.tables import ROWS, foot_of, formats, offset_in, table_of
from simplr.sharing.views_of_data import release_row, view_for
from simplr_core.errors import NotFound, Refused

ELSEWHERE = {
    "dataset": "datasets:dataset",
    "file": "resources:file",
    "folder": "resources:folder",
}


@require_GET
@signed_in
def list_(request: HttpRequest) -> HttpResponse:
    """What others let the reader use, some at a time, the newest first."""
    cursor = request.GET.get("cursor", "")
    found = queries.shares_of(actor_of(request), cursor=cursor)
    shares = [received.share_line(share) for share in found.items]
    page = {
        "shown": len(shares),
        "total": None,
        "about": False,
        "next": found.next,
        "first": not cursor,
    }
    return render(request, "sharing/received.html", {"shares": shares, "page": page})


@require_GET
@needs("discover", node="share")
def one(request: HttpRequest, share: UUID) -> HttpResponse:
    """One release, exactly as much as the reader may see; for a person or for a link's visitor."""
    kind = queries.kind_of_node(share)
    if kind in ELSEWHERE:
        return redirect(ELSEWHERE[kind], share)
    if kind != "release":
        raise NotFound
    actor, row = actor_of(request), release_row(share)
    verdict = request.verdict  # type: ignore[attr-defined]
    grant = queries.grant_with_giver(verdict.grant_id)
    # Somebody who may only know of it (an auditor, or before a condition is met) sees its title.
    described = bool(may(request, "describe", share)["allowed"])
    page: dict[str, Any] = {
        "share": received.share(row, grant),
        "table": None,
        "row_count": row.row_count if described else None,
        "field_count": len(row.fields) if described else None,
        "changes": masks.changes(row.fields) if described else [],
        "not_shared": 0,
        "formats": [],
        "refusal": "",
        "ask_url": _ask_url(request, row.resource_id),
        "snippets": [],
        "page": {"shown": 0, "total": 0, "about": False, "next": None, "first": True},
    }
    offset = offset_in(request.GET.get("cursor", ""))
    try:
        view = view_for(actor, dataset_id=row.resource_id, action="read", release=str(share))
        found = delivery.sample(view=view, actor=actor, limit=ROWS + 1, offset=offset)
    except Refused as error:
        page["refusal"] = _refusal(error)
    else:
        page["table"] = table_of(found, most=ROWS)
        page["page"] = foot_of(found=len(found.rows), offset=offset, total=row.row_count)
        if may(request, "download", share)["allowed"]:
            page["formats"] = formats(row.resource_id, release_id=share)
            page["snippets"] = snippets(row.resource_id, release_id=share)
    template = "link_open" if actor.kind == "link" else "received_one"
    return render(request, f"sharing/{template}.html", page)


def _ask_url(request: HttpRequest, resource_id: UUID) -> str:
    """Where a person who may see some of it asks for more; a link's visitor is nobody to answer."""
    if actor_of(request).kind != "person" or may(request, "read", resource_id)["allowed"]:
        return ""
    return reverse("sharing:ask", args=[resource_id])


def _refusal(error: Refused) -> str:
    texts = {
        "conditions-missing": _("Something must be fulfilled first. Ask who shared it."),
        "not-granted": _("You may know of it; reading it was not granted."),
    }
    return texts.get(str(error.details.get("reason", "")), error.message)
