"""The process that children are forked from: the libraries loaded, and nothing else in it.

It is started with an empty environment by the process that needs children, so no password and no
key is ever in its memory before the request of one child, which that child alone reads. It has one
thread, forks on request, reports how each child ended, kills a child whose parent let go, and
ends with all of them when its own parent is gone.
"""

from __future__ import annotations

import gc
import importlib
import os
import pickle
import pkgutil
import select
import signal
import socket
import struct
import sys
import sysconfig
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from simplr.base import garbage
from simplr.base.children.frames import FrameWriter, PipePort, describe_error
from simplr.base.children.sandbox import die_with_parent, enter
from simplr.base.without_pandas import do_without_pandas

PRELOADED = (
    "pyarrow",
    "pyarrow.acero",
    "pyarrow.compute",
    "pyarrow.csv",
    "pyarrow.ipc",
    "pyarrow.parquet",
    "pyarrow.json",
    "python_calamine",
    "ijson.backends.yajl2_c",
    "fastavro",
    "cramjam",  # for Avro by snappy
    "pypdf.filters",  # these three are loaded late by pypdf
    "pypdf._codecs._codecs",
    "pypdf._codecs.core_font_metrics",
    "sqlite3",
    "numpy",
    "numpy.ma",  # pyarrow asks for it when it makes an array; numpy loads it late
    "_strptime",
    "zoneinfo",
    "linecache",
    "traceback",
    "simplr_core.privacy.jobs.deliver",
    "simplr_core.tidy.jobs.keep",
    "simplr_core.tidy.jobs.extract_text",
    "simplr_core.tidy.jobs.preview_file",
    "simplr_core.privacy.jobs.pseudonyms",
    "simplr_core.tidy.jobs.understand",
    "simplr_core.tables.sealed",
)
MOST_DESCRIPTORS = 200
LENGTH = struct.Struct(">Q")


def main(control: int) -> None:
    """Load the libraries, say so, and serve requests until the parent is gone."""
    garbage.none_while_loading()
    do_without_pandas()
    for name in PRELOADED:
        importlib.import_module(name)
    _warm_up()
    gc.collect()
    garbage.loaded()
    with socket.socket(fileno=control) as channel:
        channel.send(b"ready")
        _Nursery(channel).serve()


def _warm_up() -> None:
    """Have done once what would open files later, for kernels where no file can be opened."""
    import encodings

    for module in pkgutil.iter_modules(encodings.__path__):
        if module.name not in ("mbcs", "oem"):
            importlib.import_module(f"encodings.{module.name}")
    import zoneinfo

    import pyarrow as pa
    import pyarrow.compute as pc

    zoneinfo.ZoneInfo("UTC")
    moment = pa.array([0], pa.timestamp("us", tz="UTC"))
    pc.call_function("strftime", [moment], pc.StrftimeOptions("%Y-%m-%dT%H:%M:%SZ"))
    moment.to_pylist()


def readable_folders() -> tuple[str, ...]:
    """Where code and time zones lie: all that a child may open, where Landlock can say so."""
    import simplr
    import simplr_core

    paths = sysconfig.get_paths()
    packages = (os.path.dirname(p.__file__) for p in (simplr, simplr_core) if p.__file__)
    return (
        *{paths[name] for name in ("stdlib", "platstdlib", "purelib", "platlib")},
        *packages,
        "/usr/share/zoneinfo",
        "/usr/lib",
        "/lib",
        "/lib64",
        "/etc/ld.so.cache",
        # DuckDB asks for the memory limit of its cgroup, and aborts if it may not.
        "/proc/self/cgroup",
        "/sys/fs/cgroup",
    )


