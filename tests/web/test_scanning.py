"""Files are scanned before others get them: by a real socket, a real worker's task, every way in."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone
from tests.clamd import EICAR, SIGNATURE, VERSION, Daemon, clamd, nobody_listens
from tests.institute import Institute, put

from simplr.access import services as access
from simplr.accounts.models import Notice
from simplr.base.models import Event
from simplr.datasets import restoring
from simplr.resources import erasing, tasks
from simplr.resources import queries as resources
from simplr.resources.models import Resource, Scan, Version
from simplr.resources.scanning import queries, rules, services
from simplr.resources.scanning.port import ScannerAway
from simplr_core.access import Role
from simplr_core.access.scans import FileInfected, FileNotScanned

As = Callable[[str], Client]
MALWARE = b"a list of names\n" + EICAR + b"\n"
TABLE = b"ward,note\n06,calm\n17,%s\n" % EICAR


def named(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the settings name a scanner."""
    monkeypatch.setattr(settings, "ENV", replace(settings.ENV, scanner_url=url))


@pytest.fixture
def daemon(monkeypatch: pytest.MonkeyPatch) -> Iterator[Daemon]:
    """A scanner that runs and that the settings name."""
    with clamd() as running:
        named(running.url, monkeypatch)
        yield running


def kept(institute: Institute, name: str, content: bytes, **more: Any) -> Version:
    """A file of the steward's, as the worker leaves it before it scans."""
    return resources.version_of(
        put(institute.project, institute.actor("steward"), name=name, content=content, **more).pk
    )


def file(institute: Institute, content: bytes, name: str = "a.txt") -> Version:
    return kept(institute, name, content, wanted_as="file")


def scanned(version: Version) -> Version:
    tasks.scan_original(str(version.original_id))
    return Version.objects.get(pk=version.pk)


def state(version: Version) -> tuple[str, str]:
    return Version.objects.values_list("scan", "scan_found").get(pk=version.pk)


def body(response: Any) -> bytes:
    return b"".join(response) if response.streaming else response.content


def refusal(client: Client, address: str, **query: str) -> tuple[int, str]:
    """The status and the code of what a program is answered."""
    response = client.get(f"/api/v1/{address}", query)
    content = body(response)
    return response.status_code, json.loads(content)["code"] if response.status_code > 299 else ""


def granting(client: Client, version: Version, who: Any, **more: Any) -> tuple[int, str]:
    asked = {"node": str(version.resource_id), "to": {"person": str(who.pk)}, **more}
    response = client.post("/api/v1/grants", json.dumps(asked), content_type="application/json")
    return response.status_code, response.json().get("code", "")


# ---- what is kept of a scan


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


# ---- who gets what


@dataclass
class Shared:
    """A file and a data set that others were granted before they were scanned."""

    file: Version
    table: Version
    release: str


def another_steward(institute: Institute) -> None:
    """The analyst may write in the project, too, and has put none of its files."""
    access.give_role(
        project_id=institute.project.pk,
        person_id=institute.analyst.pk,
        role=Role.STEWARD,
        actor=institute.actor("owner"),
    )


@pytest.fixture
def shared(institute: Institute, as_: As) -> Shared:
    another_steward(institute)
    steward = as_("steward")
    one, table = file(institute, MALWARE), kept(institute, "a.csv", TABLE)
    made = steward.post(
        f"/api/v1/datasets/{table.resource_id}/releases",
        json.dumps({"title": "All", "fields": [{"name": "ward"}, {"name": "note"}]}),
        content_type="application/json",
    ).json()
    assert granting(steward, one, institute.stranger)[0] == 201
    assert granting(steward, table, institute.stranger, release=made["id"])[0] == 201
    assert granting(steward, table, institute.colleague)[0] == 201
    return Shared(one, table, made["id"])


