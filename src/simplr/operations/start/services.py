"""What an installation consists of: how each part is started and how it is seen to be ready."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import signal
import socket
import ssl
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from subprocess import Popen

import psycopg

from simplr.operations.start import binaries, processes, reach
from simplr.operations.start.certificates import Certificate
from simplr.operations.start.environment import environment, key_store_of
from simplr.operations.start.folder import DataFolder
from simplr.operations.start.network import Address
from simplr.operations.start.parts import Part
from simplr.operations.start.postgres import Cluster
from simplr.operations.start.recording import Recorder

WEB_SETTINGS = Path(__file__).with_name("web_server.py")
HEALTH = "/api/v1/health"
RESTART_SECONDS = 300.0


@dataclass(frozen=True)
class Services:
    """Starts the parts of one installation, each as whom and with what it needs, no more."""

    folder: DataFolder
    reached: reach.Reach
    address: Address
    environ: Mapping[str, str]

    def cluster(self) -> Cluster:
        """PostgreSQL's cluster; its programs are copied where the account cannot reach them."""
        programs = binaries.find()
        account, enter = self.reached.account, self.reached.enter
        within_reach = (
            account is None
            or enter is not None
            or reach.can_run(programs.program("postgres"), account)
        )
        if not within_reach:
            place = self.folder.path / "programs"
            place.mkdir(mode=0o755, exist_ok=True)
            programs = programs.copied_to(place)
        return Cluster(
            data=self.folder.postgres,
            sockets=self.folder.postgres_sockets,
            password_file=self.folder.secret / "postgres-superuser",
            log=self.folder.log("postgres"),
            programs=programs,
            account=account,
            enter=enter,
        )

    def postgres(self, cluster: Cluster) -> Part:
        def answers() -> bool:
            with contextlib.suppress(psycopg.OperationalError):
                cluster.connect(connect_timeout=2).close()
                return True
            return False

        return Part(
            name="postgres",
            start=lambda output: cluster.start(output=output),
            is_ready=answers,
            recorder=Recorder(
                "postgres", cluster.log, account=self.reached.account, speaks_json=False
            ),
            stop_signal=signal.SIGINT,
            stop_seconds=60,
        )

    def vault(self) -> Part:
        """The key agent. A root key is made on the first start only; later its lack means sealed."""

        def command() -> list[str]:
            # Asked at each start: the root key may have been exchanged since the last one.
            expected = self.folder.installation().root_key_id
            words = ["-m", "simplr.vault.agent", "--socket", str(self.folder.agent_socket)]
            words += ["--key-store", key_store_of(self.folder, self.environ)]
            return words + (["--expected-id", expected] if expected else ["--create"])

        def listens() -> bool:
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as caller:
                caller.settimeout(2)
                return caller.connect_ex(str(self.folder.agent_socket)) == 0

        return Part(
            name="vault",
            start=lambda output: self.python(command(), name="vault", output=output),
            is_ready=listens,
            recorder=self.recorder("vault"),
            stop_seconds=5,
        )

    def web(self, listener: socket.socket, certificate: Certificate | None) -> Part:
        command = ["-m", "gunicorn", "--config", str(WEB_SETTINGS)]
        command += ["--bind", f"fd://{listener.fileno()}"]
        command += ["--graceful-timeout", str(round(self.restart_seconds()))]
        if certificate is not None:
            command += ["--certfile", str(certificate.path), "--keyfile", str(certificate.key)]
        loaded = Loaded()

        def start(output: int) -> Popen[bytes]:
            told = loaded.renew()
            self._forget_the_dead()
            try:
                return self.python(
                    command,
                    name="web",
                    output=output,
                    hand_over=(listener.fileno(), told),
                    extra={"SIMPLR_LOADED_FD": str(told), **self._counting()},
                )
            finally:
                os.close(told)

        return Part(
            name="web",
            start=start,
            is_ready=lambda: loaded.is_told() and self.health() is not None,
            recorder=self.recorder("web"),
            stop_seconds=15,
        )

    def worker(self) -> Part:
        loaded = Loaded()

        def start(output: int) -> Popen[bytes]:
            told = loaded.renew()
            try:
                return self.python(
                    ["-m", "simplr.config.manage", "work"],
                    name="worker",
                    output=output,
                    hand_over=(told,),
                    extra={"SIMPLR_LOADED_FD": str(told), **self._counting()},
                )
            finally:
                os.close(told)

        return Part(
            name="worker",
            start=start,
            is_ready=loaded.is_told,
            recorder=self.recorder("worker"),
            stop_seconds=15,
        )

    def _counting(self) -> dict[str, str]:
        """What a process must know that counts for the metrics."""
        return {
            "PROMETHEUS_MULTIPROC_DIR": str(self.folder.metrics),
            "SIMPLR_SUPERVISOR": str(os.getpid()),
        }

    def _forget_the_dead(self) -> None:
        """What processes that were killed were doing must not stay counted as being done."""
        for doing in self.folder.metrics.glob("gauge_live*.db"):
            if not processes.is_alive(int(doing.stem.rpartition("_")[2])):
                doing.unlink(missing_ok=True)

    def restart_seconds(self) -> float:
        """How long a process that was replaced may finish what it does."""
        return float(self.environ.get("SIMPLR_RESTART_SECONDS", RESTART_SECONDS))

    def manage(self, *words: str, owner: bool = False) -> Popen[bytes]:
        """One of our management commands, to be waited for. Its output is in `logs/WORD.log`."""
        command = ["-m", "simplr.config.manage", *words]
        self.folder.log(words[0]).unlink(missing_ok=True)
        return self.python(command, name=words[0], owner=owner)

    def python(
        self,
        words: list[str],
        *,
        name: str,
        owner: bool = False,
        hand_over: tuple[int, ...] = (),
        extra: Mapping[str, str] | None = None,
        output: int | None = None,
    ) -> Popen[bytes]:
        """Start Python as the service account with the environment of a service."""
        surroundings = environment(
            self.folder, owner=owner, address=self.address, environ=self.environ
        )
        return processes.spawn(
            [sys.executable, *words],
            environment={**surroundings, **(extra or {})},
            folder=self.folder.path,
            log=self.folder.log(name),
            account=self.reached.web_account,
            enter=self.reached.enter,
            hand_over=hand_over,
            output=output,
        )

    def recorder(self, part: str) -> Recorder:
        """What writes the log of one of our own parts."""
        return Recorder(part, self.folder.log(part), account=self.reached.web_account)

    def health(self, *, seconds: float = 10) -> str | None:
        """What the web service says of itself, `ok` or `sealed`; None while it does not answer."""
        return health(self.address, seconds=seconds)


