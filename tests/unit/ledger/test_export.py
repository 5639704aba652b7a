"""An export is checked by our package and by a shell script alike, and both find the same."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from simplr_core.crypto import Key, SigningKey
from simplr_core.errors import Invalid
from simplr_core.ledger import (
    Checkpoint,
    MerkleTree,
    canonical_entry,
    leaf_hash,
    open_export,
    sign_checkpoint,
    write_checkpoints,
    write_export,
)
from simplr_core.ledger.export import ExportUnreadable

MakeLog = Callable[..., Any]
KEY = SigningKey(Key.generate())
AWKS = [name for name in ("mawk", "gawk", "busybox") if shutil.which(name)]
TOOLS = (
    "sh awk openssl sha256sum base64 od paste split cut sort wc head tail tr grep cp mv rm mkdir "
    "mktemp cat dirname find xargs"
)


@pytest.fixture(params=AWKS)
def path_of_tools(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A PATH with nothing but what the script says it needs, and one kind of awk."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for tool in TOOLS.split():
        name = request.param if tool == "awk" else tool
        found = shutil.which(name)
        assert found, name
        (folder / tool).symlink_to(found)
    return str(folder)


@pytest.fixture
def export(make_log: MakeLog, tmp_path: Path) -> Path:
    return exported(make_log(23, (0, 1, 8, 8, 13, 23), KEY), tmp_path / "export")


def exported(log: Any, folder: Path) -> Path:
    folder.mkdir()
    write_export(
        folder,
        entries=log.entries,
        checkpoints=log.checkpoints,
        public_key=log.key.verifying_key,
    )
    return folder


def run(export: Path, *arguments: str, path: str | None = None) -> tuple[int, str]:
    environment = {"PATH": path or os.environ["PATH"], "TMPDIR": str(export.parent)}
    done = subprocess.run(
        ["sh", str(export / "verify.sh"), *arguments],
        capture_output=True,
        text=True,
        env=environment,
        timeout=120,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def test_a_true_export_is_well(export: Path, path_of_tools: str) -> None:
    started = time.time()
    code, said = run(export, path=path_of_tools)
    assert (code, said.splitlines()[-1]) == (0, "all is well: 23 entries, 6 checkpoints")
    assert open_export(export).verify() is None
    assert {path.name for path in export.parent.iterdir()} == {"bin", "export"}, "left nothing"
    left = [path for path in Path("/dev/shm").glob("verify-ledger.*") if is_since(path, started)]
    until = time.time() + 30  # another test may be checking a ledger: what is its goes with it
    while any(path.exists() for path in left) and time.time() < until:
        time.sleep(0.1)
    assert not [path for path in left if path.exists()]


def is_since(path: Path, started: float) -> bool:
    try:
        return path.stat().st_mtime > started
    except FileNotFoundError:
        return False


@pytest.mark.parametrize("size", [0, 1, 2, 3, 7, 8, 9, 33])
def test_every_size_of_log_is_well(make_log: MakeLog, tmp_path: Path, size: int) -> None:
    sizes = sorted({0, size // 2, max(0, size - 1), size})
    export = exported(make_log(size, sizes, KEY), tmp_path / "export")
    code, said = run(export)
    assert (code, said.splitlines()[-1]) == (
        0,
        f"all is well: {size} entries, {len(sizes)} checkpoints",
    )
    assert open_export(export).verify() is None


def test_a_log_without_checkpoints_exports_nothing(make_log: MakeLog, tmp_path: Path) -> None:
    export = exported(make_log(5, (), KEY), tmp_path / "export")
    assert (export / "entries.ndjson").read_bytes() == b""
    assert run(export)[0] == 0


def test_odd_but_true_entries_are_well(make_log: MakeLog, tmp_path: Path) -> None:
    """Text that an awk, a printf or a shell could take for something else."""
    log = make_log(0, (), KEY)
    for seq, word in enumerate(
        [
            "%s%d%%",
            "\\n\\0\\x00",
            "Zoë 東京 \u2028",
            "$(id) `id` ; '\"",
            "-n",
            "\t",
            "&|<>",
            "x" * 9000,
        ]
    ):
        log.entries.append(canonical_entry({"seq": seq, "word": word}))
    now = datetime(2026, 11, 21, tzinfo=UTC)
    head = Checkpoint("simplr/test", 8, MerkleTree(log.leaves).root(), now, None)
    log.checkpoints.append(sign_checkpoint(head, key=KEY))
    export = exported(log, tmp_path / "export")
    assert run(export)[0] == 0
    assert open_export(export).verify() is None


def lines_of(export: Path) -> list[bytes]:
    return (export / "entries.ndjson").read_bytes().split(b"\n")[:-1]


def put_lines(export: Path, lines: list[bytes], *, leaves: bool = False) -> None:
    (export / "entries.ndjson").write_bytes(b"".join(line + b"\n" for line in lines))
    if leaves:
        (export / "leaves.txt").write_text("".join(leaf_hash(x).hex() + "\n" for x in lines))


def edit(lines: list[bytes], at: int) -> None:
    lines[at] = lines[at].replace(b"seen", b"sown")


def delete(lines: list[bytes], at: int) -> None:
    del lines[at]


def insert(lines: list[bytes], at: int) -> None:
    lines.insert(at, lines[at].replace(b"seen", b"sown"))


def swap(lines: list[bytes], at: int) -> None:
    lines[at], lines[at + 1] = lines[at + 1], lines[at]


def cut(lines: list[bytes], at: int) -> None:
    del lines[at:]


@pytest.mark.parametrize("harm", [edit, delete, insert, swap, cut])
@pytest.mark.parametrize("at", [0, 8, 21])
def test_both_name_the_first_bad_entry(
    export: Path, harm: Callable[[list[bytes], int], None], at: int
) -> None:
    lines = lines_of(export)
    harm(lines, at)
    put_lines(export, lines)
    code, said = run(export)
    assert code == 1
    assert said.splitlines()[-1] == f"WRONG: entry {at} is the first that is not what was written"
    found = open_export(export).verify()
    assert found is not None
    assert (found.first_bad_seq, found.is_certain) == (at, True)


@pytest.mark.parametrize("leaves", ["forged", "absent", "rubbish"])
def test_without_true_leaf_hashes_the_range_is_named(export: Path, leaves: str) -> None:
    lines = lines_of(export)
    edit(lines, 10)
    put_lines(export, lines, leaves=leaves == "forged")
    if leaves == "absent":
        (export / "leaves.txt").unlink()
    elif leaves == "rubbish":
        (export / "leaves.txt").write_text("rubbish\n" * 23)
    code, said = run(export)
    assert code == 1
    assert said.splitlines()[-1] == "WRONG: an entry from 8 to 12 is not what was written"
    found = open_export(export).verify()
    assert found is not None
    assert (found.first_bad_seq, found.proven_size, found.is_certain) == (8, 8, False)


def test_an_entry_more_is_found(export: Path) -> None:
    lines = lines_of(export)
    put_lines(export, [*lines, lines[-1]])
    code, said = run(export)
    assert code == 1
    assert "entry 23 and those after it are covered by no checkpoint" in said


def test_a_lost_line_end_is_found(export: Path) -> None:
    path = export / "entries.ndjson"
    path.write_bytes(path.read_bytes()[:-1])
    code, said = run(export)
    assert code == 1
    assert "cut off" in said


def test_a_tail_cut_with_its_checkpoints_needs_one_from_outside(
    export: Path, tmp_path: Path
) -> None:
    kept = tmp_path / "kept.txt"
    checkpoints = open_export(export).checkpoints
    kept.write_text(checkpoints[-1].text)
    put_lines(export, lines_of(export)[:13], leaves=True)
    (export / "checkpoints.txt").write_text(write_checkpoints(checkpoints[:5]))
    assert run(export)[0] == 0
    code, said = run(export, "--checkpoint", str(kept))
    assert code == 1
    assert "the log has 13 entries, but a signed checkpoint covers 23" in said
    found = open_export(export).verify(outside=[checkpoints[-1]])
    assert found is not None
    assert found.first_bad_seq == 13


def test_a_whole_log_signed_by_another_key_needs_the_kept_key(
    export: Path, make_log: MakeLog, tmp_path: Path
) -> None:
    kept = tmp_path / "kept.pem"
    shutil.copy(export / "ledger.pub.pem", kept)
    forged = exported(make_log(23, (23,)), tmp_path / "forged")
    assert run(forged)[0] == 0
    code, said = run(forged, "--key", str(kept))
    assert code == 1
    assert "was not signed by this key" in said
    assert open_export(forged).verify(public_key=KEY.verifying_key) is not None


def swapped_signatures(text: str) -> str:
    lines = text.split("\n")
    lines[6], lines[14] = lines[14], lines[6]
    return "\n".join(lines)


@pytest.mark.parametrize(
    ("harm", "words"),
    [
        (swapped_signatures, "was not signed by this key"),
        (lambda text: text.replace("\n8\n", "\n7\n", 1), "was not signed by this key"),
        (lambda text: "\n".join(text.split("\n")[8:]), "does not follow"),
        (lambda text: text[:-20], "cannot be read"),
        (lambda text: text + "\nmore\n", "cannot be read"),
        (lambda text: text.replace("previous none", "previous  none"), "cannot be read"),
        (lambda text: text.replace("— simplr/test", "— simplr/else", 1), "cannot be read"),
    ],
)
def test_harmed_checkpoints_are_found(export: Path, harm: Callable[[str], str], words: str) -> None:
    path = export / "checkpoints.txt"
    harmed = harm(path.read_text())
    assert harmed != path.read_text()
    path.write_text(harmed)
    code, said = run(export)
    assert code == 1
    assert words in said


def test_checkpoints_that_were_signed_but_go_back_are_found(
    export: Path, make_log: MakeLog
) -> None:
    checkpoints = list(open_export(export).checkpoints)
    for change, words in (
        ({"size": 3}, "goes back"),
        ({"origin": "simplr/other"}, "is of another log"),
    ):
        head = replace(checkpoints[-1].checkpoint, previous=checkpoints[-1].digest, **change)
        more = [*checkpoints, sign_checkpoint(head, key=KEY)]
        (export / "checkpoints.txt").write_text(write_checkpoints(more))
        code, said = run(export)
        assert code == 1
        assert words in said


def test_a_missing_tool_or_file_is_named(export: Path, tmp_path: Path) -> None:
    (tmp_path / "few").mkdir()
    for tool in ("sh", "dirname"):
        found = shutil.which(tool)
        assert found
        (tmp_path / "few" / tool).symlink_to(found)
    assert run(export, path=str(tmp_path / "few")) == (2, "cannot run: awk is not installed\n")
    (export / "ledger.pub.pem").write_text("rubbish")
    assert run(export)[0] == 2
    (export / "checkpoints.txt").unlink()
    code, said = run(export)
    assert code == 2
    assert "cannot be read" in said
    assert run(export, "--what")[0] == 2
    with pytest.raises(ExportUnreadable):
        open_export(export)


def test_a_checkpoint_is_checked_by_hand_as_the_manual_says(export: Path) -> None:
    manual = (Path(__file__).parents[3] / "docs/explanation/ledger.md").read_text()
    recipe = manual.partition("A single checkpoint is checked by hand so:")[2].split("```")[1]
    (export / "checkpoint.txt").write_text(open_export(export).checkpoints[2].text)
    commands = recipe.removeprefix("sh\n")
    done = subprocess.run(["sh", "-e"], input=commands, cwd=export, text=True, check=False)
    assert done.returncode == 0
    (export / "checkpoint.txt").write_text(
        (export / "checkpoint.txt").read_text().replace("\n8\n", "\n9\n")
    )
    done = subprocess.run(["sh", "-e"], input=commands, cwd=export, text=True, check=False)
    assert done.returncode == 1


def test_an_export_is_complete_or_refused(make_log: MakeLog, tmp_path: Path) -> None:
    log = make_log(9, (9,), KEY)
    with pytest.raises(Invalid, match="covers 9 entries, not 8"):
        write_export(
            tmp_path,
            entries=log.entries[:8],
            checkpoints=log.checkpoints,
            public_key=KEY.verifying_key,
        )
    with pytest.raises(Invalid, match="one line"):
        write_export(
            tmp_path,
            entries=[b"two\nlines"],
            checkpoints=log.checkpoints,
            public_key=KEY.verifying_key,
        )


@pytest.mark.parametrize("entries", [2_000, pytest.param(10_000, marks=pytest.mark.prove)])
def test_a_long_ledger_is_checked_and_its_first_bad_entry_named(
    make_log: MakeLog, tmp_path: Path, entries: int
) -> None:
    sizes = [*range(0, entries, 500), entries]
    export = exported(make_log(entries, sizes, KEY), tmp_path / "export")
    code, said = run(export)
    well = f"all is well: {entries} entries, {len(sizes)} checkpoints"
    assert (code, said.splitlines()[-1]) == (0, well)
    lines = lines_of(export)
    edit(lines, 1789)
    put_lines(export, lines)
    assert "entry 1789 is the first" in run(export)[1]
