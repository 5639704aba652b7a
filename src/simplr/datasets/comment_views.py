"""The tab Comments of a data set."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from simplr.base.actors import actor_of
from simplr.base.entry import needs
from simplr.base.paging import page_of
from simplr.base.views_frame import foot, may
from simplr.datasets import comment_queries, comment_services, presenting
from simplr.datasets.forms import CommentForm
from simplr.resources import queries as resources
from simplr_core.errors import NotFound, SimplrError


@require_http_methods(["GET", "HEAD", "POST"])
@needs("describe", node="dataset")
def comments(request: HttpRequest, dataset: UUID) -> HttpResponse:
    """What members wrote, the newest first, and a field to write in."""
    if elsewhere := presenting.to_the_received(request):
        return elsewhere
    resource, version = presenting.dataset_of(dataset), resources.version_of(dataset)
    form = CommentForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        comment_services.add_comment(
            dataset_id=dataset, body=form.cleaned_data["body"], actor=actor_of(request)
        )
        return redirect("datasets:comments", dataset)
    cursor = request.GET.get("cursor", "")
    page = page_of(comment_queries.comments_on(dataset), cursor=cursor)
    me, manages = actor_of(request).person_id, may(request, "manage", dataset)["allowed"]
    writes = _may_comment(request, dataset)
    return render(
        request,
        "datasets/comments.html",
        presenting.frame(request, resource, version, tab="comments")
        | {
            "comments": [
                {
                    "id": line.id,
                    "author": line.author,
                    "body": line.body,
                    "written_at": line.written_at,
                    "edited_at": line.edited_at,
                    "may_change": writes["allowed"] and line.author_id == me,
                    "may_remove": manages or (writes["allowed"] and line.author_id == me),
                }
                for line in comment_queries.opened(page.items)
            ],
            "form": form,
            "may_comment": writes,
            "page": foot(page, cursor=cursor),
        },
        status=422 if form.errors else 200,
    )


def _may_comment(request: HttpRequest, dataset: UUID) -> dict[str, Any]:
    try:
        comment_services.check_may_comment(actor=actor_of(request), dataset_id=dataset)
    except SimplrError as error:
        return {"allowed": False, "reason": error.message}
    return {"allowed": True, "reason": ""}


@require_http_methods(["GET", "HEAD", "POST"])
@needs("describe", node="comment", via=comment_queries.dataset_of_comment)
def comment_edit(request: HttpRequest, comment: UUID) -> HttpResponse:
    """Write one's own comment anew."""
    if request.verdict.release_id is not None:  # type: ignore[attr-defined]
        raise NotFound
    row = comment_queries.comment_of(comment)
    if row.author_id != actor_of(request).person_id:
        raise comment_services.NotYours
    (line,) = comment_queries.opened([row])
    form = CommentForm(request.POST or None, initial={"body": line.body})
    back = reverse("datasets:comments", args=[row.resource_id])
    if request.method == "POST" and form.is_valid():
        comment_services.change_comment(
            comment_id=comment, body=form.cleaned_data["body"], actor=actor_of(request)
        )
        return redirect(back)
    return render(
        request,
        "resources/edit.html",
        {
            "form": form,
            "title": _("your comment"),
            "post_url": request.path,
            "back": back,
        },
        status=422 if form.errors else 200,
    )


@require_POST
@needs("describe", node="comment", via=comment_queries.dataset_of_comment)
def comment_remove(request: HttpRequest, comment: UUID) -> HttpResponse:
    """Take a comment away."""
    if request.verdict.release_id is not None:  # type: ignore[attr-defined]
        raise NotFound
    dataset = comment_queries.dataset_of_comment(comment)
    comment_services.remove_comment(comment_id=comment, actor=actor_of(request))
    messages.success(request, _("The comment is gone."))
    return redirect("datasets:comments", dataset)
