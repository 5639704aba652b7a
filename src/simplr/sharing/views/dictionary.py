"""The page of a data set's dictionary: what its fields mean and may hold, out and in."""

from __future__ import annotations

import base64
import binascii
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from simplr.base.actors import actor_of
from simplr.base.entry import needs, verdict_on
from simplr.base.words import number
from simplr.datasets import dictionary_services
from simplr.datasets import presenting as datasets
from simplr.resources import queries as resources
from simplr.sharing import dictionary as dictionaries
from simplr.sharing.presenting import dictionary as presenting
from simplr_core.errors import Invalid
from simplr_core.tables.dictionary import DictionaryUnreadable


@require_http_methods(["GET", "HEAD", "POST"])
@needs("describe", node="dataset")
def dictionary(request: HttpRequest, dataset: UUID) -> HttpResponse:
    """The entries, the files they are written as, and what a file that is sent would change."""
    if elsewhere := datasets.to_the_received(request):
        return elsewhere
    resource, version = datasets.dataset_of(dataset), resources.version_of(dataset)
    page: dict[str, Any] = {"problem": "", "comparison": None, "content": ""}
    if request.method == "POST":
        verdict_on(request, "write", dataset)
        try:
            content = _content_of(request)
            read = dictionary_services.read_file(content=content)
            actor = actor_of(request)
            if request.POST.get("take"):
                found = dictionary_services.import_dictionary(
                    version=version, read=read, actor=actor
                )
                count = len(found.entries)
                said = ngettext("%(n)s field was changed.", "%(n)s fields were changed.", count)
                messages.success(request, said % {"n": number(count)})
                return redirect("sharing:dictionary", dataset)
            found = dictionary_services.preview_dictionary(version=version, read=read, actor=actor)
            page["comparison"] = presenting.comparison(found)
            page["content"] = base64.b64encode(content).decode()
        except Invalid as error:
            page["problem"] = error.message
    _view, entries = dictionaries.dictionary_of(actor_of(request), dataset_id=dataset)
    page |= datasets.frame(request, resource, version, tab="fields")
    page["entries"] = [presenting.entry(one) for one in entries]
    address = f"/api/v1/datasets/{dataset}/dictionary"
    page["formats"] = [
        {"label": label, "url": f"{address}?format={form}"}
        for form, label in presenting.FORMAT_WORDS.items()
    ]
    return render(request, "sharing/dictionary.html", page, status=422 if page["problem"] else 200)


def _content_of(request: HttpRequest) -> bytes:
    """The bytes that the page's script read, or what was pasted."""
    if pasted := request.POST.get("text", "").strip():
        return pasted.encode()
    try:
        return base64.b64decode(request.POST.get("content", ""), validate=True)
    except (ValueError, binascii.Error) as error:
        raise DictionaryUnreadable from error
