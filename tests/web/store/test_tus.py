"""tus 1.0, header by header: what any client of the protocol relies on."""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from django.db import OperationalError
from django.test import Client

from simplr.access.tokens import issue_access_token
from simplr.intake import resuming
from simplr.intake.models import Upload
from simplr.intake.tasks import end_interrupted_uploads

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.institute import Institute

TUS = {"Tus-Resumable": "1.0.0"}
BYTES = "application/offset+octet-stream"


def said(**words: str) -> str:
    return ",".join(f"{k} {base64.b64encode(v.encode()).decode()}" for k, v in words.items())


@pytest.fixture
def steward(as_: Callable[[str], Client]) -> Client:
    return as_("steward")


@pytest.fixture
def at(institute: Institute) -> str:
    """Where uploads to the project begin."""
    return f"/api/v1/projects/{institute.project.pk}/tus"


def post(client: Client, at: str, **headers: str) -> Any:
    """A request without a body."""
    return client.generic("POST", at, b"", content_type="", headers={**TUS, **headers})


def begin(client: Client, at: str, size: int = 10, **words: str) -> str:
    metadata = said(**{"filename": "a.txt", **words})
    answer = post(client, at, **{"Upload-Length": str(size), "Upload-Metadata": metadata})
    assert answer.status_code == 201, answer.content
    return str(answer["Location"])


def patch(client: Client, url: str, offset: int, content: bytes, **headers: str) -> Any:
    given = {**TUS, "Upload-Offset": str(offset), **headers}
    return client.patch(url, content, content_type=BYTES, headers=given)


def test_it_says_what_it_can_do_to_whoever_asks(at: str) -> None:
    answer = Client().options(at)

    assert answer.status_code == 204
    assert answer["Tus-Version"] == "1.0.0"
    assert (
        answer["Tus-Extension"] == "creation,creation-with-upload,expiration,checksum,termination"
    )
    assert answer["Tus-Checksum-Algorithm"] == "sha1,sha256"
    assert int(answer["Tus-Max-Size"]) > 2**30


def test_from_the_first_byte_to_the_last(steward: Client, at: str) -> None:
    metadata = said(filename="täg.txt", unknown="x")
    begun = post(steward, at, **{"Upload-Length": "10", "Upload-Metadata": metadata})
    url = begun["Location"]
    assert begun.status_code == 201
    assert begun["Upload-Expires"].endswith("GMT")

    asked = steward.head(url, headers=TUS)
    assert (asked["Upload-Offset"], asked["Upload-Length"]) == ("0", "10")
    assert asked["Upload-Metadata"] == metadata
    assert asked["Cache-Control"] == "no-store"

    first = patch(steward, url, 0, b"01234")
    assert (first.status_code, first["Upload-Offset"], first.content) == (204, "5", b"")
    assert "Upload-Expires" in first
    last = patch(steward, url, 5, b"56789")
    assert (last.status_code, last["Upload-Offset"]) == (204, "10")
    assert "Upload-Expires" not in last
    assert steward.head(url, headers=TUS)["Upload-Offset"] == "10"
    upload = Upload.objects.get(pk=url.rsplit("/", 1)[1])
    assert (upload.state, upload.name, upload.received_bytes) == ("received", "täg.txt", 10)


def test_the_first_bytes_may_come_with_the_beginning(steward: Client, at: str) -> None:
    answer = steward.post(
        at,
        b"01234",
        content_type=BYTES,
        headers={**TUS, "Upload-Length": "10", "Upload-Metadata": said(filename="a.txt")},
    )

    assert (answer.status_code, answer["Upload-Offset"]) == (201, "5")


@pytest.mark.parametrize(
    ("status", "code", "headers"),
    [
        (412, "tus-version", {"Tus-Resumable": "0.2.2"}),
        (400, "header-invalid", {"Upload-Length": "ten"}),
        (400, "header-invalid", {"Upload-Length": "-1"}),
        (400, "header-invalid", {"Upload-Length": "9" * 30}),
        (400, "header-invalid", {"Upload-Defer-Length": "1"}),
        (400, "header-invalid", {"Upload-Concat": "partial"}),
        (400, "metadata-invalid", {"Upload-Metadata": "filename ???"}),
        (413, "too-large", {"Upload-Length": str(2**50)}),
        (422, "name-invalid", {"Upload-Metadata": ""}),
        (422, "name-invalid", {"Upload-Metadata": said(filename="..")}),
    ],
)
def test_what_cannot_begin(
    steward: Client, at: str, status: int, code: str, headers: dict[str, str]
) -> None:
    given = {"Upload-Length": "10", "Upload-Metadata": said(filename="a.txt"), **headers}

    answer = post(steward, at, **given)

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer["Tus-Resumable"] == "1.0.0"


