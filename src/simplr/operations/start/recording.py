"""What a part says becomes one line of JSON a record in its log, whoever wrote it and however.

Our own processes write such lines themselves; PostgreSQL writes text, and so does an interpreter
that dies before its log is set up. A part writes into a pipe; the supervisor, which looks at its
parts all the time, empties it. Lines of ours go through with the part's name added; any other line
becomes a record of its own, so nothing that somebody has a server write can look like two.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import re
from dataclasses import dataclass, field
from pathlib import Path

from simplr.base.logs import ecs_line, without_secrets
from simplr.operations.start.account import Account
from simplr.operations.start.processes import open_log

PIPE_BYTES = 1 << 20
"""What a part may write while the supervisor is busy with another one, before it has to wait."""
LONGEST_LINE = 1 << 20
_POSTGRES = re.compile(
    r"(?P<at>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}) \w+ \[(?P<pid>\d+)\] (?P<code>\w{5}) "
    r"(?:(?P<role>\S*)@(?P<database>\S*) )?(?P<level>[A-Z]+\d?):  (?P<message>.*)",
    re.DOTALL,
)
_LEVELS = {
    "WARNING": "warning",
    "ERROR": "error",
    "FATAL": "critical",
    "PANIC": "critical",
}


@dataclass
class _Pipe:
    """What one process says."""

    reading: int
    pending: bytes = b""

    def lines(self) -> tuple[list[bytes], bool]:
        """What was said since the last time, and whether there will be no more."""
        said, over = [self.pending], False
        with contextlib.suppress(BlockingIOError):
            while piece := os.read(self.reading, 1 << 16):
                said.append(piece)
            over = True
        *lines, self.pending = b"".join(said).split(b"\n")
        if over or len(self.pending) > LONGEST_LINE:
            lines, self.pending = [*lines, self.pending], b""
        return lines, over


@dataclass
class Recorder:
    """The log of one part. While a part is replaced two processes write it."""

    part: str
    log: Path
    account: Account | None = None
    speaks_json: bool = True
    _pipes: list[_Pipe] = field(default_factory=list)

    def renew(self) -> int:
        """The end of a new pipe, for a process that is about to start; who gets it closes it here."""
        os.close(
            open_log(self.log, self.account)
        )  # there is a log, even of one with nothing to say
        reading, writing = os.pipe()
        os.set_blocking(reading, False)
        with contextlib.suppress(OSError):  # an unprivileged user may have used up his share
            fcntl.fcntl(writing, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
        self._pipes.append(_Pipe(reading))
        return writing

    def empty(self) -> None:
        """Write down what the part has said meanwhile."""
        for pipe in list(self._pipes):
            lines, over = pipe.lines()
            self._write(lines)
            if over:
                os.close(pipe.reading)
                self._pipes.remove(pipe)

    def close(self) -> None:
        """Write down the rest, and end."""
        self.empty()
        for pipe in self._pipes:
            self._write([pipe.pending])
            os.close(pipe.reading)
        self._pipes.clear()

    def _write(self, lines: list[bytes]) -> None:
        records = self._records([line.decode(errors="replace") for line in lines])
        if not records:
            return
        # A full disk must not stop the parts: what cannot be written down is not.
        with contextlib.suppress(OSError):
            log = open_log(self.log, self.account)
            try:
                os.write(log, "".join(f"{record}\n" for record in records).encode())
            finally:
                os.close(log)

    def _records(self, lines: list[str]) -> list[str]:
        if self.speaks_json:
            return [self._own(line) for line in lines if line.strip()]
        joined: list[str] = []
        for line in lines:
            if line.startswith("\t") and joined:  # PostgreSQL's mark of a line that goes on
                joined[-1] += "\n" + line[1:]
            elif line.strip():
                joined.append(line)
        return [self._foreign(line) for line in joined]

    def _own(self, line: str) -> str:
        try:
            record = json.loads(line)
        except ValueError:
            record = None
        if not isinstance(record, dict) or "@timestamp" not in record:
            return self._foreign(line)
        return json.dumps({**record, "service": {"name": f"simplr-{self.part}"}})

    def _foreign(self, line: str) -> str:
        found = _POSTGRES.fullmatch(line)
        if found is None:
            return ecs_line(without_secrets(line), level="warning", service=self.part)
        facts: dict[str, object] = {"process": {"pid": int(found["pid"])}}
        if found["code"] != "00000":
            facts["event"] = {"code": found["code"]}
        if found["role"]:
            facts["labels"] = {"role": found["role"], "database": found["database"]}
        return ecs_line(
            without_secrets(found["message"]),
            level=_LEVELS.get(found["level"], "info"),
            service=self.part,
            at=found["at"].replace(" ", "T") + "Z",
            **facts,
        )
