"""Real installations: the `simplr` command in processes of its own, on folders below /tmp."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from tests.places import new_folder

from simplr.operations.start import account, processes, reach

ROOT = Path(__file__).resolve().parents[2]
GROUP = "simplr.commands"
PR_SET_NO_NEW_PRIVS = 38


@dataclass
class Simplr:
    """The command line, with one data folder."""

    data: Path
    path: str
    enter: Callable[[], None] | None = None
    extra: dict[str, str] = field(default_factory=dict)

    def environ(self) -> dict[str, str]:
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("SIMPLR_", "DJANGO_"))}
        return {**kept, "PYTHONPATH": self.path, "HOME": "/nonexistent", **self.extra}

    def run(self, *words: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "simplr_client.command", *words]
        done = subprocess.run(
            [*command, "--data", str(self.data), "--json"],
            env=self.environ(),
            cwd="/",
            capture_output=True,
            text=True,
            timeout=150,
            check=False,
            preexec_fn=self.enter,
        )
        if check and done.returncode != 0:
            pytest.fail(f"simplr {' '.join(words)}: {done.returncode}\n{done.stderr}")
        return done

    def json(self, *words: str) -> Any:
        return json.loads(self.run(*words).stdout)

    def up(self, *words: str) -> Any:
        return self.json("up", "--detach", *words)

    def status(self) -> Any:
        return json.loads(self.run("status", check=False).stdout)

    def written(self) -> dict[str, Any]:
        """What the supervisor last wrote of itself; of one that was killed, what was true before.

        To ask the command each time costs a process of Python: much, where somebody waits.
        """
        try:
            return dict(json.loads((self.data / "running.json").read_text()))
        except (FileNotFoundError, ValueError):
            return {"parts": {}}

    def pid(self, part: str) -> int:
        """The number of a part's process; 0 while it has none."""
        return int(self.written()["parts"].get(part, {}).get("pid") or 0)

    def supervisor(self) -> int:
        return int(self.status()["pid"])

    def serves(self) -> bool:
        parts = self.written()["parts"].values()
        if not parts or any(part["state"] != "ready" for part in parts):
            return False
        found = self.status()
        return found["health"] == "ok" and all(
            part["state"] == "ready" for part in found["parts"].values()
        )


@pytest.fixture(scope="session")
def entry_points_path() -> Iterator[str]:
    """PYTHONPATH with our sources and the entry points that pyproject.toml names."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    folder = new_folder("simplr-entries-")
    information = folder / "simplr_irm-0.1.0.dist-info"
    information.mkdir()
    (information / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: simplr-irm\nVersion: 0.1.0\n"
    )
    lines = [f"{name} = {place}" for name, place in project["entry-points"][GROUP].items()]
    (information / "entry_points.txt").write_text("\n".join([f"[{GROUP}]", *lines, ""]))
    yield os.pathsep.join([str(ROOT / "src"), str(folder)])
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def new_installation(entry_points_path: str) -> Iterator[Callable[[], Simplr]]:
    """Makes command lines with an empty data folder each; stops what they started."""
    made: list[Simplr] = []

    def new() -> Simplr:
        place = new_folder("simplr-start-")
        made.append(Simplr(data=place / "data", path=entry_points_path))
        return made[-1]

    yield new
    locks = [lock for simplr in made for lock in simplr.data.glob("supervisor*.lock")]
    pids = [pid for lock in locks if (pid := int(lock.read_text() or 0))]
    running = [pid for pid in pids if processes.is_alive(pid)]
    for pid in running:  # all at once: each takes some seconds to end
        os.kill(pid, signal.SIGTERM)
    processes.wait_until(lambda: not any(map(processes.is_alive, running)), seconds=30)
    for simplr in made:
        shutil.rmtree(simplr.data.parent, ignore_errors=True)


@pytest.fixture
def as_ordinary_user() -> Callable[[], None] | None:
    """What makes a child of root an ordinary user who can read the code; None if we are one."""
    if os.geteuid() != 0:
        return None
    who = account.service_account()
    assert who is not None
    nobody = account.Account(uid=65534, gid=65534, name="nobody")
    reached = reach.reach_for(nobody)
    assert not reached.kept_root_because

    def enter() -> None:
        if reached.enter is not None:
            reached.enter()
        processes.drop_to(nobody)
        assert processes.libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0  # as the systemd unit

    return enter


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep the tests of a file in one process: they share what they started."""
    for item in items:
        if item.path.parent == Path(__file__).parent:
            item.add_marker(pytest.mark.xdist_group(item.path.stem))
