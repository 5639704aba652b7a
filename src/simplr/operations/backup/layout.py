"""What lies where in a place for backups."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from simplr.operations.start.folder import write_privately
from simplr_core.errors import Conflict, Invalid, NotFound

FORMAT = "simplr-backup/1"
HEADS, SETTINGS, FACTS = "heads", "settings", "facts"
ORDER = (("audit", "simplr_audit"), ("default", "simplr"), ("vault", "simplr_vault"))
"""The log before the events that it holds; keys last, so that what refers to them is older."""


class NoBackup(NotFound):
    """There is no complete backup at this place. Make one with `simplr backup PLACE`."""

    code = "no-backup"


class ForeignBackup(Conflict):
    """The place holds something else: choose an empty folder, or the one used before."""

    code = "foreign-backup"


class BackupRunning(Conflict):
    """Another backup into this place is running. Wait for its end."""

    code = "backup-running"


@dataclass(frozen=True)
class Snapshot:
    """What a snapshot says of itself in clear: enough to know which root key opens it."""

    format: str
    installation: str
    taken_at: str
    release: str
    root_key_id: str
    wrapped_key: str
    """The key of the snapshot, wrapped under the root key, in base64."""
    postgres: int


@dataclass(frozen=True)
class Place:
    """A folder that holds the backups of one installation."""

    path: Path

    @property
    def objects(self) -> Path:
        return self.path / "objects"

    @property
    def snapshots(self) -> Path:
        return self.path / "snapshots"

    def prepare(self, installation: str) -> None:
        """Make the folder, for its owner alone. Raises ForeignBackup or Invalid."""
        mark = self.path / "simplr-backup.json"
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            if not mark.exists():
                if any(self.path.iterdir()):
                    raise ForeignBackup(f"{self.path} holds other things: choose an empty folder.")
                said = {"format": FORMAT, "installation": installation}
                write_privately(mark, json.dumps(said) + "\n", mode=0o600)
            self.snapshots.mkdir(mode=0o700, exist_ok=True)
            self.objects.mkdir(mode=0o700, exist_ok=True)
        except OSError as error:
            raise Invalid(f"{self.path} cannot be written: {error.strerror}.") from None
        if self.installation() != installation:
            raise ForeignBackup(
                f"{self.path} holds the backups of another installation: choose another folder."
            )

    def installation(self) -> str:
        """Whose backups these are. Raises NoBackup."""
        try:
            found = json.loads((self.path / "simplr-backup.json").read_text())
            return str(found["installation"])
        except (OSError, ValueError, KeyError, TypeError):
            raise NoBackup(f"{self.path} holds no backup of Simplr.") from None

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the place: two backups at once would take each other's unfinished work away."""
        descriptor = os.open(self.path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise BackupRunning from None
            for left in self.snapshots.glob("*.partial"):
                shutil.rmtree(left)
            yield
        finally:
            os.close(descriptor)

    def names(self) -> list[str]:
        """The complete snapshots, oldest first."""
        found = self.snapshots.glob("*/snapshot.json") if self.snapshots.is_dir() else ()
        return sorted(path.parent.name for path in found if path.parent.suffix != ".partial")

    def chosen(self, name: str = "") -> str:
        """The snapshot of that name, else the newest. Raises NoBackup, which names those there."""
        names = self.names()
        if not names:
            raise NoBackup(f"{self.path} holds no complete backup.")
        if name and name not in names:
            raise NoBackup(f"{self.path} holds no snapshot {name}, only {', '.join(names)}.")
        return name or names[-1]

    def snapshot(self, name: str) -> Snapshot:
        """What a snapshot says of itself. Raises NoBackup for one that cannot be read."""
        try:
            found = Snapshot(**json.loads((self.snapshots / name / "snapshot.json").read_text()))
        except (OSError, ValueError, TypeError) as error:
            raise NoBackup(f"The snapshot {name} cannot be read: {error}.") from None
        if found.format != FORMAT:
            raise NoBackup(f"The snapshot {name} has the format {found.format}, not {FORMAT}.")
        return found

    def object_path(self, object_id: UUID) -> Path:
        name = object_id.hex
        return self.objects / name[-2:] / name[-4:-2] / f"{name}.sf1"

    def object_ids(self, name: str) -> Iterator[UUID]:
        """The objects that a snapshot needs."""
        with (self.snapshots / name / "objects.txt").open() as lines:
            yield from (UUID(hex=line.strip()) for line in lines)

    def begin(self) -> tuple[str, Path]:
        """The name of a new snapshot and the folder that it is made in."""
        name = datetime.now(UTC).strftime("%Y-%m-%dT%H%M%S.%fZ")
        folder = self.snapshots / f"{name}.partial"
        folder.mkdir(mode=0o700)
        return name, folder

    def complete(self, name: str, snapshot: Snapshot, objects: Iterable[UUID]) -> None:
        """Let a snapshot count; from here on it is there."""
        folder = self.snapshots / f"{name}.partial"
        lines = "".join(f"{object_id.hex}\n" for object_id in objects)
        write_privately(folder / "objects.txt", lines, mode=0o600)
        write_privately(
            folder / "snapshot.json", json.dumps(asdict(snapshot), indent=2) + "\n", mode=0o600
        )
        folder.rename(self.snapshots / name)
        descriptor = os.open(self.snapshots, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def prune(self, *, keep: int) -> tuple[int, int]:
        """Remove all but the newest `keep` snapshots, and the objects that none needs any more.

        Returns how many of both went. Raises Invalid for keeping none.
        """
        if keep < 1:
            raise Invalid("At least one snapshot is kept: say --keep 1 or more.")
        gone = self.names()[:-keep]
        for name in gone:
            (self.snapshots / name / "snapshot.json").unlink()
            shutil.rmtree(self.snapshots / name)
        needed = {id_ for name in self.names() for id_ in self.object_ids(name)}
        objects = 0
        for path in self.objects.glob("??/??/*.sf1"):
            if UUID(hex=path.stem) not in needed:
                path.unlink()
                objects += 1
        return len(gone), objects
