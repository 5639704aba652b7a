"""The object port, and the local folder behind it.

Objects are sealed bytes under opaque ids; a name that a person gave never becomes a path. An
object is written beside its place and linked into it when complete and synced, so a crash leaves
either the whole object or none, and an existing one is never overwritten.
"""

from __future__ import annotations

import contextlib
import errno
import functools
import os
from collections.abc import Iterator
from pathlib import Path
from secrets import token_hex
from typing import Protocol
from urllib.parse import unquote, urlsplit
from uuid import UUID, uuid4

from simplr_core.errors import Conflict, Corrupt, Unavailable


class ObjectMissing(Corrupt):
    """A stored object is not there. Restore it from a backup."""

    code = "object-missing"


class ObjectExists(Conflict):
    """An object of this id is there already; objects are never overwritten."""

    code = "object-exists"


class StoreFull(Unavailable):
    """There is no room where objects are kept. Nothing was kept; make room and try again."""

    code = "store-full"


class StoreFailing(Unavailable):
    """The disk where objects are kept gives errors. Look at it; nothing was lost by that."""

    code = "store-failing"


class StoreUnsuitable(Unavailable):
    """Objects cannot be kept at this place. The message says why."""

    code = "store-unsuitable"


class WrittenTooSlowly(Conflict):
    """The object was given up before all of it was written. Send it again."""

    code = "written-too-slowly"


@contextlib.contextmanager
def _of_the_disk() -> Iterator[None]:
    """Errors of the disk as ours: they are waited for, like all that is away for a while."""
    try:
        yield
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
        raise (StoreFull if full else StoreFailing) from error


class ObjectSink(Protocol):
    """Takes the sealed bytes of one object; nothing is there until `complete`."""

    def write(self, content: bytes, /) -> int: ...

    def rest(self) -> None:
        """All bytes are here: hold nothing open until `complete` or `abandon`."""

    def complete(self) -> None: ...

    def abandon(self) -> None: ...


class ObjectStore(Protocol):
    """What any place for objects must do."""

    def create(self, object_id: UUID) -> ObjectSink: ...

    def open(self, object_id: UUID) -> int: ...

    def fetch(self, object_id: UUID) -> int: ...

    def delete(self, object_id: UUID) -> None: ...

    def ids(self) -> Iterator[UUID]: ...

    def creates_on_condition(self) -> bool: ...


class _FolderSink:
    def __init__(self, *, partial: Path, final: Path) -> None:
        self._partial = partial
        self._final = final
        with _of_the_disk():
            partial.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._fd = os.open(partial, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600)

    def write(self, content: bytes, /) -> int:
        view = memoryview(content).cast("B")
        done = 0
        with _of_the_disk():
            while done < len(view):
                done += os.write(self._fd, view[done:])
        return done

    def rest(self) -> None:
        if self._fd < 0:
            return
        with _of_the_disk():
            os.fsync(self._fd)
        os.close(self._fd)
        self._fd = -1

    def complete(self) -> None:
        self.rest()
        with _of_the_disk():
            _make_durably(self._final.parent)
            try:
                # A link fails where a rename would overwrite.
                os.link(self._partial, self._final)
            except FileExistsError as error:
                raise ObjectExists from error
            except FileNotFoundError as error:
                raise WrittenTooSlowly from error  # the sweeper took it for cut off
            finally:
                self._partial.unlink(missing_ok=True)
            _sync(self._final.parent)

    def abandon(self) -> None:
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1
        self._partial.unlink(missing_ok=True)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _make_durably(folder: Path) -> None:
    """Make a folder so that it is still there after a loss of power."""
    if folder.is_dir():
        return
    _make_durably(folder.parent)
    folder.mkdir(exist_ok=True, mode=0o700)
    _sync(folder.parent)


class LocalFolder:
    """Objects as files below one 0700 folder, fanned out by the last digits of their id."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def _place(self, object_id: UUID) -> Path:
        name = object_id.hex
        return self.root / name[-2:] / name[-4:-2] / f"{name}.sf1"

    def create(self, object_id: UUID) -> ObjectSink:
        """A sink for a new object. Raises ObjectExists when completed over an old one."""
        final = self._place(object_id)
        if final.exists():
            raise ObjectExists
        partial = self.root / "partial" / f"{object_id.hex}.{os.getpid()}.{token_hex(4)}"
        return _FolderSink(partial=partial, final=final)

    def open(self, object_id: UUID) -> int:
        """A read-only descriptor; whoever gets it closes it. Raises ObjectMissing."""
        try:
            return os.open(self._place(object_id), os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError as error:
            raise ObjectMissing(object=str(object_id)) from error

    def fetch(self, object_id: UUID) -> int:
        """The same: there is no cache before a folder."""
        return self.open(object_id)

    def creates_on_condition(self) -> bool:
        """Whether a second file of one name is refused, tried out. Raises StoreUnsuitable."""
        trial = self.root / "partial" / f"trial-{uuid4().hex}"
        second = trial.with_suffix(".2")
        try:
            trial.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            trial.touch(mode=0o600)
            os.link(trial, second)
            os.link(trial, second)
        except FileExistsError:
            return True
        except OSError as error:
            raise StoreUnsuitable(
                f"{self.root} cannot hold objects: {error.strerror}. It must be a file system with"
                " hard links that the account of the services can write to."
            ) from error
        finally:
            for path in (trial, second):
                with contextlib.suppress(OSError):
                    path.unlink()
        return False

    def delete(self, object_id: UUID) -> None:
        """Remove an object; one that is gone already is fine."""
        with _of_the_disk():
            self._place(object_id).unlink(missing_ok=True)
            for partial in self.root.glob(f"partial/{object_id.hex}.*"):
                partial.unlink(missing_ok=True)

    def ids(self) -> Iterator[UUID]:
        """Every whole object, in no order."""
        for path in self.root.glob("??/??/*.sf1"):
            yield UUID(hex=path.stem)


def store_at(url: str, *, cache: Path, cache_bytes: int) -> ObjectStore:
    """The store at `file:///FOLDER`, or at s3://, gs:// or az:// with its cache at `cache`.

    Raises Invalid for another kind of place.
    """
    return _store_of(os.getpid(), url, cache, cache_bytes)


@functools.lru_cache(maxsize=8)
def _store_of(process: int, url: str, cache: Path, cache_bytes: int) -> ObjectStore:
    """One for each process: connections of a parent are not a child's to use."""
    parts = urlsplit(url)
    if parts.scheme == "file":
        return LocalFolder(Path(unquote(parts.path)))
    from simplr.vault.buckets import Bucket

    return Bucket(url, cache=cache, cache_bytes=cache_bytes)
