"""`simplr://` read by the programs that people have: each finds what the client itself reads."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import fsspec
import pandas
import pytest
from devdata.people import role
from tests.installation import Installation

import simplr_client
from simplr_client.filesystem import SimplrFileSystem

ROWS = 30_000


@pytest.fixture(scope="module")
def readings(
    installation: Installation, tmp_path_factory: pytest.TempPathFactory
) -> simplr_client.Dataset:
    """A data set with a release, a second version, and a file beside it."""
    session = installation.as_("steward").session
    session.create_project("By address", slug="by-address")
    folder = tmp_path_factory.mktemp("by-address")
    lines = [
        f"{n},Station {n % 97},{n / 8},{n % 2 == 0},2024-01-{n % 28 + 1:02}" for n in range(ROWS)
    ]
    (folder / "r.csv").write_text("\n".join(["number,place,value,open,day", *lines]))
    kept = session.put(folder / "r.csv", project="by-address", title="Readings")
    (folder / "r.csv").write_text("\n".join(["number,place,value,open,day", *lines, lines[0]]))
    session.put(folder / "r.csv", project="by-address", resource=kept.id)
    (folder / "plan.bin").write_bytes(bytes(range(256)) * 10_000)
    session.put(folder / "plan.bin", project="by-address", title="Plan", as_="file")
    dataset = session.dataset(kept.id)
    dataset.create_release("Places", fields=["number", "place"], where="number < 500")
    return dataset


@pytest.fixture(autouse=True)
def signed_in(installation: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIMPLR_URL", installation.url)
    monkeypatch.setenv("SIMPLR_TOKEN", installation.as_("steward").token)


@pytest.fixture
def root(installation: Installation) -> str:
    """The address of the project, with the host in it."""
    return f"simplr://{installation.url.removeprefix('http://')}/by-address"


@pytest.fixture
def files(readings: simplr_client.Dataset) -> SimplrFileSystem:
    return SimplrFileSystem()


def test_pandas_reads_parquet_and_csv(readings: simplr_client.Dataset, root: str) -> None:
    expected = readings.to_arrow().to_pandas()

    parquet = pandas.read_parquet(f"{root}/Readings.parquet")
    csv = pandas.read_csv(f"{root}/Readings.csv", parse_dates=["day"])
    short = pandas.read_parquet("simplr:///by-address/Readings.parquet")

    pandas.testing.assert_frame_equal(parquet, expected)
    pandas.testing.assert_frame_equal(short, expected)
    assert csv["number"].tolist() == expected["number"].tolist()
    assert csv["value"].tolist() == expected["value"].tolist()


def test_polars_reads_parquet(readings: simplr_client.Dataset, root: str) -> None:
    import polars

    with fsspec.open(f"{root}/Readings.parquet") as file:
        frame = polars.read_parquet(file)

    assert frame.equals(readings.to_polars())


def test_duckdb_reads_by_address_with_several_threads(
    readings: simplr_client.Dataset, files: SimplrFileSystem, root: str
) -> None:
    import duckdb

    connection = duckdb.connect(config={"threads": 4})
    connection.register_filesystem(files)

    found = connection.sql(f"select * from read_parquet('{root}/Readings.parquet')").fetchall()
    (row,) = connection.sql(
        f"select count(*), sum(number), sum(value) from '{root}/Readings.parquet' where open"
    ).fetchall()

    assert found == [tuple(one.values()) for one in readings.to_arrow().to_pylist()]
    mine = readings.to_pandas(where="open = true")
    assert row == (len(mine), mine["number"].sum(), mine["value"].sum())


def test_dask_reads_parquet(readings: simplr_client.Dataset, root: str) -> None:
    import dask.dataframe

    frame = dask.dataframe.read_parquet(f"{root}/Readings.parquet").compute()

    expected = readings.to_arrow().to_pandas()
    assert frame["number"].tolist() == expected["number"].tolist()
    assert frame["place"].tolist() == expected["place"].tolist()


def test_a_pyarrow_dataset_reads_parquet(
    readings: simplr_client.Dataset, files: SimplrFileSystem, root: str
) -> None:
    import pyarrow.dataset as datasets

    found = datasets.dataset(f"{root}/Readings.parquet", filesystem=files, format="parquet")

    assert found.to_table().equals(readings.to_arrow())


def test_a_version_a_release_and_a_question_have_addresses(
    readings: simplr_client.Dataset, root: str
) -> None:
    old = pandas.read_parquet(f"{root}/Readings/versions/1.parquet")
    release = pandas.read_parquet(f"{root}/{readings.id}/releases/Places.parquet")
    asked = pandas.read_parquet(f"{root}/Readings.parquet?fields=place&where=number < 7")
    shared = pandas.read_parquet("simplr:///~/Readings.parquet")

    assert (len(old), len(shared)) == (ROWS, ROWS + 1)
    assert (list(release.columns), len(release)) == (["number", "place"], 501)
    assert (list(asked.columns), len(asked)) == (["place"], 8)


def test_everything_is_listed(files: SimplrFileSystem, readings: simplr_client.Dataset) -> None:
    assert "/by-address" in files.ls("", detail=False)
    assert sorted(files.ls("/by-address", detail=False)) == [
        "/by-address/Plan",
        "/by-address/Readings",
        "/by-address/Readings.parquet",
    ]
    assert files.ls("/by-address/Readings/versions", detail=False) == [
        "/by-address/Readings/versions/2.parquet",
        "/by-address/Readings/versions/1.parquet",
    ]
    assert files.ls("/by-address/Readings/releases", detail=False) == [
        "/by-address/Readings/releases/Places.parquet"
    ]
    assert files.glob("/by-address/*.parquet") == ["/by-address/Readings.parquet"]
    assert files.info("/by-address/Plan")["size"] == 2_560_000
    assert files.isdir("/by-address/Readings")
    assert not files.exists("/by-address/Nothing.parquet")


def test_a_file_is_read_at_any_place_without_reading_all_of_it(
    files: SimplrFileSystem, readings: simplr_client.Dataset
) -> None:
    content = bytes(range(256)) * 10_000
    with files.open("/by-address/Plan") as file:
        file.seek(2_000_001)
        assert file.read(5) == content[2_000_001:2_000_006]
        file.seek(-3, 2)
        assert file.read() == content[-3:]
        file.seek(0)
        assert file.read() == content


def test_threads_that_share_an_open_file_do_not_move_each_other(
    files: SimplrFileSystem, readings: simplr_client.Dataset
) -> None:
    content = bytes(range(256)) * 10_000
    wrong: list[int] = []

    with files.open("/by-address/Plan") as file:

        def read_along(first: int) -> None:
            for place in range(first, 1_000_000, 9_973):
                file.seek(place)
                if file.read(100) != content[place : place + 100]:
                    wrong.append(place)

        threads = [threading.Thread(target=read_along, args=(n * 31,)) for n in range(4)]
        for one in threads:
            one.start()
        for one in threads:
            one.join()

    assert not wrong


def test_nothing_is_written_and_more_than_memory_may_hold_is_refused(
    readings: simplr_client.Dataset,
) -> None:
    small = SimplrFileSystem(most_bytes=10_000)

    with pytest.raises(simplr_client.Invalid) as large:
        small.open("/by-address/Readings.csv")
    with pytest.raises(simplr_client.Invalid) as written:
        small.open("/by-address/Readings.csv", "wb")
    with pytest.raises(simplr_client.NotFound):
        small.open("/by-address/Nothing.parquet")
    with pytest.raises(simplr_client.Invalid):
        small.open("/by-address/Readings.csv?sort=number")

    assert (large.value.code, written.value.code) == ("too-large-to-hold", "read-only")


def test_a_revoked_grant_ends_reading_within_a_second(
    installation: Installation,
    readings: simplr_client.Dataset,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    release = readings.release("Places")
    until = datetime.now(UTC) + timedelta(hours=1)
    grant = readings.grant(role("colleague").email, release=release.id, until=until)
    monkeypatch.setenv("SIMPLR_TOKEN", installation.as_("colleague").token)
    way = "simplr:///~/Readings.parquet"
    assert len(pandas.read_parquet(way)) == 501
    opened = SimplrFileSystem().open(way)

    installation.as_("steward").session.revoke(grant["id"])
    time.sleep(1)

    with pytest.raises(simplr_client.NotFound):
        opened.read(10)
    with pytest.raises(simplr_client.NotFound):
        pandas.read_parquet(way)


def test_a_revoked_token_ends_reading(
    installation: Installation, readings: simplr_client.Dataset, root: str
) -> None:
    steward = installation.as_("steward").session
    made = steward.create_token(
        "by address",
        scopes=["resource:download", "project:discover", "resource:discover"],
        expires_at=datetime.now(UTC) + timedelta(hours=1),
    )
    options = {"token": made["token"]}
    assert len(pandas.read_parquet(f"{root}/Readings.parquet", storage_options=options)) == ROWS + 1

    steward.revoke_token(made["id"])
    time.sleep(1)

    with pytest.raises(simplr_client.NotSignedIn):
        pandas.read_parquet(f"{root}/Readings.parquet", storage_options=options)


def test_no_token_is_shown_or_sent_to_another_host(
    installation: Installation, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    token = installation.as_("steward").token
    files = SimplrFileSystem(url=installation.url, token=token)

    assert token not in repr(files) + str(files) + files.to_json() + str(files.to_dict())
    with pytest.raises(simplr_client.NotSignedIn):
        fsspec.open("simplr://localhost:9/by-address/Readings.parquet").open()
    with pytest.raises(simplr_client.Invalid):
        files.open("simplr://elsewhere.example/by-address/Readings.parquet")
