"""A way to an installation that breaks: it passes bytes on and cuts the connection after so many."""

from __future__ import annotations

import socket
import socketserver
import threading
from typing import Any
from urllib.parse import urlsplit


class Cutting(socketserver.ThreadingTCPServer):
    """Listens on a free port of this machine; `cuts` says how many connections it has broken."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, url: str, *, after: int, times: int) -> None:
        super().__init__(("127.0.0.1", 0), _Passing)
        parts = urlsplit(url)
        self.behind = (parts.hostname or "localhost", parts.port or 80)
        self.after = after
        self.times = times
        self.cuts = 0
        self.asked: list[str] = []
        """The first line of each request for rows."""
        self._lock = threading.Lock()

    @property
    def url(self) -> str:
        return f"http://localhost:{self.server_address[1]}"

    def may_cut(self) -> bool:
        """Whether a connection that has passed enough is to be broken."""
        with self._lock:
            if self.cuts >= self.times:
                return False
            self.cuts += 1
            return True


class _Passing(socketserver.BaseRequestHandler):
    server: Cutting

    def handle(self) -> None:
        with socket.create_connection(self.server.behind) as behind:
            back = threading.Thread(target=self._pass, args=(behind, self.request, False))
            back.start()
            self._pass(self.request, behind, True)
            back.join()

    def _pass(self, source: Any, target: Any, asking: bool) -> None:
        passed = 0
        try:
            while piece := source.recv(65_536):
                line = piece.split(b"\r\n", 1)[0]
                if asking and b"/rows?" in line:
                    self.server.asked.append(line.decode())
                target.sendall(piece)
                passed += len(piece)
                if passed >= self.server.after and self.server.may_cut():
                    break
            else:
                target.shutdown(socket.SHUT_WR)
                return
        except OSError:
            pass
        for each in (source, target):
            try:
                each.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue
