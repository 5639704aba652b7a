"""The command `simplr-rescue`: opens exports and verifies ledgers, with no server at all."""

from __future__ import annotations

import argparse
import getpass
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

import pyarrow as pa

from simplr_core.crypto import VerifyingKey
from simplr_core.errors import Invalid, SimplrError
from simplr_core.ledger import open_export, read_checkpoints
from simplr_rescue.datasets import OpenedDataset, read_manifest
from simplr_rescue.keyfile import ExportedKeys, is_clear, read_keys
from simplr_rescue.objects import OpenedObject, read_object

EXIT_STATUSES = {403: 3, 404: 4, 409: 5, 422: 5, 500: 6, 503: 7}
"""From the kind of error to the exit status, as in the command `simplr`."""


def main(arguments: list[str] | None = None) -> int:
    """Run one command; its exit status."""
    options = _parser().parse_args(arguments)
    run: Callable[[argparse.Namespace], int] = options.run
    try:
        return run(options)
    except SimplrError as error:
        return _fail(error.message, EXIT_STATUSES.get(error.status, 1))
    except FileNotFoundError as error:
        return _fail(f"There is no {error.filename}.", 4)
    except FileExistsError as error:
        return _fail(f"{error.filename} exists already; it is not overwritten.", 5)
    except pa.ArrowException as error:
        return _fail(f"A part is not the table it should be: {type(error).__name__}.", 6)
    except OSError as error:
        return _fail(f"{error.filename or 'A file'}: {error.strerror or error}.", 1)


def open_object(options: argparse.Namespace) -> int:
    """Write the content of one exported object."""
    keys = _keys(options)
    known = read_object(options.folder, options.id)
    opening = OpenedObject(options.folder, known, keys.of(known.id))
    with opening as opened, _new_file(options.output) as sink:
        size = opened.copy_to(sink)
    _say(f"{options.output}: {size} bytes of {known.name!r} ({known.media_type}), all proven.")
    return 0


def open_dataset(options: argparse.Namespace) -> int:
    """Write the rows of one exported data set."""
    keys = _keys(options)
    fields = options.fields.split(",") if options.fields else None
    with OpenedDataset(options.folder, keys, fields=fields) as opened:
        with _new_file(options.output) as sink:
            rows = opened.write_to(sink, format=options.format)
        _say(f"{options.output}: {rows} rows of {len(opened.fields)} fields, all proven.")
    return 0


def verify_ledger(options: argparse.Namespace) -> int:
    """Hold an exported ledger against its checkpoints, and against yours."""
    export = open_export(options.folder)
    key = VerifyingKey.from_pem(options.key.read_text()) if options.key else None
    outside = read_checkpoints(options.checkpoint.read_text()) if options.checkpoint else []
    if key is None:
        _say(f"The public key is the export's own, {export.public_key.id}: compare it with yours.")
    finding = export.verify(public_key=key, outside=outside)
    if finding is not None:
        return _fail(f"{finding.sentence} ({finding.reason}, entry {finding.first_bad_seq})", 6)
    size = export.checkpoints[-1].checkpoint.size if export.checkpoints else 0
    _say(f"All is well: {size} entries, {len(export.checkpoints)} checkpoints.")
    return 0


def show(options: argparse.Namespace) -> int:
    """List what an export holds, and which of it the keys open."""
    keys = _keys(options) if options.keys else None
    if (options.folder / "manifest.json").exists():
        manifest = read_manifest(options.folder)
        print(f"data set {manifest.title!r}, version {manifest.version_id}")
        print(f"{manifest.row_count} rows; fields: {', '.join(manifest.field_names)}")
    for path in sorted(options.folder.glob("*.sf1")):
        known = read_object(options.folder, UUID(path.stem))
        mark = "" if keys is None else "  key at hand" if known.id in keys else "  no key"
        print(f"{known.id}  {known.size:>12}  {known.media_type}  {known.name!r}{mark}")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="simplr-rescue", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, run: Callable[[argparse.Namespace], int]) -> argparse.ArgumentParser:
        made = commands.add_parser(name, help=(run.__doc__ or "").splitlines()[0])
        made.add_argument("folder", type=Path, help="the folder of the export")
        made.set_defaults(run=run)
        return made

    def with_keys(made: argparse.ArgumentParser, *, required: bool) -> None:
        made.add_argument("--keys", type=Path, required=required, help="the file of exported keys")
        made.add_argument(
            "--passphrase-file", type=Path, help="read the passphrase from here instead of asking"
        )

    def with_output(made: argparse.ArgumentParser) -> None:
        made.add_argument("-o", "--output", type=Path, required=True, help="a file to be made")

    made = command("show", show)
    with_keys(made, required=False)
    made = command("object", open_object)
    made.add_argument("id", type=UUID, help="the id of the object")
    with_keys(made, required=True)
    with_output(made)
    made = command("dataset", open_dataset)
    made.add_argument("--format", choices=("csv", "parquet"), default="csv")
    made.add_argument("--fields", help="only these, separated by commas")
    with_keys(made, required=True)
    with_output(made)
    made = command("ledger", verify_ledger)
    made.add_argument("--key", type=Path, help="the public key as you received it earlier")
    made.add_argument("--checkpoint", type=Path, help="checkpoints that you kept yourself")
    return parser


def _keys(options: argparse.Namespace) -> ExportedKeys:
    if is_clear(options.keys):
        _say(f"WARNING: the keys in {options.keys} are in the clear. Who copies it reads all.")

    def ask() -> str:
        if options.passphrase_file is not None:
            return str(options.passphrase_file.read_text().rstrip("\r\n"))
        try:
            return getpass.getpass("Passphrase of the keys: ")
        except EOFError:
            raise Invalid("A passphrase is needed.") from None

    return read_keys(options.keys, ask=ask)


@contextmanager
def _new_file(path: Path) -> Iterator[BinaryIO]:
    """A file for its owner alone that did not exist; gone again if anything goes wrong."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def _say(sentence: str) -> None:
    print(sentence, file=sys.stderr)


def _fail(sentence: str, status: int) -> int:
    _say(f"simplr-rescue: {sentence}")
    return status


if __name__ == "__main__":
    sys.exit(main())
