"""A child does its work, and whatever takes it over can do nothing (security.md, row 38)."""

from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from simplr.base import children
from simplr.base.children import sandbox, starting
from simplr.base.children.child import rebuilt
from simplr.base.children.limits import Limits
from simplr_core.crypto import Key
from simplr_core.errors import Conflict, SimplrError

SMALL = Limits(memory_bytes=300 << 20, cpu_seconds=5, wall_seconds=20, silent_seconds=10)


@pytest.fixture(autouse=True, scope="module")
def _nursery() -> Iterator[None]:
    children.end()
    sys.path.insert(0, str(Path(__file__).parent))  # where hostile_jobs lies
    yield
    children.end()
    sys.path.remove(str(Path(__file__).parent))


def do(
    job: str,
    arguments: Mapping[str, Any] | None = None,
    files: Mapping[str, int] | None = None,
    *,
    limits: Limits = SMALL,
    landlock: bool = True,
) -> Mapping[str, Any]:
    with children.start(
        job=f"hostile_jobs:{job}",
        arguments=arguments or {},
        files=files or {},
        limits=limits,
        landlock=landlock,
    ) as child:
        return child.finish()


GUARDS = pytest.mark.parametrize(
    "landlock",
    [
        pytest.param(
            True,
            marks=pytest.mark.skipif(
                sandbox.landlock_version() == 0, reason="this kernel has no Landlock"
            ),
        ),
        False,
    ],
    ids=["landlock", "no landlock"],
)


def test_a_job_is_given_its_arguments_and_returns_its_result() -> None:
    assert do("hello", {"text": "é", "bytes": b"\0"[:0].hex()}) == {
        "heard": {"text": "é", "bytes": ""}
    }


def test_large_arguments_arrive() -> None:
    result = do("hello", {"text": "x" * 3_000_000})
    assert len(result["heard"]["text"]) == 3_000_000


def test_a_key_arrives_as_its_bytes_and_is_not_shown() -> None:
    key = Key.generate()
    with pytest.raises(children.ChildFault) as caught:  # bytes are no JSON: the job cannot tell it
        do("hello", {"key": key})
    assert key.reveal().hex() not in str(caught.value)


def test_data_comes_in_order_with_progress_beside_it() -> None:
    child = children.start(
        job="hostile_jobs:stream", arguments={"pieces": 20, "size": 100_001}, files={}
    )
    received, closed, progress = 0, False, []
    for frame in child.frames():
        if isinstance(frame, children.Data):
            received += len(frame.content)
            closed = frame.content == b""
        else:
            progress.append(frame.content["progress"])
    assert (received, closed) == (2_000_020, True)
    assert progress[-1] == {"done": 20, "total": 20, "step": "writing"}
    assert child.result == {"written": 2_000_020}


def test_a_child_reads_the_files_it_was_handed_and_the_caller_keeps_them(tmp_path: Path) -> None:
    (tmp_path / "given").write_text("given")
    with (tmp_path / "given").open("rb") as file:
        assert do("read_given", files={"a": file.fileno()}) == {"a": "given"}
        assert file.read() == b"given"


def test_a_child_has_no_environment_and_no_foreign_descriptor(tmp_path: Path) -> None:
    os.environ["SIMPLR_SECRET_CANARY"] = "canary"
    foreign = [os.open("/dev/zero", os.O_RDONLY) for _ in range(5)]
    with (tmp_path / "given").open("w+b") as file:
        seen = do("surroundings", files={"a": file.fileno()})
    for descriptor in foreign:
        os.close(descriptor)
    del os.environ["SIMPLR_SECRET_CANARY"]
    assert "canary" not in str(seen["environment"])
    assert set(seen["environment"]) <= {*starting._ENVIRONMENT, "LC_CTYPE"}
    assert len(seen["descriptors"]) == 3 + 2 + 1, "nothing, arguments, frames, the given file"
    assert seen["threads"] == 1


