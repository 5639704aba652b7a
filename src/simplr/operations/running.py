"""The processes of this installation on this machine, as the kernel shows them."""

from __future__ import annotations

import contextlib
import os
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_WORDS = (
    ("simplr.base.children.nursery", "children"),
    ("simplr.vault.agent", "vault"),
    ("gunicorn", "web"),
    ("simplr.config.manage", "worker"),
    ("postgres", "postgres"),
)
"""What stands in the command line of the first process of a part, and the part's name."""
_PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass
class Used:
    """What the processes of one part use together. Pages that they share count for each of them."""

    processes: int = 0
    resident_bytes: int = 0
    descriptors: int = 0

    def add(self, pid: int) -> None:
        """Count one process; what it does not let us see is left out."""
        self.processes += 1
        with contextlib.suppress(OSError, IndexError, ValueError):
            pages = Path(f"/proc/{pid}/statm").read_text().split()[1]
            self.resident_bytes += int(pages) * _PAGE
        with contextlib.suppress(OSError):
            self.descriptors += len(os.listdir(f"/proc/{pid}/fd"))


@dataclass(frozen=True)
class Running:
    """What each part uses, and how many sandboxed children work now."""

    parts: dict[str, Used]
    children: int


def running(*, supervisor: int) -> Running:
    """Look at every process below the supervisor; at this one and below, where there is none (0)."""
    below: dict[int, list[int]] = defaultdict(list)
    for pid, parent in _parents():
        below[parent].append(pid)
    parts: dict[str, Used] = defaultdict(Used)
    children = 0
    waiting = [(supervisor or os.getpid(), "supervisor" if supervisor else "web")]
    while waiting:
        pid, part = waiting.pop()
        parts[part].add(pid)
        for each in below[pid]:
            if part == "children":
                # A child is a fork of its nursery, and so is its command line.
                children += 1
                waiting.append((each, part))
            else:
                waiting.append((each, _part_of(each) or part))
    return Running(parts=dict(parts), children=children)


def _parents() -> Iterator[tuple[int, int]]:
    """Each process and its parent."""
    for entry in os.scandir("/proc"):
        if entry.name.isdigit():
            with contextlib.suppress(OSError, IndexError, ValueError):
                facts = Path(entry.path, "stat").read_text().rpartition(")")[2].split()
                yield int(entry.name), int(facts[1])


def _part_of(pid: int) -> str:
    """The part that a process begins; nothing where it belongs to its parent's."""
    try:
        command = Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace")
    except OSError:
        return ""
    return next((part for word, part in _WORDS if word in command), "")
