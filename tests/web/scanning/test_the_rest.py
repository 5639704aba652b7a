"""All that was not scanned, and what people and programs are told."""

from __future__ import annotations

import pytest
from django.utils import timezone
from tests.clamd import SIGNATURE, VERSION, Daemon
from tests.institute import Institute
from tests.web.scanning.files import (
    MALWARE,
    As,
    Shared,
    file,
    scanned,
    state,
)

from simplr.base.models import Event
from simplr.resources import queries as resources
from simplr.resources import tasks
from simplr.resources.models import Resource, Version
from simplr.resources.scanning import queries, rules, services
from simplr.resources.scanning.port import ScannerAway
from simplr_core.access.scans import FileNotScanned


def test_everything_that_was_not_scanned_is_scanned_in_rounds(
    institute: Institute, as_: As, daemon: Daemon
) -> None:
    versions = [file(institute, b"harmless %d" % n, f"{n}.txt") for n in range(3)]
    versions.append(file(institute, MALWARE))
    tired = iter([False] * 100)
    due = len(queries.due(after=None, before=None, most=1000))
    assert due >= len(versions)

    after, rounds = None, 0
    while (after := services.scan_round(after=after, before=None, goes_on=lambda: next(tired))) or (
        rounds == 0
    ):
        rounds += 1

    assert rounds == due
    assert [state(one)[0] for one in versions] == ["clean", "clean", "clean", "infected"]
    assert len(daemon.streams) == due
    services.scan_round(after=None, before=None, goes_on=lambda: True)
    assert len(daemon.streams) == due, "what was scanned is not scanned once more"


def test_an_order_goes_on_after_the_scanner_was_away(
    institute: Institute, as_: As, daemon: Daemon
) -> None:
    versions = [file(institute, b"harmless %d" % n, f"{n}.txt") for n in range(3)]
    daemon.says = b"nonsense\0"

    with pytest.raises(ScannerAway):
        tasks.scan_rest("", "")
    daemon.says = None
    tasks.scan_rest("", "")

    assert [state(one)[0] for one in versions] == ["clean"] * 3


def test_by_newer_signatures_what_was_clean_is_found(
    institute: Institute, as_: As, shared: Shared, daemon: Daemon
) -> None:
    daemon.says = b"stream: OK\0"
    scanned(shared.file)
    daemon.says = None
    administrator = as_("administrator")

    answer = administrator.post("/api/v1/scans", '{"again": true}', content_type="application/json")

    assert answer.status_code == 202
    assert answer.json()["job"] is not None
    tasks.scan_rest("", timezone.now().isoformat())
    assert state(shared.file) == ("infected", SIGNATURE)
    told = administrator.get("/api/v1/scans").json()
    assert (told["infected"], told["waiting"], told["not_scanned"]) == (2, 0, 0)
    assert Event.objects.filter(code="resources:scan:ordered").count() == 1


def test_no_scan_is_ordered_where_there_is_no_scanner(institute: Institute, as_: As) -> None:
    answer = as_("administrator").post("/api/v1/scans", "{}", content_type="application/json")

    assert (answer.status_code, answer.json()["code"]) == (409, "no-scanner")


def test_the_file_and_its_versions_say_what_was_found(
    institute: Institute, as_: As, daemon: Daemon
) -> None:
    version, steward = file(institute, MALWARE), as_("steward")
    page = f"/files/{version.resource_id}"
    told = f"/api/v1/resources/{version.resource_id}/versions/1"

    assert "Waits for the malware scan" in steward.get(page).content.decode()
    assert steward.get(told).json()["scan"]["state"] == "waiting"
    scanned(version)

    assert f"Malware was found in this file: {SIGNATURE}" in steward.get(page).content.decode()
    scan = steward.get(told).json()["scan"]
    assert (scan["state"], scan["signature"], scan["scanner"]) == ("infected", SIGNATURE, VERSION)
    assert steward.get(f"/api/v1/resources/{version.resource_id}").json()["scan"] == "infected"
    assert "Malware was found in" in steward.get("/notices").content.decode()


def test_a_data_set_says_it_on_every_page_and_shows_no_row(
    institute: Institute, as_: As, shared: Shared, daemon: Daemon
) -> None:
    scanned(shared.table)
    dataset = shared.table.resource_id

    for page in ("", "/versions", "/versions/1"):
        assert "Malware found" in as_("viewer").get(f"/datasets/{dataset}{page}").content.decode()
    rows = as_("viewer").get(f"/datasets/{dataset}/rows")
    assert rows.status_code == 200
    assert "Malware was found in this file" in rows.content.decode()
    assert "calm" not in rows.content.decode()
    received = as_("stranger").get(f"/received/{shared.release}").content.decode()
    assert "Malware was found in this file" in received
    assert "calm" not in received


def test_an_administrator_orders_a_scan_on_the_page(
    institute: Institute, as_: As, daemon: Daemon
) -> None:
    file(institute, b"harmless")
    administrator = as_("administrator")

    assert "Scan what was not scanned" in administrator.get("/installation").content.decode()
    after = administrator.post("/installation/scan", follow=True)

    assert "What was not scanned is being scanned." in after.content.decode()


def test_only_what_asks_first_grants(institute: Institute) -> None:
    """In the product, every grant is given by the one service that asks what was found."""
    import re
    from pathlib import Path

    import simplr

    calls = {
        path.name: re.findall(r"(\w+)\.give_grant\(", path.read_text())
        for path in Path(simplr.__file__).parent.rglob("*.py")
    }
    assert {name: found for name, found in calls.items() if set(found) - {"granting"}} == {
        "granting.py": ["access"]
    }


@pytest.mark.parametrize("url", ["http://127.0.0.1:3310", "clamd://", "clamd+unix:relative"])
def test_an_address_that_is_none_is_said_at_the_start(url: str) -> None:
    import os

    from simplr.config.env import SettingUnclear, read_env

    with pytest.raises(SettingUnclear, match="SIMPLR_SCANNER_URL"):
        read_env({**os.environ, "SIMPLR_SCANNER_URL": url})


def test_the_rule_speaks_of_nothing_it_was_not_asked(institute: Institute, daemon: Daemon) -> None:
    version = Version.objects.get(pk=resources.version_of(institute.dataset.pk).pk)

    with pytest.raises(FileNotScanned):
        rules.check_shareable(version)
    assert Resource.objects.filter(pk=version.resource_id).exists()
