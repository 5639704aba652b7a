"""A server that speaks clamd's protocol, on a real socket, and misbehaves when it is told to.

It finds the text that the makers of scanners agreed upon for trying them (EICAR), wherever pieces
are cut. It is put together here, so that no file of this tree holds it.
"""

from __future__ import annotations

import hashlib
import socket
import socketserver
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!" + b"$H+H*"
SIGNATURE = "Eicar-Test-Signature"
VERSION = "ClamAV 1.4.0/27500/Mon Nov 23 08:00:00 2026"


@dataclass
class Daemon:
    """How the server behaves, and what it was asked."""

    url: str = ""
    size_limit: int = 1 << 40
    says: bytes | None = None
    """The answer to a stream, instead of what is true."""
    pong: bytes = b"PONG\0"
    version: bytes = VERSION.encode() + b"\0"
    dies_after: int | None = None
    """Hangs up when so many bytes of a stream have come."""
    says_after: int | None = None
    """Says `says` when so many bytes of a stream have come, and reads no more."""
    waits_seconds: float = 0.0
    """Before it answers a stream."""
    drips: bool = False
    """Gives its answers byte by byte, slowly."""
    streams: list[str] = field(default_factory=list)
    """SHA-256 of each stream that came to its end."""
    commands: list[str] = field(default_factory=list)
    longest_piece: int = 0


class _Handler(socketserver.BaseRequestHandler):
    daemon: Daemon

    def handle(self) -> None:
        self.request.settimeout(30)
        command = b""
        while not command.endswith(b"\0"):
            sign = self.request.recv(1)
            if not sign:
                return
            command += sign
        self.daemon.commands.append(command.rstrip(b"\0").decode())
        if command == b"zPING\0":
            self._say(self.daemon.pong)
        elif command == b"zVERSION\0":
            self._say(self.daemon.version)
        elif command == b"zINSTREAM\0":
            self._scan()
        else:
            self._say(b"UNKNOWN COMMAND\0")

    def _say(self, answer: bytes) -> None:
        if self.daemon.drips:
            for at in range(len(answer)):
                self.request.sendall(answer[at : at + 1])
                time.sleep(0.02)
            return
        self.request.sendall(answer)

    def _scan(self) -> None:
        size, tail, found, digest = 0, b"", False, hashlib.sha256()
        while length := int.from_bytes(self._exactly(4), "big"):
            self.daemon.longest_piece = max(self.daemon.longest_piece, length)
            if size + length > self.daemon.size_limit:
                self._say(b"INSTREAM size limit exceeded. ERROR\0")
                return
            piece = self._exactly(length)
            size += length
            digest.update(piece)
            found = found or EICAR in tail + piece
            tail = (tail + piece)[-len(EICAR) :]
            if self.daemon.dies_after is not None and size >= self.daemon.dies_after:
                return
            if self.daemon.says_after is not None and size >= self.daemon.says_after:
                self._say(self.daemon.says or b"")
                time.sleep(1)
                return
        self.daemon.streams.append(digest.hexdigest())
        time.sleep(self.daemon.waits_seconds)
        truth = f"stream: {SIGNATURE} FOUND\0" if found else "stream: OK\0"
        self._say(truth.encode() if self.daemon.says is None else self.daemon.says)

    def _exactly(self, count: int) -> bytes:
        got = b""
        while len(got) < count:
            more = self.request.recv(count - len(got))
            if not more:
                raise ConnectionResetError
            got += more
        return got


class _Quiet:
    daemon_threads = True
    allow_reuse_address = True

    def handle_error(self, request: object, client_address: object) -> None:
        """A scanner that hangs up is what a test may be about."""


class _Tcp(_Quiet, socketserver.ThreadingTCPServer):
    pass


class _Unix(_Quiet, socketserver.ThreadingUnixStreamServer):
    pass


@contextmanager
def clamd(path: Path | None = None) -> Iterator[Daemon]:
    """A daemon that listens on TCP, or at `path`, until the end of the block."""
    daemon = Daemon()
    handler = type("Handler", (_Handler,), {"daemon": daemon})
    server = _Unix(str(path), handler) if path else _Tcp(("127.0.0.1", 0), handler)
    daemon.url = f"clamd+unix://{path}" if path else f"clamd://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield daemon
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def nobody_listens() -> str:
    """An address at which nothing listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"clamd://127.0.0.1:{free.getsockname()[1]}"
