"""The published nginx configuration, with this test's ports and files in it, run by the real nginx."""

from __future__ import annotations

import contextlib
import re
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PUBLISHED = ROOT / "deploy/proxy/nginx.conf"
NAME = "data.city.example"


@dataclass(frozen=True)
class Way:
    """One way in: straight to Simplr, or by the proxy."""

    port: int
    tls: bool
    spool: Path | None = None
    """Where the proxy would put bodies that it buffers."""

    def connect(self, seconds: float = 20) -> socket.socket:
        wire = socket.create_connection(("127.0.0.1", self.port), timeout=seconds)
        if not self.tls:
            return wire
        unverified = ssl.create_default_context()
        unverified.check_hostname = False
        unverified.verify_mode = ssl.CERT_NONE
        return unverified.wrap_socket(wire, server_hostname=NAME)

    def send(self, content: bytes, *, seconds: float = 20) -> bytes:
        """All that is answered to these very bytes, until the server closes or is silent."""
        with self.connect(seconds) as wire:
            answer = b""
            with contextlib.suppress(OSError):  # it may close before it has read everything
                wire.sendall(content)
            with contextlib.suppress(OSError):
                while piece := wire.recv(65536):
                    answer += piece
            return answer


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@contextmanager
def nginx(folder: Path, *, upstream: int) -> Iterator[Way]:
    """nginx before what listens on `upstream`, until the block ends."""
    port = free_port()
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"),
            *("-keyout", folder / "key.pem", "-out", folder / "chain.pem"),
            *("-subj", f"/CN={NAME}"),
        ],
        check=True,
        capture_output=True,
    )
    configured = PUBLISHED.read_text()
    configured = configured.replace(f"/etc/ssl/{NAME}/", f"{folder}/")
    configured = configured.replace("/var/log/nginx/", f"{folder}/")
    configured = configured.replace("http://127.0.0.1:8000", f"http://127.0.0.1:{upstream}")
    configured = configured.replace("listen 443 ssl", f"listen 127.0.0.1:{port} ssl")
    configured = configured.replace("listen 80;", f"listen 127.0.0.1:{free_port()};")
    configured = re.sub(r"\n *listen \[::\].*", "", configured)
    (folder / "site.conf").write_text(configured)
    spool = folder / "spool"
    spool.mkdir()
    places = "".join(
        f"{kind}_temp_path {spool}/{kind};"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (folder / "nginx.conf").write_text(
        f"daemon off; master_process off; pid {folder}/pid; error_log {folder}/error.log;"
        f"events {{ worker_connections 1024; }} http {{ {places} include {folder}/site.conf; }}"
    )
    command = [shutil.which("nginx") or "/usr/sbin/nginx", "-p", str(folder), "-c", "nginx.conf"]
    tried = subprocess.run([*command, "-t"], capture_output=True, text=True, check=False)
    assert tried.returncode == 0, tried.stderr
    # A file per body is opened and unlinked at once: the calls are counted, not the names.
    process = subprocess.Popen(command, stderr=subprocess.PIPE)
    way = Way(port, tls=True, spool=spool)
    until = time.monotonic() + 10
    try:
        while True:
            with contextlib.suppress(OSError), way.connect():
                break
            assert time.monotonic() < until
            assert process.poll() is None
            time.sleep(0.05)
        yield way
    finally:
        process.terminate()
        process.wait(10)
