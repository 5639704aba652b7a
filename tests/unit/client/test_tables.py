"""Streams of rows: whole, in bounded memory, or an error. Never a short table."""

from __future__ import annotations

import io
from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest

from simplr_client import Conflict, Dataset, Invalid, MissingPackage, Session, TransferBroken
from simplr_client.tables import format_of, need

from .conftest import Site

ID = "0192f0c1-0000-7000-8000-000000000001"
TABLE = pa.table(
    {
        "code": pa.array(["007", None, "042"]),
        "count": pa.array([1, None, 3], pa.int64()),
        "open": pa.array([True, None, False]),
        "opened_on": pa.array([date(2024, 1, 31), None, date(1850, 2, 1)]),
        "share": pa.array([0.5, None, 1.5]),
    }
)
BATCHES = TABLE.to_batches() * 5


def arrow_bytes(*, ended: bool = True) -> bytes:
    sink = io.BytesIO()
    writer = pa.ipc.new_stream(sink, TABLE.schema)
    for batch in BATCHES:
        writer.write_batch(batch)
    whole_without_end = sink.getvalue()
    writer.close()
    return sink.getvalue() if ended else whole_without_end


@pytest.fixture
def dataset(site: Site, session: Session) -> Dataset:
    site.on(f"GET /resources/{ID}", (200, {"id": ID, "kind": "dataset", "title": "Trees"}))
    return session.dataset(ID)


def serve(site: Site, content: bytes, *, finish: bool = True, piece: int = 700) -> None:
    pieces = [content[i : i + piece] for i in range(0, len(content), piece)]
    site.on(
        f"GET /datasets/{ID}/rows", lambda handler, asked: handler.stream(pieces, finish=finish)
    )


def test_an_arrow_stream_arrives_whole(site: Site, dataset: Dataset) -> None:
    serve(site, arrow_bytes())

    table = dataset.to_arrow(fields=["code", "count"], where="count > 1", release="r1")

    assert table.num_rows == 15
    assert table.schema == TABLE.schema
    asked = site.asked[-1].path
    assert "fields=code%2Ccount" in asked
    assert "where=count+%3E+1" in asked
    assert "release=r1" in asked


def test_batches_arrive_one_at_a_time(site: Site, dataset: Dataset) -> None:
    serve(site, arrow_bytes())

    assert [batch.num_rows for batch in dataset.batches()] == [3] * 5


def test_leaving_a_stream_early_leaves_the_session_usable(site: Site, dataset: Dataset) -> None:
    serve(site, arrow_bytes())

    for _ in dataset.batches():
        break

    assert dataset.to_arrow().num_rows == 15


def test_pandas_keeps_whole_numbers_whole_and_zeros_leading(site: Site, dataset: Dataset) -> None:
    serve(site, arrow_bytes())

    frame = dataset.to_pandas()

    assert str(frame["count"].dtype) == "Int64"
    assert str(frame["open"].dtype) == "boolean"
    assert str(frame["opened_on"].dtype).startswith("datetime64")
    assert frame["code"].iloc[0] == "007"
    assert frame["opened_on"].iloc[2].year == 1850
    assert int(frame["count"].isna().sum()) == 5


def test_polars_reads_the_same(site: Site, dataset: Dataset) -> None:
    serve(site, arrow_bytes())

    frame = dataset.to_polars()

    assert frame.shape == (15, 5)
    assert frame["code"][0] == "007"


@pytest.mark.parametrize("share", [0.05, 0.3, 0.7, 0.99])
def test_an_arrow_stream_that_is_cut_is_an_error(
    site: Site, dataset: Dataset, share: float
) -> None:
    content = arrow_bytes()
    serve(site, content[: int(len(content) * share)], finish=False)

    with pytest.raises(TransferBroken):
        dataset.to_arrow()


def test_an_arrow_stream_without_its_end_is_an_error_even_if_http_is_content(
    site: Site, dataset: Dataset
) -> None:
    serve(site, arrow_bytes(ended=False))

    with pytest.raises(TransferBroken):
        dataset.to_arrow()
    with pytest.raises(TransferBroken):
        list(dataset.batches())


def test_a_cut_csv_leaves_no_file(site: Site, dataset: Dataset, tmp_path: Path) -> None:
    serve(site, b"a,b\r\n1,2\r\n" * 500, finish=False)

    with pytest.raises(TransferBroken):
        dataset.to_file(tmp_path / "trees.csv")

    assert list(tmp_path.glob("*trees*")) == []


def test_an_answer_whose_end_cannot_be_told_is_refused(
    site: Site, dataset: Dataset, tmp_path: Path
) -> None:
    def unframed(handler: object, asked: object) -> None:
        handler.send_response(200)  # type: ignore[attr-defined]
        handler.end_headers()  # type: ignore[attr-defined]
        handler.wfile.write(b"a,b\r\n1,2\r\n")  # type: ignore[attr-defined]
        handler.close_connection = True  # type: ignore[attr-defined]

    site.on(f"GET /datasets/{ID}/rows", unframed)

    with pytest.raises(TransferBroken) as caught:
        dataset.to_file(tmp_path / "trees.csv")

    assert caught.value.code == "transfer-unframed"
    assert list(tmp_path.glob("*trees*")) == []


@pytest.mark.parametrize(
    ("suffix", "content"), [("arrow", arrow_bytes(ended=False)), ("parquet", b"PAR1" + b"x" * 99)]
)
def test_a_file_without_the_end_of_its_format_is_not_kept(
    site: Site, dataset: Dataset, tmp_path: Path, suffix: str, content: bytes
) -> None:
    serve(site, content)

    with pytest.raises(TransferBroken):
        dataset.to_file(tmp_path / f"trees.{suffix}")

    assert list(tmp_path.glob("*trees*")) == []


def test_a_file_is_written_whole_for_its_owner_and_never_overwritten_unasked(
    site: Site, dataset: Dataset, tmp_path: Path
) -> None:
    content = b"a,b\r\n1,2\r\n" * 500
    serve(site, content)
    target = tmp_path / "trees.csv"

    assert dataset.to_file(target) == len(content)
    assert target.read_bytes() == content
    assert target.stat().st_mode & 0o077 == 0

    target.write_bytes(b"mine")
    with pytest.raises(Conflict):
        dataset.to_file(target)
    assert target.read_bytes() == b"mine"

    dataset.to_file(target, overwrite=True)
    assert target.read_bytes() == content
    assert [found.name for found in tmp_path.glob("*trees*")] == ["trees.csv"]


def test_a_format_is_known_by_its_suffix() -> None:
    assert format_of("x.CSV") == "csv"
    assert format_of("x.jsonl") == "ndjson"
    with pytest.raises(Invalid):
        format_of("x.xlsx")


def test_a_missing_package_is_named_with_the_line_that_installs_it() -> None:
    with pytest.raises(MissingPackage, match="pip install nothing_of_the_kind"):
        need("nothing_of_the_kind")


def test_a_file_is_not_read_as_a_table(site: Site, session: Session) -> None:
    site.on(f"GET /resources/{ID}", (200, {"id": ID, "kind": "file", "title": "Plan"}))

    with pytest.raises(Invalid) as caught:
        session.dataset(ID)

    assert caught.value.code == "not-a-dataset"


def test_a_title_that_several_have_is_not_guessed(site: Site, session: Session) -> None:
    two = [{"id": i, "kind": "dataset", "title": "Trees"} for i in ("1", "2")]
    site.on("GET /resources", (200, {"items": two, "next": None}))

    with pytest.raises(Conflict, match="1, 2"):
        session.dataset("trees")
