"""Pages of grants: who may do what, letting somebody in, revoking, and why."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from simplr.access import services as access_services
from simplr.base import events
from simplr.base.actors import actor_of
from simplr.base.entry import needs
from simplr.datasets import presenting as datasets
from simplr.projects.words import role_word
from simplr.resources import queries as resources
from simplr.sharing import explaining, granting, queries
from simplr.sharing.forms import GrantForm, Problem, read_grant_form
from simplr.sharing.presenting import grants as presenting
from simplr.sharing.presenting import why as why_presenting
from simplr_core.errors import Conflict, Invalid, NotFound, Refused, SimplrError


@require_GET
@needs("manage", node="dataset")
def access(request: HttpRequest, dataset: UUID) -> HttpResponse:
    """Who may do what, each from the decision itself; and the links that are open."""
    resource, version = datasets.dataset_of(dataset), resources.version_of(dataset)
    people = [_person(row, dataset) for row in explaining.access_to(dataset)]
    people += [_many(grant) for grant in queries.grants_to_many(dataset)]
    page = {
        "shown": len(people),
        "total": len(people),
        "about": False,
        "next": None,
        "first": True,
    }
    frame = datasets.frame(request, resource, version, tab="access")
    return render(request, "sharing/access.html", frame | {"people": people, "page": page})


def _person(row: explaining.AccessRow, node_id: UUID) -> dict[str, Any]:
    address = reverse("sharing:why", args=[node_id])
    return {
        "name": row.name,
        "detail": ", ".join(
            filter(None, (_because(row.because), row.organisation, _by_programs(row)))
        ),
        "discover": row.actions["discover"],
        "read": row.actions["read"],
        "personal": "yes" if row.personal else "no",
        "download": row.actions["download"],
        "change": row.actions["write"],
        "until": row.until,
        "why_url": f"{address}?person={row.person_id}&action=read",
        "grant_id": row.grant_id,
    }


def _by_programs(row: explaining.AccessRow) -> str:
    """The programs that reach it for this person."""
    names = ", ".join(sorted({program.name for program in row.programs}))
    return _("by the program %(names)s, too") % {"names": names} if names else ""


def _because(reason: str) -> str:
    """A role in words; the title of a release as it is."""
    return str(role_word(reason))


def _many(grant: Any) -> dict[str, Any]:
    titles = queries.titles_of([grant.release_id]) if grant.release_id else {}
    shown = "part" if grant.release_id else "yes"
    note = ""
    if grant.link_digest:
        note = _("with a password") if grant.link_password else _("without a password")
    return {
        "name": presenting.grantee_words(grant),
        "detail": ", ".join(
            filter(
                None,
                (
                    _("organisation") if grant.organisation_id else "",
                    _("group") if grant.group_id else "",
                    titles.get(grant.release_id, ""),
                    note,
                ),
            )
        ),
        "discover": "yes",
        "read": shown if {"read", "download"} & set(grant.actions) else "no",
        "personal": "no" if grant.release_id else "yes",
        "download": shown if "download" in grant.actions else "no",
        "change": "yes" if "write" in grant.actions else "no",
        "until": grant.until,
        "why_url": "",
        "grant_id": grant.id,
    }


@require_http_methods(["GET", "HEAD", "POST"])
@needs("manage", node="node")
def grant(request: HttpRequest, node: UUID) -> HttpResponse:
    """Let somebody use a project, a data set or a file; a link's address is shown this once."""
    card = queries.card_of(node)
    releases = list(queries.releases_visible_to(actor_of(request), resource_id=node)[:100])
    candidates = queries.candidates_for(actor_of(request), node)
    form = read_grant_form(request.POST) if request.method == "POST" else _begun(request, releases)
    if request.method == "POST":
        made = _given(request, form, node)
        if made is not None:
            said = presenting.sentence_page(
                form, card=card, releases=releases, candidates=candidates
            )
            return _granted(request, made, form, card, said["sentence"])
    page = presenting.page(form, card=card, releases=releases, candidates=candidates)
    return render(request, "sharing/grant.html", page, status=422 if form.problems else 200)


def _begun(request: HttpRequest, releases: list[Any]) -> GrantForm:
    wanted = request.GET.get("release", "")
    if wanted not in {str(each.pk) for each in releases}:
        wanted = str(releases[0].pk) if releases else ""
    until = presenting.next_friday(timezone.localdate()).isoformat()
    return GrantForm(release=wanted, until=until)


def _given(request: HttpRequest, form: GrantForm, node: UUID) -> Any:
    """The new grant; None with the reason among the form's problems."""
    try:
        return granting.give_grant(
            node_id=node,
            to=form.grantee(),
            actions=form.allowed(),
            actor=actor_of(request),
            release_id=form.release_id(),
            until=form.ends_at(),
        )
    except (Invalid, NotFound, Conflict, Refused) as error:
        place = str(error.details.get("field") or "")
        form.problems.append(Problem(text=error.message, field=form.to if place == "to" else place))
        return None


def _granted(
    request: HttpRequest, made: Any, form: GrantForm, card: queries.Card, sentence: Any
) -> HttpResponse:
    if not made.link_secret:
        messages.success(request, "".join(part["text"] for part in sentence))
        return redirect(card.url)
    response = render(
        request,
        "sharing/granted.html",
        {
            "node": {"title": card.title, "url": card.url},
            "sentence": sentence,
            "link_url": f"{settings.BASE_URL}/l/{made.link_secret}",
            "password_set": bool(form.password),
        },
    )
    response["Cache-Control"] = "no-store"
    return response


@require_POST
@needs("manage", node="node")
def sentence(request: HttpRequest, node: UUID) -> HttpResponse:
    """The sentence of what is in the form now, and the words of its button."""
    actor = actor_of(request)
    said = presenting.sentence_page(
        read_grant_form(request.POST),
        card=queries.card_of(node),
        releases=list(queries.releases_visible_to(actor, resource_id=node)[:100]),
        candidates=queries.candidates_for(actor, node),
    )
    return render(request, "sharing/parts/grant_sentence.html", said)


@require_POST
@needs("manage", node="grant", via=queries.node_of_grant)
def revoke(request: HttpRequest, grant: UUID) -> HttpResponse:
    """End a grant now. Once is enough: a second time changes nothing."""
    row = queries.grant_of(grant)
    try:
        access_services.revoke_grant(grant_id=grant, actor=actor_of(request))
    except SimplrError as error:
        if error.code != "grant-ended":
            raise
    messages.success(
        request,
        _("%(name)s may no longer use it by this grant.") % {"name": presenting.grantee_words(row)},
    )
    return redirect(queries.card_of(row.node_id).url)


@require_GET
@needs("manage", node="node")
def why(request: HttpRequest, node: UUID) -> HttpResponse:
    """Why somebody may, or may not, do something: from the decision itself. Recorded."""
    card = queries.card_of(node)
    rows = explaining.access_to(node)
    asked, action = request.GET.get("person", ""), request.GET.get("action", "read")
    row = next((each for each in rows if str(each.person_id) == asked), None)
    page = why_presenting.page(card, rows, action=action)
    if row is not None:
        events.record(
            code=events.Event.ACCESS_EXPLAINED,
            actor=actor_of(request),
            node_id=node,
            subject=("person", row.person_id),
        )
        found = explaining.explain(person_id=row.person_id, node_id=node, action=page["action"])
        page |= why_presenting.answer(row, found)
    return render(request, "sharing/why.html", page)
