"""What a child gives up before it looks at anybody's file. Linux only; nothing here needs rights.

In order: resource limits; no new privileges; Landlock, where the kernel has it, so that only
code can be opened; capabilities; a seccomp filter that refuses network, programs, processes, opening
for writing and a long list besides. Where Landlock is missing the filter refuses to open any
file at all: what the job needs was imported before.
"""

from __future__ import annotations

import ctypes
import os
import platform
import resource
import struct
from collections.abc import Iterable

from simplr.base.children.limits import Limits
from simplr.base.children.syscalls import FIRST_UNKNOWN, MACHINES, Machine

_libc = ctypes.CDLL(None, use_errno=True)

_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_SET_SECCOMP, _PR_SET_NO_NEW_PRIVS = 1, 4, 22, 38
_PR_SET_NAME, _PR_GET_NAME = 15, 16
_SECCOMP_MODE_FILTER = 2
_SIGKILL = 9

# Classic BPF (linux/filter.h, linux/seccomp.h).
_LOAD, _JUMP_EQUAL, _JUMP_AT_LEAST, _JUMP_ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW, _KILL_PROCESS, _ERRNO = 0x7FFF0000, 0x80000000, 0x00050000
_EPERM, _ENOSYS = 1, 38
_NUMBER, _ARCH, _ARGS = 0, 4, 16

_CLONE_THREAD = 0x10000
_OPEN_TO_CHANGE = (
    os.O_WRONLY
    | os.O_RDWR
    | os.O_CREAT
    | os.O_TRUNC
    | os.O_APPEND
    | (os.O_TMPFILE & ~os.O_DIRECTORY)
)
_HARMLESS_IOCTLS = (0x5401, 0x5450, 0x5451, 0x541B)  # TCGETS, FIONCLEX, FIOCLEX, FIONREAD

# Landlock (linux/landlock.h); its call numbers are the same on every machine.
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_READ_FILE, _READ_DIR = 1 << 2, 1 << 3
_FILE_RIGHTS_BY_ABI = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 5: (1 << 16) - 1}
_TCP_RIGHTS, _SCOPES = 0b11, 0b11


class SandboxFailed(Exception):
    """The kernel refused a protection: the child ends before it reads anything."""


def _prctl(option: int, value: int = 0, pointer: object = 0) -> None:
    if _libc.prctl(option, ctypes.c_ulong(value), pointer, 0, 0) != 0:
        raise SandboxFailed(f"prctl {option}: {os.strerror(ctypes.get_errno())}")


def die_with_parent(parent: int) -> None:
    """Be killed when the thread that forked us ends; end at once if it already has."""
    _prctl(_PR_SET_PDEATHSIG, _SIGKILL)
    if os.getppid() != parent:
        os._exit(0)


def landlock_version() -> int:
    """The version of Landlock in this kernel; 0 where there is none."""
    version = int(_libc.syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), 1))
    return max(0, version)


