"""Objects in S3, Google Cloud Storage or Azure, by `obstore`, with a bounded cache on this machine.

What is read and written here is sealed, so the cache may lie on a disk. An object is written into
a file of the cache first and sent when it is complete: at once and on the condition that none is
there, or, when it is large, in parts after its name was claimed on that condition. Reading fetches
the whole object, once; a child is handed a descriptor as it is of a local folder.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, cast
from urllib.parse import urlsplit
from uuid import UUID, uuid4

from simplr.vault.objects import ObjectExists, ObjectMissing, ObjectSink, StoreFull
from simplr_core.errors import Corrupt, Invalid, Unavailable

SCHEMES = frozenset({"s3", "gs", "az"})
AT_ONCE = 16 * 2**20
"""Longer objects are sent in parts, which no store creates on a condition."""
PART = 8 * 2**20
MOST_PARTS = 9_000
PIECE = 2**20
LEFT_SECONDS = 86_400
"""After which a file that is still being written was left by a kill."""
_CLIENT = {"connect_timeout": "5s", "timeout": "120s"}
_RETRY = {"max_retries": 4}


class StoreAway(Unavailable):
    """The object store does not answer, or refuses us. Look at its address and credentials."""

    code = "store-away"


class FetchedShort(Corrupt):
    """The object store gave fewer bytes than it said. Try again."""

    code = "fetched-short"


@contextlib.contextmanager
def _asking() -> Iterator[None]:
    """The store's own errors as ours; their words, which name addresses, stay in the cause."""
    from obstore.exceptions import AlreadyExistsError, BaseError

    try:
        yield
    except AlreadyExistsError as error:
        raise ObjectExists from error
    except (BaseError, FileNotFoundError) as error:
        raise StoreAway from error


