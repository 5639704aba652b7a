"""The page of the recipe that made a version."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from simplr.base.actors import actor_of
from simplr.base.entry import needs
from simplr.datasets import presenting as datasets
from simplr.resources import queries as resources
from simplr.sharing import recipes
from simplr.sharing.presenting import recipes as presenting
from simplr_core.errors import NotFound, Refused


@require_GET
@needs("describe", node="dataset")
def recipe(request: HttpRequest, dataset: UUID) -> HttpResponse:
    """The steps that made a version, those about fields that the reader may not see left out."""
    if elsewhere := datasets.to_the_received(request):
        return elsewhere
    wanted = request.GET.get("version", "")
    resource, version = datasets.dataset_of(dataset), resources.version_of(dataset, wanted)
    page = datasets.frame(request, resource, version, tab="versions")
    sees_all = request.verdict.personal  # type: ignore[attr-defined]
    page |= {
        "version": version.number,
        "steps": [],
        "hidden_step_count": 0,
        "text": "",
        "refusal": "",
        "may_do_again": sees_all and page["may"]["put"]["allowed"],
    }
    try:
        found = recipes.recipe_of(dataset_id=dataset, version=wanted, actor=actor_of(request))
    except Refused:
        page["refusal"] = _("Those who may read the rows see the steps that made them.")
    except NotFound as error:
        page["refusal"] = error.message
    else:
        page |= {
            "steps": presenting.steps(found),
            "hidden_step_count": found["hidden_step_count"],
            "text": found["text"],
        }
    return render(request, "sharing/recipe.html", page)
