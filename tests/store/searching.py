"""A thief's search: every byte of a copied installation, opened as far as it can be opened.

Files are searched as they lie and, inside them, every Parquet table, zstd frame and gzip member
that can be read; text in UTF-8, UTF-16, hex and base64. PostgreSQL is searched twice: its files
byte by byte, WAL included, and every row of every table of the copy, started and copied out, so
that nothing hides in pages, TOAST or the server's own compression.
"""

from __future__ import annotations

import base64
import binascii
import io
import re
import shutil
import zlib
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import zstandard
from psycopg import sql

from simplr.operations.start import temporary

CANARY = re.compile(rb"CNRY[A-Z2-7]{12}")
_WIDE = re.compile(rb"C\0N\0R\0Y\0(?:[A-Z2-7]\0){11}[A-Z2-7]")
_IN_HEX = re.compile(rb"434[eE]5259(?:[0-9a-fA-F]{2}){12}")
_HEX_RUN = re.compile(rb"\\+x((?:[0-9a-f]{2}){16,})")
_BASE64_RUN = re.compile(rb"[A-Za-z0-9+/_-]{20,}={0,2}")
_LARGEST = 64 << 20
_DEEPEST = 4


def canaries_in(content: bytes, *, text: bool = False, depth: int = 0) -> set[bytes]:
    """Every canary in some bytes, however they are packed. `text` looks into base64, too."""
    found: set[bytes] = set()
    # A word is looked for ten times as quickly as a pattern, and mostly is not there.
    if b"CNRY" in content:
        found |= set(CANARY.findall(content))
    if b"C\0N\0R\0Y\0" in content:
        found |= {match.replace(b"\0", b"") for match in _WIDE.findall(content)}
    if b"434e5259" in content or b"434E5259" in content:
        found |= {binascii.unhexlify(match) for match in _IN_HEX.findall(content)}
    if depth < _DEEPEST:
        for inner in _opened(content, text=text):
            found |= canaries_in(inner, depth=depth + 1)
    return {canary for canary in found if CANARY.fullmatch(canary)}


def _opened(content: bytes, *, text: bool) -> Iterator[bytes]:
    yield from _parquet_tables(content)
    for place in _places(content, b"\x28\xb5\x2f\xfd"):
        try:
            reader = zstandard.ZstdDecompressor().stream_reader(content[place:])
            yield reader.read(_LARGEST)
        except zstandard.ZstdError:
            continue
    for place in _places(content, b"\x1f\x8b\x08"):
        try:
            yield zlib.decompressobj(31).decompress(content[place:], _LARGEST)
        except zlib.error:
            continue
    for run in _HEX_RUN.findall(content) if b"\\x" in content else ():
        yield binascii.unhexlify(run)
    if text:
        for run in _BASE64_RUN.findall(content):
            padded = run.rstrip(b"=") + b"=" * (-len(run.rstrip(b"=")) % 4)
            try:
                yield base64.b64decode(padded.replace(b"-", b"+").replace(b"_", b"/"))
            except binascii.Error:
                continue


def _places(content: bytes, magic: bytes) -> Iterator[int]:
    place = content.find(magic)
    while place >= 0:
        yield place
        place = content.find(magic, place + 1)


def _parquet_tables(content: bytes) -> Iterator[bytes]:
    places = list(_places(content, b"PAR1"))
    for start in places:
        for end in places:
            if end <= start:
                continue
            try:
                table = pq.read_table(io.BytesIO(content[start : end + 4]))
            except (pa.ArrowException, OSError):
                continue
            for column in table.columns:
                yield "\n".join(map(str, column.to_pylist())).encode()
            break


def in_files(folder: Path, issued: set[bytes]) -> dict[bytes, str]:
    """Canaries and issued secrets in the files below a folder, each with where it was found."""
    found: dict[bytes, str] = {}
    for path in sorted(folder.rglob("*")):
        if path.is_symlink() or not path.is_file():
            continue
        content = path.read_bytes()
        where = str(path.relative_to(folder))
        for secret in canaries_in(content, text=len(content) < 1 << 20):
            found.setdefault(secret, where)
        for secret in issued:
            if secret in content:
                found.setdefault(secret, where)
    return found


def in_rows(cluster_files: Path, scratch: Path, issued: set[bytes]) -> dict[bytes, str]:
    """The same in every row of a copied cluster, which is started (and replays its WAL) here."""
    cluster = temporary.cluster_in(scratch)
    shutil.copytree(cluster_files, cluster.data)
    (cluster.data / "postmaster.pid").unlink(missing_ok=True)
    (cluster.data / "pg_hba.conf").write_text("local all all trust\n")
    cluster.password_file.write_text("none is asked for\n")
    cluster.sockets.mkdir()
    if cluster.account is not None:
        for path in (cluster.sockets, cluster.data, *cluster.data.rglob("*")):
            if not path.is_symlink():
                cluster.account.own(path)
    server = cluster.start()
    found: dict[bytes, str] = {}
    try:
        cluster.wait_until_ready(server)
        with cluster.connect() as connection:
            names = connection.execute("SELECT datname FROM pg_database WHERE datallowconn")
            databases = [str(name) for (name,) in names.fetchall()]
        for database in databases:
            for table, content in _tables(cluster, database):
                for secret in canaries_in(content, text=True):
                    found.setdefault(secret, f"{database}: {table}")
                for secret in issued:
                    if secret in content:
                        found.setdefault(secret, f"{database}: {table}")
    finally:
        cluster.stop(server)
    return found


def _tables(cluster: temporary.Cluster, database: str) -> Iterator[tuple[str, bytes]]:
    with cluster.connect(database) as connection:
        tables = connection.execute(
            "SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n"
            " ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'm')"
            " AND n.nspname <> 'information_schema'"
        ).fetchall()
        for schema, name in tables:
            query = sql.SQL("COPY (SELECT * FROM {}) TO STDOUT").format(
                sql.Identifier(str(schema), str(name))
            )
            with connection.cursor() as cursor, cursor.copy(query) as copy:
                content = b"".join(bytes(piece) for piece in copy)
            yield f"{schema}.{name}", content
