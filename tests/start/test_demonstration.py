"""`simplr demo`, as a newcomer types it: an empty folder becomes the institute, and the main job runs."""

from __future__ import annotations

import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any


def test_the_demonstration_fills_an_empty_folder_and_runs_the_main_job(
    new_installation: Callable[[], Any],
) -> None:
    simplr = new_installation()

    found = simplr.json("demo", "--port", "0")

    people = Path(found["people"])
    texts = [step["text"] for step in found["steps"]]
    assert found["dataset"]
    assert found["release"]
    assert "Nothing else came to him: no name, phone, address or true number" in texts
    assert any("revoke" in text for text in texts)
    assert stat.S_IMODE(people.stat().st_mode) == 0o600
    assert simplr.serves()
    assert simplr.status()["url"] == found["url"]
