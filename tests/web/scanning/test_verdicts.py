"""What a scan says of a file is kept for each version that it is in, and told to its people."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from tests.clamd import SIGNATURE, VERSION, Daemon, nobody_listens
from tests.institute import Institute, put
from tests.web.scanning.files import (
    MALWARE,
    TABLE,
    As,
    file,
    granting,
    kept,
    named,
    refusal,
    scanned,
    state,
)

from simplr.accounts.models import Notice
from simplr.base.models import Event
from simplr.datasets import restoring
from simplr.resources import erasing, tasks
from simplr.resources.models import Scan, Version
from simplr.resources.scanning import services
from simplr.resources.scanning.port import ScannerAway
from simplr.vault import services as vault


def test_without_a_scanner_nothing_changes(institute: Institute, as_: As) -> None:
    version = file(institute, MALWARE)

    assert not tasks.scan_original(str(version.original_id))
    assert state(version) == ("", "")
    assert not Scan.objects.exists()
    assert granting(as_("steward"), version, institute.stranger)[0] == 201
    assert refusal(as_("stranger"), f"resources/{version.resource_id}/content") == (200, "")
    told = as_("steward").get(f"/api/v1/resources/{version.resource_id}/versions").json()
    assert told["items"][0]["scan"] is None
    assert as_("steward").get(f"/api/v1/resources/{version.resource_id}").json()["scan"] is None
    for page in (f"/files/{version.resource_id}", "/installation"):
        who = "administrator" if page == "/installation" else "steward"
        assert "alware" not in as_(who).get(page).content.decode()


def test_what_is_clean_is_noted_with_when_and_by_what(institute: Institute, daemon: Daemon) -> None:
    version = scanned(file(institute, b"harmless"))

    scan = Scan.objects.get(pk=version.original_id)
    assert (version.scan, version.scan_found) == ("clean", "")
    assert (scan.state, scan.scanner) == ("clean", VERSION)
    assert timezone.now() - scan.at < timedelta(minutes=1)
    event = Event.objects.get(code="resources:original:scanned", subject_id=version.pk)
    assert (event.node_id, event.outcome) == (version.resource_id, "ok")
    assert event.details == {"state": "clean", "scanner": VERSION}


def test_malware_is_named_in_the_ledger_and_its_people_are_told(
    institute: Institute, daemon: Daemon
) -> None:
    version = scanned(file(institute, MALWARE))

    assert state(version) == ("infected", SIGNATURE)
    event = Event.objects.get(code="resources:original:found-infected", subject_id=version.pk)
    assert event.details["signature"] == SIGNATURE
    told = Notice.objects.filter(code="infected", node_id=version.resource_id)
    assert set(told.values_list("person_id", flat=True)) == {
        institute.steward.pk,
        institute.owner.pk,
    }


def test_the_scanner_sees_the_file_as_it_was_sent(institute: Institute, daemon: Daemon) -> None:
    from hashlib import sha256

    content = bytes(range(256)) * 3000
    scanned(file(institute, content, "a.bin"))

    assert daemon.streams == [sha256(content).hexdigest()]
    assert daemon.longest_piece <= services.PIECE


def test_a_new_version_is_scanned_by_the_worker(institute: Institute, daemon: Daemon) -> None:
    from procrastinate.contrib.django.models import ProcrastinateJob

    version = file(institute, b"harmless")

    job = ProcrastinateJob.objects.filter(task_name="resources.scan_original").latest("id")
    assert job.args == {"original_id": str(version.original_id)}


def test_what_is_too_large_is_not_scanned(institute: Institute, daemon: Daemon) -> None:
    daemon.size_limit = 1000
    version = scanned(file(institute, bytes(5000), "a.bin"))

    assert state(version) == ("not-scanned", "too-large")
    event = Event.objects.get(code="resources:original:scanned", subject_id=version.pk)
    assert (event.outcome, event.details["reason"]) == ("failed", "too-large")


def test_what_cannot_be_read_any_more_is_not_clean_and_keeps_no_other_waiting(
    institute: Institute, daemon: Daemon
) -> None:
    broken, whole = file(institute, bytes(5000), "a.bin"), file(institute, b"harmless", "b.bin")
    (place,) = vault.store().root.rglob(f"{broken.original_id.hex}.sf1")  # type: ignore[attr-defined]
    content = bytearray(place.read_bytes())
    content[-20] ^= 1
    place.chmod(0o600)
    place.write_bytes(content)

    assert services.scan_round(after=None, before=None, goes_on=lambda: True) is None

    assert state(broken) == ("not-scanned", "damaged")
    assert state(whole) == ("clean", "")


@pytest.mark.parametrize("how", ["dies", "nonsense", "nobody"])
def test_a_scanner_that_is_away_is_waited_for_and_says_nothing(
    institute: Institute, daemon: Daemon, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    from simplr.base.jobs import Patient

    version = file(institute, b"harmless")
    daemon.dies_after, daemon.says = (1 if how == "dies" else None), b"stream: OK OK\0"
    if how == "nobody":
        named(nobody_listens(), monkeypatch)
    for _ in range(2):
        with pytest.raises(ScannerAway) as away:
            scanned(version)
    job = type("Job", (), {"attempts": 3})()

    assert state(version) == ("not-scanned", "scanner-away")
    assert Event.objects.filter(subject_id=version.pk, code__contains="original:").count() == 1
    again = Patient().get_retry_decision(exception=away.value, job=job)
    assert again is not None
    daemon.dies_after, daemon.says = None, None
    named(daemon.url, monkeypatch)
    assert scanned(version).scan == "clean"


def test_a_scanner_that_is_away_takes_no_verdict_away(
    institute: Institute, daemon: Daemon, monkeypatch: pytest.MonkeyPatch
) -> None:
    version = scanned(file(institute, MALWARE))
    before = timezone.now()
    named(nobody_listens(), monkeypatch)

    with pytest.raises(ScannerAway):
        services.scan_original(original_id=version.original_id, before=before)
    assert state(version) == ("infected", SIGNATURE)


def test_all_tables_of_a_file_are_as_the_file(institute: Institute, daemon: Daemon) -> None:
    version = scanned(kept(institute, "a.csv", TABLE))

    again = restoring_twice(institute, version)

    assert state(again) == ("infected", SIGNATURE)


def restoring_twice(institute: Institute, version: Version) -> Version:
    """The version brought back after a clean one had come."""
    put(
        institute.project,
        institute.actor("steward"),
        name="b.csv",
        content=b"ward,note\n06,calm\n",
        resource=version.resource,
    )
    return restoring.restore_version(
        resource_id=version.resource_id, version="1", actor=institute.actor("steward")
    )


def test_what_is_made_out_of_an_infected_version_is_as_bad(
    institute: Institute, daemon: Daemon
) -> None:
    first = kept(institute, "a.csv", TABLE)
    second = kept(
        institute, "b.csv", b"ward,note\n21,calm\n", resource=first.resource, mode="append"
    )
    assert second.mode == "append"
    assert scanned(second).scan == ""  # clean itself, and the other half is not known yet

    scanned(first)

    assert state(second) == ("infected", SIGNATURE)
    third = kept(institute, "c.csv", b"ward,note\n21,wet\n", resource=first.resource, mode="append")
    assert scanned(third).scan == "infected"
    fourth = scanned(kept(institute, "d.csv", b"ward,note\n21,dry\n", resource=first.resource))
    assert fourth.scan == "clean"


def test_what_is_erased_leaves_nothing_of_its_scan(institute: Institute, daemon: Daemon) -> None:
    version = scanned(file(institute, MALWARE))

    erasing.forget([version.resource_id])

    assert not Scan.objects.filter(pk=version.original_id).exists()
    assert not tasks.scan_original(str(version.original_id))
