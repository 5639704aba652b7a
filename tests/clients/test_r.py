"""The R package against a real installation: what R reads is what Python reads, to the bit."""

from __future__ import annotations

import io
import os
import shutil
import struct
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time
from pathlib import Path
from threading import Thread
from typing import Any

import pyarrow as pa
import pyarrow.parquet as parquet
import pytest
from tests.clients.counting_cuts import Cutting
from tests.clients.every_type import every_type
from tests.installation import Installation

import simplr_client

ROOT = Path(__file__).resolve().parents[2]
NEEDED = ("data.table", "httr2", "jsonlite", "openssl", "curl", "bit64")
FEW, MANY = 2_000, 1_000_000
R = Callable[..., str]


def missing() -> str:
    """Which of R and the packages that the tests need is not there."""
    if shutil.which("Rscript") is None:
        return "Rscript"
    names = ",".join(f'"{name}"' for name in NEEDED)
    asked = f"p <- c({names}); cat(p[!vapply(p, requireNamespace, TRUE, quietly = TRUE)])"
    return subprocess.run(
        ["Rscript", "-e", asked], capture_output=True, text=True, timeout=60, check=True
    ).stdout


@pytest.fixture(scope="module")
def r(installation: Installation, tmp_path_factory: pytest.TempPathFactory) -> R:
    """Runs lines of R as the steward, with the package installed from the installation itself."""
    if lacking := missing():
        pytest.skip(f"R or a package of it is not installed: {lacking}")
    place = tmp_path_factory.mktemp("r")
    environment = {
        **{k: v for k, v in os.environ.items() if not k.startswith("SIMPLR_")},
        **{"R_LIBS": str(place), "R_USER_CACHE_DIR": str(place / "cache"), "LC_ALL": "C.UTF-8"},
        **{"SIMPLR_URL": installation.url, "SIMPLR_TOKEN": installation.as_("steward").token},
    }

    def run(lines: str, *, ok: bool = True, **more: str) -> str:
        done = subprocess.run(
            ["Rscript", "-e", lines],
            env={**environment, **more},
            cwd=place,
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )
        if ok != (done.returncode == 0):
            pytest.fail(f"{lines}\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}")
        return done.stdout + done.stderr

    run(f"{installs(installation.url)}; library(simplr)")
    return run


def installs(url: str) -> str:
    """The line of the manual."""
    page = (ROOT / "docs/how-to/r.md").read_text()
    line = next(line for line in page.splitlines() if line.startswith('install.packages("http'))
    return line.replace("https://data.example.org", url)


@pytest.fixture(scope="module")
def project(installation: Installation) -> simplr_client.Project:
    return installation.as_("steward").session.create_project("R", slug="r")


def put(installation: Installation, folder: Path, title: str, table: pa.Table) -> Any:
    path = folder / f"{title}.parquet"
    parquet.write_table(table, path)
    session = installation.as_("steward").session
    return session.dataset(session.put(path, project="r", title=title).id)


AS_TEXT = """
    library(simplr); library(data.table); con <- simplr_connect()
    d <- simplr_read(con, "{title}"{more})
    bits <- function(x) ifelse(is.na(x), NA, apply(matrix(as.character(rev(writeBin(rev(x), raw(),
        endian = "big"))), nrow = 8), 2, function(b) paste(rev(b), collapse = "")))
    instant <- function(x) ifelse(is.na(x), NA, sprintf("%.0f", round(as.numeric(x) * 1e6)))
    for (name in names(d)) set(d, j = name, value = {{
        x <- d[[name]]
        if (inherits(x, "POSIXct")) instant(x)
        else if (is.double(x) && !inherits(x, c("integer64", "Date"))) rev(bits(rev(x)))
        else as.character(x)
    }})
    escape <- function(x) gsub("\\n", "\\\\n", fixed = TRUE, gsub("\\r", "\\\\r", fixed = TRUE,
        gsub("\\t", "\\\\t", fixed = TRUE, gsub("\\\\", "\\\\\\\\", fixed = TRUE, x))))
    out <- file("{path}", "wb")
    for (name in names(d)) {{
        x <- ifelse(is.na(d[[name]]), "\\\\N", escape(d[[name]]))
        writeLines(c(name, x), out, useBytes = TRUE)
    }}
    close(out)
"""


def as_text(values: list[Any]) -> list[str]:
    """One text for each value; equal only for equal values."""
    return [_text(value) for value in values]


