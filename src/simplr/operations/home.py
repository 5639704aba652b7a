"""The page that everybody begins on: what waits, what runs, what one has."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from simplr.access import asking
from simplr.access.permissions import nodes_reached
from simplr.accounts import notice_queries
from simplr.audit import queries as audit
from simplr.base.actors import Actor, actor_of
from simplr.base.entry import signed_in
from simplr.base.paging import page_of
from simplr.base.words import in_full, number
from simplr.intake import presenting as intake
from simplr.intake import queries as uploads
from simplr.operations import home_queries as queries
from simplr.operations import notices
from simplr.projects import queries as projects
from simplr.sharing import queries as sharing
from simplr.sharing.presenting import grants as granted
from simplr.sharing.presenting import received
from simplr_core.access import Action

Thing = dict[str, Any]


@require_GET
@signed_in
def home(request: HttpRequest) -> HttpResponse:
    """What needs the reader, or that nothing does."""
    actor, person = actor_of(request), request.user
    if request.GET.get("part") == "used":
        return render(request, "operations/parts/used.html", {"used": _used(actor)})
    known = page_of(projects.projects_visible_to(actor), key="node_id", limit=100)
    written = queries.projects_written_by(actor)
    shares = sharing.shares_of(actor, limit=3).items
    things = attention(actor, written)
    request.attention_count = len(things)  # type: ignore[attr-defined]  # for the frame
    facts = projects.facts_of(actor, [row.pk for row in known.items])
    steps = {
        "project": bool(known.items),
        "put": queries.has_resources(actor),
        "share": queries.has_shared(actor),
    }
    belongs = bool(projects.organisation_of(actor))
    # Who runs the installation knows of projects that he is no member of: that is no beginning.
    is_member = any(fact.role for fact in facts.values())
    return render(
        request,
        "operations/home.html",
        {
            "today": timezone.localdate(),
            "person": {"name": str(person).split()[0] if str(person).strip() else ""},
            "attention": things[:10],
            "attention_count": len(things),
            "running": [_running(row) for row in uploads.running_in(written, actor=actor)],
            "projects": [
                {
                    "slug": row.slug,
                    "title": row.title,
                    "aims": projects.aims_of(row),
                    "text": _project_text(facts[row.pk]),
                }
                for row in known.items[:6]
            ],
            "project_count": len(known.items),
            "is_member": is_member or not known.items,
            "counts_use": queries.is_manager(actor),
            "store": _store() if actor.administrator else None,
            "received": [received.share_line(share) for share in shares],
            "first_run": belongs
            and (is_member or not known.items)
            and not steps["put"]
            and not shares,
            "steps": steps,
            "checks": _checks(actor),
            "may": {
                "make_project": {
                    "allowed": belongs,
                    "reason": ""
                    if belongs
                    else _("Only a member of an organisation can make a project."),
                },
                "demonstration": {"allowed": False, "reason": ""},
            },
        },
    )


def attention(actor: Actor, written: list[Any]) -> list[Thing]:
    """What waits for the actor, the most pressing first."""
    things = _asked(list(asking.requests_to_answer(actor)[:MOST_ASKED]))
    things += [_upload(row) for row in uploads.waiting_in(written, actor=actor)]
    managed = nodes_reached(actor, action=Action.MANAGE)
    things += [_behind(row) for row in queries.releases_behind(managed)]
    things += _ending(queries.grants_ending(managed))
    things += [_aside(row) for row in queries.with_quarantine(actor)]
    things += _news(actor)
    if actor.administrator:
        things += _for_the_administrator(actor)
    return things


MOST_NEWS = 20
MOST_ASKED = 20


def _news(actor: Actor) -> list[Thing]:
    if actor.person_id is None:
        return []
    # Requests for access stand above by themselves, until they are answered.
    unread = notice_queries.notices_of(actor.person_id, unread=True).exclude(code="asked")[
        :MOST_NEWS
    ]
    return [
        {
            "icon": line["icon"],
            "tone": "",
            "title": line["text"],
            "text": in_full(line["at"]),
            "url": line["url"],
            "act": _("Look"),
        }
        for line in notices.lines(actor, unread)
    ]


def _asked(requests: list[Any]) -> list[Thing]:
    titles = sharing.titles_of({row.node_id for row in requests}) if requests else {}
    return [
        {
            "icon": "people",
            "tone": "",
            "title": _("%(name)s asks to use %(title)s")
            % {"name": row.person.name, "title": titles.get(row.node_id, "")},
            "text": in_full(row.asked_at),
            "url": reverse("sharing:request", args=[row.pk]),
            "act": _("Answer"),
        }
        for row in requests
    ]


def _upload(row: Any) -> Thing:
    return {
        "icon": "eye",
        "tone": "",
        "title": _("%(name)s waits for your look") % {"name": row.name},
        "text": _("It was understood and is not kept yet. In %(project)s.")
        % {"project": row.project.title},
        "url": reverse("intake:upload", args=[row.id]),
        "act": _("Look"),
    }


def _behind(row: Any) -> Thing:
    return {
        "icon": "share",
        "tone": "",
        "title": _("Version %(n)s waits to be accepted for “%(title)s”")
        % {"n": row.newest, "title": row.title},
        "text": _("Until then version %(n)s of %(dataset)s is served.")
        % {"n": row.version.number, "dataset": row.resource.title},
        "url": reverse("sharing:release", args=[row.pk]),
        "act": _("Decide"),
    }


def _ending(grants: list[Any]) -> list[Thing]:
    titles = sharing.titles_of({grant.node_id for grant in grants})
    return [
        {
            "icon": "clock",
            "tone": "",
            "title": _("The access of %(name)s ends on %(day)s")
            % {"name": granted.grantee_words(grant), "day": in_full(grant.until)},
            "text": titles.get(grant.node_id, ""),
            "url": reverse("sharing:grant", args=[grant.node_id])
            + (f"?release={grant.release_id}" if grant.release_id else ""),
            "act": _("Extend"),
        }
        for grant in grants
    ]


def _aside(row: Any) -> Thing:
    if rows := row.rows_quarantined:
        title = ngettext(
            "%(n)s row of %(title)s does not fit",
            "%(n)s rows of %(title)s do not fit",
            rows,
        ) % {"n": number(rows), "title": row.resource.title}
    else:
        title = ngettext(
            "%(n)s cell of %(title)s does not fit",
            "%(n)s cells of %(title)s do not fit",
            row.cells_quarantined,
        ) % {"n": number(row.cells_quarantined), "title": row.resource.title}
    return {
        "icon": "quarantine",
        "tone": "warn",
        "title": title,
        "text": _("%(n)s rows are kept and can be used. The rest waits in quarantine.")
        % {"n": number(row.rows_kept)},
        "url": reverse("sharing:quality", args=[row.resource_id]),
        "act": _("Look"),
    }


def _for_the_administrator(actor: Actor) -> list[Thing]:
    things: list[Thing] = []
    if actor.person_id is not None and queries.lacks_second_factor(actor.person_id):
        things.append(
            {
                "icon": "key",
                "tone": "warn",
                "title": _("Your account has no second factor"),
                "text": _("An administrator signs in by a passkey, or a code beside the password."),
                "url": reverse("accounts:account"),
                "act": _("Add one"),
            }
        )
    people = queries.people_without_licence()
    if people:
        count = ngettext(
            "%(n)s person has no licence", "%(n)s people have no licence", len(people)
        ) % {"n": number(len(people))}
        things.append(
            {
                "icon": "people",
                "tone": "",
                "title": count,
                "text": ", ".join(person.name for person in people[:5]),
                "url": _address("operations:installation-licences"),
                "act": _("Look"),
            }
        )
    return things


def _address(name: str) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:
        return reverse("accounts:account")


def _running(row: Any) -> Thing:
    line = intake.row(row)
    return {
        "id": line["id"],
        "icon": line["icon"],
        "name": line["name"],
        "text": line["text"],
        "progress": line["progress"],
        "cancel_url": reverse("intake:cancel", args=[row.id]) if line["may_cancel"] else "",
    }


def _project_text(facts: Any) -> str:
    texts = []
    if facts.dataset_count:
        texts.append(
            ngettext("%(n)s data set", "%(n)s data sets", facts.dataset_count)
            % {"n": number(facts.dataset_count)}
        )
    if facts.file_count:
        texts.append(
            ngettext("%(n)s file", "%(n)s files", facts.file_count)
            % {"n": number(facts.file_count)}
        )
    return " · ".join(texts) or (
        _("nothing in it yet") if facts.role else _("you are no member of it")
    )


def _used(actor: Actor) -> Any:
    """How what the actor decides about was used; None while it was not."""
    if not queries.is_manager(actor):
        return None
    used = queries.used_of(actor)
    return used if used.downloads or used.reads or used.refused else None


def _store() -> Thing:
    newest = audit.newest_checkpoint()
    facts = [{"label": _("Keys"), "value": _("open")}]
    if newest is not None:
        facts.append({"label": _("Ledger sealed"), "value": in_full(newest.at)})
    return {
        "well": newest is not None,
        "facts": facts,
        "url": _address("operations:installation"),
    }


def _checks(actor: Actor) -> list[Thing]:
    if actor.person_id is None or not actor.administrator:
        return []
    lacks = queries.lacks_second_factor(actor.person_id)
    return [
        {
            "ok": not lacks,
            "text": _("You have no second factor yet") if lacks else _("You have a second factor"),
            "url": reverse("accounts:account") if lacks else "",
            "act": _("Add one"),
        }
    ]
