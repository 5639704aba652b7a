"""Pages of releases: make one beside what they will see, look at it, accept a version, end it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from simplr.base.actors import actor_of
from simplr.base.entry import needs
from simplr.base.paging import page_of
from simplr.base.views_frame import foot, may
from simplr.datasets import presenting as datasets
from simplr.datasets import queries as dataset_queries
from simplr.resources import queries as resources
from simplr.sharing import delivery, queries, services
from simplr.sharing.forms import (
    Problem,
    ReleaseForm,
    first_release_form,
    read_release_form,
    release_form_like,
)
from simplr.sharing.presenting import grants as granted
from simplr.sharing.presenting import masks, releases
from simplr.sharing.views_of_data import condition_of, release_row, view_for
from simplr_core.access.scans import HeldBack
from simplr_core.errors import Invalid, Refused


@require_GET
@needs("describe", node="dataset")
def list_(request: HttpRequest, dataset: UUID) -> HttpResponse:
    """The releases of a data set that the reader may know of."""
    if elsewhere := datasets.to_the_received(request):
        return elsewhere
    resource, version = datasets.dataset_of(dataset), resources.version_of(dataset)
    cursor = request.GET.get("cursor", "")
    found = queries.releases_visible_to(actor_of(request), resource_id=dataset)
    page = page_of(found, cursor=cursor, key="node_id")
    counts = queries.grant_counts([row.pk for row in page.items])
    frame = datasets.frame(request, resource, version, tab="releases")
    manages = frame["may"]["grant"]["allowed"]
    return render(
        request,
        "sharing/releases.html",
        frame
        | {
            "releases": [
                releases.line(row, grant_count=counts.get(row.pk, 0) if manages else 0)
                for row in page.items
            ],
            "page": foot(page, cursor=cursor),
        },
    )


def _sees_all(request: HttpRequest) -> bool:
    return bool(request.verdict.personal)  # type: ignore[attr-defined]


@require_http_methods(["GET", "HEAD", "POST"])
@needs("manage", node="dataset")
def make(request: HttpRequest, dataset: UUID) -> HttpResponse:
    """Make a release; `then` says whether to see it, save it, or save and grant it."""
    if not _sees_all(request):
        raise Refused(_("A release is made by somebody who may see every field of the data set."))
    resource, version = datasets.dataset_of(dataset), resources.version_of(dataset)
    schema = dataset_queries.schema_of(dataset_queries.fields_of(version))
    if request.method != "POST":
        form = _begun(request, resource.pk, schema)
        page = releases.editor(
            form, resource=resource, version=version, schema=schema, preview=None
        )
        return render(request, "sharing/release_edit.html", page)
    form = read_release_form(request.POST, schema)
    then = request.POST.get("then", "see")
    if then in {"save", "grant"}:
        made = _saved(request, form, resource.pk, schema)
        if made is not None:
            messages.success(
                request, _("The release “%(title)s” is saved.") % {"title": made.title}
            )
            if then == "grant":
                return redirect(f"{reverse('sharing:grant', args=[dataset])}?release={made.pk}")
            return redirect("sharing:release", made.pk)
    preview = releases.preview_of(
        form, resource=resource, version=version, actor=actor_of(request), personal=True
    )
    page = releases.editor(form, resource=resource, version=version, schema=schema, preview=preview)
    refused = then in {"save", "grant"}
    return render(request, "sharing/release_edit.html", page, status=422 if refused else 200)


def _begun(request: HttpRequest, dataset_id: UUID, schema: Any) -> ReleaseForm:
    """An empty form, or one that begins as the release named by `from` is."""
    try:
        model = release_row(UUID(request.GET.get("from", "")))
    except ValueError:
        return first_release_form(schema)
    if model.resource_id != dataset_id:
        return first_release_form(schema)
    return release_form_like(model.fields, condition_of(model), model.follows)


def _saved(request: HttpRequest, form: ReleaseForm, dataset_id: UUID, schema: Any) -> Any:
    """The new release; None with the reason among the form's problems."""
    if form.problems:
        return None
    try:
        return services.create_release(
            dataset_id=dataset_id,
            definition=form.definition(schema),
            actor=actor_of(request),
            personal=_sees_all(request),
        )
    except (Invalid, HeldBack) as error:
        form.problems.append(
            Problem(text=error.message, field=str(error.details.get("field") or ""))
        )
        return None


@require_POST
@needs("manage", node="dataset")
def preview(request: HttpRequest, dataset: UUID) -> HttpResponse:
    """The fragment "As they will see it", for what is in the form now."""
    resource, version = datasets.dataset_of(dataset), resources.version_of(dataset)
    schema = dataset_queries.schema_of(dataset_queries.fields_of(version))
    shown = releases.preview_of(
        read_release_form(request.POST, schema),
        resource=resource,
        version=version,
        actor=actor_of(request),
        personal=_sees_all(request),
    )
    return render(request, "sharing/parts/preview.html", {"preview": shown})


@require_GET
@needs("describe", node="release")
def release(request: HttpRequest, release: UUID) -> HttpResponse:
    """One release, for those who manage it; all others see what it shows."""
    manages = may(request, "manage", release)
    if not manages["allowed"]:
        return redirect("sharing:received-one", release)
    row, actor = release_row(release), actor_of(request)
    all_fields = len(dataset_queries.fields_of(row.version))
    try:
        view = view_for(actor, dataset_id=row.resource_id, action="read", release=str(release))
        sample = delivery.sample(view=view, actor=actor, limit=10)
        preview = releases.seen_as(sample, row, all_fields=all_fields)
    except HeldBack as error:
        preview = {"problem": error.message}  # it can be ended all the same
    newest = resources.version_of(row.resource_id)
    is_behind = row.follows == "each-accepted" and newest.number > row.version.number
    return render(
        request,
        "sharing/release.html",
        {
            "release": releases.described(row, formula=condition_of(row)),
            "fields": [
                {"name": item["name"], "mask": masks.in_words(item["mask"])} for item in row.fields
            ],
            "not_shared": all_fields - len(row.fields),
            "grants": [granted.line(grant) for grant in queries.grants_under(release)],
            "preview": preview,
            "may": {
                "grant": may(request, "manage", row.resource_id),
                "change": may(request, "manage", row.resource_id),
                "end": manages,
            },
            "waiting": {"number": newest.number, "rows": newest.rows_kept} if is_behind else None,
        },
    )


@require_POST
@needs("manage", node="release")
def accept(request: HttpRequest, release: UUID) -> HttpResponse:
    """Let a release that follows new versions serve the one that was shown as waiting."""
    row = release_row(release)
    version = resources.version_of(row.resource_id, request.POST.get("version", "") or "0")
    services.accept_version(release_id=release, version=version, actor=actor_of(request))
    messages.success(request, _("It serves version %(n)s from now on.") % {"n": version.number})
    return redirect("sharing:release", release)


@require_http_methods(["GET", "HEAD", "POST"])
@needs("manage", node="release")
def end(request: HttpRequest, release: UUID) -> HttpResponse:
    """Sure before a release ends with every grant on it; then it ends."""
    row = release_row(release)
    if request.method == "POST":
        services.end_release(release_id=release, actor=actor_of(request))
        messages.success(
            request, _("The release “%(title)s” and its grants ended.") % {"title": row.title}
        )
        return redirect("sharing:releases", row.resource_id)
    count = queries.grant_counts([release]).get(release, 0)
    return render(
        request,
        "sharing/release_end.html",
        {"release": {"id": row.pk, "title": row.title}, "grant_count": count},
    )
