"""Where the web service listens: an address we bind ourselves, before anything else starts.

The supervisor holds the listening socket and hands it to the web processes: a port that is taken is
found at once, callers wait instead of being refused while the web restarts, and root may listen on
443 for services that are not root.
"""

from __future__ import annotations

import errno
import socket
from dataclasses import dataclass

from simplr.operations.start.errors import PortTaken

DEFAULT_PORT = 8000
STALLED_SECONDS = 300
"""How long a caller may take nothing of what is sent before he is let go: each holds a thread. A
download is resumed by Range."""
LOCAL_NAMES = frozenset({"", "localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True)
class Address:
    """The name and port that callers use, and whether the way there is encrypted by us."""

    host: str
    port: int
    tls: bool

    @property
    def is_local(self) -> bool:
        return self.host in LOCAL_NAMES

    @property
    def url(self) -> str:
        scheme, usual = ("https", 443) if self.tls else ("http", 80)
        name = self.host or "localhost"
        if ":" in name:
            name = f"[{name}]"
        return f"{scheme}://{name}" + ("" if self.port == usual else f":{self.port}")


def listen(host: str, port: int) -> socket.socket:
    """A listening socket: on loopback for a local name, else on every interface. Port 0 is any."""
    if host in LOCAL_NAMES:
        attempts = [(socket.AF_INET, "127.0.0.1")]
    else:
        attempts = [(socket.AF_INET6, "::"), (socket.AF_INET, "0.0.0.0")]  # noqa: S104 by --host
    for family, address in attempts:
        try:
            return _listen(family, address, port)
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise PortTaken(
                    f"Port {port} is used by another program. Choose another with `--port N`, or"
                    " `--port 0` for any free one.",
                    port=port,
                ) from error
            if error.errno == errno.EACCES:
                raise PortTaken(
                    f"Only root may listen on port {port}. Choose one above 1023.", port=port
                ) from error
            if family == socket.AF_INET:
                raise
    raise PortTaken(f"Nothing can listen on port {port} here.", port=port)


def _listen(family: int, address: str, port: int) -> socket.socket:
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        # Connections inherit both from the listener.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, STALLED_SECONDS * 1000)
        if family == socket.AF_INET6:
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        listener.bind((address, port))
        listener.listen(1024)
    except OSError:
        listener.close()
        raise
    return listener
