"""A line that breaks: a proxy of plain sockets that hangs up after so many bytes of an answer."""

from __future__ import annotations

import random
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit

Allowance = Callable[[], int | None]
"""How many bytes of the next connection's answers arrive; None for all of them."""


class Line:
    """`url` reaches the installation; every connection is cut when its allowance is spent."""

    def __init__(self, target: str, allowance: Allowance) -> None:
        parts = urlsplit(target)
        self._target = (parts.hostname or "", parts.port or 80)
        self._allowance = allowance
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        self.cuts = 0

    def serve(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._listening.accept()
                threading.Thread(target=self._carry, args=(near,), daemon=True).start()

    def close(self) -> None:
        # Closing alone does not wake the thread that waits for a connection.
        with suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()

    def _carry(self, near: socket.socket) -> None:
        with near, socket.create_connection(self._target) as far:
            threading.Thread(target=_pass_on, args=(near, far), daemon=True).start()
            left = self._allowance()
            with suppress(OSError):
                while piece := far.recv(16 * 1024):
                    if left is not None and len(piece) >= left:
                        near.sendall(piece[:left])
                        self.cuts += 1
                        # Closing alone does not reach a thread that waits at the same socket.
                        near.shutdown(socket.SHUT_RDWR)
                        return
                    near.sendall(piece)
                    left = None if left is None else left - len(piece)


def _pass_on(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while piece := source.recv(16 * 1024):
            target.sendall(piece)


@contextmanager
def line(target: str, allowance: Allowance) -> Iterator[Line]:
    made = Line(target, allowance)
    threading.Thread(target=made.serve, daemon=True).start()
    try:
        yield made
    finally:
        made.close()


def cut_often(seed: int, *, least: int, most: int, times: int) -> Allowance:
    """The first so many connections are cut at places that the seed says, the others never."""
    chance, left = random.Random(seed), [times]

    def next_one() -> int | None:
        if left[0] == 0:
            return None
        left[0] -= 1
        return chance.randint(least, most)

    return next_one
