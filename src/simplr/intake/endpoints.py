"""Uploads, for programs and for the page's own script: the body is the file."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from django.http import HttpRequest
from ninja import Query, Router
from pydantic import Field, StringConstraints

from simplr.base.actors import Actor, actor_of
from simplr.base.entry import needs
from simplr.base.middleware import LengthNeeded
from simplr.base.paging import USUAL, page_of
from simplr.base.schemas import PROBLEMS, Answer, Name, Strict, Title
from simplr.intake import again, queries, reports, rereading, services, trials
from simplr.intake.file_in_form import FORM, FileInForm
from simplr_core.tidy.plans import counts_in

router = Router(tags=["intake"])


class Kept(Answer):
    resource: UUID
    version: UUID
    table_path: list[str]
    field_count: int | None
    counts: dict[str, Any] | None


class UploadAnswer(Answer):
    id: UUID
    project: UUID
    name: str
    size: int
    received: int
    state: str
    progress: dict[str, Any]
    kind: str | None
    counts: dict[str, Any] | None
    resource: UUID | None
    version: UUID | None
    results: list[Kept]
    misfits: list[dict[str, Any]]
    error: dict[str, str] | None
    created_at: datetime


class UploadPage(Answer):
    items: list[UploadAnswer]
    next: str | None


class FieldChoice(Strict):
    name: Name
    type: (
        Literal["text", "integer", "decimal", "boolean", "date", "time", "datetime", "category"]
        | None
    ) = None
    personal: Literal["none", "indirect", "personal"] | None = None
    new_name: Name | None = None
    format: str | None = None
    missing_codes: list[str] | None = None


Text = Annotated[str, Field(max_length=1 << 20)]


class TableChoice(Strict):
    table: int
    fields: list[FieldChoice] = []
    recipe: Text | None = None
    skip_unfit: bool = False
    title: Title | None = None


class Choices(Strict):
    fields: list[FieldChoice] = []
    recipe: Text | None = None
    skip_unfit: bool = False
    tables: list[TableChoice] | None = None
    title: Title | None = None
    classification: Literal["public", "internal", "confidential", "restricted"] | None = None
    as_: Annotated[Literal["table", "file"] | None, Field(alias="as")] = None
    mode: Literal["replace", "append", "upsert"] | None = None
    key: Annotated[list[Name], Field(max_length=20)] | None = None
    widen: bool | None = None


Mark = Annotated[str, StringConstraints(strip_whitespace=False, max_length=40)]
"""Characters as they stand: a blank or a tab may part cells."""


class ReadAsBody(Strict):
    encoding: Annotated[str, Field(max_length=40)] | None = None
    delimiter: Mark | None = None
    quote: Mark | None = None
    preamble_rows: int | None = None
    header_rows: int | None = None
    recipe: Text | None = None


class RecipeAnswer(Answer):
    version: int
    steps: list[dict[str, Any]]
    text: str
    hidden: list[str]
    misfits: list[dict[str, Any]] = []


class Trying(Strict):
    recipe: Text | None = None
    fields: list[FieldChoice] = []
    skip_unfit: bool = True


class TrialAnswer(RecipeAnswer):
    row_count: int
    is_whole: bool
    kept: int
    aside: int
    made: int
    unreadable: dict[str, int]
    fields: list[str]
    hidden_fields: list[str]
    dropped: list[str]
    rows: list[dict[str, Any]]


class Understanding(Answer):
    kind: str
    media_type: str | None = None
    container: str | None = None
    others: list[str] = []
    name: str | None = None
    path: list[str] = []
    notes: list[str] = []
    misfits: list[dict[str, Any]] = []
    read_as: dict[str, Any] = {}
    tables: list[dict[str, Any]] = []
    encoding: dict[str, Any] | None = None
    dialect: dict[str, Any] | None = None
    fields: list[dict[str, Any]] = []
    counts: dict[str, Any] | None = None
    decisions: list[dict[str, Any]] = []
    sample: dict[str, Any] | None = None
    examples: dict[str, Any] | None = None


def upload_answer(upload: Any, actor: Actor) -> dict[str, Any]:
    """An upload as the API shows it to somebody."""
    return upload_answers([upload], actor)[0]


def upload_answers(uploads: list[Any], actor: Actor) -> list[dict[str, Any]]:
    """Some uploads as the API shows them, with what those that were kept became."""
    results = queries.results_of(uploads, actor=actor)
    return [_answer(upload, results.get(upload.id, []), actor) for upload in uploads]


def _answer(upload: Any, results: list[dict[str, Any]], actor: Actor) -> dict[str, Any]:
    counts = dict(counts_in(upload.understanding))
    if not queries.sees_all_of(upload, actor):
        counts.pop("quarantined_cells", None)
    return {
        "id": upload.id,
        "project": upload.project_id,
        "name": upload.name,
        "size": upload.size,
        "received": upload.received_bytes,
        "state": upload.state,
        "progress": upload.progress,
        "kind": upload.understanding.get("kind"),
        "counts": counts or None,
        "resource": upload.resource_id,
        "version": upload.version_id,
        "results": results,
        "misfits": upload.overrides.get("misfits", []),
        "error": (
            {"code": upload.error_code, "message": upload.error_message}
            if upload.error_code
            else None
        ),
        "created_at": upload.created_at,
    }


@router.post(
    "/projects/{project}/uploads",
    response={201: UploadAnswer, **PROBLEMS},
    operation_id="put_file",
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                "application/octet-stream": {"schema": {"type": "string"}},
                FORM: {"schema": {"type": "object"}},
            },
        }
    },
)
@needs("write", node="project")
def put_file(
    request: HttpRequest,
    project: str,
    name: str = "",
    as_: Annotated[Literal["auto", "table", "file"], Query(alias="as")] = "auto",
    resource: UUID | None = None,
    folder: UUID | None = None,
) -> tuple[int, dict[str, Any]]:
    """Put one file: the body is its bytes, with Content-Length; a digest header is checked.

    It becomes the next version of `resource`, or a new one, in `folder` where one is named. A form
    (multipart/form-data) with that file alone is taken too, and then says the `name`.
    """
    length = request.META.get("CONTENT_LENGTH")
    if not length:
        raise LengthNeeded
    body: HttpRequest | FileInForm = request
    if request.content_type == FORM:
        sent_as = request.META["CONTENT_TYPE"]
        body = FileInForm(request, content_type=sent_as, length=int(length))
        name, length = name or body.name, str(body.size)
    upload = services.receive(
        project_id=UUID(project),
        declared=services.Declared(
            name=name,
            size=int(length),
            digest=request.headers.get("Repr-Digest", request.headers.get("Digest", "")),
            wanted_as=as_,
            resource_id=resource,
            folder_id=folder,
        ),
        body=body,
        actor=actor_of(request),
    )
    return 201, upload_answer(upload, actor_of(request))


@router.get(
    "/projects/{project}/uploads",
    response={200: UploadPage, **PROBLEMS},
    operation_id="list_uploads",
)
@needs("write", node="project")
def list_uploads(
    request: HttpRequest, project: str, cursor: str = "", limit: int = USUAL
) -> dict[str, Any]:
    """Uploads of a project, the newest first."""
    actor = actor_of(request)
    page = page_of(queries.uploads_of(UUID(project), actor=actor), cursor=cursor, limit=limit)
    return {"items": upload_answers(page.items, actor), "next": page.next}


@router.get(
    "/uploads/{upload}", response={200: UploadAnswer, **PROBLEMS}, operation_id="show_upload"
)
@needs("write", node="upload", via=queries.project_of_upload)
def show_upload(request: HttpRequest, upload: UUID) -> dict[str, Any]:
    """How far an upload is."""
    actor = actor_of(request)
    return upload_answer(queries.upload_of(upload, actor=actor), actor)


@router.get(
    "/uploads/{upload}/understanding",
    response={200: Understanding, **PROBLEMS},
    operation_id="show_understanding",
)
@needs("write", node="upload", via=queries.project_of_upload)
def show_understanding(
    request: HttpRequest, upload: UUID, table: int | None = None
) -> dict[str, Any]:
    """What was understood: encoding, dialect, fields with their evidence, counts, first rows.

    A file with several tables answers all of them, without their rows; `table` shows one with its
    first rows.
    """
    verdict, actor = request.verdict, actor_of(request)  # type: ignore[attr-defined]
    return reports.understanding_of(
        queries.upload_of(upload, actor=actor),
        table=table,
        personal=verdict.personal,
        actor=actor,
    )


@router.get(
    "/uploads/{upload}/recipe",
    response={200: RecipeAnswer, **PROBLEMS},
    operation_id="show_upload_recipe",
)
@needs("write", node="upload", via=queries.project_of_upload)
def show_upload_recipe(request: HttpRequest, upload: UUID, table: int = 0) -> dict[str, Any]:
    """The recipe that is proposed for a table: steps with their evidence, and the text of them.

    Values of fields that you may not see are left out; such a step goes by its number.
    """
    verdict, actor = request.verdict, actor_of(request)  # type: ignore[attr-defined]
    row = queries.upload_of(upload, actor=actor)
    return reports.recipe_of(row, table=table, personal=verdict.personal, actor=actor)


@router.post(
    "/uploads/{upload}/read-as",
    response={202: UploadAnswer, **PROBLEMS},
    operation_id="read_upload_as",
)
@needs("write", node="upload", via=queries.project_of_upload)
def read_upload_as(
    request: HttpRequest, upload: UUID, body: ReadAsBody
) -> tuple[int, dict[str, Any]]:
    """Have its text read as you say: encoding, delimiter, quote, rows above, rows of names.

    What is not said is recognised; with nothing said, all of it. A `recipe` says it by its step
    `read`. The file is understood anew in the background; where it cannot be read so, it stays as
    it was, with the reason as `error`. A kept recipe has the next file read likewise.
    """
    actor = actor_of(request)
    said = rereading.said_in(body.dict(exclude_none=True))
    return 202, upload_answer(rereading.read_as(upload_id=upload, said=said, actor=actor), actor)


class Again(Strict):
    version: str = ""


@router.post(
    "/datasets/{dataset}/again",
    response={201: UploadAnswer, **PROBLEMS},
    operation_id="put_again",
)
@needs("write", node="dataset")
def put_again(request: HttpRequest, dataset: UUID, body: Again) -> tuple[int, dict[str, Any]]:
    """Take the original of a version in once more: a changed recipe makes the next version of it.

    The answer is an upload like any other; it follows the recipe of the newest version. For those
    who see personal fields.
    """
    upload = again.put_again(dataset_id=dataset, version=body.version, actor=actor_of(request))
    return 201, upload_answer(upload, actor_of(request))


@router.post(
    "/uploads/{upload}/recipe/try",
    response={200: TrialAnswer, **PROBLEMS},
    operation_id="try_recipe",
)
@needs("write", node="upload", via=queries.project_of_upload)
def try_recipe(request: HttpRequest, upload: UUID, body: Trying, table: int = 0) -> dict[str, Any]:
    """What a recipe would do to the first 200,000 rows: rows before and after, counts by step.

    Without one, what is proposed. Nothing is kept.
    """
    verdict, actor = request.verdict, actor_of(request)  # type: ignore[attr-defined]
    return trials.try_recipe(
        upload=queries.upload_of(upload, actor=actor),
        choice=body.dict(exclude_none=True),
        table=table,
        actor=actor,
        personal=verdict.personal,
    )


@router.post(
    "/uploads/{upload}/keep",
    response={202: UploadAnswer, **PROBLEMS},
    operation_id="keep_upload",
)
@needs("write", node="upload", via=queries.project_of_upload)
def keep_upload(request: HttpRequest, upload: UUID, body: Choices) -> tuple[int, dict[str, Any]]:
    """Keep it, with your changes. The work goes on in the background."""
    choices = body.dict(exclude_none=True)
    if "as_" in choices:
        choices["as"] = choices.pop("as_")
    actor = actor_of(request)
    return 202, upload_answer(services.keep(upload_id=upload, choices=choices, actor=actor), actor)


@router.delete(
    "/uploads/{upload}", response={200: UploadAnswer, **PROBLEMS}, operation_id="cancel_upload"
)
@needs("write", node="upload", via=queries.project_of_upload)
def cancel_upload(request: HttpRequest, upload: UUID) -> dict[str, Any]:
    """Stop an upload, or throw away what was understood. What was kept stays."""
    actor = actor_of(request)
    return upload_answer(services.cancel(upload_id=upload, actor=actor), actor)
