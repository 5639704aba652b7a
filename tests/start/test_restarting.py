"""A process in the place of another: taken over when it is ready, taken back when it is not."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from simplr.operations.start import processes, restarting
from simplr.operations.start.errors import NotReplaced
from simplr.operations.start.parts import Part
from simplr.operations.start.recording import Recorder


@pytest.fixture
def part(tmp_path: Path) -> Iterator[Part]:
    """A part whose processes do what the file `script` says, and are ready when `ready` is there."""
    script = tmp_path / "script"
    script.write_text("echo begun; exec sleep 60\n")
    (tmp_path / "ready").touch()

    def start(output: int) -> subprocess.Popen[bytes]:
        return processes.spawn(
            ["/bin/sh", script],
            environment={"PATH": "/usr/bin:/bin"},
            folder=tmp_path,
            log=None,
            output=output,
        )

    made = Part(
        name="web",
        start=start,
        is_ready=(tmp_path / "ready").exists,
        recorder=Recorder("web", tmp_path / "web.log"),
        stop_seconds=1,
    )
    made.begin()
    assert processes.wait_until(
        lambda: made.watch() is not None and "begun" in made.log.read_text(), seconds=5
    )
    yield made
    made.stop()


def replace(part: Part, *, limit: float = 60, look: Callable[[], object] | None = None) -> None:
    restarting.replace(part, look=look or part.watch, limit=limit)  # type: ignore[arg-type]


def ended(pid: int) -> Callable[[], bool]:
    return lambda: not processes.is_alive(pid)


def test_the_new_one_serves_before_the_old_one_is_asked_to_end(part: Part, tmp_path: Path) -> None:
    old = part.pid
    assert old is not None
    (tmp_path / "ready").unlink()
    alive_while_waiting: list[bool] = []

    def look() -> None:
        part.watch()
        alive_while_waiting.append(processes.is_alive(old))
        if len(alive_while_waiting) == 5:
            (tmp_path / "ready").touch()

    replace(part, look=look)

    assert all(alive_while_waiting)
    assert part.pid != old
    assert part.state == "ready"
    assert processes.wait_until(ended(old), seconds=5)
    part.watch()
    assert part.account_of()["finishing"] == 0


def test_one_that_dies_at_its_start_leaves_the_old_one_serving(part: Part, tmp_path: Path) -> None:
    old = part.pid
    assert old is not None
    (tmp_path / "ready").unlink()
    (tmp_path / "script").write_text("echo no such module; exit 3\n")

    with pytest.raises(NotReplaced, match="no such module"):
        replace(part)

    assert part.pid == old
    assert processes.is_alive(old)
    assert part.state == "ready"


def test_one_that_never_gets_ready_is_ended(
    part: Part, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = part.pid
    (tmp_path / "ready").unlink()
    monkeypatch.setattr(restarting, "READY_SECONDS", 0.3)
    begun: list[int | None] = []

    with pytest.raises(NotReplaced):
        replace(part, look=lambda: begun.append(part.pid))

    assert part.pid == old
    assert begun[0] != old
    assert begun[0] is not None
    assert not processes.is_alive(begun[0])


def test_an_old_one_that_does_not_end_is_ended_when_its_time_is_over(
    part: Part, tmp_path: Path
) -> None:
    part.stop()
    (tmp_path / "script").write_text("trap '' TERM; echo deaf; while :; do sleep 0.1; done\n")
    part.begin()
    deaf = part.pid
    assert deaf is not None
    log = tmp_path / "web.log"
    assert processes.wait_until(
        lambda: part.watch() is not None and "deaf" in log.read_text(), seconds=5
    )

    replace(part, limit=0.5)

    assert processes.is_alive(deaf)
    assert {deaf, part.pid} == part.pids
    assert processes.wait_until(
        lambda: part.watch() is not None and not processes.is_alive(deaf), seconds=5
    )


def test_stopping_ends_those_that_still_finish(part: Part, tmp_path: Path) -> None:
    old = part.pid
    assert old is not None
    replace(part)
    os.kill(old, signal.SIGSTOP)

    part.stop()

    assert not processes.is_alive(old)
    assert part.pids == set()


def test_two_processes_write_one_log_and_their_lines_stay_apart(tmp_path: Path) -> None:
    recorder = Recorder("web", tmp_path / "web.log")
    first, second = recorder.renew(), recorder.renew()
    os.write(first, b"half of ")
    os.write(second, b"another ")
    recorder.empty()
    os.write(first, b"a line\n")
    os.write(second, b"line")
    os.close(first)
    os.close(second)
    recorder.empty()
    recorder.close()

    written = (tmp_path / "web.log").read_text().splitlines()
    assert len(written) == 2
    assert '"half of a line"' in written[0]
    assert '"another line"' in written[1]