class Bucket:
    """A bucket, or a folder of one, by its URL. Credentials come from the environment."""

    def __init__(self, url: str, *, cache: Path, cache_bytes: int) -> None:
        from obstore.store import from_url

        if urlsplit(url).scheme not in SCHEMES or not urlsplit(url).netloc:
            raise Invalid(f"An object store is one of {', '.join(sorted(SCHEMES))}://BUCKET/…")
        self.url = url
        client = {**_CLIENT, "allow_http": os.environ.get("AWS_ALLOW_HTTP") == "true"}
        self._store: Any = from_url(
            url, client_options=cast(Any, client), retry_config=cast(Any, _RETRY)
        )
        self._cache = Cache(cache, most_bytes=cache_bytes)

    def create(self, object_id: UUID) -> ObjectSink:
        """A sink for a new object. Raises ObjectExists when completed over an old one."""
        return _BucketSink(self, object_id, self._cache.new_file())

    def open(self, object_id: UUID) -> int:
        """A read-only descriptor, of the cache or fetched now. Raises ObjectMissing, StoreAway."""
        found = self._cache.open(object_id)
        if found is not None:
            return found
        with self._cache.new_file() as file:
            self._fetch(object_id, file)
            return self._cache.keep(object_id, file)

    def fetch(self, object_id: UUID) -> int:
        """A descriptor of what the store itself has, past the cache: for proving it."""
        with self._cache.new_file() as file:
            self._fetch(object_id, file)
            return file.descriptor()

    def delete(self, object_id: UUID) -> None:
        """Remove an object here and there; one that is gone already is fine."""
        import obstore

        self._cache.drop(object_id)
        with _asking():
            for name in (_name(object_id), _claim(object_id)):
                with contextlib.suppress(FileNotFoundError):
                    obstore.delete(self._store, name)

    def ids(self) -> Iterator[UUID]:
        """Every whole object, in no order."""
        import obstore

        with _asking():
            for page in obstore.list(self._store, prefix="objects"):
                for item in page:
                    yield UUID(hex=str(item["path"]).rpartition("/")[2].removesuffix(".sf1"))

    def creates_on_condition(self) -> bool:
        """Whether a second object of one name is refused, tried out. Raises StoreAway."""
        import obstore

        name = f"trials/{uuid4().hex}"
        with _asking():
            obstore.put(self._store, name, b"first", mode="create")
            try:
                obstore.put(self._store, name, b"second", mode="create")
            except obstore.exceptions.AlreadyExistsError:
                return True
            finally:
                obstore.delete(self._store, name)
        return False

    def send(self, object_id: UUID, file: CacheFile) -> None:
        """Make an object of a complete file. Raises ObjectExists, StoreAway."""
        import obstore

        size = file.size()
        with _asking(), file.reading() as content:
            if size <= AT_ONCE:
                obstore.put(self._store, _name(object_id), content.read(), mode="create")
                return
            obstore.put(self._store, _claim(object_id), b"", mode="create")
            part = max(PART, -(-size // MOST_PARTS))
            obstore.put(
                self._store,
                _name(object_id),
                content,
                use_multipart=True,
                chunk_size=part,
                max_concurrency=4,
            )
        if self._size(object_id) != size:
            raise FetchedShort

    def keep(self, object_id: UUID, file: CacheFile) -> None:
        """Let what was sent be read from the cache."""
        os.close(self._cache.keep(object_id, file))

    def _size(self, object_id: UUID) -> int:
        import obstore

        with _asking():
            return int(obstore.head(self._store, _name(object_id))["size"])

    def _fetch(self, object_id: UUID, file: CacheFile) -> None:
        import obstore

        with _asking():
            try:
                found = obstore.get(self._store, _name(object_id))
            except FileNotFoundError as error:
                raise ObjectMissing(object=str(object_id)) from error
            for piece in found.stream(min_chunk_size=PIECE):
                file.write(bytes(piece))
        if file.size() != found.meta["size"]:
            raise FetchedShort

    def __repr__(self) -> str:
        return f"<Bucket {self.url}>"


class _BucketSink:
    def __init__(self, bucket: Bucket, object_id: UUID, file: CacheFile) -> None:
        self._bucket = bucket
        self._id = object_id
        self._file = file

    def write(self, content: bytes, /) -> int:
        return self._file.write(content)

    def rest(self) -> None:
        self._file.rest()

    def complete(self) -> None:
        with self._file:
            self._bucket.send(self._id, self._file)
            self._bucket.keep(self._id, self._file)

    def abandon(self) -> None:
        self._file.close()


class CacheFile:
    """A file of sealed bytes beside the cache, gone when it is closed unless it was kept."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC
            self._writing = os.open(path, flags, 0o600)
        except OSError as error:
            raise StoreFull from error

    def write(self, content: bytes) -> int:
        view = memoryview(content).cast("B")
        done = 0
        try:
            while done < len(view):
                done += os.write(self._writing, view[done:])
        except OSError as error:
            raise StoreFull from error
        return done

    def rest(self) -> None:
        """Nothing more is written: hold nothing open."""
        if self._writing >= 0:
            os.close(self._writing)
            self._writing = -1

    def size(self) -> int:
        return self.path.stat().st_size

    def descriptor(self) -> int:
        return os.open(self.path, os.O_RDONLY | os.O_CLOEXEC)

    def reading(self) -> BinaryIO:
        self.rest()
        return self.path.open("rb")

    def close(self) -> None:
        self.rest()
        self.path.unlink(missing_ok=True)

    def __enter__(self) -> CacheFile:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class Cache:
    """Sealed objects on this machine's disk, the longest unused gone first when they are many.

    Any number of processes share it. A descriptor stays good when its file goes.
    """

    def __init__(self, folder: Path, *, most_bytes: int) -> None:
        self._folder = folder
        self._most = most_bytes
        self._since = most_bytes
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    def new_file(self) -> CacheFile:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return CacheFile(self._folder / f"{secrets.token_hex(16)}.partial")

    def open(self, object_id: UUID) -> int | None:
        path = self._place(object_id)
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            return None
        with contextlib.suppress(OSError):
            os.utime(descriptor)
        return descriptor

    def keep(self, object_id: UUID, file: CacheFile) -> int:
        """Put a complete file into the cache; a descriptor of it, which the caller closes."""
        descriptor = file.descriptor()
        size = file.size()
        if size <= self._most:
            file.path.replace(self._place(object_id))
            self._since += size
            if self._since * 20 > self._most:
                self._make_room()
        return descriptor

    def drop(self, object_id: UUID) -> None:
        self._place(object_id).unlink(missing_ok=True)

    def _make_room(self) -> None:
        self._since = 0
        files = []
        with os.scandir(self._folder) as found:
            for entry in found:
                with contextlib.suppress(FileNotFoundError):
                    about = entry.stat()
                    files.append((about.st_mtime, about.st_size, entry.path))
        total = sum(size for _at, size, path in files if path.endswith(".sf1"))
        for at, size, path in sorted(files):
            if path.endswith(".sf1") and total > self._most:
                Path(path).unlink(missing_ok=True)
                total -= size
            elif path.endswith(".partial") and at < time.time() - LEFT_SECONDS:
                Path(path).unlink(missing_ok=True)

    def _place(self, object_id: UUID) -> Path:
        return self._folder / f"{object_id.hex}.sf1"


def _name(object_id: UUID) -> str:
    name = object_id.hex
    return f"objects/{name[-2:]}/{name}.sf1"


def _claim(object_id: UUID) -> str:
    return f"claims/{object_id.hex}"
