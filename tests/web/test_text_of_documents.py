"""The words of a document: on its page, by the API, sealed beside the original; and why there are none."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from tests.institute import Institute, put
from tests.unit.tidy.papers import docx, pdf

from simplr.base import children
from simplr.resources.models import Version
from simplr.resources.queries import objects_of

As = Callable[[str], Client]


@pytest.mark.parametrize(
    ("name", "content"),
    [("plan.pdf", pdf("The plan of Elm Street")), ("notes.docx", docx(["The plan of Elm Street"]))],
    ids=["PDF", "Word"],
)
def test_the_words_of_a_document_stand_on_its_page(
    institute: Institute, as_: As, name: str, content: bytes
) -> None:
    kept = put(institute.project, institute.actor("steward"), name=name, content=content)
    version = Version.objects.get(resource_id=kept.pk)
    steward = as_("steward")

    page = steward.get(reverse("resources:file", args=[kept.pk])).content.decode()
    words = steward.get(reverse("resources:text", args=[kept.pk]))

    assert version.text_id is not None
    assert "The plan of Elm Street" in page
    assert b"".join(words.streaming_content).strip() == b"The plan of Elm Street"
    assert words["Content-Type"] == "text/plain; charset=utf-8"
    assert "sandbox" in words["Content-Security-Policy"]
    assert version.text_id in objects_of([kept.pk])


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("locked.pdf", pdf("secret", password="of the reader"), "file-encrypted"),
        ("cut.pdf", pdf("cut off")[:150], "document-damaged"),
        ("notes.txt", b"words, but no document", "no-text"),
    ],
    ids=["encrypted", "cut off", "no document"],
)
def test_a_document_without_words_is_kept_and_says_why(
    institute: Institute, as_: As, name: str, content: bytes, code: str
) -> None:
    kept = put(
        institute.project,
        institute.actor("steward"),
        name=name,
        content=content,
        wanted_as="file",
    )

    answer = as_("steward").get(f"/api/v1/resources/{kept.pk}/text")

    assert answer.status_code == 422
    assert answer.json()["code"] == code
    assert Version.objects.get(resource_id=kept.pk).text_id is None


@pytest.mark.parametrize("late", [False, True], ids=["kept with it", "kept before texts"])
def test_why_there_is_no_text_is_found_out_once(
    institute: Institute, as_: As, monkeypatch: pytest.MonkeyPatch, late: bool
) -> None:
    kept = put(
        institute.project,
        institute.actor("steward"),
        name="cut.pdf",
        content=pdf("cut off")[:150],
        wanted_as="file",
    )
    if late:
        Version.objects.filter(resource_id=kept.pk).update(text_refusal={})
    begun: list[str] = []
    start = children.start

    def counting(**said: Any) -> Any:
        begun.append(said["job"])
        return start(**said)

    monkeypatch.setattr(children, "start", counting)
    answers = [as_("steward").get(f"/api/v1/resources/{kept.pk}/text") for _ in range(3)]

    assert [answer.json()["code"] for answer in answers] == ["document-damaged"] * 3
    assert "It is kept as it is." in answers[-1].json()["detail"]
    assert len(begun) == int(late)


def test_a_version_that_was_kept_without_its_text_gets_it_when_asked(
    institute: Institute, as_: As
) -> None:
    kept = put(
        institute.project, institute.actor("steward"), name="plan.pdf", content=pdf("Elm Street")
    )
    Version.objects.filter(resource_id=kept.pk).update(text_id=None)

    words = as_("steward").get(f"/api/v1/resources/{kept.pk}/text")

    assert b"".join(words.streaming_content).strip() == b"Elm Street"
    assert Version.objects.get(resource_id=kept.pk).text_id is not None