def ways(shared: Shared) -> list[tuple[str, str, dict[str, str]]]:
    """Every way of reading: who, where and with what."""
    a_file, table = f"resources/{shared.file.resource_id}", f"datasets/{shared.table.resource_id}"
    original = f"resources/{shared.table.resource_id}"
    return [
        ("stranger", f"{a_file}/content", {}),
        ("stranger", f"{a_file}/preview", {}),
        ("stranger", f"{table}/rows", {"release": shared.release}),
        ("stranger", f"{table}/sample", {}),
        ("colleague", f"{table}/rows", {"format": "parquet"}),
        ("colleague", f"{table}/sample", {}),
        ("colleague", f"{table}/profile", {}),
        ("analyst", f"{table}/quarantine", {}),
        ("analyst", f"{table}/quarantine/groups", {}),
        ("analyst", f"{table}/quarantine/file", {}),
        ("colleague", f"{table}/recipe", {}),
        ("colleague", f"{original}/content", {}),
        ("viewer", f"{table}/sample", {}),
        ("analyst", f"{a_file}/content", {}),
    ]


def described(shared: Shared) -> list[tuple[str, str]]:
    """What a description tells, whatever is in the file."""
    return [
        ("stranger", f"resources/{shared.file.resource_id}"),
        ("stranger", f"datasets/{shared.table.resource_id}"),
        ("colleague", f"datasets/{shared.table.resource_id}/schema"),
        ("steward", f"resources/{shared.file.resource_id}/versions"),
    ]


def test_what_was_shared_before_waits_for_its_scan_and_ends_with_malware(
    institute: Institute, as_: As, shared: Shared, daemon: Daemon
) -> None:
    for who, address, query in ways(shared):
        assert refusal(as_(who), address, **query) == (403, "file-not-scanned"), (who, address)
    scanned(shared.file)
    scanned(shared.table)
    for who, address, query in ways(shared):
        assert refusal(as_(who), address, **query) == (403, "file-infected"), (who, address)
    for who, address in described(shared):
        assert refusal(as_(who), address) == (200, ""), (who, address)


def test_what_is_clean_is_served_to_all_of_them(
    institute: Institute, as_: As, shared: Shared, daemon: Daemon
) -> None:
    daemon.says = b"stream: OK\0"
    scanned(shared.file)
    scanned(shared.table)

    for who, address, query in ways(shared):
        assert refusal(as_(who), address, **query) == (200, ""), (who, address)


