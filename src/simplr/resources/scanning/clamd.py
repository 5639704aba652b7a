"""The protocol of ClamAV's daemon, clamd, over TCP or a Unix socket.

A command begins with `z` and ends with a zero byte, as does each answer. After `INSTREAM` come
pieces, each with its length before it (four bytes, the highest first); a length of zero ends them.
The answers are `stream: OK`, `stream: NAME FOUND`, and sentences that end in `ERROR`. Whatever is
none of these, comes too early or not at all, is no verdict.
"""

from __future__ import annotations

import re
import select
import socket
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from simplr.resources.scanning.port import (
    CLEAN,
    TOO_LARGE,
    ScannerAway,
    ScannerUnknown,
    TimeLimits,
)
from simplr_core.access.scans import ScanFacts, ScanState

MOST_ANSWER = 4096
LONGEST_NAME = 100
USUAL_PORT = 3310
_END_OF_STREAM = bytes(4)
_FOUND = re.compile("stream: (.*) FOUND", re.DOTALL)
_SIZE_LIMIT = "INSTREAM size limit exceeded. ERROR"
_LIMITS_EXCEEDED = "Heuristics.Limits.Exceeded"
"""With `AlertExceedsMax` clamd says so of what it did not look into to its end."""


@dataclass(frozen=True, kw_only=True)
class ClamdAddress:
    """Where a daemon listens: a path, or a host and a port."""

    path: str = ""
    host: str = ""
    port: int = USUAL_PORT

    def connect(self, seconds: float) -> socket.socket:
        if not self.path:
            return socket.create_connection((self.host, self.port), timeout=seconds)
        line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            line.settimeout(seconds)
            line.connect(self.path)
        except BaseException:
            line.close()
            raise
        return line


def address_of(url: str) -> ClamdAddress:
    """`clamd://host:port` or `clamd+unix:///path`. Raises ScannerUnknown."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise ScannerUnknown from None
    if parts.query or parts.fragment or parts.username is not None:
        raise ScannerUnknown
    if parts.scheme == "clamd+unix" and not parts.netloc and parts.path.startswith("/"):
        return ClamdAddress(path=parts.path)
    if parts.scheme == "clamd" and parts.hostname and parts.path in {"", "/"}:
        return ClamdAddress(host=parts.hostname, port=port or USUAL_PORT)
    raise ScannerUnknown


class Clamd:
    """A scanner that speaks clamd's protocol. Each question has a connection of its own."""

    def __init__(self, address: ClamdAddress, *, limits: TimeLimits) -> None:
        self._address = address
        self._limits = limits

    def version(self) -> str:
        """Such as `ClamAV 1.0.3/27000/…`: the program, the number and the day of its signatures."""
        with self._line() as line:
            line.send(b"zPING\0")
            if line.answer() != "PONG":
                raise ScannerAway
        with self._line() as line:
            line.send(b"zVERSION\0")
            said = _plain(line.answer())
        if not said or said.endswith("ERROR"):
            raise ScannerAway
        return said

    def scan(self, pieces: Iterable[bytes]) -> ScanFacts:
        """See `Scanner.scan`."""
        with self._line() as line:
            is_sent = _send_all(line, pieces)
            found = verdict_in(line.answer())
        if found.state is ScanState.CLEAN and not is_sent:
            raise ScannerAway  # it has not seen all of it
        return found

    @contextmanager
    def _line(self) -> Iterator[_Line]:
        try:
            connected = self._address.connect(self._limits.connect_seconds)
        except OSError as error:
            raise ScannerAway from error
        with _Line(connected, self._limits) as line:
            yield line


def _send_all(line: _Line, pieces: Iterable[bytes]) -> bool:
    """Send the pieces; False where the daemon answered, or hung up, before it had all of them."""
    if not line.sent(b"zINSTREAM\0"):
        return False
    for piece in pieces:
        # A piece of length zero would end the stream, and the rest would pass unseen.
        if piece and (line.has_answer() or not line.sent(len(piece).to_bytes(4, "big"), piece)):
            return False
    return line.sent(_END_OF_STREAM)


def verdict_in(answer: str) -> ScanFacts:
    """What an answer to `INSTREAM` says. Raises ScannerAway where it is no verdict."""
    if answer == "stream: OK":
        return CLEAN
    if answer == _SIZE_LIMIT:
        return TOO_LARGE
    found = _FOUND.fullmatch(answer)
    name = _plain(found[1]) if found else ""
    if not name:
        raise ScannerAway
    if name.startswith(_LIMITS_EXCEEDED):
        return TOO_LARGE
    return ScanFacts(ScanState.INFECTED, name)


def _plain(text: str) -> str:
    """What a scanner says, as a short text that changes nothing round it."""
    return "".join(sign for sign in text.strip() if " " <= sign <= "~")[:LONGEST_NAME]


class _Line:
    """One connection. Whatever goes wrong on it is ScannerAway."""

    def __init__(self, connected: socket.socket, limits: TimeLimits) -> None:
        self._socket = connected
        self._limits = limits

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._socket.close()

    def send(self, *parts: bytes) -> None:
        if not self.sent(*parts):
            raise ScannerAway

    def sent(self, *parts: bytes) -> bool:
        """Whether the daemon took this. False where it hung up: why, its answer may say."""
        self._socket.settimeout(self._limits.send_seconds)
        try:
            for part in parts:
                self._socket.sendall(part)
        except (BrokenPipeError, ConnectionResetError):
            return False
        except OSError as error:
            raise ScannerAway from error
        return True

    def has_answer(self) -> bool:
        """Whether the daemon has said something, or hung up, unasked."""
        poll = select.poll()
        poll.register(self._socket, select.POLLIN)
        return bool(poll.poll(0))

    def answer(self) -> str:
        """Its answer up to the zero byte or the end; a long one, or none, is no answer."""
        until = time.monotonic() + self._limits.answer_seconds
        said = b""
        try:
            while b"\0" not in said and len(said) <= MOST_ANSWER:
                self._socket.settimeout(max(0.001, until - time.monotonic()))
                more = self._socket.recv(MOST_ANSWER)
                if not more:
                    break
                said += more
        except OSError as error:
            raise ScannerAway from error
        text, ended, _rest = said.partition(b"\0")
        if not ended:
            raise ScannerAway
        return text.decode("ascii", "replace")
