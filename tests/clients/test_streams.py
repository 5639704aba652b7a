"""Streams that end too early are errors, however they end."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from devdata import open_data
from devdata.people import role
from tests.installation import Installation

import simplr_client


@pytest.fixture(scope="module")
def flights(
    installation: Installation, tmp_path_factory: pytest.TempPathFactory
) -> simplr_client.Dataset:
    """Every flight, released whole to the colleague by each test."""
    session = installation.as_("steward").session
    project = session.create_project("Streams", slug="streams")
    path = open_data.unpack(tmp_path_factory.mktemp("flights"))["flights"]
    return session.dataset(session.put(path, project=project.id, title="Streamed flights").id)


def granted(installation: Installation, flights: simplr_client.Dataset) -> str:
    names = [one["name"] for one in flights.schema()["fields"]]
    release = flights.create_release("All of it", fields=names)
    until = datetime.now(UTC) + timedelta(days=1)
    made = flights.grant(role("colleague").email, release=release.id, until=until)
    return str(made["id"])


def test_revoking_ends_a_running_stream_within_a_second_and_it_is_an_error(
    installation: Installation, flights: simplr_client.Dataset
) -> None:
    grant = granted(installation, flights)
    his = installation.as_("colleague").session.dataset(flights.id)
    steward = installation.as_("steward").session
    read: list[int] = []
    revoked_at = [0.0]

    def read_slowly() -> None:
        with his.rows("csv") as download:
            for chunk in download.chunks():
                read.append(len(chunk))
                if len(read) == 2:
                    steward.revoke(grant)
                    revoked_at[0] = time.monotonic()
                time.sleep(0.05)

    with pytest.raises(simplr_client.TransferBroken):
        read_slowly()

    # What the server had sent before is still in the buffers of both machines' networks.
    assert time.monotonic() - revoked_at[0] < 5
    assert sum(read) < 20_000_000


def test_a_cut_file_is_not_left_behind(
    installation: Installation, flights: simplr_client.Dataset, tmp_path: Path
) -> None:
    grant = granted(installation, flights)
    his = installation.as_("colleague").session.dataset(flights.id)
    steward = installation.as_("steward").session

    ended: list[bool] = []

    def slow(done: int, total: int | None) -> None:
        if not ended:
            steward.revoke(grant)
            ended.append(True)
        time.sleep(0.05)

    with pytest.raises(simplr_client.SimplrError):
        his.to_file(tmp_path / "flights.arrow", progress=slow)

    assert list(tmp_path.iterdir()) == []


def test_all_formats_hold_the_same_rows(
    installation: Installation, flights: simplr_client.Dataset, tmp_path: Path
) -> None:
    import pyarrow.parquet as parquet

    flights.to_file(tmp_path / "f.parquet", fields=["carrier", "flight"], where="month = 3")
    flights.to_file(tmp_path / "f.csv", fields=["carrier", "flight"], where="month = 3")

    table = parquet.read_table(tmp_path / "f.parquet")
    arrow = flights.to_arrow(fields=["carrier", "flight"], where="month = 3")
    assert table.to_pylist() == arrow.to_pylist()
    assert open_data.rows_in(tmp_path / "f.csv") == arrow.num_rows == 28_834
