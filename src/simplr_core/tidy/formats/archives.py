"""Archives and packed files: zip, tar, gzip, zstd, bzip2, xz. Each member is a file of its own.

What comes out is counted byte by byte, whatever the headers claim, and so is how deep archives
lie in archives. A member's name is a label; nothing is unpacked to anywhere but memory.
"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, BinaryIO

import pyarrow as pa

from simplr_core.errors import Invalid, SimplrError
from simplr_core.tidy.formats.found import FileEncrypted, label
from simplr_core.tidy.formats.kinds import (
    ARCHIVES,
    BROKEN_PACKAGE,
    TAR,
    ZIP,
    ArchiveDamaged,
    kind_of,
)
from simplr_core.tidy.formats.streams import buffered

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

HELD = 64 << 20
MOST_HELD = 256 << 20
PIECE = 1 << 20
DEEPEST = 4
MOST_MEMBERS = 10_000
MOST_EXPANDED = 16 << 30
ALWAYS_ALLOWED = 1 << 30
MOST_TIMES = 200

Opener = Callable[[], BinaryIO]


class ExpandsTooMuch(Invalid):
    """What is packed in this file takes far more room than itself. Unpack it, put what you need."""

    code = "expands-too-much"


class ArchivesTooDeep(Invalid):
    """Archives lie in archives more than four deep. Unpack them, put what you need."""

    code = "archives-too-deep"


class TooManyMembers(Invalid):
    """An archive has at most 10,000 members here. Split it, or keep it as a file."""

    code = "too-many-members"


class MemberTooLarge(Invalid):
    """A workbook, Parquet file or archive inside an archive has at most 256 MiB. Put it alone."""

    code = "member-too-large"


class Budget:
    """How many bytes may still come out of one file, in all."""

    def __init__(self, packed_size: int) -> None:
        self._left = min(MOST_EXPANDED, ALWAYS_ALLOWED + MOST_TIMES * packed_size)

    def spend(self, count: int) -> None:
        self._left -= count
        if self._left < 0:
            raise ExpandsTooMuch


class Unpacked(io.RawIOBase):
    """A seekable view of what an opener unpacks: going back unpacks again from the start."""

    def __init__(self, opener: Opener, budget: Budget) -> None:
        super().__init__()
        self._opener = opener
        self._budget = budget
        self._stream: BinaryIO | None = None
        self._at = 0
        self._wanted = 0
        self._counted = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._wanted

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        if whence == io.SEEK_END:
            offset += self.measure()
        self._wanted = offset + (self._wanted if whence == io.SEEK_CUR else 0)
        return self._wanted

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        target = memoryview(buffer).cast("B")
        with unpacking():
            if self._stream is None or self._wanted < self._at:
                self._stream, self._at = self._opener(), 0
            while self._at < self._wanted:
                if not self._take(min(PIECE, self._wanted - self._at)):
                    return 0
            done = 0
            while done < len(target) and (piece := self._take(len(target) - done)):
                target[done : done + len(piece)] = piece
                done += len(piece)
        self._wanted = self._at
        return done

    def _take(self, size: int) -> bytes:
        assert self._stream is not None  # noqa: S101 - the caller has opened it
        piece = self._stream.read(size)
        self._at += len(piece)
        if self._at > self._counted:
            self._budget.spend(self._at - self._counted)
            self._counted = self._at
        return piece

    def measure(self) -> int:
        """Unpack to the end and say how long it is."""
        before, size = self._wanted, 0
        self._wanted = 0
        while piece := self.read(PIECE):
            size += len(piece)
        self._wanted = before
        return size


@dataclass(frozen=True, slots=True)
class Member:
    """A file inside of another: a label, its bytes, and how many they are."""

    label: str
    source: BinaryIO
    size: int

    def held(self) -> Member:
        """The same in memory, for what is read here and there. Raises MemberTooLarge."""
        if isinstance(self.source, io.BytesIO):
            return self
        if self.size > MOST_HELD:
            raise MemberTooLarge
        self.source.seek(0)
        return Member(self.label, io.BytesIO(self.source.read(self.size)), self.size)


@contextmanager
def unpacking() -> Iterator[None]:
    """Turns what the unpackers say of bad bytes into one reason."""
    try:
        yield
    except SimplrError:
        raise
    except (*BROKEN_PACKAGE, tarfile.TarError, pa.ArrowException) as error:
        if type(error) is RuntimeError and "password" in str(error):  # zipfile's word for it
            raise FileEncrypted from error
        raise ArchiveDamaged from error


def members_of(
    source: BinaryIO, size: int, media_type: str, name: str, budget: Budget
) -> Iterator[Member]:
    """The files in `source`, in order, each while it is the current one."""
    seen: dict[str, int] = {}
    with unpacking():
        for inner, opener in _openers(source, size, media_type, name):
            shown = label(inner) or "unnamed"
            seen[shown] = seen.get(shown, 0) + 1
            if sum(seen.values()) > MOST_MEMBERS:
                raise TooManyMembers
            if seen[shown] > 1:
                kind = PurePosixPath(shown).suffix
                shown = f"{shown.removesuffix(kind)} ~{seen[shown]}{kind}"
            yield _member(shown, opener, budget)


def _member(shown: str, opener: Opener, budget: Budget) -> Member:
    stream = Unpacked(opener, budget)
    head = b"".join(iter(lambda: stream.read(PIECE) if stream.tell() <= HELD else b"", b""))
    if len(head) <= HELD:
        return Member(shown, io.BytesIO(head), len(head))
    return Member(shown, stream, stream.measure())  # type: ignore[arg-type]  # a raw reader


def _openers(
    source: BinaryIO, size: int, media_type: str, name: str
) -> Iterator[tuple[str, Opener]]:
    if media_type == ZIP:
        yield from _in_zip(source, size)
    elif media_type == TAR:
        yield from _in_tar(source, size)
    else:
        inner = PurePosixPath(name.replace("\\", "/")).name or "unnamed"
        stem, _, ending = inner.rpartition(".")
        known = {"gz", "gzip", "zst", "zstd", "bz2", "xz"}
        inner = stem if stem and ending.casefold() in known else inner
        inner = inner[:-4] + ".tar" if inner.casefold().endswith(".tgz") else inner
        yield inner, lambda: _PACKED[media_type](buffered(source, size))


def _zstd(stream: Any) -> Any:
    return pa.CompressedInputStream(pa.PythonFile(stream), "zstd")


_PACKED: dict[str, Callable[[Any], Any]] = {
    "application/gzip": lambda stream: gzip.GzipFile(fileobj=stream),
    "application/x-bzip2": bz2.BZ2File,
    "application/x-xz": lzma.LZMAFile,
    "application/zstd": _zstd,
}


def _in_zip(source: BinaryIO, size: int) -> Iterator[tuple[str, Opener]]:
    package = zipfile.ZipFile(buffered(source, size))
    for info in package.infolist():
        # `is_dir` of Python 3.11 fails at a member without a name.
        if not info.filename or info.is_dir() or _is_by_the_way(info.filename):
            continue
        if info.flag_bits & 1:
            raise FileEncrypted
        yield info.filename, lambda info=info: package.open(info)  # type: ignore[misc]


def _in_tar(source: BinaryIO, size: int) -> Iterator[tuple[str, Opener]]:
    archive = tarfile.open(fileobj=buffered(source, size), mode="r:")  # noqa: SIM115 - read later
    for info in archive:
        if info.isreg() and not _is_by_the_way(info.name):
            yield info.name, lambda info=info: archive.extractfile(info)  # type: ignore[misc]


def _is_by_the_way(name: str) -> bool:
    """Files that file managers leave behind."""
    parts = PurePosixPath(name).parts
    return "__MACOSX" in parts or (bool(parts) and parts[-1].startswith("."))


def check_package(source: BinaryIO, size: int) -> None:
    """Count what comes out of a workbook's package, before its reader has to hold it."""
    budget = Budget(size)
    with unpacking(), zipfile.ZipFile(buffered(source, size)) as package:
        for info in package.infolist():
            with package.open(info) as member:
                while piece := member.read(PIECE):
                    budget.spend(len(piece))


def enter(
    source: BinaryIO, size: int, path: Sequence[str]
) -> tuple[BinaryIO, int, tuple[str, ...]]:
    """Follow `path` through archives: the file at its end, its size, and the rest of the path.

    Raises ArchiveDamaged where there is no such member any more.
    """
    budget = Budget(size)
    rest = tuple(path)
    for _ in range(DEEPEST + 1):
        if not rest or (kind := kind_of(source, size)) not in ARCHIVES:
            return source, size, rest
        is_alone = kind not in (ZIP, TAR)
        found = next(
            (
                member
                for member in members_of(source, size, kind, "", budget)
                if is_alone or member.label == rest[0]
            ),
            None,
        )
        if found is None:
            raise ArchiveDamaged
        source, size, rest = found.source, found.size, rest[1:]
    raise ArchivesTooDeep
