"""A file that a form sends: taken as it streams, whole and alone, or not at all."""

from __future__ import annotations

import io

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from tests.institute import Institute

from simplr.intake.file_in_form import MOST_HEAD, FileInForm, FormUnreadable
from simplr.intake.models import Upload

BOUNDARY = "------------------------d74496d66958873e"
TYPE = f"multipart/form-data; boundary={BOUNDARY}"
HEAD = (
    f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="trees.csv"\r\n'
    "Content-Type: text/csv\r\n\r\n"
).encode()
CLOSING = f"\r\n--{BOUNDARY}--\r\n".encode()
FIELD = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="as"\r\n\r\ntable\r\n'.encode()


def read(body: bytes, *, at_once: int = 7, content_type: str = TYPE) -> tuple[str, int, bytes]:
    file = FileInForm(io.BytesIO(body), content_type=content_type, length=len(body))
    content = b""
    while piece := file.read(at_once):
        content += piece
    return file.name, file.size, content


@given(st.binary(max_size=200), st.integers(1, 90))
def test_any_file_comes_out_as_it_went_in(content: bytes, at_once: int) -> None:
    found = read(HEAD + content + CLOSING, at_once=at_once)

    assert found == ("trees.csv", len(content), content)


@pytest.mark.parametrize("at_once", [1, 7, 4096])
@pytest.mark.parametrize(
    "body",
    [
        FIELD + HEAD + b"a,b" + CLOSING,
        HEAD + b"a,b\r\n" + FIELD[:-2] + CLOSING,
        HEAD + b"a,b\r\n" + HEAD + b"c" + CLOSING,
        HEAD + f"--{BOUNDARY}--".encode() + CLOSING,
        HEAD + b"a,b" + CLOSING[:-2],
        HEAD + b"a,b" + CLOSING + b"x",
        HEAD + b"a,b",
        HEAD[:-2],
        b"",
        b"a,b\n1,2\n",
        HEAD.replace(b"\r\n\r\n", b"\r\nX: " + b"x" * MOST_HEAD + b"\r\n\r\n") + CLOSING,
        CLOSING,
    ],
)
def test_what_is_not_one_file_and_nothing_else_is_refused(body: bytes, at_once: int) -> None:
    with pytest.raises(FormUnreadable):
        read(body, at_once=at_once)


@pytest.mark.parametrize("said", ["", "; boundary=", f"; boundary={'x' * 71}", "; boundary=ü"])
def test_without_a_boundary_it_cannot_be_read(said: str) -> None:
    with pytest.raises(FormUnreadable):
        read(HEAD + CLOSING, content_type="multipart/form-data" + said)


def test_a_form_becomes_an_upload_and_a_bad_one_leaves_nothing(
    institute: Institute, as_: object
) -> None:
    steward: Client = as_("steward")  # type: ignore[operator]
    address = f"/api/v1/projects/{institute.project.pk}/uploads"
    content = b"species,planted\noak,1999\n"

    taken = steward.generic("POST", address, HEAD + content + CLOSING, content_type=TYPE)
    before = Upload.objects.filter(state="received").count()
    refused = steward.generic(
        "POST", address, HEAD + content + b"\r\n" + FIELD[:-2] + CLOSING, content_type=TYPE
    )

    assert (taken.status_code, taken.json()["name"]) == (201, "trees.csv")
    assert Upload.objects.get(pk=taken.json()["id"]).size == len(content)
    assert (refused.status_code, refused.json()["code"]) == (422, "form-unreadable")
    assert Upload.objects.filter(state="received").count() == before
