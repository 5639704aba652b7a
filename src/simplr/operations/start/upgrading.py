"""What an installation lacks of the release whose code lies here."""

from __future__ import annotations

import subprocess
import sys

from simplr.operations.start.environment import environment
from simplr.operations.start.errors import StartFailed
from simplr.operations.start.folder import DataFolder


def missing_migrations(folder: DataFolder) -> list[str]:
    """The names of migrations that a running installation's databases have not seen."""
    done = subprocess.run(
        [sys.executable, "-m", "simplr.config.manage", "migrate_all", "--check"],
        env=environment(folder),
        capture_output=True,
        text=True,
        check=False,
    )
    lines = done.stdout.splitlines()
    if done.returncode not in (0, 1) or (done.returncode == 1 and not lines):
        raise StartFailed(f"The databases could not be asked:\n{done.stderr[-2000:]}")
    return lines
