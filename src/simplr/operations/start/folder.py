"""The data folder: where an installation lies, what is in it and who may read what.

    installation.json   id, environment, port, name it is reached by: no secret
    postgres/           the cluster                              (service account)
    secret/             passwords of the database roles, Django's key, TLS key
    keys/               the root key of the `file` key store     (service account)
    objects/ cache/ tmp/ ledger/ static/                                (service account)
    run/                sockets; elsewhere when the path is too long for one
    logs/               one file a service

Root keeps the folder itself and `secret/`; the service account owns only what the services write.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import stat
import tempfile
import uuid
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from simplr.operations.start import reach
from simplr.operations.start.account import Account, service_account
from simplr.operations.start.errors import FolderUnsuitable

DEFAULT_NAME = "simplr-data"
SYSTEM_PLACE = Path("/var/lib/simplr")
LONGEST_SOCKET_FOLDER = 107 - len("/postgres/.s.PGSQL.5432.lock") - 1
ENVIRONMENTS = ("production", "demo", "test")
SERVICE_FOLDERS = ("keys", "objects", "cache", "tmp", "ledger", "static")


@dataclass(frozen=True)
class Installation:
    """What an installation remembers about itself between starts; nothing secret."""

    id: str
    environment: str
    created_at: str
    port: int = 8000
    host: str = ""
    tls_certificate: str = ""
    tls_key: str = ""
    key_store: str = ""
    """Where the root key rests: `file:PATH` or `gpg:FOLDER`; `file:DIR/keys/root.key` if empty."""
    objects_url: str = ""
    """Where objects lie, if they were moved out of the folder: `s3://BUCKET/…` or another URL."""
    welcomed: bool = False
    """Whether the first administrator's sign-in link was made."""
    root_key_id: str = ""
    """The public name of the root key, known after the first start: another one is refused."""

    @property
    def is_production(self) -> bool:
        return self.environment == "production"


@dataclass(frozen=True)
class DataFolder:
    """An installation's folder; its parts by name."""

    path: Path

    @property
    def installation_file(self) -> Path:
        return self.path / "installation.json"

    def lock(self, only: str = "") -> Path:
        """The file that a running supervisor holds locked."""
        return self.path / (f"supervisor-{only}.lock" if only else "supervisor.lock")

    @property
    def state(self) -> Path:
        """What the running supervisor says of itself and its parts."""
        return self.path / "running.json"

    @property
    def postgres(self) -> Path:
        return self.path / "postgres-home" / "data"

    @property
    def secret(self) -> Path:
        return self.path / "secret"

    @property
    def logs(self) -> Path:
        return self.path / "logs"

    def log(self, service: str) -> Path:
        return self.logs / f"{service}.log"

    @property
    def run(self) -> Path:
        """The folder of the sockets: short enough for one, always private."""
        inside = self.path / "run"
        if len(os.fsencode(inside)) <= LONGEST_SOCKET_FOLDER:
            return inside
        short = hashlib.sha256(os.fsencode(self.path)).hexdigest()[:12]
        place = Path("/run") if os.geteuid() == 0 else Path(tempfile.gettempdir())
        return place / f"simplr-{short}"

    @property
    def postgres_sockets(self) -> Path:
        return self.run / "postgres"

    @property
    def agent_socket(self) -> Path:
        return self.run / "vault" / "agent.sock"

    @property
    def metrics(self) -> Path:
        """Where the processes that serve count together, from one start to the next."""
        return self.run / "metrics"

    def exists(self) -> bool:
        return self.installation_file.exists()

    def installation(self) -> Installation:
        """What the installation remembers. Raises FolderUnsuitable when it cannot be read."""
        try:
            found = json.loads(self.installation_file.read_text())
            return Installation(**found)
        except FileNotFoundError:
            raise FolderUnsuitable(
                f"{self.path} holds no installation: start one with `simplr up`."
            ) from None
        except (ValueError, TypeError) as error:
            raise FolderUnsuitable(f"{self.installation_file} is damaged: {error}.") from error

    def remember(self, installation: Installation) -> None:
        """Write what the installation remembers, wholly or not at all."""
        write_privately(
            self.installation_file, json.dumps(asdict(installation), indent=2) + "\n", mode=0o644
        )

    def prepare(
        self, *, environment: str, account: Account | None, web_account: Account | None
    ) -> Installation:
        """Make the folder's parts, with their owners and permissions; harmless when they exist."""
        if environment and environment not in ENVIRONMENTS:
            raise FolderUnsuitable(f"The environment is one of {', '.join(ENVIRONMENTS)}.")
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._check_ours()
        others = [path for path in self.path.iterdir() if not path.name.startswith("supervisor")]
        if others and not self.exists() and not self.secret.is_dir():
            raise FolderUnsuitable(f"{self.path} holds other things: choose an empty folder.")
        # The service account passes through to its own parts; it can list and change nothing here.
        self.path.chmod(0o700 if account is None else 0o711)
        for name in ("secret", "logs"):
            _folder(self.path / name, None, mode=0o700 if account is None else 0o711)
        for name in SERVICE_FOLDERS:
            _folder(self.path / name, web_account, mode=0o700)
        _folder(self.postgres.parent, account, mode=0o700)
        _folder(self.run, None, mode=0o700 if account is None else 0o711)
        _folder(self.postgres_sockets, account, mode=0o700)
        _folder(self.agent_socket.parent, web_account, mode=0o700)
        _folder(self.metrics, web_account, mode=0o700)
        if self.exists():
            installation = self.installation()
            if environment and environment != installation.environment:
                raise FolderUnsuitable(
                    f"{self.path} is a {installation.environment} installation, for good: it"
                    f" cannot become {environment}."
                )
            return installation
        installation = Installation(
            id=str(uuid.uuid4()),
            environment=environment or "production",
            created_at=datetime.now(UTC).isoformat(timespec="seconds"),
        )
        self.remember(installation)
        return installation

    def update(self, **changes: object) -> Installation:
        """Change something that the installation remembers."""
        installation = replace(self.installation(), **changes)  # type: ignore[arg-type]
        self.remember(installation)
        return installation

    def secret_text(self, name: str) -> str:
        """A random secret of this installation, made the first time it is asked for."""
        path = self.secret / name
        try:
            return path.read_text().strip()
        except FileNotFoundError:
            write_privately(path, secrets.token_urlsafe(48) + "\n", mode=0o600)
            return path.read_text().strip()

    def _check_ours(self) -> None:
        owner = self.path.stat().st_uid
        if owner != os.geteuid():
            raise FolderUnsuitable(
                f"{self.path} belongs to user {owner}, and this is user {os.geteuid()}: start it"
                " as its owner or choose another folder with --data."
            )


