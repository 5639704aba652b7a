"""Programs of others against the installation, and the page that names them."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tests.installation import ROOT, Installation

PAGE = ROOT / "docs" / "reference" / "stock-clients.md"
ROW = re.compile(r"^\| ([^|]+?) \| [^|]+ \| `([^`]+)::(\w+)` \|$", re.MULTILINE)
OWN = {k: v for k, v in os.environ.items() if not k.startswith("SIMPLR_")}


def test_every_program_of_the_page_has_its_command_and_its_test() -> None:
    text = PAGE.read_text(encoding="utf-8")
    rows = ROW.findall(text)

    assert len(rows) >= 17
    assert len(rows) == text.count("\n| ") - 1, "every row names its test"
    for program, file, test in rows:
        assert f"\n## {program}\n\n" in text, program
        assert f"\ndef {test}(" in (ROOT / file).read_text(encoding="utf-8"), test


R_SCRIPT = r"""
suppressMessages({ library(httr2); library(data.table) })
ask <- function(path, ...) request(Sys.getenv("SIMPLR_URL")) |>
  req_url_path_append("api/v1", path) |> req_url_query(...) |>
  req_auth_bearer_token(Sys.getenv("SIMPLR_TOKEN")) |> req_perform()
id <- commandArgs(TRUE)[1]
found <- ask(paste0("resources/", id)) |> resp_body_json()
answer <- ask(paste0("datasets/", id, "/rows"), format = "linear-tsv", exact = "true")
rows <- fread(text = resp_body_string(answer), sep = "\t", na.strings = "\\N", quote = "")
cat(found$title, nrow(rows), ncol(rows), "\n")
"""


@pytest.mark.skipif(shutil.which("Rscript") is None, reason="R is not installed")
def test_httr2_asks_and_data_table_reads(installation: Installation) -> None:
    steward = installation.as_("steward")
    found = next(one for one in steward.session.resources() if one.kind == "dataset")
    with steward.session.dataset(found.id).rows("ndjson") as download:
        count = b"".join(download.chunks()).count(b"\n")

    done = subprocess.run(
        ["Rscript", "-", found.id],
        input=R_SCRIPT,
        env={**OWN, "SIMPLR_URL": installation.url, "SIMPLR_TOKEN": steward.token},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    title, rows, fields = done.stdout.strip().rsplit(" ", 2)
    assert (title, int(rows)) == (found.title, count)
    assert int(fields) > 1


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_curl_sends_a_file_in_a_form(installation: Installation, tmp_path: Path) -> None:
    steward = installation.as_("steward")
    steward.session.create_project("Sent by curl", slug="curl-form")
    project = steward.session.project("curl-form")
    content = os.urandom(900_000)
    (tmp_path / "noise.bin").write_bytes(content)

    done = subprocess.run(
        [
            *("curl", "--silent", "--fail", "--form", f"file=@{tmp_path / 'noise.bin'}"),
            *("-H", f"Authorization: Bearer {steward.token}"),
            f"{installation.url}/api/v1/projects/{project.id}/uploads?as=file",
        ],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )

    upload = steward.session.find_upload(json.loads(done.stdout)["id"]).wait()
    kept = upload.keep().wait().resource()
    assert upload.name == "noise.bin"
    with kept.content() as download:
        assert b"".join(download.chunks()) == content


@pytest.mark.skipif(shutil.which("rclone") is None, reason="rclone is not installed")
def test_rclone_fetches_a_file_over_http(installation: Installation, tmp_path: Path) -> None:
    steward = installation.as_("steward")
    steward.session.create_project("Fetched by rclone", slug="rclone")
    content = os.urandom(700_000)
    (tmp_path / "noise.bin").write_bytes(content)
    kept = steward.session.put(tmp_path / "noise.bin", project="rclone", as_="file")

    subprocess.run(
        [
            *("rclone", "copyurl", "--config", str(tmp_path / "none.conf")),
            *("--header", f"Authorization: Bearer {steward.token}"),
            f"{installation.url}/api/v1/resources/{kept.id}/content",
            str(tmp_path / "back.bin"),
        ],
        env={**OWN, "HOME": str(tmp_path)},
        check=True,
        timeout=60,
    )

    assert (tmp_path / "back.bin").read_bytes() == content


def schemathesis(installation: Installation, folder: Path, *words: str) -> str:
    done = subprocess.run(
        [
            *(sys.executable, "-m", "schemathesis.cli", "run", "--no-color"),
            f"{installation.url}/api/v1/openapi.json",
            *("-H", f"Authorization: Bearer {installation.as_('steward').token}"),
            *("--checks", "not_a_server_error", "--generation-database", "none", "--seed", "11"),
            *words,
        ],
        env={**OWN, "HOME": str(folder)},
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=2400,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    return done.stdout


def counted(found: str) -> tuple[int, bool]:
    """How many operations passed, and whether one failed."""
    passed = re.search(r"(\d+) passed", found)
    assert passed is not None, found[-3000:]
    return int(passed[1]), "failed" in found.partition("WARNINGS")[0]


@pytest.mark.prove
def test_schemathesis_finds_no_fault(installation: Installation, tmp_path: Path) -> None:
    """Lists, a little; all of it is tried in `make prove`."""
    lists = "/(me|projects|resources|grants|tokens|notices|people|groups|trash|ledger|health)$"
    words = ("--include-path-regex", lists, "--exclude-method", "POST", "--phases", "fuzzing")
    found = schemathesis(installation, tmp_path, *words, "--max-examples", "1", "--workers", "2")

    passed, failed = counted(found)
    assert passed >= 11
    assert not failed


@pytest.mark.prove
def test_schemathesis_finds_no_fault_in_anything(
    installation: Installation, tmp_path: Path
) -> None:
    words = ("--phases", "fuzzing,stateful", "--max-examples", "40", "--max-time", "1800")
    found = schemathesis(installation, tmp_path, *words, "--workers", "2")

    passed, failed = counted(found)
    assert passed > 80
    assert not failed
