"""Work on other people's bytes, in a process that can do nothing else.

Parsers, queries and deliveries run in a child: a fork of a small process that has loaded the
libraries and holds no secret. Before it sees a byte, the child gives up the network, other programs
and processes, writing, every file that was not handed to it, and all but a measure of memory and
time. It answers in frames on one pipe. docs/decisions/0015-sandboxed-children.md says why so.

This package knows processes and frames. It refuses to know what the work is.
"""

from __future__ import annotations

from simplr.base.children.child import (
    Child,
    ChildFault,
    Data,
    FileBreaksReader,
    FileTooDemanding,
    Message,
    WorkInterrupted,
    rebuilt,
    start,
)
from simplr.base.children.limits import PREVIEW, STREAM, Limits
from simplr.base.children.observing import Observer, observe
from simplr.base.children.starting import NurseryFailed, TooBusy, end, warm

__all__ = [
    "PREVIEW",
    "STREAM",
    "Child",
    "ChildFault",
    "Data",
    "FileBreaksReader",
    "FileTooDemanding",
    "Limits",
    "Message",
    "NurseryFailed",
    "Observer",
    "TooBusy",
    "WorkInterrupted",
    "end",
    "observe",
    "rebuilt",
    "start",
    "warm",
]
