"""Pages of requests for access: asking, what one asked for, and answering what others ask."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from simplr.access import asking
from simplr.base.actors import Actor, actor_of
from simplr.base.entry import needs, person_id_of, signed_in
from simplr.base.paging import page_of
from simplr.base.views_frame import foot
from simplr.sharing import answering, queries
from simplr.sharing.forms import end_of_day
from simplr.sharing.presenting import requests as presenting
from simplr_core.access import Action
from simplr_core.errors import Conflict, Invalid, NotFound, Refused


@dataclass(kw_only=True)
class RequestForm:
    """What is being asked for, or answered, without losing a word of it."""

    text: str = ""
    actions: list[str] = field(default_factory=lambda: ["download"])
    until: str = ""
    release: str = ""
    errors: list[dict[str, str]] = field(default_factory=list)

    def ends_at(self) -> datetime | None:
        """The end of the chosen day. Raises Invalid."""
        return end_of_day(self.until)

    def chosen(self) -> list[Action]:
        """The chosen actions. Raises Invalid for none, or for others than can be asked for."""
        try:
            return [Action(word) for word in self.actions]
        except ValueError:
            raise Invalid(_("This cannot be asked for."), field="actions") from None

    def release_id(self) -> UUID | None:
        """Under which release; None for all of it. Raises Invalid where neither was chosen."""
        if self.release == presenting.ALL:
            return None
        try:
            return UUID(self.release)
        except ValueError:
            raise Invalid(_("Choose how much of it."), field="release") from None


def _read(posted: QueryDict) -> RequestForm:
    return RequestForm(
        text=posted.get("text", "")[: asking.LONGEST + 1],
        actions=posted.getlist("action"),
        until=posted.get("until", ""),
        release=posted.get("release", ""),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@needs("describe", node="node")
def ask(request: HttpRequest, node: UUID) -> HttpResponse:
    """Ask who manages a resource to let one use it."""
    person_id_of(request)  # a link's visitor is nobody to answer
    kind = queries.kind_of_node(node)
    if kind not in presenting.PAGES:
        raise NotFound
    form = _read(request.POST) if request.method == "POST" else RequestForm()
    if request.method == "POST":
        try:
            asking.ask_for_access(
                node_id=node,
                purpose=form.text,
                actions=form.chosen(),
                until=form.ends_at(),
                actor=actor_of(request),
            )
        except (Invalid, Conflict) as error:
            form.errors.append(_error(error))
        else:
            messages.success(request, _("You asked. What comes of it stands here."))
            return redirect("sharing:requests")
    page = presenting.ask_page(node, kind, queries.titles_of([node])[node], form)
    return render(request, "sharing/ask.html", page, status=422 if form.errors else 200)


def _error(error: Invalid | Conflict | Refused | NotFound) -> dict[str, str]:
    return {"text": error.message, "field": str(error.details.get("field") or "")}


@require_GET
@signed_in
def list_(request: HttpRequest) -> HttpResponse:
    """What waits for the reader's answer, and what he asked for himself."""
    actor, cursor = actor_of(request), request.GET.get("cursor", "")
    waiting = list(asking.requests_to_answer(actor)[: presenting.MOST_WAITING + 1])
    mine = page_of(asking.requests_of(person_id_of(request)), cursor=cursor)
    titles = queries.titles_known_to(actor, [row.node_id for row in (*waiting, *mine.items)])
    context = {
        "waiting": [presenting.line(row, titles) for row in waiting[: presenting.MOST_WAITING]],
        "more_wait": len(waiting) > presenting.MOST_WAITING,
        "mine": [presenting.line(row, titles) for row in mine.items],
        "page": foot(mine, cursor=cursor),
    }
    return render(request, "sharing/requests.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def one(request: HttpRequest, access_request: UUID) -> HttpResponse:
    """One request: to the one who asked, how it stands; to who decides, the answer to give."""
    actor = actor_of(request)
    asked, decides = asking.request_for(actor, access_request)
    form = _read(request.POST) if request.method == "POST" else presenting.begun(asked, RequestForm)
    if request.method == "POST":
        if not decides:
            raise answering.OwnRequest
        try:
            _answer(request, access_request, form)
        except (Invalid, Conflict, Refused, NotFound) as error:
            form.errors.append(_error(error))
            asked, decides = asking.request_for(actor, access_request)
        else:
            return redirect("sharing:request", access_request)
    page = _page(actor, asked, form, decides=decides)
    return render(request, "sharing/request.html", page, status=422 if form.errors else 200)


def _answer(request: HttpRequest, request_id: UUID, form: RequestForm) -> None:
    if request.POST.get("say") == "decline":
        answering.decline_request(request_id=request_id, reason=form.text, actor=actor_of(request))
        messages.success(request, _("You declined. The one who asked reads your reason."))
        return
    answering.grant_request(
        request_id=request_id,
        release_id=form.release_id(),
        actions=form.chosen(),
        until=form.ends_at(),
        reason=form.text,
        actor=actor_of(request),
    )
    messages.success(request, _("Granted. The one who asked was told."))


def _page(actor: Actor, asked: Any, form: RequestForm, *, decides: bool) -> dict[str, Any]:
    releases = (
        list(queries.releases_visible_to(actor, resource_id=asked.node_id)[:100]) if decides else []
    )
    known = queries.titles_known_to(actor, [asked.node_id])
    title = known.get(asked.node_id, "")
    url = (
        presenting.page_of_node(asked.node_id, queries.kind_of_node(asked.node_id)) if title else ""
    )
    purpose, reason = asking.texts_of(asked)
    return presenting.one_page(
        asked,
        form,
        title=title,
        url=url,
        texts=(purpose, reason),
        releases=releases,
        decides=decides,
        ledger=reverse("operations:ledger") if decides else "",
    )


@require_POST
@signed_in
def withdraw(request: HttpRequest, access_request: UUID) -> HttpResponse:
    """Take back what one asked for."""
    asking.withdraw_request(request_id=access_request, actor=actor_of(request))
    messages.success(request, _("You withdrew it. Nobody is asked any more."))
    return redirect("sharing:requests")