def _text(value: Any) -> str:
    match value:
        case None:
            return r"\N"
        case bool():
            return str(value).upper()
        case float():
            return struct.pack(">d", value).hex()
        case datetime():
            aware = value if value.tzinfo else value.replace(tzinfo=UTC)
            since = aware - datetime(1970, 1, 1, tzinfo=UTC)
            return str((since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds)
        case date():
            return value.isoformat()
        case time():
            return value.isoformat()
    text = str(value)
    for plain, written in (("\\", r"\\"), ("\t", r"\t"), ("\r", r"\r"), ("\n", r"\n")):
        text = text.replace(plain, written)
    return text


def assert_equal(r: R, folder: Path, dataset: Any, more: str = "") -> None:
    """Every cell of every field, as a text of R against a text of Python."""
    path = folder / "r.txt"
    r(AS_TEXT.format(title=dataset.title, path=path, more=more))
    table = dataset.to_arrow()
    lines = io.StringIO(path.read_bytes().decode(), newline="\n")
    for name in table.column_names:
        assert next(lines).rstrip("\n") == name
        mine = as_text(table[name].to_pylist())
        read = [next(lines).rstrip("\n") for _ in range(table.num_rows)]
        differing = [pair for pair in zip(read, mine, strict=True) if pair[0] != pair[1]]
        assert differing == [], (name, len(differing), differing[:3])
    assert next(lines, None) is None


def test_rows_of_every_type_are_those_that_python_reads(
    installation: Installation, project: simplr_client.Project, r: R, tmp_path: Path
) -> None:
    dataset = put(installation, tmp_path, "Few", every_type(FEW))

    assert {one["type"] for one in dataset.schema()["fields"]} == {
        *("text", "category", "integer", "decimal", "boolean", "date", "time", "datetime"),
    }
    assert_equal(r, tmp_path, dataset)
    classes = r(
        """library(simplr); d <- simplr_read(simplr_connect(), "Few", factors = TRUE)
        cat(vapply(d, function(x) class(x)[1], ""))"""
    )
    assert classes == (
        "integer integer integer64 numeric numeric logical Date character POSIXct POSIXct "
        "character character character factor factor"
    )


@pytest.mark.prove
def test_a_million_rows_of_every_type_are_those_that_python_reads(
    installation: Installation, project: simplr_client.Project, r: R, tmp_path: Path
) -> None:
    assert_equal(r, tmp_path, put(installation, tmp_path, "Many", every_type(MANY)))


@pytest.mark.prove
def test_chosen_fields_rows_and_classes(
    installation: Installation, project: simplr_client.Project, r: R, tmp_path: Path
) -> None:
    table = pa.table({"id": [1, 2, 3, 4], "text": ["", None, "a\tb", "=1"], "large": [10**17] * 4})
    put(installation, tmp_path, "Chosen", table)

    said = r(
        """library(simplr); con <- simplr_connect()
        print(nrow(simplr_read(con, "chosen", where = "id > 2")))
        print(names(simplr_read(con, "Chosen", fields = c("large", "id"), limit = 1)))
        print(simplr_read(con, "Chosen", fields = "text")$text)
        print(nrow(simplr_read(con, "Chosen", where = "id > 9")))
        print(class(simplr_read(con, "Chosen", where = "id > 9", integers = "integer64")$id))
        print(simplr_read(con, "Chosen", integers = "character")$large[1])
        print(simplr_schema(con, "Chosen")$type)
        print("Chosen" %in% simplr_list(con, project = "r")$title)
        print(con)
        """
    ).splitlines()
    assert said == [
        "[1] 2",
        '[1] "large" "id"   ',
        '[1] ""     NA     "a\\tb" "=1"  ',
        "[1] 0",
        '[1] "integer64"',
        '[1] "100000000000000000"',
        '[1] "integer" "text"    "integer"',
        "[1] TRUE",
        f"<Simplr installation at {installation.url}>",
    ]


@pytest.mark.parametrize(
    ("line", "condition"),
    [
        ('simplr_read(con, "Refusing", fields = "salary")', "simplr_not_found"),
        *(
            pytest.param(*one, marks=pytest.mark.prove)
            for one in (
                ('simplr_read(con, "No such thing")', "simplr_not_found"),
                ('simplr_read(con, "Refusing", where = "n >")', "simplr_invalid"),
                ('simplr_read(con, "Refusing", integers = "numeric")', "simplr_not_representable"),
                ('simplr_download(con, "Refusing", "there")', "simplr_file_exists"),
            )
        ),
        ('simplr_list(simplr_connect(token = "no-token"))', "simplr_not_signed_in"),
    ],
)
def test_a_refusal_is_a_condition_of_its_code(
    installation: Installation,
    project: simplr_client.Project,
    r: R,
    tmp_path: Path,
    line: str,
    condition: str,
) -> None:
    if not any(one.title == "Refusing" for one in project.resources()):
        put(installation, tmp_path, "Refusing", pa.table({"n": [2**53 + 1]}))

    said = r(
        f"""library(simplr); con <- simplr_connect(); writeLines("x", "there")
        tryCatch({line}, simplr_error = function(e) {{
            cat(inherits(e, "{condition}"), class(e), conditionMessage(e)) }})"""
    )

    assert said.startswith("TRUE"), said


@contextmanager
def cut(installation: Installation, after: int, times: int) -> Iterator[Cutting]:
    """A way to the installation that breaks after so many bytes, so many times."""
    with Cutting(installation.url, after=after, times=times) as between:
        Thread(target=between.serve_forever, daemon=True).start()
        yield between
        between.shutdown()


@pytest.mark.prove
def test_a_broken_line_costs_what_was_on_it(
    installation: Installation, project: simplr_client.Project, r: R, tmp_path: Path
) -> None:
    table = pa.table({"n": list(range(400_000)), "text": ["lorem ipsum dolor"] * 400_000})
    dataset = put(installation, tmp_path, "Broken", table)
    original = tmp_path / "original"
    dataset.save_content(original)
    lines = """library(simplr); con <- simplr_connect()
        assignInNamespace("PARSED_AT_ONCE", 1e6, "simplr")
        d <- simplr_read(con, "Broken")
        stopifnot(identical(d$n, 0:399999), all(d$text == "lorem ipsum dolor")); cat("whole")"""

    with cut(installation, after=4_000_000, times=2) as between:
        assert r(lines, SIMPLR_URL=between.url) == "whole"
        assert between.cuts == 2
        assert "offset=0" in between.asked[0]
        assert all("offset=0&" not in line for line in between.asked[1:])
    with cut(installation, after=4_000_000, times=9) as between:
        lines = lines.replace("1e6", "1e9")
        said = r(f"{lines}", ok=False, SIMPLR_URL=between.url)
        assert "ended before it was complete" in said
    with cut(installation, after=original.stat().st_size // 3, times=2) as between:
        there = tmp_path / "there" / "fetched"
        there.parent.mkdir()
        line = f'library(simplr); simplr_download(simplr_connect(), "Broken", "{there}")'
        r(line, SIMPLR_URL=between.url)
        assert between.cuts == 2
    assert list(there.parent.iterdir()) == [there]
    assert there.read_bytes() == original.read_bytes()


@pytest.mark.prove
def test_a_file_is_sent_in_pieces_and_goes_on_after_a_break(
    installation: Installation, project: simplr_client.Project, r: R, tmp_path: Path
) -> None:
    path = tmp_path / "sent.csv"
    path.write_text("n,text\n" + "".join(f"{n},a text of some length\n" for n in range(100_000)))

    with cut(installation, after=1_500_000, times=1) as between:
        said = r(
            f"""library(simplr); con <- simplr_connect()
            assignInNamespace("SENT_AT_ONCE", 1e6, "simplr")
            made <- simplr_put(con, "{path}", "r", title = "Sent from R")
            d <- simplr_read(con, made$id); cat(nrow(d), sum(d$n))""",
            SIMPLR_URL=between.url,
        )
        assert between.cuts == 1
    assert said == "100000 4999950000"


@pytest.mark.prove
def test_the_examples_of_the_manual_work(
    installation: Installation, project: simplr_client.Project, r: R, tmp_path: Path
) -> None:
    kinds = (("Oak", "North"), ("Lime", "South"))
    trees = "species,planted_on,district,height\n" + "".join(
        f"{kinds[n % 2][0]},20{n:02}-04-{n % 28 + 1:02},{kinds[n % 2][1]},{n}.5\n"
        for n in range(80)
    )
    (tmp_path / "trees.csv").write_text(trees)
    blocks = (ROOT / "docs/how-to/r.md").read_text().split("```r\n")[1:]
    lines = "\n".join(block.split("```")[0] for block in blocks)
    typed = "\n".join(line for line in lines.splitlines() if not line.startswith("install."))

    r(
        typed.replace("https://data.example.org", installation.url)
        .replace('"trees.csv"', f'"{tmp_path}/trees.csv"')
        .replace('"copy.csv"', f'"{tmp_path}/copy.csv"')
        .replace('"parks"', '"r"')
    )

    assert (tmp_path / "copy.csv").read_text() == trees


@pytest.mark.prove
def test_the_package_passes_its_own_tests(r: R) -> None:
    tests = ROOT / "clients/r/tests/offline.R"
    r(f'source("{tests}", encoding = "UTF-8")')


def test_no_process_shows_the_token_and_nothing_stays_in_memory_folders(
    installation: Installation, project: simplr_client.Project, r: R, tmp_path: Path
) -> None:
    put(installation, tmp_path, "Left", pa.table({"n": [1, 2], "text": ["sesame", "open"]}))
    before = {path.name for path in Path("/dev/shm").glob("simplr-*")}

    said = r(
        """library(simplr); con <- simplr_connect(); d <- simplr_read(con, "Left")
        token <- Sys.getenv("SIMPLR_TOKEN")
        shown <- c(capture.output(con, str(con), str(d), attributes(d)), unlist(lapply(options(), format)))
        cat(any(grepl(token, shown, fixed = TRUE)), nrow(d), length(list.files(tempdir())))"""
    )

    assert said == "FALSE 2 0"
    assert {path.name for path in Path("/dev/shm").glob("simplr-*")} <= before
