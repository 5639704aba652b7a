"""A scanner on a real socket, and things that others were granted before it was there."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from tests.clamd import Daemon, clamd
from tests.institute import Institute
from tests.web.scanning.files import (
    MALWARE,
    TABLE,
    As,
    Shared,
    another_steward,
    file,
    granting,
    kept,
    named,
)


@pytest.fixture
def daemon(monkeypatch: pytest.MonkeyPatch) -> Iterator[Daemon]:
    """A scanner that runs and that the settings name."""
    with clamd() as running:
        named(running.url, monkeypatch)
        yield running


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
