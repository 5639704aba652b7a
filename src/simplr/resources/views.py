"""Pages of one file."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_safe

from simplr.base.entry import needs
from simplr.resources import content as originals
from simplr.resources import presenting, queries, texts


@require_GET
@needs("describe", node="resource")
def file(request: HttpRequest, resource: UUID) -> HttpResponse:
    """One file with its preview; a data set has a page of its own."""
    row = queries.resource_of(resource)
    if row.kind != "file":
        return redirect("datasets:dataset", resource)
    return render(request, "resources/file.html", presenting.file_page(request, row))


@require_safe
@needs("download", node="resource")
def content(request: HttpRequest, resource: UUID) -> HttpResponseBase:
    """The original file, byte for byte; `Range` is honoured."""
    return originals.original(request, resource_id=resource, version=request.GET.get("version", ""))


@require_GET
@needs("read", node="resource")
def preview(request: HttpRequest, resource: UUID) -> HttpResponseBase:
    """The bytes of a preview, for the page of the file."""
    return originals.preview(request, resource_id=resource, version=request.GET.get("version", ""))


@require_GET
@needs("read", node="resource")
def text(request: HttpRequest, resource: UUID) -> HttpResponseBase:
    """The words of a document, as plain text."""
    return texts.text(request, resource_id=resource, version=request.GET.get("version", ""))
