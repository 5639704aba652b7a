"""The one process that starts everything, watches it, and takes it along when it ends.

    lock the folder -> PostgreSQL and key agent -> roles, databases, extensions -> migrations,
    static files -> web and worker -> health answers: ready

A part that dies is started again, after a pause that grows. When this process is asked to end it
stops the parts in reverse order; when it is killed, the kernel stops them (see `processes`).
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from simplr.operations.start import control, databases, prepared, processes, reach, restarting
from simplr.operations.start.account import service_account
from simplr.operations.start.environment import key_store_of, uses_own_postgres
from simplr.operations.start.errors import FolderUnsuitable, StartFailed
from simplr.operations.start.folder import DataFolder, write_privately
from simplr.operations.start.network import DEFAULT_PORT, LOCAL_NAMES, Address, listen
from simplr.operations.start.parts import Part
from simplr.operations.start.preparing import Preparation
from simplr.operations.start.services import Services
from simplr_core.errors import SimplrError

PARTS = ("postgres", "vault", "web", "worker")
LARGEST_LOG = 20 * 2**20
RECOVERY_SECONDS = 3600.0
"""How long PostgreSQL may take to replay what a crash left."""


@dataclass(frozen=True)
class Wish:
    """What `simplr up` was asked for; what is None or empty stays as it was."""

    port: int | None = None
    host: str | None = None
    tls: tuple[Path, Path] | None = None
    environment: str = ""
    only: str = ""
    new_signin: bool = False


@dataclass
class Supervisor:
    """Runs one installation from start to stop, in the main thread of a process."""

    folder: DataFolder
    wish: Wish
    tell: Callable[..., None]
    environ: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    parts: list[Part] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    state: str = "starting"
    address: Address | None = None
    _stopping: bool = False
    _began: float = field(default_factory=time.monotonic)
    _one_time: set[int] = field(default_factory=set)
    _restart_asked: bool = False
    _preparation: Preparation | None = None
    _restarted: restarting.Outcome = field(default_factory=lambda: restarting.Outcome(0))

    def run(self, *, when_ready: Callable[[dict[str, Any]], None]) -> None:
        """Start everything, call `when_ready` with what callers want to know, watch until stopped.

        Raises a SimplrError, with everything stopped again, when a part does not start.
        """
        self._began = time.monotonic()
        with control.locked(self.folder, only=self.wish.only), self._signals():
            processes.forbid_dumps()
            processes.adopt_orphans()
            try:
                facts = self._start()
                if not self._stopping:
                    self.state = "ready"
                    self._publish()
                    when_ready(facts)
                    self._watch()
            finally:
                self._stop()

    def _start(self) -> dict[str, Any]:
        only = self.wish.only
        account = service_account()
        reached = reach.reach_for(account)
        if reached.kept_root_because:
            self._note(f"The web keeps root: {reached.kept_root_because}.")
        if account is not None and account.is_shared:
            self._note("The services run as 'nobody', which other programs may use, too.")
        own_postgres = uses_own_postgres(self.environ) and only in ("", "postgres")
        if only in ("web", "worker") and uses_own_postgres(self.environ):
            raise FolderUnsuitable(
                f"`--only {only}` is for servers apart: set SIMPLR_DATABASE_URL,"
                " SIMPLR_VAULT_DATABASE_URL and SIMPLR_AUDIT_DATABASE_URL."
            )
        if (self.folder.path / "restoring").exists():
            raise FolderUnsuitable(
                f"A restore into {self.folder.path} was cut off: remove the folder and restore again."
            )
        installation = self.folder.prepare(
            environment=self.wish.environment or self.environ.get("SIMPLR_ENVIRONMENT", ""),
            account=account,
            web_account=reached.web_account,
        )
        if not only:
            for left in self.folder.metrics.glob("*.db"):
                left.unlink(missing_ok=True)
        first = not installation.welcomed
        address, listener = self._listen()
        self.address = address
        services = Services(self.folder, reached, address, self.environ)
        preparation = Preparation(
            services, self._run_once, self.tell, self.environ, only=self.wish.only
        )
        self._preparation = preparation
        certificate = preparation.certificate()
        prepared.compile_sources()
        self.tell("starting", data=str(self.folder.path), environment=installation.environment)

        if only in ("", "vault"):
            self._begin(services.vault())
        if own_postgres:
            self._start_postgres(preparation)
        elif not only:
            preparation.databases_elsewhere()
        note = preparation.store()
        if note:
            self._note(note)
        preparation.static_files()
        if listener is not None:
            self._begin(services.web(listener, certificate))
        if any(part.name == "vault" for part in self.parts):
            self._await("vault", seconds=60)
            if not installation.root_key_id:
                self._remember_root_key()
        facts: dict[str, Any] = {"url": address.url, "data": str(self.folder.path)}
        wanted = not only and (first or self.wish.new_signin)
        signin = self._signin_link(services) if wanted else {}
        for part in self.parts:
            self._await(part.name, seconds=120)
        if only in ("", "worker"):
            # Last, so that it does not keep the web waiting for a processor.
            self._begin(services.worker())
        health = services.health() if only in ("", "web") else None
        if health == "sealed":
            self._note("Sealed: the root key is not at hand. Open it with `simplr unseal`.")
        facts |= {
            "signin": signin.get("signin"),
            "token": signin.get("token"),
            "health": health,
            "environment": installation.environment,
            "first_start": first,
            "notes": self.notes,
            "seconds": round(time.monotonic() - self._began, 2),
        }
        if certificate is not None:
            facts |= {
                "certificate_fingerprint": certificate.fingerprint,
                "certificate_self_signed": certificate.self_signed,
            }
        return facts

    def _listen(self) -> tuple[Address, socket.socket | None]:
        """Take the port and settle the address; both are remembered for the next start."""
        before = self.folder.installation()
        host = before.host if self.wish.host is None else self.wish.host
        host = "" if host in LOCAL_NAMES else host
        wanted = before.port if self.wish.port is None else self.wish.port
        given = self.wish.tls
        if given is None and before.tls_certificate and host:
            given = (Path(before.tls_certificate), Path(before.tls_key))
        listener = None
        if self.wish.only in ("", "web"):
            listener = listen(host, wanted)
            wanted = int(listener.getsockname()[1])
        tls = bool(host)
        address = Address(host=host, port=wanted or DEFAULT_PORT, tls=tls)
        self.folder.update(
            port=address.port,
            host=host,
            tls_certificate=str(given[0].absolute()) if given else "",
            tls_key=str(given[1].absolute()) if given else "",
            key_store=key_store_of(self.folder, self.environ),
        )
        return address, listener

    def _start_postgres(self, preparation: Preparation) -> None:
        cluster = preparation.services.cluster()
        if not cluster.exists:
            self.tell("making the databases")
            cluster.create()
        elif cluster.major_version != databases.LOWEST_VERSION:
            raise FolderUnsuitable(
                f"The databases were made by PostgreSQL {cluster.major_version}, and"
                f" {cluster.programs.version} is installed: back up with the old release of"
                " Simplr and restore with this one."
            )
        self._begin(preparation.services.postgres(cluster))
        self._await("postgres", seconds=RECOVERY_SECONDS)
        preparation.databases_here(cluster)

    def _restart(self) -> None:
        """Replace web and worker by processes of the code that lies here now."""
        self._restart_asked = False
        if self._preparation is None:
            return
        self.tell("restarting")
        error = ""
        try:
            restarting.restart(self._preparation, self.parts, look=self._look)
        except SimplrError as failure:
            error = failure.message
        self._restarted = restarting.Outcome(self._restarted.count + 1, error)
        self.tell("restart failed" if error else "restarted", text=error or None)
        self._publish()

    def _signin_link(self, services: Services) -> dict[str, Any]:
        printed = self._run_once(services, "first_signin_link", "--json")
        for line in reversed(printed.splitlines()):
            with contextlib.suppress(ValueError):
                found = json.loads(line)
                if isinstance(found, dict) and "signin" in found:
                    self.folder.log("first_signin_link").unlink()  # it is a secret
                    self.folder.update(welcomed=True)
                    return found
        raise StartFailed(f"No sign-in link was made. The command said:\n{printed}")

    def _remember_root_key(self) -> None:
        from simplr.vault.agent import AgentClient

        client = AgentClient(self.folder.agent_socket)
        status = client.status()
        client.close()
        if status.root_key_id:
            self.folder.update(root_key_id=status.root_key_id)

    def _begin(self, part: Part) -> None:
        self.parts.append(part)
        part.begin()
        self._publish()

    def _await(self, name: str, *, seconds: float) -> None:
        """Watch everything until one part is ready. A part that dies while starting is a failure."""
        part = next(part for part in self.parts if part.name == name)
        deadline = time.monotonic() + seconds
        while part.state != "ready":
            self._look()
            failed = [p for p in self.parts if p.state == "waiting"]
            if failed or time.monotonic() > deadline:
                which = failed[0] if failed else part
                why = "ended" if failed else f"is not ready after {seconds:.0f} s"
                raise StartFailed(
                    f"{which.name} {why}. The end of {which.log}:\n"
                    f"{processes.last_lines(which.log)}"
                )
            time.sleep(0.02)

    def _run_once(self, services: Services, *words: str, owner: bool = False) -> str:
        """Run one management command to its end and return what it printed."""
        process = services.manage(*words, owner=owner)
        self._one_time.add(process.pid)
        while process.poll() is None:
            self._look()
            time.sleep(0.02)
        self._one_time.discard(process.pid)
        printed = services.folder.log(words[0]).read_text(errors="replace")
        if process.returncode != 0:
            tail = "\n".join(printed.splitlines()[-30:])
            raise StartFailed(f"`{words[0]}` ended with status {process.returncode}:\n{tail}")
        return printed

    def _look(self) -> None:
        """One round of watching. Raises StartFailed when we were asked to stop meanwhile."""
        if self._stopping:
            raise StartFailed("It was stopped before it was ready.")
        changed = [part for part in self.parts if part.watch()]
        if changed:
            self._publish()

    def _watch(self) -> None:
        """Keep the parts running until asked to stop."""
        next_round = 0.0
        while not self._stopping:
            if self._restart_asked:
                self._restart()
            before = {part.name: part.state for part in self.parts}
            changed = [part for part in self.parts if part.watch()]
            for part in changed:
                self.tell(part.state, part=part.name, was=before[part.name], pid=part.pid)
            if changed:
                self._end_orphans()
                self._publish()
            if time.monotonic() > next_round:
                next_round = time.monotonic() + 5
                self._end_orphans()
                self._shorten_logs()
            time.sleep(0.1)

    def _end_orphans(self) -> None:
        """End what a killed part left behind: its children are ours now, and hold what it held."""
        known = {pid for part in self.parts for pid in part.pids} | self._one_time
        for pid in processes.children_of(os.getpid()):
            if pid not in known:
                with contextlib.suppress(ProcessLookupError, ChildProcessError):
                    os.kill(pid, signal.SIGKILL)
                    os.waitpid(pid, 0)

    def _shorten_logs(self) -> None:
        """Keep one older part of a log that grew large; writers append, so it may be cut."""
        for log in self.folder.logs.glob("*.log"):
            with contextlib.suppress(FileNotFoundError):
                if log.stat().st_size > LARGEST_LOG:
                    older = log.with_suffix(".log.1")
                    write_privately(older, log.read_text(errors="replace"), mode=0o600)
                    os.truncate(log, 0)

    def _stop(self) -> None:
        self.state = "stopping"
        with contextlib.suppress(OSError):
            self._publish()
        order = {name: place for place, name in enumerate(("worker", "web", "vault", "postgres"))}
        parts = sorted(self.parts, key=lambda part: order[part.name])
        for part in parts:
            if part.name in ("worker", "web"):
                part.ask_to_stop()
        for part in parts:
            part.stop()
        self._end_orphans()
        self.folder.state.unlink(missing_ok=True)
        self.tell("stopped")

    def _note(self, text: str) -> None:
        self.notes.append(text)
        self.tell("note", text=text)

    def _publish(self) -> None:
        """Let `simplr status` know."""
        state = {
            "state": self.state,
            "pid": os.getpid(),
            "url": self.address.url if self.address else None,
            "only": self.wish.only or None,
            "notes": self.notes,
            "restart": {"count": self._restarted.count, "error": self._restarted.error or None},
            "parts": {part.name: part.account_of() for part in self.parts},
        }
        write_privately(self.folder.state, json.dumps(state), mode=0o600)

    @contextmanager
    def _signals(self) -> Iterator[None]:
        def stop(number: int, frame: object) -> None:
            self._stopping = True

        def restart(number: int, frame: object) -> None:
            self._restart_asked = True

        before = {
            number: signal.signal(number, stop)
            for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
        }
        before[signal.SIGUSR1] = signal.signal(signal.SIGUSR1, restart)
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
