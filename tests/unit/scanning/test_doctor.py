"""`simplr doctor` asks the scanner that the settings name."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.clamd import VERSION, clamd, nobody_listens

from simplr.operations.doctor import scanner
from simplr.operations.doctor.findings import Finding, Severity
from simplr.operations.start.folder import DataFolder


def examined(url: str, monkeypatch: pytest.MonkeyPatch) -> list[Finding]:
    monkeypatch.setattr(scanner, "environment", lambda folder: {"SIMPLR_SCANNER_URL": url})
    return list(scanner.examine(DataFolder(Path("/nonexistent"))))


def test_none_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    assert examined("", monkeypatch) == []


def test_one_that_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    with clamd() as daemon:
        (found,) = examined(daemon.url, monkeypatch)

    assert found.severity is Severity.FINE
    assert VERSION in found.what


def test_one_that_talks_nonsense(monkeypatch: pytest.MonkeyPatch) -> None:
    with clamd() as daemon:
        daemon.pong = b"200 OK\0"
        (found,) = examined(daemon.url, monkeypatch)

    assert found.severity is Severity.ERROR


@pytest.mark.parametrize("is_known", [True, False])
def test_none_that_answers(monkeypatch: pytest.MonkeyPatch, is_known: bool) -> None:
    url = nobody_listens() if is_known else "http://127.0.0.1"

    (found,) = examined(url, monkeypatch)

    assert found.severity is Severity.ERROR
    assert found.mend
