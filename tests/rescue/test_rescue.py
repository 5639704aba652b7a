"""Exports open with their keys and nothing else of Simplr, and refuse whatever was touched."""

from __future__ import annotations

import base64
import io
import json
import os
import random
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from uuid import UUID, uuid4

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest

import simplr_rescue
from simplr_core.crypto import Key, SealingWriter, SigningKey, context_of, seal_bytes
from simplr_core.errors import Invalid
from simplr_core.ledger import (
    Checkpoint,
    MerkleTree,
    canonical_entry,
    leaf_hash,
    sign_checkpoint,
    write_export,
)
from simplr_core.tables.schema import ROW_NUMBER, Field, FieldType, Personal, Schema
from simplr_core.tables.sealed import ROW_GROUP_ROWS, PartsWriter, column_groups
from simplr_rescue.command import main
from simplr_rescue.datasets import Manifest, Part, write_manifest
from simplr_rescue.keyfile import (
    ExportedKeys,
    KeyFileUnreadable,
    WrongPassphrase,
    read_keys,
    write_keys,
)
from simplr_rescue.objects import ExportedObject, write_object

SOURCE = Path(simplr_rescue.__file__).parents[1]
PASSPHRASE = "correct horse battery staple"
ROWS = ROW_GROUP_ROWS + 1234
FIELDS = ["street", "name", "count", "when"]


class Export:
    """A folder with a file and a data set in it, and the keys to both."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "export"
        self.folder.mkdir()
        self.keys: dict[UUID, Key] = {}
        self.content = random.Random(1).randbytes(700_000)
        self.file = self._seal_file()
        self.table = self._seal_dataset()
        self.keyfile = folder / "keys.json"
        write_keys(self.keyfile, self.keys, passphrase=None)

    def _seal_file(self) -> UUID:
        id_, key = uuid4(), Key.generate()
        context = context_of("object", id_, "file")
        sealed_bytes = io.BytesIO()
        writer = SealingWriter(
            sealed_bytes, key=key, context=context, expected_size=None, sha256=True
        )
        writer.write(self.content)
        sealed = writer.close()
        known = ExportedObject(
            id=id_,
            name="../../etc/a nice\nname.pdf",
            media_type="application/pdf",
            context=context,
            header=sealed.header,
            size=sealed.size,
            sealed_size=sealed.sealed_size,
            digests=seal_bytes(
                sealed.blake3 + (sealed.sha256 or b""),
                key=key.derive("digests"),
                context=context_of("digests", id_),
            ),
        )
        write_object(self.folder, known).write_bytes(sealed_bytes.getvalue())
        self.keys[id_] = key
        return id_

    def _seal_dataset(self) -> pa.Table:
        schema = Schema(
            (
                Field("street", personal=Personal.PERSONAL),
                Field("name", personal=Personal.PERSONAL),
                Field("count", type=FieldType.INTEGER),
                Field("when", type=FieldType.DATE),
            )
        )
        table = pa.table(
            {
                "street": [f'Street "{n}", north\nside' for n in range(ROWS)],
                "name": [None if n % 5 == 0 else f"p{n}" for n in range(ROWS)],
                "count": pa.array(range(ROWS), pa.int64()),
                "when": pa.array([date(2020, 1, 1 + n % 28) for n in range(ROWS)]),
            },
            schema=schema.arrow(),
        )
        groups = column_groups(schema)
        ids, keys = [uuid4() for _ in groups], [Key.generate() for _ in groups]
        contexts = [context_of("object", id_, "part") for id_ in ids]
        sinks = [io.BytesIO() for _ in groups]
        writer = PartsWriter(schema, groups, sinks, keys, contexts)
        for batch in table.to_batches():
            writer.write(batch)
        for id_, context, sink, sealed in zip(ids, contexts, sinks, writer.close(), strict=True):
            known = ExportedObject(
                id=id_,
                name="part",
                media_type="application/vnd.apache.parquet",
                context=context,
                header=sealed.header,
                size=sealed.size,
                sealed_size=sealed.sealed_size,
                digests=None,
            )
            write_object(self.folder, known).write_bytes(sink.getvalue())
        self.parts = ids
        self.keys.update(zip(ids, keys, strict=True))
        write_manifest(
            self.folder,
            Manifest(
                dataset_id=uuid4(),
                version_id=uuid4(),
                title="Streets",
                row_count=ROWS,
                parts=tuple(Part(i, tuple(g)) for i, g in zip(ids, groups, strict=True)),
                schema=schema.to_json(),
            ),
        )
        return table

    def run(self, *arguments: object) -> int:
        """Run a command on this export; its exit status."""
        name, *rest = map(str, arguments)
        return main([name, str(self.folder), *rest])

    def file_command(self, output: Path, keyfile: Path | None = None) -> int:
        return self.run("object", self.file, "--keys", keyfile or self.keyfile, "-o", output)

    def dataset_command(self, output: Path, *more: object) -> int:
        return self.run("dataset", "--keys", self.keyfile, "-o", output, *more)


@pytest.fixture
def export(tmp_path: Path) -> Export:
    return Export(tmp_path)


def test_an_exported_file_opens(export: Export, tmp_path: Path) -> None:
    output = tmp_path / "out.pdf"
    assert export.file_command(output) == 0
    assert output.read_bytes() == export.content
    assert output.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("format_", ["csv", "parquet"])
def test_an_exported_data_set_opens_joined(export: Export, tmp_path: Path, format_: str) -> None:
    output = tmp_path / "out"
    assert export.dataset_command(output, "--format", format_) == 0
    if format_ == "parquet":
        found = pq.read_table(output)
    else:
        options = pa.csv.ConvertOptions(
            column_types=export.table.schema,
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
        )
        parsing = pa.csv.ParseOptions(newlines_in_values=True)
        found = pa.csv.read_csv(output, convert_options=options, parse_options=parsing)
    assert found.column_names == FIELDS
    assert found.combine_chunks().equals(export.table.combine_chunks())


def test_only_the_keys_of_the_asked_fields_are_needed(export: Export, tmp_path: Path) -> None:
    few = tmp_path / "few.json"
    write_keys(few, {export.parts[0]: export.keys[export.parts[0]]}, passphrase=None)
    export.keyfile = few
    assert export.dataset_command(tmp_path / "out", "--fields", "when,count") == 0
    first = (tmp_path / "out").read_text().splitlines()[:2]
    assert first == ['"when","count"', "2020-01-01,0"]
    assert export.dataset_command(tmp_path / "all") == 4
    assert not (tmp_path / "all").exists()
    assert export.dataset_command(tmp_path / "none", "--fields", "nothing") == 4


def test_nothing_of_the_server_is_loaded(export: Export, tmp_path: Path) -> None:
    code = f"""
