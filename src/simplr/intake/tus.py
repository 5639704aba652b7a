"""tus 1.0, the open protocol for uploads that go on after a break: <https://tus.io>.

An upload belongs to the person who began it: to anybody else its address is not found. The bytes
are the body of PATCH, sealed as they come; see `resuming`.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable
from functools import wraps
from inspect import signature
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.http import http_date
from ninja import Router

from simplr.base.actors import actor_of
from simplr.base.entry import needs
from simplr.base.middleware import LengthNeeded
from simplr.base.schemas import PROBLEMS, Problem
from simplr.intake import metadata, queries, resuming, services
from simplr.intake.endpoints import UploadAnswer, upload_answer
from simplr.intake.middleware import LATER, VERSION
from simplr_core.errors import Invalid

if TYPE_CHECKING:
    from simplr.intake.models import Upload

View = TypeVar("View", bound=Callable[..., Any])
router = Router(tags=["intake"])
_ANSWERS = {**PROBLEMS, 410: Problem, 412: Problem}
_TAKES_BYTES = {**_ANSWERS, 411: Problem, 415: Problem, 460: Problem}
_BODY = {
    "requestBody": {
        "content": {"application/offset+octet-stream": {"schema": {"type": "string"}}},
    }
}
_NUMBER = re.compile(r"[0-9]{1,18}")


class OtherVersion(Invalid):
    """Say Tus-Resumable: 1.0.0; that is the version spoken here."""

    code = "tus-version"
    status = 412


class OtherContent(Invalid):
    """The bytes of an upload come as application/offset+octet-stream."""

    code = "content-type-differs"
    status = 415


class HeaderInvalid(Invalid):
    """A header of tus is missing, or is not what the protocol says."""

    code = "header-invalid"
    status = 400


def speaks_tus(view: View) -> View:
    """Asks for the version, once it is known that the visitor may enter. Raises OtherVersion."""

    @wraps(view)
    def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if request.headers.get("Tus-Resumable") != VERSION:
            raise OtherVersion
        return view(request, *args, **kwargs)

    checked.__signature__ = signature(view, eval_str=True)  # type: ignore[attr-defined]
    return checked  # type: ignore[return-value]


@router.post(
    "/projects/{project}/tus",
    response={201: UploadAnswer, **_TAKES_BYTES},
    operation_id="begin_resumable_upload",
    openapi_extra=_BODY,
)
@needs("write", node="project")
@speaks_tus
def begin_resumable_upload(
    request: HttpRequest, response: HttpResponse, project: str
) -> tuple[int, dict[str, Any]]:
    """Begin an upload that can be resumed: `Upload-Length`, and `Upload-Metadata` with its name.

    `Location` in the answer is where its bytes go. The first may come with this request.
    """
    if request.headers.get("Upload-Concat") or request.headers.get("Upload-Defer-Length"):
        raise HeaderInvalid("Uploads of unknown length or in parts are not taken.")
    checksum = _checksum(request)
    length = _body_length(request)
    if length:
        _check_content(request)
    upload = resuming.begin(
        project_id=UUID(project),
        size=_number(request, "Upload-Length"),
        header=request.headers.get("Upload-Metadata", ""),
        actor=actor_of(request),
    )
    if length:
        upload = _append(request, upload.id, offset=0, length=length, checksum=checksum)
    response["Location"] = f"/api/v1/tus/{upload.id}"
    _say_how_far(response, upload)
    return 201, upload_answer(upload, actor_of(request))


@router.api_operation(
    ["HEAD"],
    "/tus/{upload}",
    response={200: None, **_ANSWERS, LATER: Problem},
    operation_id="show_resumable_upload",
)
@needs("write", node="upload", via=queries.project_of_upload)
@speaks_tus
def show_resumable_upload(request: HttpRequest, upload: UUID) -> HttpResponse:
    """How much of a resumable upload has arrived for good: `Upload-Offset`. 423: ask again later."""
    found = resuming.current(upload_id=upload, actor=actor_of(request))
    response = HttpResponse()
    response["Upload-Length"] = str(found.size)
    if said := metadata.opened(found):
        response["Upload-Metadata"] = said
    _say_how_far(response, found)
    return response


@router.patch(
    "/tus/{upload}",
    response={204: None, **_TAKES_BYTES},
    operation_id="append_to_upload",
    openapi_extra=_BODY,
)
@needs("write", node="upload", via=queries.project_of_upload)
@speaks_tus
def append_to_upload(request: HttpRequest, upload: UUID) -> HttpResponse:
    """Send the bytes from `Upload-Offset` on. `Upload-Offset` in the answer is what has arrived."""
    _check_content(request)
    if not request.META.get("CONTENT_LENGTH"):
        raise LengthNeeded
    found = _append(
        request,
        upload,
        offset=_number(request, "Upload-Offset"),
        length=_body_length(request),
        checksum=_checksum(request),
    )
    response = HttpResponse(status=204)
    _say_how_far(response, found)
    return response


@router.delete(
    "/tus/{upload}",
    response={204: None, **_ANSWERS},
    operation_id="end_resumable_upload",
)
@needs("write", node="upload", via=queries.project_of_upload)
@speaks_tus
def end_resumable_upload(request: HttpRequest, upload: UUID) -> HttpResponse:
    """Give a resumable upload up. What had arrived is erased."""
    actor = actor_of(request)
    found = resuming.current(upload_id=upload, actor=actor)
    services.cancel(upload_id=found.id, actor=actor)
    return HttpResponse(status=204)


def _append(
    request: HttpRequest,
    upload_id: UUID,
    *,
    offset: int,
    length: int,
    checksum: resuming.Checksum | None,
) -> Upload:
    return resuming.append(
        upload_id=upload_id,
        offset=offset,
        length=length,
        body=request,
        actor=actor_of(request),
        checksum=checksum,
    )


def _say_how_far(response: HttpResponse, upload: Upload) -> None:
    response["Upload-Offset"] = str(upload.received_bytes)
    if upload.state == "receiving" and upload.expires_at is not None:
        response["Upload-Expires"] = http_date(upload.expires_at.timestamp())


def _number(request: HttpRequest, name: str) -> int:
    said = request.headers.get(name, "")
    if not _NUMBER.fullmatch(said):
        raise HeaderInvalid(header=name)
    return int(said)


def _body_length(request: HttpRequest) -> int:
    return int(request.META.get("CONTENT_LENGTH") or 0)


def _check_content(request: HttpRequest) -> None:
    if request.META.get("CONTENT_TYPE") != "application/offset+octet-stream":
        raise OtherContent


def _checksum(request: HttpRequest) -> resuming.Checksum | None:
    """What `Upload-Checksum` says of this body: an algorithm and base64."""
    said = request.headers.get("Upload-Checksum")
    if said is None:
        return None
    algorithm, _, value = said.partition(" ")
    if algorithm not in resuming.CHECKSUMS:
        raise HeaderInvalid("This algorithm is not known here.", header="Upload-Checksum")
    try:
        digest = base64.b64decode(value, validate=True)
    except binascii.Error as error:
        raise HeaderInvalid(header="Upload-Checksum") from error
    return resuming.Checksum(algorithm=algorithm, value=digest)