def address_space() -> int:
    """How many bytes of address space this process has now."""
    with open("/proc/self/statm", "rb") as statm:
        return int(statm.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")


def enter(limits: Limits, *, readable: Iterable[str], use_landlock: bool = True) -> None:
    """Give it all up. Raises SandboxFailed; nothing can be had back afterwards.

    `readable` are the folders of code (and time zones) that may still be opened where Landlock
    guards the rest. Without it no file can be opened.
    """
    machine = MACHINES.get(platform.machine())
    if machine is None:
        raise SandboxFailed(f"no list of system calls for {platform.machine()}")
    _limit_resources(limits)
    _prctl(_PR_SET_DUMPABLE, 0)
    _prctl(_PR_SET_NO_NEW_PRIVS, 1)
    version = landlock_version() if use_landlock else 0
    if version:
        _landlock(version, readable)
    _drop_capabilities()
    _install(filter_program(machine, os.getpid(), may_open=bool(version)))


def _limit_resources(limits: Limits) -> None:
    room = address_space() + limits.memory_bytes
    for kind, soft, hard in (
        (resource.RLIMIT_AS, room, room),
        # The soft limit sends SIGXCPU, the hard one kills a second later.
        (resource.RLIMIT_CPU, limits.cpu_seconds, limits.cpu_seconds + 1),
        (resource.RLIMIT_NOFILE, limits.open_files, limits.open_files),
        (resource.RLIMIT_FSIZE, 0, 0),
        (resource.RLIMIT_CORE, 0, 0),
    ):
        resource.setrlimit(kind, (soft, hard))


def _drop_capabilities() -> None:
    header = struct.pack("=Ii", 0x20080522, 0)  # version 3, this thread
    nothing = bytes(24)
    if _libc.capset(ctypes.c_char_p(header), ctypes.c_char_p(nothing)) != 0:
        raise SandboxFailed(f"capset: {os.strerror(ctypes.get_errno())}")


def _landlock(version: int, readable: Iterable[str]) -> None:
    files = _FILE_RIGHTS_BY_ABI[max(abi for abi in _FILE_RIGHTS_BY_ABI if abi <= version)]
    attributes = struct.pack(
        "=QQQ", files, _TCP_RIGHTS if version >= 4 else 0, _SCOPES if version >= 6 else 0
    )
    size = 24 if version >= 6 else 16 if version >= 4 else 8
    ruleset = _libc.syscall(_CREATE_RULESET, attributes, ctypes.c_size_t(size), 0)
    if ruleset < 0:
        raise SandboxFailed(f"landlock: {os.strerror(ctypes.get_errno())}")
    for path in readable:
        try:
            folder = os.open(path, os.O_PATH | os.O_CLOEXEC)
        except (FileNotFoundError, PermissionError):
            continue  # what cannot be reached cannot be read either
        rights = _READ_FILE | _READ_DIR if os.path.isdir(path) else _READ_FILE
        rule = struct.pack("=Qi", rights, folder)
        failed = _libc.syscall(_ADD_RULE, ruleset, 1, rule, 0)
        os.close(folder)
        if failed:
            raise SandboxFailed(f"landlock rule: {os.strerror(ctypes.get_errno())}")
    if _libc.syscall(_RESTRICT_SELF, ruleset, 0) != 0:
        raise SandboxFailed(f"landlock: {os.strerror(ctypes.get_errno())}")
    os.close(ruleset)


def _step(code: int, value: int, on_true: int = 0, on_false: int = 0) -> bytes:
    return struct.pack("=HBBI", code, on_true, on_false, value & 0xFFFFFFFF)


def _refuse(error: int) -> bytes:
    return _step(_RETURN, _ERRNO | error)


def filter_program(machine: Machine, pid: int, *, may_open: bool) -> bytes:
    """The seccomp filter in classic BPF: everything not named goes through, newer calls do not."""
    program = [
        _step(_LOAD, _ARCH),
        _step(_JUMP_EQUAL, machine.audit_arch, 1, 0),
        _step(_RETURN, _KILL_PROCESS),
        _step(_LOAD, _NUMBER),
    ]
    if machine.alternative_numbers_from:
        program += [
            _step(_JUMP_AT_LEAST, machine.alternative_numbers_from, 0, 1),
            _step(_RETURN, _KILL_PROCESS),
        ]
    program += [_step(_JUMP_AT_LEAST, FIRST_UNKNOWN, 0, 1), _refuse(_ENOSYS)]
    for number in sorted(machine.refused.values()):
        program += [_step(_JUMP_EQUAL, number, 0, 1), _refuse(_EPERM)]
    # The C library falls back to clone, whose flags a filter can see.
    program += [_step(_JUMP_EQUAL, machine.clone3, 0, 1), _refuse(_ENOSYS)]
    if not may_open:
        for number in machine.looking:
            program += [_step(_JUMP_EQUAL, number, 0, 1), _refuse(_EPERM)]
    for number, flags_at in ((machine.open, 1), (machine.openat, 2)):
        if not number:
            continue
        if may_open:
            program += _when(
                number,
                _load_argument(flags_at),
                _step(_JUMP_ANY_BIT, _OPEN_TO_CHANGE, 0, 1),
                _refuse(_EPERM),
            )
        else:
            program += [_step(_JUMP_EQUAL, number, 0, 1), _refuse(_EPERM)]
    program += _when(
        machine.clone,
        _load_argument(0),
        _step(_JUMP_ANY_BIT, _CLONE_THREAD, 1, 0),
        _refuse(_EPERM),
    )
    # abort() and raise() signal their own process by its number; nobody else's is let through.
    program += _when(
        machine.tgkill, _load_argument(0), _step(_JUMP_EQUAL, pid, 1, 0), _refuse(_EPERM)
    )
    # Reading limits is fine: the new limit must be the null pointer, in both its halves.
    program += _when(
        machine.prlimit64,
        _load_argument(2),
        _step(_JUMP_EQUAL, 0, 1, 0),
        _refuse(_EPERM),
        _load_argument(2, high=True),
        _step(_JUMP_EQUAL, 0, 1, 0),
        _refuse(_EPERM),
    )
    program += _when(
        machine.prctl,
        _load_argument(0),
        _step(_JUMP_EQUAL, _PR_SET_NAME, 2, 0),
        _step(_JUMP_EQUAL, _PR_GET_NAME, 1, 0),
        _refuse(_EPERM),
    )
    program += _when(
        machine.ioctl,
        _load_argument(1),
        *(
            _step(_JUMP_EQUAL, request, len(_HARMLESS_IOCTLS) - place, 0)
            for place, request in enumerate(_HARMLESS_IOCTLS)
        ),
        _refuse(_EPERM),
    )
    program.append(_step(_RETURN, _ALLOW))
    return b"".join(program)


def _load_argument(index: int, *, high: bool = False) -> bytes:
    return _step(_LOAD, _ARGS + 8 * index + (4 if high else 0))


def _when(number: int, *body: bytes) -> list[bytes]:
    """Run `body` for this call; whatever it does not refuse is allowed."""
    return [_step(_JUMP_EQUAL, number, 0, len(body) + 1), *body, _step(_RETURN, _ALLOW)]


class _Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("filter", ctypes.c_void_p)]


def _install(program: bytes) -> None:
    held = ctypes.create_string_buffer(program, len(program))
    described = _Program(len(program) // 8, ctypes.addressof(held))
    _prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.byref(described))