import sys
from simplr_rescue.command import main
assert main(["dataset", {str(export.folder)!r}, "--keys", {str(export.keyfile)!r},
             "-o", {str(tmp_path / "out")!r}]) == 0
tops = {{name.split(".")[0] for name in sys.modules}}
assert not tops & {{"simplr", "simplr_client", "django", "psycopg", "httpx"}}, tops
assert not any(name.startswith("simplr_core.tables") for name in sys.modules)
"""
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(SOURCE)}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_keys_are_sealed_under_a_passphrase(
    export: Export, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sealed, passphrase = tmp_path / "sealed.json", tmp_path / "passphrase"
    write_keys(sealed, export.keys, passphrase=PASSPHRASE)
    assert sealed.stat().st_mode & 0o777 == 0o600
    assert str(export.file) not in sealed.read_text()
    passphrase.write_text(PASSPHRASE + "\n")
    arguments = ("--passphrase-file", passphrase, "-o", tmp_path / "out")
    assert export.run("object", export.file, "--keys", sealed, *arguments) == 0
    assert "WARNING" not in capsys.readouterr().err
    passphrase.write_text("another passphrase")
    arguments = ("--passphrase-file", passphrase, "-o", tmp_path / "out2")
    assert export.run("object", export.file, "--keys", sealed, *arguments) == 3
    assert "passphrase" in capsys.readouterr().err


def test_keys_in_the_clear_are_warned_of(
    export: Export, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert export.file_command(tmp_path / "out") == 0
    assert "WARNING" in capsys.readouterr().err


def test_a_key_file_is_never_overwritten_and_never_weak(export: Export, tmp_path: Path) -> None:
    with pytest.raises(FileExistsError):
        write_keys(export.keyfile, {}, passphrase=PASSPHRASE)
    with pytest.raises(Invalid, match="15 characters"):
        write_keys(tmp_path / "weak", {}, passphrase="short")


def test_every_change_of_a_sealed_key_file_is_refused(tmp_path: Path) -> None:
    path, id_ = tmp_path / "keys", uuid4()
    write_keys(path, {id_: Key.generate()}, passphrase=PASSPHRASE)
    good = json.loads(path.read_text())
    assert id_ in read_keys(path, ask=lambda: PASSPHRASE)
    sealed = good["sealed"]
    changes: list[dict[str, object]] = [
        {"sealed": sealed[:100] + ("A" if sealed[100] != "A" else "B") + sealed[101:]},
        {"salt": "AAAAAAAAAAAAAAAAAAAAAA=="},
        {"n": 2**14},
        {"n": 2**30},
        {"n": 12345},
        {"n": "much"},
        {"r": 1},
        {"kdf": "none"},
        {"salt": "?"},
        {"format": "simplr-keys/2"},
        {"format": "simplr-keys/1"},
    ]
    for change in changes:
        path.write_text(json.dumps({**good, **change}))
        with pytest.raises((KeyFileUnreadable, WrongPassphrase)):
            read_keys(path, ask=lambda: PASSPHRASE)
    for text in ("", "[]", "{}", "null"):
        path.write_text(text)
        with pytest.raises(KeyFileUnreadable):
            read_keys(path, ask=lambda: PASSPHRASE)


def test_exported_keys_show_nothing() -> None:
    key = Key.generate()
    keys = ExportedKeys({uuid4(): key})
    assert repr(keys) == "<ExportedKeys: 1>"
    assert key.reveal().hex() not in repr(vars(keys))


def flip_a_bit(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def test_a_changed_file_is_refused_and_leaves_nothing(
    export: Export, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    flip_a_bit(export.folder / f"{export.file}.sf1")
    assert export.file_command(tmp_path / "out") == 6
    assert not (tmp_path / "out").exists()
    assert "Traceback" not in capsys.readouterr().err


def test_a_changed_part_is_refused_and_leaves_nothing(export: Export, tmp_path: Path) -> None:
    flip_a_bit(export.folder / f"{export.parts[1]}.sf1")
    assert export.dataset_command(tmp_path / "out") == 6
    assert not (tmp_path / "out").exists()


def test_exchanged_files_are_refused(export: Export, tmp_path: Path) -> None:
    first, second = (export.folder / f"{id_}.sf1" for id_ in export.parts[1:3])
    held = first.read_bytes()
    first.write_bytes(second.read_bytes())
    second.write_bytes(held)
    assert export.dataset_command(tmp_path / "out") == 6


@pytest.mark.parametrize(
    ("file", "change", "status"),
    [
        ("manifest", lambda document: document.update(row_count=5), 6),
        ("manifest", lambda document: document["parts"].pop(), 5),
        ("manifest", lambda document: document["parts"].reverse(), 0),
        ("manifest", lambda document: document.update(format="other"), 5),
        ("manifest", lambda document: document["parts"][0].update(object="../../x"), 5),
        ("manifest", lambda document: document.pop("schema"), 5),
        ("object", lambda document: document.update(context=["object", "other"]), 6),
        ("object", lambda document: document.update(header="AAAA"), 6),
        ("object", lambda document: document.update(sealed_size=3), 6),
        ("object", lambda document: document.update(id=str(uuid4())), 5),
        ("object", lambda document: document.update(header="?"), 5),
    ],
)
def test_changed_descriptions_are_refused(
    export: Export,
    tmp_path: Path,
    file: str,
    change: Callable[[dict[str, object]], object],
    status: int,
) -> None:
    name = "manifest" if file == "manifest" else str(export.parts[0])
    path = export.folder / f"{name}.json"
    document = json.loads(path.read_text())
    change(document)
    path.write_text(json.dumps(document))
    assert export.dataset_command(tmp_path / "out") == status
    assert (tmp_path / "out").exists() == (status == 0)


def test_parts_with_other_rows_are_refused(export: Export, tmp_path: Path) -> None:
    """A part that is genuine but holds its rows in another order."""
    id_, key = export.parts[1], export.keys[export.parts[1]]
    numbers = list(range(ROWS))
    numbers[3], numbers[4] = 4, 3
    plain, sink = io.BytesIO(), io.BytesIO()
    table = pa.table({ROW_NUMBER: numbers, "street": export.table.column("street")})
    pq.write_table(table, plain, row_group_size=ROW_GROUP_ROWS)
    context = context_of("object", id_, "part")
    with SealingWriter(sink, key=key, context=context, expected_size=None) as writer:
        writer.write(plain.getvalue())
    path = export.folder / f"{id_}.json"
    document = json.loads(path.read_text())
    document["header"] = base64.b64encode(sink.getvalue()[:47]).decode()
    document["sealed_size"] = len(sink.getvalue())
    path.write_text(json.dumps(document))
    (export.folder / f"{id_}.sf1").write_bytes(sink.getvalue())
    assert export.dataset_command(tmp_path / "out") == 6
    assert not (tmp_path / "out").exists()


def test_a_wrong_digest_is_told(export: Export, tmp_path: Path) -> None:
    path = export.folder / f"{export.file}.json"
    document = json.loads(path.read_text())
    key = export.keys[export.file].derive("digests")
    wrong = seal_bytes(bytes(64), key=key, context=context_of("digests", export.file))
    document["digests"] = base64.b64encode(wrong).decode()
    path.write_text(json.dumps(document))
    assert export.file_command(tmp_path / "out") == 6
    assert not (tmp_path / "out").exists()


def test_an_existing_file_is_not_overwritten(export: Export, tmp_path: Path) -> None:
    (tmp_path / "out").write_text("mine")
    assert export.file_command(tmp_path / "out") == 5
    assert (tmp_path / "out").read_text() == "mine"


def test_what_is_missing_is_named(
    export: Export, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert export.file_command(tmp_path / "out", tmp_path / "no-keys.json") == 4
    assert "no-keys.json" in capsys.readouterr().err
    (export.folder / f"{export.file}.sf1").unlink()
    assert export.file_command(tmp_path / "out") == 4
    assert f"{export.file}.sf1" in capsys.readouterr().err
    with pytest.raises(SystemExit) as caught:
        main(["object"])
    assert caught.value.code == 2


def test_an_export_is_shown(export: Export, capsys: pytest.CaptureFixture[str]) -> None:
    few = export.folder.parent / "few.json"
    write_keys(few, {export.file: export.keys[export.file]}, passphrase=None)
    assert export.run("show", "--keys", few) == 0
    said = capsys.readouterr().out
    assert "data set 'Streets'" in said
    assert f"{ROWS} rows; fields: {', '.join(FIELDS)}" in said
    assert said.count("no key") == 3
    assert said.count("key at hand") == 1
    assert "nice\\nname" in said
    assert export.run("show") == 0


def test_an_exported_ledger_is_verified(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    key = SigningKey(Key.generate())
    entries = [canonical_entry({"seq": seq, "code": "x"}) for seq in range(9)]
    tree = MerkleTree([leaf_hash(entry) for entry in entries])
    at = datetime(2026, 1, 1, tzinfo=UTC)
    first = sign_checkpoint(Checkpoint("simplr/t", 4, tree.root(4), at, None), key=key)
    last = sign_checkpoint(Checkpoint("simplr/t", 9, tree.root(), at, first.digest), key=key)
    folder = tmp_path / "ledger"
    folder.mkdir()
    public = key.verifying_key
    write_export(folder, entries=entries, checkpoints=[first, last], public_key=public)
    assert main(["ledger", str(folder)]) == 0
    assert "All is well: 9 entries, 2 checkpoints." in capsys.readouterr().err
    (tmp_path / "kept.pem").write_text(public.pem())
    (tmp_path / "kept.txt").write_text(last.text)
    kept = ["--key", str(tmp_path / "kept.pem"), "--checkpoint", str(tmp_path / "kept.txt")]
    assert main(["ledger", str(folder), *kept]) == 0
    lines = (folder / "entries.ndjson").read_bytes().replace(b'"seq":6', b'"seq":7')
    (folder / "entries.ndjson").write_bytes(lines)
    capsys.readouterr()
    assert main(["ledger", str(folder), *kept]) == 6
    assert "entry 6" in capsys.readouterr().err
    (tmp_path / "kept.pem").write_text(SigningKey(Key.generate()).verifying_key.pem())
    assert main(["ledger", str(folder), *kept]) == 6
    (folder / "checkpoints.txt").unlink()
    assert main(["ledger", str(folder)]) == 6
