"""A key agent of one test, whose root key may be exchanged without harm to the others."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

import simplr.vault
from simplr.vault.agent import AgentClient, NoKeyAgent
from simplr.vault.keystores import FileKeyStore

SOURCE = Path(simplr.vault.__file__).parents[2]


class Agent:
    """A real key agent whose root key may be exchanged without harm to other tests."""

    def __init__(self, folder: Path) -> None:
        self.store = FileKeyStore(folder / "root.key")
        self._socket = folder / "run" / "socket"
        self._process: subprocess.Popen[bytes] | None = None
        self.client = AgentClient(self._socket)

    def start(self, *, expected: str = "") -> None:
        command = [sys.executable, "-m", "simplr.vault.agent", "--socket", str(self._socket)]
        command += ["--key-store", f"file:{self.store._path}"]
        command += ["--expected-id", expected] if expected else ["--create"]
        self._process = subprocess.Popen(
            command, env={"PATH": os.environ["PATH"], "PYTHONPATH": str(SOURCE)}, stderr=-3
        )
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            with contextlib.suppress(NoKeyAgent):
                self.client.status()
                return
            time.sleep(0.02)
        pytest.fail("the key agent did not start")

    def kill(self) -> None:
        assert self._process is not None
        self._process.kill()
        self._process.wait(10)
