"""One real installation for a whole test run: `simplr up --detach`, and people who came in.

Tests that use it belong together (`pytest.mark.xdist_group("installation")`), so that one process
starts it once. It is reached over HTTP only, by pages, client and command line.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from devdata.people import UNIVERSITY, Playing, Record
from tests.places import new_folder

ROOT = Path(__file__).resolve().parents[1]
GROUP = "simplr.commands"
WEB_PROCESSES = 4
"""What ends in one process must end in all of them: more than a small machine would start."""


@dataclass
class Installation:
    """What runs, and who may do something in it."""

    url: str
    data: Path
    record: Record
    demonstrated: dict[str, Any]
    """What the demonstration says of itself at its end."""
    path: str
    _playing: dict[str, Playing] = field(default_factory=dict)

    def as_(self, key: str) -> Playing:
        """This person's client and token: steward, colleague, auditor …"""
        if key not in self._playing:
            self._playing[key] = self.record.session(key, "tests")
        return self._playing[key]

    def simplr(
        self, key: str, *words: str, check: bool = True, said: str = ""
    ) -> subprocess.CompletedProcess[str]:
        """A command as this person types it, away from any terminal."""
        done = subprocess.run(
            [sys.executable, "-m", "simplr_client.command", *words],
            env=environ(self.path, SIMPLR_URL=self.url, SIMPLR_TOKEN=self.as_(key).token),
            input=said,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        if check and done.returncode != 0:
            pytest.fail(f"simplr {' '.join(words)}: {done.returncode}\n{done.stderr}")
        return done

    def json(self, key: str, *words: str) -> Any:
        """The one document that a command prints with --json."""
        return json.loads(self.simplr(key, *words, "--json").stdout)

    def server(self, *words: str) -> Any:
        """What a command about the server itself prints with --json."""
        return json.loads(server_command(self.path, *words, "--data", str(self.data)))

    @property
    def university(self) -> str:
        """The id of the other organisation."""
        all_ = self.as_("administrator").session.organisations()
        return next(str(one["id"]) for one in all_ if one["name"] == UNIVERSITY)

    def close(self) -> None:
        for one in self._playing.values():
            one.session.close()


def environ(path: str, **more: str) -> dict[str, str]:
    """The environment of a command: nothing of ours but what is said."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("SIMPLR_", "DJANGO_"))}
    return {**kept, "PYTHONPATH": path, "HOME": "/nonexistent", **more}


def entry_points_in(folder: Path) -> str:
    """PYTHONPATH with our sources and the commands that pyproject.toml names."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    information = folder / "simplr_irm-0.1.0.dist-info"
    information.mkdir(parents=True)
    (information / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: simplr-irm\nVersion: 0.1.0\n"
    )
    lines = [f"{name} = {place}" for name, place in project["entry-points"][GROUP].items()]
    (information / "entry_points.txt").write_text("\n".join([f"[{GROUP}]", *lines, ""]))
    return os.pathsep.join([str(ROOT / "src"), str(folder)])


def server_command(path: str, *words: str) -> str:
    """What a command about the server prints; no installation need be running yet."""
    done = subprocess.run(
        [sys.executable, "-m", "simplr_client.command", *words, "--json"],
        env=environ(path, SIMPLR_WEB_PROCESSES=str(WEB_PROCESSES)),
        cwd="/",
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    if done.returncode != 0:
        pytest.fail(f"simplr {words[0]}: {done.returncode}\n{done.stderr}")
    return done.stdout


@pytest.fixture(scope="session")
def installation() -> Iterator[Installation]:
    """The demonstration, started by the first test that asks, stopped when the run ends."""
    place = new_folder("simplr-i-")
    path = entry_points_in(place / "entries")
    data = place / "data"

    def server(*words: str) -> str:
        return server_command(path, *words, "--data", str(data))

    try:
        found = json.loads(server("demo", "--port", "0"))
        record = Record.read(Path(found["people"]), url=found["url"])
        made = Installation(found["url"], data, record, found, path)
        yield made
        made.close()
    finally:
        server("down")
        shutil.rmtree(place, ignore_errors=True)