class _Nursery:
    def __init__(self, channel: socket.socket) -> None:
        self._channel = channel
        self._children: dict[int, socket.socket] = {}
        self._poll = select.poll()
        self._readable = readable_folders()

    def serve(self) -> None:
        wake, woken = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(woken, warn_on_full_buffer=False)
        self._poll.register(self._channel, select.POLLIN)
        self._poll.register(wake, select.POLLIN)
        while True:
            for descriptor, _ in self._poll.poll():
                if descriptor == wake:
                    os.read(wake, 4096)
                elif descriptor == self._channel.fileno():
                    if not self._take_request():
                        self._end_all()
                        return
                else:
                    self._kill_child_of(descriptor)
            self._reap()

    def _take_request(self) -> bool:
        request, descriptors, flags, _ = socket.recv_fds(self._channel, 16, MOST_DESCRIPTORS)
        if not request:
            return False
        arguments, frames, status, *files = descriptors
        report = socket.socket(fileno=status)
        try:
            if request != b"start" or flags & socket.MSG_CTRUNC:
                raise ValueError("a request that is not understood")
            pid = os.fork()
        except (OSError, ValueError):
            report.close()
        else:
            if pid == 0:
                _become_child(os.getppid(), arguments, frames, files, self._readable)
            self._children[pid] = report
            self._poll.register(report, select.POLLIN)
        for descriptor in (arguments, frames, *files):
            os.close(descriptor)
        return True

    def _kill_child_of(self, descriptor: int) -> None:
        """The parent closed its end: nobody waits for this child any more."""
        for pid, report in self._children.items():
            if report.fileno() == descriptor:
                os.kill(pid, signal.SIGKILL)
                self._poll.unregister(report)

    def _reap(self) -> None:
        while self._children:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                return
            report = self._children.pop(pid)
            with suppress(KeyError):  # it was killed because nobody waits
                self._poll.unregister(report)
            with suppress(OSError):  # nobody waits
                report.send(struct.pack(">i", status))
            report.close()

    def _end_all(self) -> None:
        for pid in self._children:
            os.kill(pid, signal.SIGKILL)


def _become_child(
    nursery: int, arguments: int, frames: int, files: list[int], readable: tuple[str, ...]
) -> None:
    """Never returns. From here on this is a child."""
    code = 1
    try:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
        die_with_parent(nursery)
        _close_all_but({arguments, frames, *files})
        _work(arguments, frames, files, readable)
        code = 0
    except BaseException:  # the parent is told by the exit status
        code = 70
    finally:
        os._exit(code)


def _close_all_but(kept: set[int]) -> None:
    nothing = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        if descriptor not in kept:
            os.dup2(nothing, descriptor)
    for name in os.listdir("/proc/self/fd"):
        if int(name) > 2 and int(name) not in kept:
            with suppress(OSError):  # the listing itself
                os.close(int(name))


def _work(arguments: int, frames: int, files: list[int], readable: tuple[str, ...]) -> None:
    writer = FrameWriter(frames)
    try:
        request = _read_request(arguments)
        module, _, name = request["job"].partition(":")
        job = getattr(importlib.import_module(module), name)
        enter(request["limits"], readable=readable, use_landlock=request["landlock"])
        port = PipePort(writer, lambda: _has_hung_up(arguments))
        named = dict(zip(request["files"], files, strict=True))
        result = job(request["arguments"], named, port)
        writer.message({"result": result})
    except BaseException as error:  # it is reported to the parent
        writer.message({"error": describe_error(error)})


def _read_request(descriptor: int) -> Mapping[str, Any]:
    """Our parent wrote this; it holds keys, so it is never logged."""
    (length,) = LENGTH.unpack(_read_exactly(descriptor, LENGTH.size))
    loaded: Mapping[str, Any] = pickle.loads(_read_exactly(descriptor, length))  # noqa: S301
    return loaded


def _read_exactly(descriptor: int, length: int) -> bytes:
    pieces = bytearray()
    while len(pieces) < length:
        piece = os.read(descriptor, min(1 << 20, length - len(pieces)))
        if not piece:
            raise EOFError
        pieces += piece
    return bytes(pieces)


def _has_hung_up(descriptor: int) -> bool:
    poll = select.poll()
    poll.register(descriptor, 0)
    return bool(poll.poll(0))


if __name__ == "__main__":
    main(int(sys.argv[1]))
