"""Jobs that try what a parser taken over by a file would try. Run in children by the tests."""

from __future__ import annotations

import ctypes
import os
import signal
import socket
import subprocess
import threading
import time
from typing import Any

from simplr_core.errors import Conflict


def hello(arguments: dict[str, Any], files: dict[str, int], port: Any) -> dict[str, Any]:
    return {"heard": arguments}


def stream(arguments: dict[str, Any], files: dict[str, int], port: Any) -> dict[str, Any]:
    sink = port.sink(1)
    for number in range(arguments["pieces"]):
        sink.write(b"x" * arguments["size"])
        port.progress(number + 1, arguments["pieces"], "writing")
    sink.close()
    return {"written": arguments["pieces"] * arguments["size"]}


def read_given(arguments: dict[str, Any], files: dict[str, int], port: Any) -> dict[str, Any]:
    return {name: os.pread(fd, 100, 0).decode() for name, fd in files.items()}


def surroundings(arguments: dict[str, Any], files: dict[str, int], port: Any) -> dict[str, Any]:
    """What can be seen without opening anything."""
    descriptors = []
    for number in range(256):
        try:
            os.fstat(number)
        except OSError:
            continue
        descriptors.append(number)
    return {
        "environment": dict(os.environ),
        "descriptors": descriptors,
        "given": sorted(files.values()),
        "threads": threading.active_count(),
    }


def conflict(arguments: dict[str, Any], files: dict[str, int], port: Any) -> dict[str, Any]:
    class Outdated(Conflict):
        """The map is outdated."""

        code = "pseudonyms-outdated"

    raise Outdated(count=3)


def bug(arguments: dict[str, Any], files: dict[str, int], port: Any) -> dict[str, Any]:
    raise ValueError("the cell said: Ada Lovelace")


def _attempt(name: str) -> object:
    libc = ctypes.CDLL(None, use_errno=True)
    match name:
        case "socket":
            return socket.socket(socket.AF_INET)  # made, not connected: a refusal is the sandbox's
        case "unix-socket":
            return socket.socket(socket.AF_UNIX)
        case "socketpair":
            return socket.socketpair()
        case "execve":
            return os.execv("/bin/true", ["true"])  # noqa: S606
        case "subprocess":
            return subprocess.run(["/bin/true"], check=True)
        case "fork":
            return os.fork()
        case "kill-parent":
            os.kill(os.getppid(), signal.SIGKILL)
        case "kill-all":
            os.kill(-1, signal.SIGKILL)
        case "write":
            return open("/tmp/simplr-written-by-a-child", "w")
        case "append":
            return os.open("/tmp", os.O_TMPFILE | os.O_RDWR)
        case "unlink":
            os.unlink("/etc/hostname")
        case "mkdir":
            os.mkdir("/tmp/simplr-made-by-a-child")
        case "passwd":
            return open("/etc/passwd").read()
        case "environ":
            return open("/proc/self/environ").read()
        case "parent-environ":
            return open(f"/proc/{os.getppid()}/environ").read()
        case "memory":
            return open(f"/proc/{os.getppid()}/mem", "rb")
        case "list":
            return os.listdir("/etc")
        case "setrlimit":
            import resource

            try:
                resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
            except ValueError as error:  # what Python makes of EPERM here
                raise PermissionError(1, "setrlimit") from error
        case "setuid":
            os.setuid(0)
        case "chdir":
            os.chdir("/")
        case "ptrace":
            number = 101 if os.uname().machine == "x86_64" else 117
            if libc.syscall(number, 16, os.getppid(), 0, 0) == -1:
                raise OSError(ctypes.get_errno(), "ptrace")
        case "process-memory":
            number = 310 if os.uname().machine == "x86_64" else 270
            if libc.syscall(number, os.getppid(), 0, 0, 0, 0, 0) == -1:
                raise OSError(ctypes.get_errno(), "process_vm_readv")
        case "io-uring":
            if libc.syscall(425, 8, 0) == -1:
                raise OSError(ctypes.get_errno(), "io_uring_setup")
        case "memfd":
            return os.memfd_create("hidden")
        case "dumpable":
            if libc.prctl(4, 1, 0, 0, 0) != 0:
                raise OSError(ctypes.get_errno(), "prctl")
    return "done"


def attempt(arguments: dict[str, Any], files: dict[str, int], port: Any) -> dict[str, Any]:
    try:
        _attempt(arguments["what"])
    except OSError as error:
        return {"refused": True, "errno": error.errno}
    return {"refused": False}


def open_path(arguments: dict[str, Any], files: dict[str, int], port: Any) -> dict[str, Any]:
    try:
        with open(arguments["path"], "rb") as file:
            return {"refused": False, "read": file.read(20).decode("latin-1")}
    except OSError:
        return {"refused": True}


def allocate(arguments: dict[str, Any], files: dict[str, int], port: Any) -> dict[str, Any]:
    return {"got": len(bytearray(arguments["bytes"]))}


def allocate_in_arrow(
    arguments: dict[str, Any], files: dict[str, int], port: Any
) -> dict[str, Any]:
    import pyarrow as pa

    return {"got": pa.allocate_buffer(arguments["bytes"]).size}


def spin(arguments: dict[str, Any], files: dict[str, int], port: Any) -> dict[str, Any]:
    while True:
        pass


def sleep(arguments: dict[str, Any], files: dict[str, int], port: Any) -> dict[str, Any]:
    port.progress(1, 2, "sleeping")
    time.sleep(60)
    return {}


def die(arguments: dict[str, Any], files: dict[str, int], port: Any) -> dict[str, Any]:
    match arguments["how"]:
        case "segfault":
            ctypes.string_at(0)
        case "abort":
            os.abort()
        case "exit":
            os._exit(3)
    return {}


def threads(arguments: dict[str, Any], files: dict[str, int], port: Any) -> dict[str, Any]:
    import pyarrow as pa
    import pyarrow.compute as pc

    rows = pa.table({"a": list(range(100_000))})
    ordered = rows.sort_by([("a", "descending")]).group_by("a", use_threads=True).aggregate([])
    return {"rows": ordered.num_rows, "sum": pc.sum(rows["a"]).as_py()}


def say_nonsense(arguments: dict[str, Any], files: dict[str, int], port: Any) -> dict[str, Any]:
    writer = port._writer
    os.write(writer._descriptor, arguments["bytes"])
    os._exit(0)
