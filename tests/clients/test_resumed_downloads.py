"""Downloads over a line that breaks at any place: the bytes are the same, by client, command and curl."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tests.clients.cutting import cut_often, line
from tests.installation import Installation, environ

import simplr_client

SEEDS = [0, *(pytest.param(seed, marks=pytest.mark.prove) for seed in range(1, 13))]
FORMATS = ("csv", "tsv", "ndjson", "parquet", "arrow")
ROWS = 60_000


@pytest.fixture(scope="module")
def readings(
    installation: Installation, tmp_path_factory: pytest.TempPathFactory
) -> simplr_client.Dataset:
    """Some megabytes in every format; all but the last field are released."""
    session = installation.as_("steward").session
    session.create_project("Broken lines", slug="broken-lines")
    path = tmp_path_factory.mktemp("readings") / "readings.csv"
    with path.open("w") as file:
        file.write("number,place,value,day\n")
        for n in range(ROWS):
            file.write(f"{n},Station {n * 7919 % 10_007},{n * n % 99_991 / 7:.4f},{day(n)}\n")
    kept = session.put(path, project="broken-lines", title="Readings over broken lines")
    return session.dataset(kept.id)


def day(n: int) -> str:
    return f"20{n % 24:02}-{n % 12 + 1:02}-{n % 28 + 1:02}"


def through(url: str, installation: Installation, key: str = "steward") -> simplr_client.Session:
    return simplr_client.connect(url, installation.as_(key).token)


@pytest.fixture(scope="module")
def wholes(
    readings: simplr_client.Dataset, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, bytes]:
    """Every format over a line that holds."""
    folder, found = tmp_path_factory.mktemp("wholes"), {}
    for kind in FORMATS:
        readings.to_file(folder / f"whole.{kind}")
        found[kind] = (folder / f"whole.{kind}").read_bytes()
    return found


@pytest.mark.parametrize(
    "kind",
    [FORMATS[0], *(pytest.param(one, marks=pytest.mark.prove) for one in FORMATS[1:])],
)
@pytest.mark.parametrize("seed", SEEDS)
def test_rows_are_the_same_over_a_line_that_breaks(
    installation: Installation,
    readings: simplr_client.Dataset,
    wholes: dict[str, bytes],
    tmp_path: Path,
    kind: str,
    seed: int,
) -> None:
    allowed = cut_often(seed, least=9_000, most=len(wholes[kind]) // 2, times=3)
    with line(installation.url, allowed) as broken, through(broken.url, installation) as session:
        target = tmp_path / f"got.{kind}"
        session.dataset(readings.id).to_file(target)

    assert broken.cuts >= 1
    assert target.read_bytes() == wholes[kind]


@pytest.mark.prove
def test_a_table_is_the_same_over_a_line_that_breaks(
    installation: Installation, readings: simplr_client.Dataset, wholes: dict[str, bytes]
) -> None:
    allowed = cut_often(7, least=200_000, most=900_000, times=2)
    with line(installation.url, allowed) as broken, through(broken.url, installation) as session:
        table = session.dataset(readings.id).to_arrow()

    assert broken.cuts >= 1
    assert table.equals(readings.to_arrow())


def test_an_original_is_the_same_over_a_line_that_breaks(
    installation: Installation, tmp_path: Path
) -> None:
    content = os.urandom(3_000_000)
    (tmp_path / "noise.bin").write_bytes(content)
    steward = installation.as_("steward").session
    kept = steward.put(tmp_path / "noise.bin", project="broken-lines", as_="file")

    allowed = cut_often(3, least=20_000, most=900_000, times=3)
    with line(installation.url, allowed) as broken, through(broken.url, installation) as session:
        session.resource(kept.id).save_content(tmp_path / "back.bin")

    assert broken.cuts >= 1
    assert (tmp_path / "back.bin").read_bytes() == content


def test_the_command_goes_on_by_itself(
    installation: Installation,
    readings: simplr_client.Dataset,
    wholes: dict[str, bytes],
    tmp_path: Path,
) -> None:
    target = tmp_path / "rows.parquet"
    allowed = cut_often(5, least=9_000, most=len(wholes["parquet"]) // 2, times=3)
    with line(installation.url, allowed) as broken:
        subprocess.run(
            [sys.executable, "-m", "simplr_client.command", "get", readings.id, "-o", str(target)],
            env=environ(
                installation.path,
                SIMPLR_URL=broken.url,
                SIMPLR_TOKEN=installation.as_("steward").token,
            ),
            check=True,
            timeout=120,
        )

    assert broken.cuts >= 1
    assert target.read_bytes() == wholes["parquet"]


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_curl_goes_on_where_it_broke_off(
    installation: Installation,
    readings: simplr_client.Dataset,
    wholes: dict[str, bytes],
    tmp_path: Path,
) -> None:
    """`curl -C -`, first on a broken line, then on one that holds."""
    target = tmp_path / "rows.csv"
    allowed = cut_often(2, least=400_000, most=900_000, times=1)
    with line(installation.url, allowed) as broken:
        address = f"{broken.url}/api/v1/datasets/{readings.id}/rows?format=csv"
        header = f"Authorization: Bearer {installation.as_('steward').token}"
        words = ["curl", "--silent", "--fail", "-C", "-", "-H", header, "-o", str(target), address]
        first = subprocess.run(words, check=False, timeout=60)
        half = target.stat().st_size
        second = subprocess.run(words, check=False, timeout=60)

    assert first.returncode != 0
    assert 0 < half < len(wholes["csv"])
    assert second.returncode == 0
    assert target.read_bytes() == wholes["csv"]


def test_who_lost_the_right_in_between_does_not_go_on(
    installation: Installation, readings: simplr_client.Dataset, tmp_path: Path
) -> None:
    from datetime import UTC, datetime, timedelta

    from devdata.people import role

    names = [one["name"] for one in readings.schema()["fields"]]
    release = readings.create_release("Over a broken line", fields=names)
    until = datetime.now(UTC) + timedelta(days=1)
    grant = readings.grant(role("colleague").email, release=release.id, until=until)

    def slow(done: int, total: int | None) -> None:
        if not revoked:
            readings._session.revoke(grant["id"])
            revoked.append(True)

    revoked: list[bool] = []
    allowed = cut_often(1, least=400_000, most=500_000, times=9)
    with (
        line(installation.url, allowed) as broken,
        through(broken.url, installation, "colleague") as session,
        pytest.raises(simplr_client.TransferBroken),
    ):
        session.dataset(readings.id).to_file(tmp_path / "rows.csv", progress=slow)

    assert list(tmp_path.iterdir()) == []


def test_the_ledger_says_from_where(
    installation: Installation, readings: simplr_client.Dataset, wholes: dict[str, bytes]
) -> None:
    events = installation.as_("steward").session.ledger(node=readings.id, code="sharing:rows:read")
    begun_at = [one["details"].get("from") for one in events]

    assert None in begun_at
    assert any(place for place in begun_at if place)
