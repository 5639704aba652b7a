"""Objects move out of the folder to a server of S3 and back, while what is kept stays readable."""

from __future__ import annotations

import io
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from tests.s3 import S3, s3_server

from simplr_client import connect
from simplr_client.session import Session

from .conftest import Simplr

__all__ = ["s3_server"]
pytestmark = pytest.mark.prove

CONTENT = b"a file of the institute\n" * 5_000
LARGE = bytes(range(256)) * 80_000
ROWS = b"name,count\n" + b"".join(b"tree %d,%d\n" % (n, n) for n in range(500))


def read(session: Session, files: dict[str, bytes], table: str) -> None:
    """See that everything is as it was put."""
    for id_, content in files.items():
        with session.resource(id_).content() as download:
            assert b"".join(download.chunks()) == content
    with session.dataset(table).rows(format="csv") as download:
        assert b"tree 499,499" in b"".join(download.chunks())


def refused(done: subprocess.CompletedProcess[str]) -> tuple[int, str]:
    return done.returncode, done.stderr


def damaged(simplr: Simplr) -> Any:
    return simplr.run("objects", "check", check=False)


def test_an_installation_moves_to_a_bucket_and_back(
    new_installation: Callable[[], Simplr], s3_server: S3
) -> None:
    simplr = new_installation()
    simplr.extra.update(s3_server.environ())
    bucket, folder = s3_server.bucket(), simplr.data.parent / "elsewhere"
    up = simplr.up("--env", "test", "--port", "0")
    token, files = up["token"], {}
    with connect(up["url"], token=token) as session:
        session.create_project("Trees", slug="trees")
        for name, content in (("kept.txt", CONTENT), ("large.bin", LARGE)):
            source = io.BytesIO(content)
            files[session.put(source, project="trees", name=name, as_="file").id] = content
        table = session.put(io.BytesIO(ROWS), project="trees", name="trees.csv").id

    ahead = simplr.json("objects", "move", bucket, "--ahead")
    status, said = refused(simplr.run("objects", "move", bucket, check=False))
    assert (status, "in use by process" in said) == (5, True)
    simplr.run("down")
    moved = simplr.json("objects", "move", bucket)
    assert ahead["copied"] == ahead["objects"] == moved["objects"]
    assert (moved["copied"], moved["note"]) == (0, "")
    for left in ("objects", "cache"):
        shutil.rmtree(simplr.data / left)

    up = simplr.up("--port", "0")
    assert up["notes"] == [note for note in up["notes"] if "overwrites" not in note]
    with connect(up["url"], token=token) as session:
        read(session, files, table)
        source = io.BytesIO(CONTENT)
        files[session.put(source, project="trees", name="later.txt", as_="file").id] = CONTENT
        read(session, files, table)
    assert not list((simplr.data / "objects").rglob("*.sf1"))
    assert damaged(simplr).returncode == 0
    lose_one(s3_server, bucket, {path.stem for path in (simplr.data / "cache").rglob("*.sf1")})
    status, said = refused(damaged(simplr))
    assert status == 6, said

    # What the bucket lost still lies in the cache of this machine, so it comes back with the rest.
    simplr.run("down")
    back = simplr.json("objects", "move", folder.as_uri())
    assert back["copied"] == back["objects"] > moved["objects"]
    shutil.rmtree(simplr.data / "cache")
    up = simplr.up("--port", "0")
    with connect(up["url"], token=token) as session:
        read(session, files, table)
    assert damaged(simplr).returncode == 0


def lose_one(s3: S3, url: str, cached: set[str]) -> UUID:
    """Delete one object of the bucket that this machine's cache has; its id."""
    bucket, _, prefix = url.removeprefix("s3://").partition("/")
    found = s3.client().list_objects_v2(Bucket=bucket, Prefix=f"{prefix}/objects")["Contents"]
    key = next(str(one["Key"]) for one in found if Path(one["Key"]).stem in cached)
    s3.client().delete_object(Bucket=bucket, Key=key)
    return UUID(hex=Path(key).stem)


def test_a_bucket_that_is_not_there_keeps_it_from_starting_and_says_why(
    new_installation: Callable[[], Simplr], s3_server: S3
) -> None:
    simplr = new_installation()
    simplr.extra.update(s3_server.environ() | {"SIMPLR_OBJECTS_URL": "s3://simplr-not-there/x"})

    done = simplr.run("up", "--detach", "--env", "test", "--port", "0", check=False)

    assert done.returncode == 7
    assert "does not answer, or refuses us" in done.stderr
    assert "only-for-tests" not in done.stderr
