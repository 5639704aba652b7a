"""ClamAV's own daemon, with a signature that is made here: nothing is downloaded."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Iterator

import pytest
from tests.clamd import EICAR

from simplr.resources.scanning.port import CLEAN, TOO_LARGE, Scanner, ScannerAway, scanner_at
from simplr_core.access.scans import ScanState

PROGRAM = shutil.which("clamd") or shutil.which("/usr/sbin/clamd")
LIMIT = 2_000_000


@pytest.fixture(scope="module")
def scanner(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scanner]:
    if PROGRAM is None:
        pytest.skip("clamav-daemon is not installed")
    folder = tmp_path_factory.mktemp("c")
    for name in ("db", "tmp"):
        (folder / name).mkdir()
    (folder / "db" / "ours.ndb").write_text(f"Ours.Test.Eicar:0:*:{EICAR.hex()}\n")
    (folder / "clamd.conf").write_text(
        f"Foreground yes\nLocalSocket {folder}/clamd.ctl\nDatabaseDirectory {folder}/db\n"
        f"TemporaryDirectory {folder}/tmp\nLogFile {folder}/log\nStreamMaxLength {LIMIT}\n"
        "AlertExceedsMax yes\nMaxFileSize 1000000\nMaxThreads 2\n"
    )
    daemon = subprocess.Popen(
        [PROGRAM, "-c", str(folder / "clamd.conf")],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.STDOUT,
    )
    found = scanner_at(f"clamd+unix://{folder}/clamd.ctl")
    until = time.monotonic() + 60
    while not _answers(found):
        assert daemon.poll() is None, (folder / "log").read_text()
        assert time.monotonic() < until, (folder / "log").read_text()
        time.sleep(0.05)
    yield found
    daemon.terminate()
    daemon.wait(30)


def _answers(scanner: Scanner) -> bool:
    try:
        return bool(scanner.version())
    except ScannerAway:
        return False


def test_the_daemon_itself_finds_what_is_there_and_nothing_else(scanner: Scanner) -> None:
    found = scanner.scan([b"a list", EICAR[:20], EICAR[20:], b"\nmore"])

    assert scanner.version().startswith("ClamAV ")
    assert (found.state, found.found.split(".UNOFFICIAL")[0]) == (
        ScanState.INFECTED,
        "Ours.Test.Eicar",
    )
    assert scanner.scan([b"harmless"]) == CLEAN
    assert scanner.scan([]) == CLEAN


def test_the_daemon_itself_scans_nothing_beyond_its_limits(scanner: Scanner) -> None:
    assert scanner.scan(bytes(100_000) for _ in range(50)) == TOO_LARGE
    # Below the length of a stream, above that of a file: with AlertExceedsMax it says so.
    assert scanner.scan(bytes(100_000) for _ in range(15)) == TOO_LARGE
