"""From the bytes of an answer to Arrow, pandas, polars or a file, without ever a short table.

An Arrow stream that ends without its end-of-stream marker reads, to Arrow itself, like a shorter
table. So the marker is checked here, besides the framing of HTTP. pyarrow, pandas and polars are
imported when they are first needed; without them everything but these conversions still works.
"""

from __future__ import annotations

import io
import os
import tempfile
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from simplr_client.downloads import Download
from simplr_client.errors import Conflict, Invalid, MissingPackage, TransferBroken

if TYPE_CHECKING:
    import pandas
    import polars
    import pyarrow

FORMATS = {
    "csv": ".csv",
    "tsv": ".tsv",
    "linear-tsv": ".tsv",
    "ndjson": ".ndjson",
    "parquet": ".parquet",
    "arrow": ".arrow",
}
_OTHER_SUFFIXES = {".jsonl": "ndjson", ".arrows": "arrow", ".ipc": "arrow", ".pq": "parquet"}
_END_OF_STREAM = b"\xff\xff\xff\xff\x00\x00\x00\x00"
_PARQUET = b"PAR1"


def need(package: str) -> Any:
    """The module `package`, or MissingPackage with the line that installs it."""
    try:
        return import_module(package)
    except ModuleNotFoundError as missing:
        raise MissingPackage(
            f"This needs {package}, which is not installed. Run: pip install {package}"
            + (" pyarrow" if package != "pyarrow" else "")
        ) from missing


def format_of(path: str | os.PathLike[str]) -> str:
    """The format that the suffix of `path` means. Raises Invalid when it means none."""
    suffix = Path(path).suffix.lower()
    for name, known in FORMATS.items():
        if suffix == known:
            return name
    if suffix in _OTHER_SUFFIXES:
        return _OTHER_SUFFIXES[suffix]
    raise Invalid(
        f"“{suffix}” names no format. Say one of: {', '.join(FORMATS)}.", code="format-unknown"
    )


class _Arriving(io.RawIOBase):
    """A file object over bytes as they arrive; remembers the last eight."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._rest = memoryview(b"")
        self.tail = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._rest:
            chunk = next(self._chunks, None)
            if chunk is None:
                return 0
            self.tail = (self.tail + chunk[-8:])[-8:]
            self._rest = memoryview(chunk)
        size = min(len(buffer), len(self._rest))
        buffer[:size] = self._rest[:size]
        self._rest = self._rest[size:]
        return size


class ArrowStream:
    """Record batches of one answer, one at a time in memory."""

    def __init__(self, download: Download) -> None:
        self._arrow: Any = need("pyarrow")
        self._bytes = _Arriving(download.chunks())
        try:
            self._reader = self._arrow.ipc.open_stream(io.BufferedReader(self._bytes, 1 << 20))
        except self._arrow.ArrowInvalid as broken:
            raise TransferBroken("The answer is not a whole Arrow stream.") from broken

    @property
    def schema(self) -> pyarrow.Schema:
        schema: pyarrow.Schema = self._reader.schema
        return schema

    def __iter__(self) -> Iterator[pyarrow.RecordBatch]:
        while True:
            try:
                batch = self._reader.read_next_batch()
            except StopIteration:
                break
            except (self._arrow.ArrowInvalid, OSError) as broken:
                raise TransferBroken("The Arrow stream broke off inside a batch.") from broken
            yield batch
        if self._bytes.tail != _END_OF_STREAM:
            raise TransferBroken("The Arrow stream ended without its end marker.")


def read_arrow(download: Download) -> pyarrow.Table:
    """The whole answer as one table."""
    stream = ArrowStream(download)
    table: pyarrow.Table = need("pyarrow").Table.from_batches(list(stream), schema=stream.schema)
    return table


def as_pandas(table: pyarrow.Table) -> pandas.DataFrame:
    """A data frame whose types never depend on what happens to be missing.

    Whole numbers are `Int64`, truth values `boolean`, texts `string`, dates and instants
    `datetime64`, fractions `float64`: a missing cell turns no whole number into a fraction.
    """
    pd = need("pandas")
    arrow = need("pyarrow")
    kinds = {arrow.bool_(): pd.BooleanDtype(), arrow.string(): pd.StringDtype()}
    kinds[arrow.large_string()] = pd.StringDtype()
    for width in ("8", "16", "32", "64"):
        kinds[getattr(arrow, f"int{width}")()] = getattr(pd, f"Int{width}Dtype")()
        kinds[getattr(arrow, f"uint{width}")()] = getattr(pd, f"UInt{width}Dtype")()
    frame: pandas.DataFrame = table.to_pandas(types_mapper=kinds.get, date_as_object=False)
    return frame


def as_polars(table: pyarrow.Table) -> polars.DataFrame:
    """A polars frame over the same memory."""
    pl = need("polars")
    frame: polars.DataFrame = pl.from_arrow(table)
    return frame


def write_file(
    download: Download,
    target: Path,
    *,
    overwrite: bool,
    ending: str | None = None,
    progress: Callable[[int, int | None], None] | None = None,
) -> int:
    """Write the answer to `target` and return its size; what is there appears whole or not at all.

    The bytes go to a new file beside `target`, which takes its name when they are complete and
    checked. Raises Conflict if `target` exists and `overwrite` is false, TransferBroken for a cut.
    """
    if target.is_dir():
        raise Conflict(f"{target} is a folder. Give the name of a file.", code="is-a-folder")
    if target.exists() and not overwrite:
        raise Conflict(f"{target} exists already and was left as it is.", code="file-exists")
    try:
        descriptor, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    except FileNotFoundError as missing:
        raise Invalid(f"There is no folder {target.parent}.", code="no-folder") from missing
    try:
        with os.fdopen(descriptor, "wb") as file:
            copy(download, file.write, ending=ending, progress=progress)
        _give_usual_mode(temporary)
        if overwrite:
            os.replace(temporary, target)
        else:
            _place_new(temporary, target)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    return download.received


def copy(
    download: Download,
    write: Callable[[bytes], object],
    *,
    ending: str | None = None,
    progress: Callable[[int, int | None], None] | None = None,
) -> None:
    """Pass every byte to `write`; raise TransferBroken unless the end is the end of the format `ending`."""
    tail = b""
    for chunk in download.chunks():
        write(chunk)
        tail = (tail + chunk[-8:])[-8:]
        if progress is not None:
            progress(download.received, download.size)
    if ending == "arrow" and tail != _END_OF_STREAM:
        raise TransferBroken("The Arrow stream ended without its end marker.")
    if ending == "parquet" and tail[-4:] != _PARQUET:
        raise TransferBroken("The Parquet file ended without its footer.")


def _place_new(temporary: str, target: Path) -> None:
    """Rename without overwriting a file that appeared meanwhile, where the disk allows it."""
    try:
        os.link(temporary, target)
    except FileExistsError as taken:
        raise Conflict(
            f"{target} exists already and was left as it is.", code="file-exists"
        ) from taken
    except OSError:
        os.replace(temporary, target)
    else:
        Path(temporary).unlink()


def _give_usual_mode(temporary: str) -> None:
    """Data that someone may read stays theirs: 0600 less what the umask takes."""
    umask = os.umask(0o077)
    os.umask(umask)
    os.chmod(temporary, 0o600 & ~umask)
