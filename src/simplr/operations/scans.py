"""Scanning for malware as an administrator sees it: counts of originals, never which they are."""

from __future__ import annotations

from typing import Annotated, Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST
from ninja import Router
from procrastinate.contrib.django.models import ProcrastinateJob
from pydantic import Field

from simplr.base.actors import actor_of
from simplr.base.entry import administrator
from simplr.base.schemas import PROBLEMS, Answer, Strict
from simplr.base.words import number
from simplr.resources.scanning import queries, rules, services

router = Router(tags=["scans"])


class ScansAnswer(Answer):
    scanner: bool
    clean: int
    infected: int
    not_scanned: int
    waiting: int
    job: int | None


class Order(Strict):
    again: Annotated[bool, Field()] = False


def state() -> dict[str, Any]:
    """How many originals are in which state, and the job that scans what was not."""
    counts = queries.counts()
    return {
        "scanner": rules.is_required(),
        "clean": counts.clean,
        "infected": counts.infected,
        "not_scanned": counts.not_scanned,
        "waiting": counts.waiting,
        "job": _job(),
    }


def _job() -> int | None:
    rows = ProcrastinateJob.objects.filter(
        task_name="resources.scan_rest", status__in=("todo", "doing")
    )
    return rows.order_by("-id").values_list("id", flat=True).first()


@router.get("/scans", response={200: ScansAnswer, **PROBLEMS}, operation_id="show_scans")
@administrator
def show_scans(request: HttpRequest) -> dict[str, Any]:
    """How many originals were scanned for malware, and what was found."""
    return state()


@router.post("/scans", response={202: ScansAnswer, **PROBLEMS}, operation_id="order_scan")
@administrator
def order_scan(request: HttpRequest, body: Order) -> tuple[int, dict[str, Any]]:
    """Have every original scanned that was not; with `again` all of them, by today's signatures."""
    services.order_scan(again=body.again, actor=actor_of(request), now=timezone.now())
    return 202, state()


@require_POST
@administrator
def scan_now(request: HttpRequest) -> HttpResponse:
    """Have everything scanned that was not."""
    ordered = services.order_scan(again=False, actor=actor_of(request), now=timezone.now())
    text = ngettext("%(n)s file is scanned.", "%(n)s files are scanned.", ordered.due)
    messages.success(request, text % {"n": number(ordered.due)})
    return redirect("operations:installation")


def card() -> dict[str, Any] | None:
    """What the page of the installation says of scans; None where there is no scanner."""
    found = state()
    if not found["scanner"]:
        return None
    due = found["waiting"] + found["not_scanned"]
    return {"due": due, "is_going_on": found["job"] is not None, "facts": _facts(found)}


def _facts(found: dict[str, Any]) -> list[dict[str, str]]:
    return [
        {"label": label, "value": number(found[name])}
        for label, name in (
            (_("No malware found"), "clean"),
            (_("Malware found"), "infected"),
            (_("Not scanned"), "not_scanned"),
            (_("Waiting"), "waiting"),
        )
    ]


urlpatterns = [path("installation/scan", scan_now, name="installation-scan")]