class Loaded:
    """A pipe by which a web process says that the application is loaded: no polling over HTTP."""

    def __init__(self) -> None:
        self._reading = -1
        self._told = False

    def renew(self) -> int:
        """The end to hand to a new process, who closes it here."""
        if self._reading >= 0:
            os.close(self._reading)
        self._reading, writing = os.pipe()
        os.set_blocking(self._reading, False)
        self._told = False
        return writing

    def is_told(self) -> bool:
        if not self._told:
            with contextlib.suppress(BlockingIOError):
                self._told = bool(os.read(self._reading, 16))
        return self._told


def health(address: Address, *, seconds: float = 10) -> str | None:
    """Ask the installation at `address` on this machine how it is; None when nothing answers."""
    host = "127.0.0.1"
    connection: http.client.HTTPConnection
    if address.tls:
        # The certificate names the public name; this call never leaves the machine.
        unverified = ssl.create_default_context()
        unverified.check_hostname = False
        unverified.verify_mode = ssl.CERT_NONE
        connection = http.client.HTTPSConnection(
            host, address.port, timeout=seconds, context=unverified
        )
    else:
        connection = http.client.HTTPConnection(host, address.port, timeout=seconds)
    name = address.host or "localhost"
    try:
        connection.request("GET", HEALTH, headers={"Host": f"{name}:{address.port}"})
        answer = connection.getresponse()
        found = json.loads(answer.read(65_536))
        return str(found["status"]) if answer.status == 200 else None
    except (OSError, http.client.HTTPException, ValueError, KeyError, TypeError):
        return None
    finally:
        connection.close()
