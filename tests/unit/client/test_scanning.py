"""`simplr scan`, and what the command line says of versions that were scanned."""

from __future__ import annotations

import json
from typing import Any

import pytest

from simplr_client.command import main, scanning
from simplr_client.command.versions import scan_words

from .conftest import Handler, Site

ID = "0192f0c1-0000-7000-8000-000000000003"
DONE: dict[str, Any] = {
    "scanner": True,
    "clean": 131,
    "infected": 1,
    "not_scanned": 0,
    "waiting": 0,
    "job": None,
}
GOING_ON = {**DONE, "clean": 100, "waiting": 31, "job": 7}


@pytest.fixture(autouse=True)
def environment(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIMPLR_URL", site.url)
    monkeypatch.setenv("SIMPLR_TOKEN", "open-sesame")
    monkeypatch.setattr(scanning, "LOOK_EVERY_SECONDS", 0.01)


def test_a_scan_is_ordered_and_waited_for(site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    answers = iter([GOING_ON, GOING_ON, DONE])

    def told(handler: Handler, _asked: object) -> None:
        handler.answer(200, next(answers))

    site.on("POST /scans", (202, GOING_ON))
    site.on("GET /scans", told)

    assert main(["scan", "--again", "--wait", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == DONE
    assert [(one.method, one.path.rsplit("/", 1)[1]) for one in site.asked] == [
        ("POST", "scans"),
        *[("GET", "scans")] * 3,
    ]
    assert json.loads(site.asked[0].body) == {"again": True}


def test_how_far_it_is_begins_nothing(site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    site.on("GET /scans", (200, GOING_ON))

    assert main(["scan", "--status"]) == 0
    shown = capsys.readouterr().out
    assert "waiting      31" in shown
    assert [one.method for one in site.asked] == ["GET"]
    assert main(["scan", "--status", "--again"]) == 2


def test_without_a_scanner_it_says_so(site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    site.on("GET /scans", (200, {**DONE, "scanner": False}))

    assert main(["scan", "--status"]) == 0
    assert "SIMPLR_SCANNER_URL" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("scan", "words"),
    [
        (None, ""),
        ({"state": "clean", "signature": "", "reason": ""}, "clean"),
        ({"state": "infected", "signature": "Eicar", "reason": ""}, "infected: Eicar"),
        (
            {"state": "not-scanned", "signature": "", "reason": "too-large"},
            "not-scanned: too-large",
        ),
    ],
)
def test_a_scan_in_words(scan: dict[str, Any] | None, words: str) -> None:
    assert scan_words(scan) == words