def locate(data: Path | None = None, *, environ: Mapping[str, str] | None = None) -> DataFolder:
    """The data folder that a command means: `--data`, else SIMPLR_DATA, else ./simplr-data.

    As root, where the service account cannot reach that, it lies below /var/lib/simplr under a
    name made from the place that was meant: the checkout for the default, else the folder itself.
    """
    surroundings = os.environ if environ is None else environ
    named = data or (Path(surroundings["SIMPLR_DATA"]) if surroundings.get("SIMPLR_DATA") else None)
    wanted = Path(os.path.abspath(named or DEFAULT_NAME))
    if os.geteuid() == 0 and SYSTEM_PLACE not in wanted.parents:
        account = service_account()
        if account is not None and not reach.can_enter(wanted.parent, account):
            meant = wanted if named is not None else wanted.parent
            short = hashlib.sha256(os.fsencode(meant)).hexdigest()[:16]
            return DataFolder(SYSTEM_PLACE / short)
    return DataFolder(wanted)


def write_privately(path: Path, text: str, *, mode: int) -> None:
    """Replace a file wholly or not at all; what is written is on disk when this returns."""
    partial = path.with_name(f".{path.name}.partial")
    partial.unlink(missing_ok=True)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
    descriptor = os.open(partial, flags, mode)
    with os.fdopen(descriptor, "w") as stream:
        os.fchmod(stream.fileno(), mode)
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    partial.rename(path)


def _folder(path: Path, account: Account | None, *, mode: int) -> None:
    """Make a private folder, or see that the one that is there is ours and private."""
    path.mkdir(mode=mode, parents=True, exist_ok=True)
    found = path.lstat()
    owner = os.geteuid() if account is None else account.uid
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in (owner, os.geteuid()):
        raise FolderUnsuitable(
            f"{path} belongs to user {found.st_uid} instead of {owner}, or is not a folder:"
            " mend its owner, or remove it."
        )
    if account is not None and found.st_uid != account.uid:
        account.own(path)
    if stat.S_IMODE(found.st_mode) != mode:
        path.chmod(mode)
