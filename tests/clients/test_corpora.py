"""Every file of the corpora by `simplr put`: nothing dies, and no count is wrong without a word.

`make prove ONLY=corpora` puts all of them, set by set, and writes docs/reference/corpora.md anew
after each; `make test` puts the first few.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from tests.clients import corpora_page
from tests.clients.becoming import OTHER, Became, Table
from tests.clients.expectations import SETS, Expected, expected_of
from tests.installation import Installation

FEW, EVERY = 1, 1 << 30
"""How many files of a set, the smallest first, `make test` and `make prove` put."""
LARGE = {"messy/cms_excel_merged_headers"}
"""Sets whose smallest file takes longer than all the others' few."""
AT_ONCE, COMMANDS = 10, 4
"""How many files a command puts, and how many commands run beside each other."""
SHORTEST_REASON = 20
File = tuple[Path, Expected]


def folder_of(name: str) -> Path:
    """Where a set lies; skips where it does not."""
    folder = Path(os.environ.get("SIMPLR_TEST_DATA", "../shared/data")) / name
    if not folder.is_dir():
        pytest.skip(f"the corpus {name} is not on this machine (SIMPLR_TEST_DATA)")
    return folder


def put(installation: Installation, project: str, files: Sequence[File]) -> Iterator[Became]:
    """What each file became, put some at a time as people would put them."""
    portions = [
        mine[n : n + AT_ONCE]
        for as_ in ("auto", "table")
        if (mine := [one for one in files if one[1].as_ == as_])
        for n in range(0, len(mine), AT_ONCE)
    ]
    with ThreadPoolExecutor(COMMANDS) as commands:
        for found in commands.map(partial(put_some, installation, project), portions):
            yield from found


def put_some(installation: Installation, project: str, files: Sequence[File]) -> list[Became]:
    """What some files became that one command put."""
    words = [
        "put",
        "--project",
        project,
        "--as",
        files[0][1].as_,
        *(str(path) for path, _ in files),
    ]
    done = installation.simplr("steward", *words, "--yes", "--json", check=False)
    assert done.returncode in (0, 5, 8), done.stderr
    said = json.loads(done.stdout)
    items = said.get("items") or [{"file": str(files[0][0]), "error": said["error"]}]
    return [
        became(installation, path, expected, [one for one in items if one.get("file") == str(path)])
        for path, expected in files
    ]


def became(
    installation: Installation, path: Path, expected: Expected, documents: list[dict[str, Any]]
) -> Became:
    """One file beside what was expected of it; what was understood of it is asked for once more."""
    assert documents, f"{path}: nothing was said of it"
    if "error" in documents[0]:
        return Became(path, expected, error=documents[0]["error"])
    if documents[0]["kind"] == "file":
        return Became(path, expected)
    session = installation.as_("steward").session
    upload = session.find_upload(documents[0]["upload"]["id"])
    tables = [
        Table.of(document, upload.understanding(table=n), upload.recipe(n)["steps"])
        for n, document in enumerate(documents)
    ]
    return Became(path, expected, tuple(tables))


def processes(installation: Installation) -> dict[str, Any]:
    """The parts of the installation with their ids: one that died has another."""
    parts: dict[str, Any] = installation.server("status")["parts"]
    return {name: (part["pid"], part["restarts"]) for name, part in parts.items()}


def put_set(installation: Installation, name: str, most: int) -> list[Became]:
    """What up to `most` files of a set became; none of the processes died meanwhile."""
    folder = folder_of(name)
    project = name.rsplit("/", maxsplit=1)[-1].replace("_", "-")
    installation.simplr("steward", "project", "create", name, "--slug", project, check=False)
    before = processes(installation)
    files = sorted(expected_of(folder), key=lambda one: one[0].stat().st_size)

    found = list(put(installation, project, files[:most]))

    assert processes(installation) == before
    return found


def wrong_in(name: str, found: Sequence[Became]) -> Iterator[str]:
    """What is promised of each file of a set and does not hold, in words."""
    for one in found:
        if any(table.rows_in != table.kept + table.aside for table in one.tables):
            yield f"{one.path}: rows in are not rows kept and rows in quarantine"
        if any((table.dropped or table.left_out) and not table.said for table in one.tables):
            yield f"{one.path}: what was left out is not said"
        if one.error and len(one.error["detail"]) < SHORTEST_REASON:
            yield f"{one.path}: refused without a reason"
        if one.outcome == OTHER and one.below(name) not in corpora_page.explained(name):
            yield f"{one.path}: {one.words()}"


@pytest.mark.parametrize("name", [name for name in SETS if name not in LARGE])
def test_files_of_a_corpus_go_through_put(installation: Installation, name: str) -> None:
    assert list(wrong_in(name, put_set(installation, name, FEW))) == []


@pytest.mark.prove
@pytest.mark.parametrize("name", SETS)
def test_every_file_of_a_corpus_goes_through_put(installation: Installation, name: str) -> None:
    found = put_set(installation, name, EVERY)

    corpora_page.write(name, found)
    wrong = list(wrong_in(name, found))
    assert wrong == [], "\n".join(wrong)
