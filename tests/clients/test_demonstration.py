"""`simplr demo`, as a newcomer types it: an empty folder becomes the institute, and the main job runs.

The other tests of this folder work on the institute that it left.
"""

from __future__ import annotations

import stat
from pathlib import Path

from tests.installation import Installation


def test_the_demonstration_fills_an_empty_folder_and_runs_the_main_job(
    installation: Installation,
) -> None:
    found = installation.demonstrated

    people = Path(found["people"])
    texts = [step["text"] for step in found["steps"]]
    assert found["dataset"]
    assert found["release"]
    assert "Nothing else came to him: no name, phone, address or true number" in texts
    assert any("revoke" in text for text in texts)
    assert stat.S_IMODE(people.stat().st_mode) == 0o600
    status = installation.server("status")
    assert status["url"] == found["url"] == installation.url
    assert status["health"] == "ok"
    assert {part["state"] for part in status["parts"].values()} == {"ready"}