def test_what_cannot_be_appended(steward: Client, at: str) -> None:
    url = begin(steward, at)
    patch(steward, url, 0, b"01234")

    def refused(answer: Any) -> tuple[int, str]:
        assert answer["Tus-Resumable"] == "1.0.0"
        return answer.status_code, answer.json()["code"]

    assert refused(patch(steward, url, 0, b"0")) == (409, "offset-differs")
    assert refused(patch(steward, url, 6, b"0")) == (409, "offset-differs")
    assert refused(patch(steward, url, 5, b"567890")) == (413, "too-much-sent")
    assert refused(patch(steward, url, 5, b"5", **{"Upload-Offset": "x"})) == (
        400,
        "header-invalid",
    )
    wrong_kind = steward.patch(
        url, b"5", content_type="text/plain", headers={**TUS, "Upload-Offset": "5"}
    )
    assert refused(wrong_kind) == (415, "content-type-differs")
    for checksum, reason in (
        ("md5 AAAA", (400, "header-invalid")),
        ("sha1 !", (400, "header-invalid")),
        ("sha1 AAAA", (460, "checksum-differs")),
    ):
        assert refused(patch(steward, url, 5, b"5", **{"Upload-Checksum": checksum})) == reason
    assert steward.head(url, headers=TUS)["Upload-Offset"] == "5"


def test_a_checksum_that_is_right_is_taken(steward: Client, at: str) -> None:
    url = begin(steward, at)
    value = base64.b64encode(hashlib.sha256(b"0123456789").digest()).decode()

    answer = patch(steward, url, 0, b"0123456789", **{"Upload-Checksum": f"sha256 {value}"})

    assert (answer.status_code, answer["Upload-Offset"]) == (204, "10")


def test_an_upload_that_was_ended_is_gone(steward: Client, at: str) -> None:
    url = begin(steward, at)
    patch(steward, url, 0, b"01234")

    assert steward.delete(url, headers=TUS).status_code == 204

    for answer in (
        steward.head(url, headers=TUS),
        patch(steward, url, 5, b"5"),
        steward.delete(url, headers=TUS),
    ):
        assert answer.status_code == 410


def test_an_upload_that_expired_is_gone(steward: Client, at: str) -> None:
    url = begin(steward, at)
    Upload.objects.filter(pk=url.rsplit("/", 1)[1]).update(expires_at="2020-01-01T00:00:00Z")

    assert steward.head(url, headers=TUS).status_code == 410
    end_interrupted_uploads(0)
    answer = patch(steward, url, 0, b"5")
    assert (answer.status_code, answer.json()["code"]) == (410, "upload-expired")


@pytest.mark.parametrize("method", ["head", "patch", "delete"])
def test_the_upload_of_another_is_not_found(
    steward: Client, at: str, as_: Callable[[str], Client], method: str
) -> None:
    """Not even by those who may write to the same project."""
    url = begin(steward, at)
    owner = as_("owner")
    assert owner.get(f"/api/v1/uploads/{url.rsplit('/', 1)[1]}").status_code == 200

    given = {**TUS, "Upload-Offset": "0"}
    answer = owner.generic(method.upper(), url, b"0", content_type=BYTES, headers=given)

    assert answer.status_code == 404
    assert steward.head(url, headers=TUS)["Upload-Offset"] == "0"


def test_what_passes_by_itself_is_no_reason_to_begin_anew(
    steward: Client, at: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """tus-js-client begins another upload after any other error of HEAD; of PATCH it tries again."""
    url = begin(steward, at)

    def away(*_: object, **__: object) -> None:
        raise OperationalError("the connection is closed")

    monkeypatch.setattr(resuming, "current", away)
    monkeypatch.setattr(resuming, "append", away)

    asked = steward.head(url, headers=TUS)
    assert (asked.status_code, asked["Retry-After"], asked.content) == (423, "5", b"")
    assert patch(steward, url, 0, b"01234").status_code == 503
    assert steward.head(f"/api/v1/tus/{uuid4()}", headers=TUS).status_code == 404


def test_a_token_needs_the_scope_to_write(institute: Institute, steward: Client, at: str) -> None:
    from datetime import timedelta

    from django.utils import timezone

    def by(*scopes: str) -> dict[str, str]:
        made = issue_access_token(
            name="t",
            scopes=list(scopes),
            expires_at=timezone.now() + timedelta(days=1),
            actor=institute.actor("steward"),
        )
        return {**TUS, "Authorization": f"Bearer {made.secret}"}

    url = begin(steward, at)

    assert Client().head(url, headers=by("project:read")).status_code == 403
    assert Client().head(url, headers=by("project:write")).status_code == 200
    assert Client().head(url, headers=TUS).status_code == 401


def test_a_page_elsewhere_cannot_send(institute: Institute, at: str) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(institute.steward)

    answer = post(client, at, **{"Upload-Length": "1", "Upload-Metadata": said(filename="a.txt")})

    assert (answer.status_code, answer.json()["code"]) == (403, "forged-request")


def test_networks_that_know_only_post_can_say_the_method_in_a_header(
    institute: Institute, steward: Client, at: str
) -> None:
    url = begin(steward, at)
    given = {**TUS, "Upload-Offset": "0", "X-HTTP-Method-Override": "PATCH"}

    answer = steward.post(url, b"01234", content_type=BYTES, headers=given)

    assert (answer.status_code, answer["Upload-Offset"]) == (204, "5")
    guarded = Client(enforce_csrf_checks=True)
    guarded.force_login(institute.steward)
    assert guarded.post(url, b"5", content_type=BYTES, headers=given).status_code == 403
    get = steward.get(url, headers={**given, "X-HTTP-Method-Override": "DELETE"})
    assert get.status_code == 405
