"""Real key stores to hold against the contract; gpg with keys of its own in a short folder."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ADA, BOB = "ada@example.org", "bob@example.org"


def gpg(home: Path, *arguments: str, content: bytes = b"") -> bytes:
    command = ["gpg", "--batch", "--quiet", "--pinentry-mode", "loopback", *arguments]
    environment = {**os.environ, "GNUPGHOME": str(home)}
    return subprocess.run(
        command, input=content, capture_output=True, check=True, env=environment
    ).stdout


RunGpg = Callable[..., bytes]


@pytest.fixture(scope="session")
def run_gpg() -> RunGpg:
    """Runs the real gpg beside the store: `run_gpg(home, *arguments, content=b"")`."""
    return gpg


@pytest.fixture(scope="session")
def new_gpg_home() -> Iterator[Callable[[], Path]]:
    """Makes empty GNUPGHOMEs, whose agents end with the tests."""
    homes: list[Path] = []

    def make() -> Path:
        homes.append(Path(tempfile.mkdtemp(prefix="gh", dir="/tmp")))
        return homes[-1]

    yield make
    for home in homes:
        environment = {**os.environ, "GNUPGHOME": str(home)}
        subprocess.run(["gpgconf", "--kill", "all"], check=False, env=environment)
        shutil.rmtree(home, ignore_errors=True)


@pytest.fixture(scope="session")
def gpg_home(new_gpg_home: Callable[[], Path]) -> Path:
    """A GNUPGHOME with the keys of two administrators, in a path short enough for sockets."""
    home = new_gpg_home()
    for person in (ADA, BOB):
        gpg(home, "--passphrase", "", "--quick-gen-key", person, "default", "default", "never")
    return home


@pytest.fixture(scope="session")
def bobs_home(gpg_home: Path, new_gpg_home: Callable[[], Path]) -> Path:
    """The GNUPGHOME of the second administrator alone."""
    home = new_gpg_home()
    gpg(home, "--import", content=gpg(gpg_home, "--export-secret-keys", BOB))
    return home


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let one process make the keys of gpg, which takes longer than most tests of them."""
    for item in items:
        if "gpg_home" in getattr(item, "fixturenames", ()) or "[gpg" in item.name:
            item.add_marker(pytest.mark.xdist_group("gpg"))
