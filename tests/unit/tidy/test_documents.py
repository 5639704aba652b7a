"""Words of documents: taken out of PDF and Word files, refused with the reason where they cannot be."""

from __future__ import annotations

import io
import logging

import pytest
from tests.unit.tidy.papers import docx, pdf

from simplr_core.errors import Invalid
from simplr_core.tidy import documents
from simplr_core.tidy.documents import PDF, text_of
from simplr_core.tidy.formats.archives import Budget
from simplr_core.tidy.formats.kinds import DOCX
from simplr_core.tidy.opening import open_file


def words(content: bytes, media_type: str) -> str:
    return "".join(text_of(io.BytesIO(content), len(content), media_type))


def code_of(content: bytes, media_type: str) -> str:
    with pytest.raises(Invalid) as refused:
        words(content, media_type)
    return refused.value.code


def test_every_page_of_a_pdf_gives_its_words() -> None:
    assert words(pdf("The plan of Elm Street", "Second page"), PDF).splitlines() == [
        "The plan of Elm Street",
        "Second page",
    ]


def test_every_paragraph_of_a_word_file_gives_its_words_and_footnotes_follow() -> None:
    content = docx(["Minutes of May", "Ärger & <Freude>"], footnote="as agreed")

    assert words(content, DOCX).splitlines() == ["Minutes of May", "Ärger & <Freude>", "as agreed"]


@pytest.mark.parametrize(
    ("content", "media_type", "code"),
    [
        (pdf("secret", password="of the reader"), PDF, "file-encrypted"),
        (pdf("cut off in the middle")[:200], PDF, "document-damaged"),
        (b"%PDF-1.7\n" + bytes(range(256)) * 20, PDF, "document-damaged"),
        (docx(["a"], before='<!DOCTYPE x [<!ENTITY a "b">]>'), DOCX, "document-damaged"),
        (docx(["a"], before="<a>"), DOCX, "document-damaged"),
        (docx(["a"] * 900)[:400], DOCX, "archive-damaged"),
        (b"a,b\n1,2\n", "text/csv", "no-text"),
    ],
    ids=["encrypted", "cut off", "noise", "entities", "no XML", "cut package", "no document"],
)
def test_what_gives_no_words_says_why(content: bytes, media_type: str, code: str) -> None:
    assert code_of(content, media_type) == code


def test_a_pdf_that_only_forbids_printing_is_read() -> None:
    assert words(pdf("for everybody", password=""), PDF).strip() == "for everybody"


def test_a_document_that_unfolds_too_far_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "MOST_TEXT", 1000)
    long = ["word " * 100] * 100

    assert code_of(docx(long), DOCX) == "expands-too-much"
    assert code_of(pdf(*long), PDF) == "expands-too-much"

    def short(packed_size: int) -> Budget:
        budget = Budget(packed_size)
        budget.spend(budget._left - 100)
        return budget

    monkeypatch.setattr(documents, "Budget", short)
    assert code_of(docx(long), DOCX) == "expands-too-much"


def test_a_reader_of_pdf_logs_nothing_of_the_file(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        code_of(pdf("canary")[:-60].replace(b"obj", b"0bj") + b"canary", PDF)

    assert caplog.text == ""


@pytest.mark.parametrize("keep_as", ["auto", "file"])
def test_documents_are_known_by_their_bytes(keep_as: str) -> None:
    content = docx(["a"])

    found = open_file(
        io.BytesIO(content),
        name="a.zip",
        size=len(content),
        keep_as=keep_as,  # type: ignore[arg-type]
        heartbeat=lambda rows: None,
    )

    assert (found.media_type, found.tables) == (DOCX, [])
