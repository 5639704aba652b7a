"""Files that wait for a scan, and what others are answered who ask for them."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from tests.clamd import EICAR
from tests.institute import Institute, put

from simplr.access import services as access
from simplr.resources import queries as resources
from simplr.resources import tasks
from simplr.resources.models import Version
from simplr_core.access import Role

As = Callable[[str], Client]
MALWARE = b"a list of names\n" + EICAR + b"\n"
TABLE = b"ward,note\n06,calm\n17,%s\n" % EICAR


def named(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the settings name a scanner."""
    monkeypatch.setattr(settings, "ENV", replace(settings.ENV, scanner_url=url))


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


def another_steward(institute: Institute) -> None:
    """The analyst may write in the project, too, and has put none of its files."""
    access.give_role(
        project_id=institute.project.pk,
        person_id=institute.analyst.pk,
        role=Role.STEWARD,
        actor=institute.actor("owner"),
    )


@dataclass
class Shared:
    """A file and a data set that others were granted before they were scanned."""

    file: Version
    table: Version
    release: str


def share(institute: Institute, steward: Client) -> Shared:
    """Put a file and a table that hold malware, and grant them in every way."""
    another_steward(institute)
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