def test_malware_is_held_back_without_a_scanner_too(
    institute: Institute,
    as_: As,
    shared: Shared,
    daemon: Daemon,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    scanned(shared.file)
    named("", monkeypatch)

    address = f"resources/{shared.file.resource_id}/content"
    assert refusal(as_("stranger"), address) == (403, "file-infected")


def test_its_keeper_and_the_owner_get_it_and_a_steward_may_delete_it(
    institute: Institute, as_: As, daemon: Daemon
) -> None:
    version = scanned(file(institute, MALWARE))
    address = f"resources/{version.resource_id}/content"
    other = put(
        institute.project,
        institute.actor("owner"),
        name="o.txt",
        content=MALWARE,
        wanted_as="file",
    )
    scanned(resources.version_of(other.pk))

    assert refusal(as_("steward"), address) == (200, "")
    assert refusal(as_("owner"), address) == (200, "")
    assert refusal(as_("steward"), f"resources/{other.pk}/content") == (403, "file-infected")
    assert refusal(as_("steward"), f"resources/{other.pk}") == (200, "")
    assert as_("steward").get(f"/files/{other.pk}").status_code == 200
    assert as_("steward").delete(f"/api/v1/resources/{other.pk}").status_code == 204


def test_what_holds_malware_is_not_granted(institute: Institute, as_: As, daemon: Daemon) -> None:
    version, table = (
        scanned(file(institute, MALWARE)),
        scanned(kept(institute, "a.csv", b"ward\n06\n")),
    )
    steward = as_("steward")

    assert granting(steward, version, institute.stranger) == (403, "file-infected")
    assert granting(steward, version, institute.stranger, actions=["describe"])[0] == 201
    assert granting(steward, table, institute.stranger)[0] == 201
    page = steward.post(
        f"/grant/{version.resource_id}",
        {"to": "person", "person": institute.stranger.email, "action": ["download"]},
    )
    assert page.status_code == 422
    assert "Malware was found in this file" in page.content.decode()


def test_what_was_not_scanned_is_not_granted_nor_released(
    institute: Institute, as_: As, daemon: Daemon
) -> None:
    version, steward = kept(institute, "a.csv", b"ward\n06\n"), as_("steward")
    definition = json.dumps({"title": "All", "fields": [{"name": "ward"}]})

    def released() -> tuple[int, str]:
        address = f"/api/v1/datasets/{version.resource_id}/releases"
        response = steward.post(address, definition, content_type="application/json")
        return response.status_code, response.json().get("code", "")

    assert granting(steward, version, institute.stranger) == (403, "file-not-scanned")
    assert released() == (403, "file-not-scanned")
    daemon.says = b"nonsense\0"
    with pytest.raises(ScannerAway):
        scanned(version)
    assert released() == (403, "file-not-scanned")
    daemon.says = None
    scanned(version)
    assert released()[0] == 201
    assert granting(steward, version, institute.stranger)[0] == 201


def test_a_release_accepts_no_version_that_is_not_clean(
    institute: Institute, as_: As, daemon: Daemon
) -> None:
    first = scanned(kept(institute, "a.csv", b"ward,note\n06,calm\n"))
    steward = as_("steward")
    made = steward.post(
        f"/api/v1/datasets/{first.resource_id}/releases",
        json.dumps({"title": "All", "fields": [{"name": "ward"}], "version": "each-accepted"}),
        content_type="application/json",
    ).json()
    second = kept(institute, "b.csv", TABLE, resource=first.resource)

    def accepted() -> tuple[int, str]:
        address = f"/api/v1/releases/{made['id']}/accept"
        response = steward.post(address, '{"version": "2"}', content_type="application/json")
        return response.status_code, response.json().get("code", "")

    assert accepted() == (403, "file-not-scanned")
    scanned(second)
    assert accepted() == (403, "file-infected")


def test_a_link_opens_nothing_that_holds_malware(
    institute: Institute, as_: As, shared: Shared, daemon: Daemon
) -> None:
    daemon.says = b"stream: OK\0"
    scanned(shared.table)
    asked = {
        "node": str(shared.table.resource_id),
        "to": {"link": {}},
        "release": shared.release,
        "until": (timezone.now() + timedelta(days=1)).isoformat(),
    }
    response = as_("steward").post(
        "/api/v1/grants", json.dumps(asked), content_type="application/json"
    )
    secret = response.json()["link_url"].rsplit("/", 1)[1]
    by_link = {"Authorization": f"Link {secret}"}
    address = f"/api/v1/datasets/{shared.table.resource_id}/rows"
    assert body(Client().get(address, headers=by_link)).startswith(b"ward")

    daemon.says = None
    services.scan_original(original_id=shared.table.original_id, before=timezone.now())

    refused = Client().get(address, headers=by_link)
    assert (refused.status_code, refused.json()["code"]) == (403, "file-infected")


def test_what_flows_ends_when_malware_is_found(
    institute: Institute, as_: As, shared: Shared, daemon: Daemon
) -> None:
    from simplr.sharing.views_of_data import still_open, view_for

    daemon.says = b"stream: OK\0"
    scanned(shared.table)
    reader = institute.actor("colleague")
    view = view_for(reader, dataset_id=shared.table.resource_id, action="download")
    is_open = still_open(reader, view=view, action="download")
    assert is_open()

    daemon.says = None
    services.scan_original(original_id=shared.table.original_id, before=timezone.now())

    assert not is_open()
    assert not rules.may_still_leave(shared.table.pk, actor=reader)


def test_whoever_keeps_no_file_brings_it_not_back_as_his(
    institute: Institute, as_: As, daemon: Daemon
) -> None:
    version = scanned(kept(institute, "a.csv", TABLE))
    put(
        institute.project,
        institute.actor("steward"),
        name="b.csv",
        content=b"ward,note\n06,calm\n",
        resource=version.resource,
    )
    another_steward(institute)
    with pytest.raises(FileInfected):
        restoring.restore_version(
            resource_id=version.resource_id, version="1", actor=institute.actor("analyst")
        )
    again = as_("analyst").post(
        f"/api/v1/datasets/{version.resource_id}/again",
        '{"version": "1"}',
        content_type="application/json",
    )
    assert (again.status_code, again.json()["code"]) == (403, "file-infected")


# ---- all that were not scanned


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


# ---- what people and programs are told


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
