"""Pages of one version: how it came, and bringing it back."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from simplr.base.actors import actor_of
from simplr.base.entry import needs
from simplr.datasets import presenting, restoring
from simplr.resources import queries as resources
from simplr_core.errors import NotFound


@require_GET
@needs("describe", node="dataset")
def version(request: HttpRequest, dataset: UUID, version: str) -> HttpResponse:
    """One version: how it came, and the ways to what is in it."""
    if elsewhere := presenting.to_the_received(request):
        return elsewhere
    resource, row = presenting.dataset_of(dataset), resources.version_of(dataset, version)
    return render(request, "datasets/version.html", presenting.version_page(request, resource, row))


@require_POST
@needs("write", node="dataset")
def restore(request: HttpRequest, dataset: UUID, version: str) -> HttpResponse:
    """Make it the newest once more."""
    if request.verdict.release_id is not None:  # type: ignore[attr-defined]
        raise NotFound
    presenting.dataset_of(dataset)
    old = resources.version_of(dataset, version)
    try:
        made = restoring.restore_version(
            resource_id=dataset, version=version, actor=actor_of(request)
        )
    except restoring.VersionIsCurrent:
        messages.info(request, _("This version is the current one already."))
        return redirect("datasets:version", dataset, version)
    messages.success(
        request,
        _("Version %(old)s is back, as version %(new)s.") % {"old": old.number, "new": made.number},
    )
    return redirect("datasets:versions", dataset)