@GUARDS
@pytest.mark.parametrize(
    "what",
    [
        "socket",
        "unix-socket",
        "socketpair",
        "execve",
        "subprocess",
        "fork",
        "kill-parent",
        "kill-all",
        "write",
        "append",
        "unlink",
        "mkdir",
        "passwd",
        "environ",
        "parent-environ",
        "memory",
        "list",
        "setrlimit",
        "setuid",
        "chdir",
        "ptrace",
        "process-memory",
        "io-uring",
        "memfd",
        "dumpable",
    ],
)
def test_what_a_parser_never_needs_is_refused(what: str, landlock: bool) -> None:
    assert do("attempt", {"what": what}, landlock=landlock)["refused"] is True
    assert not Path("/tmp/simplr-written-by-a-child").exists()


@GUARDS
def test_a_key_file_cannot_be_read(tmp_path: Path, landlock: bool) -> None:
    key = tmp_path / "root.key"
    key.write_text("the root key")
    assert key.read_text() == "the root key"
    assert do("open_path", {"path": str(key)}, landlock=landlock) == {"refused": True}


def test_without_landlock_not_even_code_can_be_opened() -> None:
    path = os.__file__
    assert do("open_path", {"path": path}, landlock=False) == {"refused": True}


@GUARDS
def test_the_engine_works_inside(landlock: bool) -> None:
    assert do("threads", landlock=landlock) == {"rows": 100_000, "sum": 4999950000}


@pytest.mark.parametrize("job", ["allocate", "allocate_in_arrow"])
def test_too_much_memory_is_a_clear_error(job: str) -> None:
    assert do(job, {"bytes": 50 << 20}) == {"got": 50 << 20}
    with pytest.raises(children.FileTooDemanding):
        do(job, {"bytes": 10 << 30})


def test_too_much_processor_time_is_a_clear_error() -> None:
    with pytest.raises(children.FileTooDemanding):
        do("spin", limits=Limits(cpu_seconds=1))


@pytest.mark.parametrize(
    "limits", [Limits(wall_seconds=0.5), Limits(silent_seconds=0.5, wall_seconds=None)]
)
def test_too_much_time_is_a_clear_error(limits: Limits) -> None:
    began = time.monotonic()
    with pytest.raises(children.FileTooDemanding):
        do("sleep", limits=limits)
    assert time.monotonic() - began < 5


@pytest.mark.parametrize(
    ("how", "error"),
    [
        ("segfault", children.FileBreaksReader),
        ("abort", children.FileTooDemanding),
        ("exit", children.ChildFault),
    ],
)
def test_a_child_that_dies_is_an_error_of_this_request_only(
    how: str, error: type[Exception]
) -> None:
    with pytest.raises(error):
        do("die", {"how": how})
    assert do("hello") == {"heard": {}}


def test_a_deliberate_error_keeps_its_code_and_kind() -> None:
    with pytest.raises(Conflict) as caught:
        do("conflict")
    assert caught.value.code == "pseudonyms-outdated"
    assert caught.value.details == {"count": 3}


def test_a_bug_names_its_place_and_no_cell_value() -> None:
    with pytest.raises(children.ChildFault) as caught:
        do("bug")
    assert "ValueError" in str(caught.value)
    assert "bug:" in str(caught.value)
    assert "Ada" not in str(caught.value)
    assert not isinstance(caught.value, SimplrError)


@pytest.mark.parametrize(
    "nonsense",
    [
        b"\0\0\xff\xff\xff\xff",
        b"\0\1\xff\xff\xff\xff",
        b"\0\0\0\0\0\2[]",
        b"\0\0\0\0\0\1{",
        b'\0\0\0\0\0\x0b{"error":1}',
        b"\0\0\0\x01\x00\x00" + b"[" * 65536,
    ],
)
def test_a_parent_does_not_believe_a_child(nonsense: bytes) -> None:
    with pytest.raises(children.FileBreaksReader):
        do("say_nonsense", {"bytes": nonsense})


@pytest.mark.parametrize("error", [{}, {"code": "A B", "status": 404}, {"status": "404"}])
def test_an_error_of_no_known_kind_is_a_bug(error: dict[str, Any]) -> None:
    assert isinstance(rebuilt(error), children.ChildFault)


