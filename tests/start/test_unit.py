"""The systemd unit is one that systemd takes, and leaves the services next to no rights."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

UNIT = Path(__file__).resolve().parents[2] / "deploy/systemd/simplr.service"

pytestmark = pytest.mark.skipif(
    shutil.which("systemd-analyze") is None, reason="systemd-analyze is not here"
)


def analyze(*words: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["systemd-analyze", *words], capture_output=True, text=True, check=False, timeout=60
    )


def test_systemd_finds_nothing_wrong_with_the_unit(tmp_path: Path) -> None:
    unit = tmp_path / "simplr.service"
    unit.write_text(UNIT.read_text().replace("/opt/simplr/.venv/bin/simplr", "/bin/true"))

    done = analyze("verify", "--recursive-errors=no", unit)

    assert (done.returncode, done.stderr) == (0, "")


def test_the_services_are_left_next_to_no_rights() -> None:
    done = analyze("security", "--offline=true", "--threshold=25", UNIT)

    assert done.returncode == 0, done.stdout[-2000:]
