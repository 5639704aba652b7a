"""Notices in words, and their page. A notice names ids; what they mean is asked when it is read."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from simplr.access.permissions import nodes_reached
from simplr.accounts import notice_queries, notice_services
from simplr.accounts import queries as accounts
from simplr.base.actors import Actor, actor_of
from simplr.base.entry import person_id_of, signed_in
from simplr.base.mail import mail_is_configured
from simplr.base.paging import page_of
from simplr.base.views_frame import foot
from simplr.base.words import number
from simplr.sharing import queries as sharing

Line = dict[str, Any]


def lines(actor: Actor, notices: Iterable[Any]) -> list[Line]:
    """Notices as pages and programs show them; of what one may no longer know, no title."""
    rows = list(notices)
    if not rows:
        return []
    known = set(
        nodes_reached(actor)
        .filter(id__in=[row.node_id for row in rows])
        .values_list("id", flat=True)
    )
    titles = sharing.titles_of(known)
    return [_line(row, title=titles.get(row.node_id, "")) for row in rows]


def _line(row: Any, *, title: str) -> Line:
    who = row.by.name if row.by else _("Somebody")
    named = {"who": who, "title": title or _("something that you can no longer see")}
    texts = {
        "asked": _("%(who)s asks to use %(title)s"),
        "commented": _("%(who)s commented on %(title)s"),
        "declined": _("%(who)s declined what you asked for: %(title)s"),
        "granted": _("%(who)s let you use %(title)s"),
        "infected": _("Malware was found in %(title)s"),
        "member": _("%(who)s gave you a role in %(title)s"),
        "trashed": _("%(who)s put something of yours in the trash of %(title)s"),
        "unusual": _("Unusual access by %(who)s")
        if row.by
        else _("A token of yours was used unusually"),
    }
    return {
        "id": row.id,
        "code": row.code,
        "text": texts[row.code] % named,
        "node_id": row.node_id,
        "at": row.at,
        "is_read": row.read_at is not None,
        "url": reverse("operations:notice", args=[row.id]),
        "icon": {
            "asked": "people",
            "commented": "story",
            "granted": "share",
            "member": "people",
            "unusual": "bell",
        }.get(row.code, "stop"),
    }


def address_of(row: Any) -> str:
    """Where a notice leads."""
    if row.code in {"asked", "declined"}:
        return reverse("sharing:requests")
    if row.code == "commented":
        return reverse("datasets:comments", args=[row.node_id])
    if row.code == "unusual":
        return reverse("analysis:alert", args=[row.node_id])
    if row.code == "infected":
        return reverse("resources:file", args=[row.node_id])  # a data set's page is one step on
    if row.code == "granted" and sharing.kind_of_node(row.node_id) != "project":
        return reverse("sharing:received-one", args=[row.node_id])
    name = "resources:trash" if row.code == "trashed" else "resources:project"
    return reverse(name, args=[row.node_id])


@require_GET
@signed_in
def notices(request: HttpRequest) -> HttpResponse:
    """One's own notices, the newest first, and whether they come by mail too."""
    person_id, cursor = person_id_of(request), request.GET.get("cursor", "")
    page = page_of(notice_queries.notices_of(person_id), cursor=cursor)
    return render(
        request,
        "operations/notices.html",
        {
            "notices": lines(actor_of(request), page.items),
            "unread_count": sum(notice_queries.unread_counts(person_id).values()),
            "wants_daily_mail": accounts.person_by_id(person_id).wants_daily_mail,
            "has_mail": mail_is_configured(),
            "page": foot(page, cursor=cursor),
        },
    )


@require_GET
@signed_in
def notice(request: HttpRequest, notice: UUID) -> HttpResponse:
    """Go to what a notice is about; it counts as read."""
    person_id = person_id_of(request)
    row = notice_queries.notice_of(notice, person_id=person_id)
    read(person_id, ids=[row.id])
    return redirect(address_of(row))


@require_POST
@signed_in
def notices_read(request: HttpRequest) -> HttpResponse:
    """Mark all of one's notices as read."""
    read(person_id_of(request))
    return redirect("operations:notices")


@require_POST
@signed_in
def digest(request: HttpRequest) -> HttpResponse:
    """Choose whether to be told by mail once a day."""
    wanted = request.POST.get("wanted") == "yes"
    notice_services.choose_digest(
        person_id=person_id_of(request), wanted=wanted, actor=actor_of(request)
    )
    messages.success(
        request,
        _("Once a day a mail says what waits for you.") if wanted else _("No mail will come."),
    )
    return redirect("operations:notices")


def read(person_id: UUID, ids: Iterable[UUID] | None = None) -> int:
    """Mark notices as read and count anew what waits."""
    count = notice_services.mark_read(person_id=person_id, ids=ids, now=timezone.now())
    cache.delete(f"attention-{person_id}")
    return count


def digest_text(person_id: UUID) -> tuple[str, str] | None:
    """Subject and body of a person's daily mail; None when nothing is unread.

    Counts and kinds only: no name, no title, no value leaves by mail, and no link that signs in.
    """
    counts = notice_queries.unread_counts(person_id)
    total = sum(counts.values())
    if not total:
        return None
    kinds = {
        "asked": ngettext(
            "%(n)s request for access", "%(n)s requests for access", counts.get("asked", 0)
        ),
        "declined": ngettext(
            "%(n)s request that was declined",
            "%(n)s requests that were declined",
            counts.get("declined", 0),
        ),
        "commented": ngettext("%(n)s comment", "%(n)s comments", counts.get("commented", 0)),
        "granted": ngettext("%(n)s thing to use", "%(n)s things to use", counts.get("granted", 0)),
        "infected": ngettext(
            "%(n)s file in which malware was found",
            "%(n)s files in which malware was found",
            counts.get("infected", 0),
        ),
        "member": ngettext("%(n)s new role", "%(n)s new roles", counts.get("member", 0)),
        "trashed": ngettext(
            "%(n)s thing of yours in a trash",
            "%(n)s things of yours in a trash",
            counts.get("trashed", 0),
        ),
        "unusual": ngettext(
            "%(n)s alert about unusual access",
            "%(n)s alerts about unusual access",
            counts.get("unusual", 0),
        ),
    }
    listed = "\n".join(
        "- " + kinds[code] % {"n": number(count)} for code, count in sorted(counts.items())
    )
    subject = ngettext("%(n)s thing waits for you", "%(n)s things wait for you", total)
    body = _(
        "At %(address)s you have not read:\n\n%(listed)s\n\nLook: %(address)s/notices\n\n"
        "You asked for this mail. There you can also end it."
    )
    return (
        subject % {"n": number(total)},
        body % {"address": settings.BASE_URL, "listed": listed},
    )
