"""The ledger's page, its export, and the ledger of one thing as a fragment."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from itertools import groupby
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from simplr.audit import queries as audit
from simplr.base.actors import Actor, actor_of
from simplr.base.entry import auditor, needs, signed_in
from simplr.base.event_words import words_of
from simplr.operations import ledger, ledger_services
from simplr.operations.endpoints import ledger_download

KINDS = {
    "reads": {"code": "sharing:"},
    "grants": {"code": "access:grant:"},
    "signing-in": {"code": "accounts:session:"},
    "refused": {"outcome": "refused"},
    "failed": {"outcome": "failed"},
}


@signed_in(scope="ledger:read")
@require_GET
def ledger_page(request: HttpRequest) -> HttpResponse:
    """Who did what, newest first, with what proves it."""
    reader = actor_of(request)
    if request.GET.get("part") == "month":
        counted = ledger.month_of(actor=reader, now=timezone.now())
        return render(request, "operations/parts/month.html", {"month": counted})
    asked = {
        name: request.GET.get(name, "") for name in ("node", "actor", "kind", "since", "until")
    }
    ledger_services.note_reading(actor=reader, node_id=_uuid(asked["node"]))
    page = ledger.events_page(
        actor=reader, wanted=_filter(asked), cursor=request.GET.get("cursor", "")
    )
    nodes, actors = _choices(page.items)
    context = {
        "filter": asked,
        "nodes": nodes,
        "actors": actors,
        "kinds": _kinds(),
        "proof": _proof(),
        "may": _may(reader),
        **_list_context(request, page),
    }
    return render(request, "operations/ledger.html", context)


@needs("manage", node="node")
@require_GET
def ledger_of_node(request: HttpRequest, node: UUID) -> HttpResponse:
    """What happened to one thing and to all below it: a fragment for its ledger tab."""
    reader = actor_of(request)
    ledger_services.note_reading(actor=reader, node_id=node)
    page = ledger.events_page(
        actor=reader, wanted=ledger.Filter(node=node), cursor=request.GET.get("cursor", "")
    )
    return render(request, "operations/parts/ledger_of_node.html", _list_context(request, page))


@auditor(scope="ledger:read")
@require_GET
def ledger_export(request: HttpRequest) -> HttpResponseBase:
    """The zip that proves the ledger to a stranger."""
    return ledger_download(request)


@auditor(scope="ledger:read")
@require_POST
def ledger_verify(request: HttpRequest) -> HttpResponse:
    """Check all of it now; the page shows what was found."""
    ledger_services.note_reading(actor=actor_of(request), what="verification")
    found = ledger_services.verify_now()
    if found.whole:
        messages.success(request, _("The ledger is whole."))
    else:
        messages.error(request, _("The ledger is not whole."))
    return HttpResponseRedirect(reverse("operations:ledger"))


def _list_context(request: HttpRequest, page: Any) -> dict[str, Any]:
    return {
        "days": _days(page.items),
        "zone": _("times in %(zone)s") % {"zone": timezone.get_current_timezone_name()},
        "page": {
            "shown": len(page.items),
            "total": None,
            "about": False,
            "next": page.next,
            "first": not request.GET.get("cursor"),
        },
    }


def _filter(asked: dict[str, str]) -> ledger.Filter:
    kind = KINDS.get(asked["kind"], {})
    until = _day(asked["until"])
    return ledger.Filter(
        node=_uuid(asked["node"]),
        actor=_uuid(asked["actor"]),
        code=kind.get("code", ""),
        outcome=kind.get("outcome", ""),
        since=_day(asked["since"]),
        until=until + timedelta(days=1) if until else None,
    )


def _kinds() -> list[tuple[str, str]]:
    return [
        ("reads", _("Reads and downloads")),
        ("grants", _("Grants")),
        ("signing-in", _("Signing in")),
        ("refused", _("Refused")),
        ("failed", _("Failed")),
    ]


def _days(events: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    def day_of(event: dict[str, Any]) -> date:
        return timezone.localtime(event["at"]).date()

    return [
        {"label": _label(day), "entries": [_entry(event) for event in group]}
        for day, group in groupby(events, key=day_of)
    ]


def _label(day: date) -> str:
    today = timezone.localdate()
    if day == today:
        return _("Today")
    return _("Yesterday") if day == today - timedelta(days=1) else date_format(day)


def _entry(event: dict[str, Any]) -> dict[str, Any]:
    words = words_of(event["code"])
    thing = event["node"] or event["project"] or event["subject"]
    about = thing["name"] if thing else ""
    notes = [_("not sealed yet")] if event["seq"] is None else []
    if event["token"]:
        notes.append(_("by token “%(name)s”") % {"name": event["token"]["name"] or _("deleted")})
    if reason := event["details"].get("reason"):
        notes.append(str(reason))
    return {
        "at": event["at"],
        "icon": words.icon,
        "outcome": event["outcome"],
        "actor": _who(event["actor"]),
        "text": f"{words.phrase}: {about}" if about else str(words.phrase),
        "url": "",
        "code": event["code"],
        "detail": ", ".join(notes),
    }


def _who(actor: dict[str, Any]) -> str:
    if actor["kind"] == "system":
        return _("The installation")
    if actor["kind"] == "anonymous":
        return _("Somebody unknown")
    if actor["kind"] == "link":
        return _("Link “%(name)s”") % {"name": actor["name"]}
    return actor["name"] or _("A person who is not here any more")


def _choices(events: list[dict[str, Any]]) -> tuple[list[dict[str, str]], list[dict[str, str]]]:
    """What the page in front of the reader can be narrowed to."""
    nodes = {event["node"]["id"]: event["node"]["name"] for event in events if event["node"]}
    actors = {event["actor"]["id"]: event["actor"]["name"] for event in events}
    return _labelled(nodes), _labelled(actors)


def _labelled(names: dict[UUID | None, str]) -> list[dict[str, str]]:
    found = [{"id": str(id_), "label": name} for id_, name in names.items() if id_ and name]
    return sorted(found, key=lambda choice: choice["label"])


def _proof() -> dict[str, Any]:
    found = audit.last_verification()
    if found is None:
        return {"whole": False, "problem": _("It was not verified yet."), "first_bad": ""}
    finding = found.finding
    return {
        "whole": found.whole,
        "size": found.size,
        "checkpoint": found.checkpoint_count,
        "at": found.at,
        "problem": finding.sentence if finding else "",
        "first_bad": str(finding.first_bad_seq) if finding else "",
        "running": False,
    }


def _may(reader: Actor) -> dict[str, Any]:
    reason = "" if reader.auditor else _("Only an auditor may take the whole ledger away.")
    verdict = {"allowed": reader.auditor, "reason": reason}
    return {"export": verdict, "verify": verdict}


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _day(text: str) -> datetime | None:
    try:
        day = parse_date(text)
    except ValueError:
        return None
    return timezone.make_aware(datetime.combine(day, time.min)) if day else None
