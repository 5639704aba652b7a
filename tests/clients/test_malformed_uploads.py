"""Malformed files of every family sent by the command line: each is kept or refused, and nothing dies."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest
from tests.clients.test_corpora import processes
from tests.installation import Installation
from tests.unit.base.malforming import PACKAGES, TEXTS, malformed
from tests.unit.base.test_other_formats_in_a_child import MADE, PAPERS

FEW, MANY = 1, 25
"""How many files of each family `make test` and `make prove` send."""
FAMILIES = {**TEXTS, **PACKAGES}
WHOLE = {**MADE, **PAPERS}


def send(installation: Installation, folder: Path, seed: int) -> None:
    """Send a malformed file of each family and hold that all goes on."""
    chance = random.Random(seed)
    paths = []
    for family, kinds in FAMILIES.items():
        path = folder / f"{family} {seed}.csv"
        path.write_bytes(malformed(WHOLE[chance.choice(kinds)], chance))
        paths.append(str(path))
    installation.simplr("steward", "project", "create", "Malformed", "--slug", "mal", check=False)
    before = processes(installation)

    done = installation.simplr(
        "steward", "put", *paths, "--project", "mal", "--yes", "--json", check=False
    )

    items = json.loads(done.stdout)["items"]
    assert {one["file"] for one in items} == set(paths)
    assert {one["error"]["status"] for one in items if "error" in one} <= {400, 409, 422}
    for one in items:
        if one.get("rows_in") is not None:
            assert one["rows_in"] == one["row_count"] + one["rows_quarantined"], one["file"]
    assert processes(installation) == before


def test_malformed_files_end_no_process(installation: Installation, tmp_path: Path) -> None:
    for seed in range(FEW):
        send(installation, tmp_path, seed)


@pytest.mark.prove
def test_many_malformed_files_end_no_process(installation: Installation, tmp_path: Path) -> None:
    for seed in range(MANY):
        send(installation, tmp_path, seed)
