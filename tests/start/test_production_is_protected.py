"""Nothing drops the databases of a production installation."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest


@pytest.mark.parametrize("said", ["production", "test", "demo"])
def test_rebuilding_refuses_a_production_installation_whatever_is_said(
    new_installation: Callable[[], Any], said: str
) -> None:
    simplr = new_installation()
    simplr.data.mkdir()
    remembered = {
        "id": "0192f0c1-0000-7000-8000-000000000001",
        "environment": "production",
        "created_at": "2026-11-21T00:00:00+00:00",
    }
    (simplr.data / "installation.json").write_text(json.dumps(remembered))
    kept = simplr.data / "objects" / "kept"
    kept.parent.mkdir()
    kept.write_bytes(b"a sealed object")

    done = simplr.run("db", "rebuild", "--env", said, "--yes", check=False)

    assert done.returncode == 5
    assert json.loads(done.stdout)["error"]["code"] == "production-protected"
    assert kept.read_bytes() == b"a sealed object"


def test_rebuilding_refuses_another_kind_than_the_one_that_was_named(
    new_installation: Callable[[], Any],
) -> None:
    simplr = new_installation()
    simplr.data.mkdir()
    remembered = {
        "id": "0192f0c1-0000-7000-8000-000000000001",
        "environment": "demo",
        "created_at": "2026-11-21T00:00:00+00:00",
    }
    (simplr.data / "installation.json").write_text(json.dumps(remembered))

    assert simplr.run("db", "rebuild", "--env", "test", "--yes", check=False).returncode == 5
