"""What was signed once verifies for ever, and what was tampered with gets its old verdict."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from simplr_core.crypto import VerifyingKey
from simplr_core.ledger import Finding, read_checkpoints, read_entry, verify_log

VECTORS = sorted((Path(__file__).parents[2] / "vectors" / "ledger").glob("log-*.json"))


def test_the_vectors_are_all_there() -> None:
    names = [path.stem for path in VECTORS]
    assert sum(name.startswith("log-good") for name in names) == 3
    assert sum(name.startswith("log-bad") for name in names) == 12


@pytest.mark.parametrize("path", VECTORS, ids=lambda path: path.stem)
def test_a_vector_gets_its_verdict(path: Path) -> None:
    vector = json.loads(path.read_text())
    entries = [line.encode() for line in vector["entries"]]
    assert all(read_entry(entry)["code"] for entry in entries)
    leaves = vector["leaves"] and [bytes.fromhex(leaf) for leaf in vector["leaves"]]
    found = verify_log(
        entries,
        read_checkpoints(vector["checkpoints"]),
        VerifyingKey.from_pem(vector["public_key"]),
        outside=read_checkpoints(vector["outside"]),
        leaves=leaves,
    )
    if vector["verdict"] is None:
        assert found is None
    else:
        assert isinstance(found, Finding)
        assert vector["verdict"] == {
            "reason": found.reason,
            "first_bad_seq": found.first_bad_seq,
            "is_certain": found.is_certain,
        }
