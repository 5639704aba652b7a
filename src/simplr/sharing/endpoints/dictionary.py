"""The data dictionary, for programs: written as a file, and taken over from one."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.http import content_disposition_header
from ninja import Router

from simplr.base.actors import actor_of
from simplr.base.entry import anyone, needs
from simplr.base.schemas import PROBLEMS, Answer
from simplr.datasets import dictionary_services
from simplr.resources import queries as resources
from simplr.sharing import dictionary as dictionaries
from simplr_core.tables.dictionary import Comparison

router = Router(tags=["datasets"])


class ChangeAnswer(Answer):
    field: str
    property: str
    before: Any
    after: Any


class DifferenceAnswer(Answer):
    field: str
    property: str
    ours: Any
    theirs: Any


class ProblemAnswer(Answer):
    row: int
    field: str
    property: str
    message: str


class ComparisonAnswer(Answer):
    taken_over: bool
    changes: list[ChangeAnswer]
    differences: list[DifferenceAnswer]
    problems: list[ProblemAnswer]
    unmentioned: list[str]
    ignored_columns: list[str]


def _answer(found: Comparison, *, taken_over: bool) -> dict[str, Any]:
    return {
        "taken_over": taken_over,
        **{
            name: [
                {key: getattr(one, key) for key in one.__slots__} for one in getattr(found, name)
            ]
            for name in ("changes", "differences", "problems")
        },
        "unmentioned": list(found.unmentioned),
        "ignored_columns": list(found.ignored_columns),
    }


@router.get(
    "/datasets/{dataset}/dictionary",
    response={200: None, **PROBLEMS},
    operation_id="get_dictionary",
)
@anyone(because="view_for asks the one decision, on the data set or on the release that is open")
def get_dictionary(
    request: HttpRequest,
    dataset: UUID,
    format: str = "json",  # noqa: A002 - the word that users know
    release: str = "",
    version: str = "",
) -> HttpResponse:
    """What each field means and may hold, as json, csv, table-schema or csvw.

    What is made of values (allowed values, range, pattern, missing codes) is null or empty where
    you may not read these values.
    """
    file = dictionaries.as_file(
        actor_of(request), dataset_id=dataset, form=format, release=release, version=version
    )
    response = HttpResponse(file.content, content_type=file.media_type)
    response["Content-Disposition"] = content_disposition_header(True, file.name) or ""
    response["X-Content-Type-Options"] = "nosniff"
    return response


@router.post(
    "/datasets/{dataset}/dictionary",
    response={200: ComparisonAnswer, **PROBLEMS},
    operation_id="import_dictionary",
)
@needs("write", node="dataset")
def import_dictionary(request: HttpRequest, dataset: UUID, preview: bool = False) -> dict[str, Any]:
    """Take over a dictionary for the newest version: the body is the file, CSV, XLSX or JSON.

    With `preview`, only say what would change and what is wrong. Otherwise all of it is taken
    over, or, with anything wrong, nothing.
    """
    read = dictionary_services.read_file(content=request.body)
    version, actor = resources.version_of(dataset), actor_of(request)
    if preview:
        found = dictionary_services.preview_dictionary(version=version, read=read, actor=actor)
        return _answer(found, taken_over=False)
    found = dictionary_services.import_dictionary(version=version, read=read, actor=actor)
    return _answer(found, taken_over=True)