def test_cancelling_kills_at_once() -> None:
    child = children.start(job="hostile_jobs:sleep", arguments={}, files={})
    frames = child.frames()
    next(frames)
    threading.Timer(0.1, child.cancel).start()
    began = time.monotonic()
    with pytest.raises(children.WorkInterrupted):
        list(frames)
    assert time.monotonic() - began < 3


def test_an_abandoned_child_is_killed() -> None:
    do("hello")
    _wait_for_children(0)
    child = children.start(job="hostile_jobs:sleep", arguments={}, files={})
    frames = child.frames()  # were it dropped, that alone would close the child
    next(frames)
    _wait_for_children(1)
    child.close()
    _wait_for_children(0)


def _wait_for_children(count: int) -> None:
    deadline = time.monotonic() + 5
    while len(_children_of_nursery()) != count and time.monotonic() < deadline:
        time.sleep(0.02)
    assert len(_children_of_nursery()) == count


def _children_of_nursery() -> list[str]:
    process = starting._line._process
    assert process is not None
    return Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()


def test_a_dead_nursery_is_replaced() -> None:
    assert do("hello") == {"heard": {}}
    process = starting._line._process
    assert process is not None
    process.kill()
    process.wait()
    assert do("hello") == {"heard": {}}


def test_many_threads_work_at_once() -> None:
    results: list[int] = []

    def work(number: int) -> None:
        results.append(do("hello", {"n": number})["heard"]["n"])

    workers = [threading.Thread(target=work, args=(n,)) for n in range(16)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(timeout=30)
    assert sorted(results) == list(range(16))


def test_places_are_given_back_and_a_full_house_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    gc.collect()  # what a test before this one dropped without closing it
    monkeypatch.setattr(starting, "_WAIT_FOR_PLACE_SECONDS", 0.05)
    held = [
        children.start(job="hostile_jobs:sleep", arguments={}, files={})
        for _ in range(starting.MOST_CHILDREN)
    ]
    with pytest.raises(children.TooBusy):
        do("hello")
    for child in held:
        child.close()
    assert do("hello") == {"heard": {}}


ORPHAN = """
import sys; sys.path[:0] = {path!r}
from simplr.base import children
from simplr.base.children import starting
child = children.start(job="hostile_jobs:sleep", arguments={{}}, files={{}})
next(child.frames())
nursery = starting._line._process.pid
own = open(f"/proc/{{nursery}}/task/{{nursery}}/children").read().split()
print(nursery, *own, flush=True)
import time; time.sleep(60)
"""


def test_children_do_not_outlive_a_killed_parent() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", ORPHAN.format(path=sys.path)], stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        pids = [int(pid) for pid in parent.stdout.readline().split()]
        assert len(pids) == 2
        parent.send_signal(signal.SIGKILL)
    deadline = time.monotonic() + 10
    while any(_runs(pid) for pid in pids) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not any(_runs(pid) for pid in pids)


def _runs(pid: int) -> bool:
    try:
        return "State:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except FileNotFoundError:
        return False


TRY_AS_ANOTHER = """
import sys; sys.path[:0] = {path!r}
from simplr.base import children
print(children.start(job="hostile_jobs:hello", arguments={{"a": 1}}, files={{}}).finish())
print(children.start(job="hostile_jobs:attempt", arguments={{"what": "fork"}}, files={{}}).finish())
"""


def test_an_ordinary_user_has_children_too() -> None:
    """As root, become another user, who may still reach an interpreter under a closed home."""
    become = "--reuid=65534 --regid=65534 --clear-groups --no-new-privs"
    reach = "--inh-caps=-all,+dac_read_search --ambient-caps=+dac_read_search"
    prefix = ["setpriv", *become.split(), *reach.split()] if os.geteuid() == 0 else []
    done = subprocess.run(
        [*prefix, sys.executable, "-c", TRY_AS_ANOTHER.format(path=sys.path)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert "{'heard': {'a': 1}}" in done.stdout, done.stderr
    assert "'refused': True" in done.stdout


def test_the_process_that_forks_has_one_thread() -> None:
    do("hello")
    process = starting._line._process
    assert process is not None
    assert len(os.listdir(f"/proc/{process.pid}/task")) == 1
