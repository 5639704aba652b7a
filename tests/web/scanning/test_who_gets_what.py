"""What was not found clean is given to nobody else: every way in, before and while it flows."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from tests.clamd import Daemon
from tests.institute import Institute, put
from tests.web.scanning.files import (
    MALWARE,
    TABLE,
    As,
    Shared,
    another_steward,
    body,
    file,
    granting,
    kept,
    named,
    refusal,
    scanned,
)

from simplr.datasets import restoring
from simplr.resources import queries as resources
from simplr.resources.scanning import rules, services
from simplr.resources.scanning.port import ScannerAway
from simplr_core.access.scans import FileInfected


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
