"""Finding, looking at and fetching what is kept."""

from __future__ import annotations

import argparse
import re
import sys
import unicodedata
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from simplr_client.command import layout
from simplr_client.command.parser import CommandParser, Subparsers
from simplr_client.command.terminal import Terminal, Usage

if TYPE_CHECKING:
    from simplr_client.downloads import Download
    from simplr_client.resources import Dataset, Resource

FORMATS = ("csv", "tsv", "linear-tsv", "ndjson", "parquet", "arrow")


def register(commands: Subparsers) -> None:
    """Add the commands of this area."""
    listing = commands.add_parser("list", help="list what you may know of")
    listing.add_argument("--project", metavar="P", help="only of this project")
    listing.add_argument("--q", metavar="WORDS", help="only with these words")
    listing.add_argument("--kind", choices=("dataset", "file"))
    listing.set_defaults(run=list_resources)
    _of_one(commands, "show", "show one resource", show_resource)
    get = _of_one(commands, "get", "fetch rows, or a file, whole or not at all", get_resource)
    get.add_argument(
        "--version", metavar="V", help="the number or id of a version (else the current one)"
    )
    get.add_argument(
        "--release", metavar="R", help="the id or title of a release (else what you may read)"
    )
    get.add_argument("--format", choices=FORMATS, help="else by the name of the file, else csv")
    get.add_argument("--fields", metavar="A,B", help="only these fields")
    get.add_argument("--where", metavar="CONDITION", help='only these rows: "year = 2013"')
    get.add_argument(
        "--exact", action="store_true", help="leave texts as they are that a spreadsheet would run"
    )
    get.add_argument("--original", action="store_true", help="the file as it was sent in")
    get.add_argument("-o", "--output", metavar="PATH", help="where to; - is stdout")
    get.add_argument("--force", action="store_true", help="overwrite PATH")
    schema = _of_one(commands, "schema", "show the fields and their types", show_schema)
    schema.add_argument("--release", metavar="R")
    schema.add_argument("--version", metavar="V")
    profile = _of_one(commands, "profile", "show the measured summary of each field", show_profile)
    profile.add_argument("--version", metavar="V")
    sample = _of_one(commands, "sample", "show a few rows", show_sample)
    sample.add_argument("--limit", type=int, default=20, metavar="N")
    sample.add_argument("--release", metavar="R")
    sample.add_argument("--version", metavar="V")
    text = _of_one(commands, "text", "print the words of a PDF or Word file", show_text)
    text.add_argument("--version", metavar="V")
    preview = _of_one(commands, "preview", "fetch the preview of a file", get_preview)
    preview.add_argument("-o", "--output", metavar="PATH", required=True)
    preview.add_argument("--force", action="store_true", help="overwrite PATH")


def _of_one(commands: Subparsers, word: str, text: str, run: Any) -> CommandParser:
    parser: CommandParser = commands.add_parser(word, help=text)
    parser.add_argument("id", metavar="ID", help="its id or its exact title")
    parser.set_defaults(run=run)
    return parser


def list_resources(arguments: argparse.Namespace) -> None:
    """List what you may know of, by words of titles, descriptions and field names."""
    terminal: Terminal = arguments.terminal
    session = terminal.session()
    if arguments.project:
        if arguments.q or arguments.kind:
            raise Usage("Give either --project or --q and --kind.")
        found = session.project(arguments.project).resources()
    else:
        found = session.resources(arguments.q, kind=arguments.kind)
    rows = [
        (
            one.title,
            one.kind,
            layout.number(one.data.get("row_count")),
            layout.size(one.data.get("size")),
            layout.moment(one.data.get("created_at")),
            one.id,
        )
        for one in found
    ]
    terminal.answer(
        {"items": [one.data for one in found]},
        layout.table(
            ("title", "kind", "rows", "size", "since", "id"),
            rows,
            right=["rows", "size"],
            empty="Nothing that you may know of.",
        ),
    )


def show_resource(arguments: argparse.Namespace) -> None:
    """Show what a resource is; for a data set its fields too."""
    from simplr_client.resources import Dataset

    terminal: Terminal = arguments.terminal
    found = terminal.session().resource(arguments.id)
    data = found.data
    text = layout.facts(
        [
            ("title", found.title),
            ("id", found.id),
            ("kind", found.kind),
            ("description", data.get("description")),
            ("classification", data.get("classification")),
            ("rows", layout.number(data.get("row_count"))),
            ("size", layout.size(data.get("size"))),
            ("version", layout.number(data.get("version_number"))),
            ("scan", data.get("scan")),
            ("owner", data.get("owner")),
            ("since", layout.moment(data.get("created_at"))),
        ]
    )
    if isinstance(found, Dataset):
        described = found.describe()
        data = {**data, "dataset": described}
        text += "\n\n" + _fields(described.get("fields") or [])
    terminal.answer(data, text)


def show_schema(arguments: argparse.Namespace) -> None:
    """Show the name and type of every field that you may read."""
    terminal: Terminal = arguments.terminal
    dataset = terminal.session().dataset(arguments.id)
    found = dataset.schema(
        release=release_of(dataset, arguments.release), version=arguments.version
    )
    terminal.answer(found, _fields(found.get("fields") or []))


def _fields(fields: list[dict[str, Any]]) -> str:
    rows = [
        (one["name"], one.get("type"), one.get("personal"), one.get("meaning") or one.get("title"))
        for one in fields
    ]
    return layout.table(("field", "type", "personal", "meaning"), rows, empty="No field.")


def show_profile(arguments: argparse.Namespace) -> None:
    """Show missing, distinct and range of every field."""
    terminal: Terminal = arguments.terminal
    dataset = terminal.session().dataset(arguments.id)
    found = dataset.profile(version=arguments.version)
    rows = []
    for field in dataset.describe(version=arguments.version)["fields"]:
        one = found.get(field["name"]) or {}
        low, high = one.get("min"), one.get("max")
        rows.append(
            (
                field["name"],
                field["type"],
                layout.number(field["missing"]),
                layout.number(field["distinct"]),
                low,
                high,
            )
        )
    headings = ("field", "type", "missing", "distinct", "from", "to")
    terminal.answer(found, layout.table(headings, rows, right=["missing", "distinct"], longest=28))


def show_sample(arguments: argparse.Namespace) -> None:
    """Show a few rows."""
    terminal: Terminal = arguments.terminal
    dataset = terminal.session().dataset(arguments.id)
    found = dataset.sample(
        limit=arguments.limit,
        release=release_of(dataset, arguments.release),
        version=arguments.version,
    )
    names = [one["name"] if isinstance(one, dict) else str(one) for one in found["fields"]]
    rows = [
        [row.get(name) for name in names] if isinstance(row, dict) else row for row in found["rows"]
    ]
    terminal.answer(found, layout.table(names, rows, longest=28, empty="No row."))


def get_resource(arguments: argparse.Namespace) -> None:
    """Fetch rows of a data set, or the bytes of a file.

    The file appears under its name when it is complete and checked, never before. What exists is
    not overwritten without --force.
    """
    from simplr_client import tables
    from simplr_client.resources import Dataset

    terminal: Terminal = arguments.terminal
    if arguments.output == "-" and terminal.as_json:
        raise Usage("--json and -o - both want stdout. Choose one.")
    found = terminal.session().resource(arguments.id)
    as_table = isinstance(found, Dataset) and not arguments.original
    chosen: str | None = None
    if isinstance(found, Dataset) and as_table:
        chosen = arguments.format or _format_by_name(arguments.output)
        answer: AbstractContextManager[Download] = found.rows(
            chosen,
            release=release_of(found, arguments.release),
            version=arguments.version,
            fields=arguments.fields.split(",") if arguments.fields else None,
            where=arguments.where,
            exact=arguments.exact,
        )
    else:
        of_rows = ("format", "fields", "where", "release", "exact")
        if any(getattr(arguments, name) for name in of_rows):
            raise Usage(
                "--format, --fields, --where, --release and --exact are for the rows of a data set."
            )
        answer = found.content(version=arguments.version)

    def arrived(done: int, total: int | None) -> None:
        terminal.bytes_arrived(found.title, done, total)

    if arguments.output == "-":
        with answer as download:
            tables.copy(download, sys.stdout.buffer.write, ending=chosen)
        sys.stdout.buffer.flush()
        return
    suffix = tables.FORMATS[chosen] if chosen else ""
    target = Path(arguments.output or _file_name(found, suffix))
    _refuse_existing(target, force=arguments.force)
    with answer as download:
        count = tables.write_file(
            download, target, overwrite=arguments.force, ending=chosen, progress=arrived
        )
    terminal.answer(
        {"path": str(target), "size": count, "format": chosen, "id": found.id},
        f"Wrote {target}, {layout.size(count)}.",
    )


def release_of(dataset: Dataset, text: str | None) -> str | None:
    """The id of the release that is called `text`."""
    return dataset.release(text).id if text else None


def show_text(arguments: argparse.Namespace) -> None:
    """Print the words of a document."""
    terminal: Terminal = arguments.terminal
    found = terminal.session().resource(arguments.id)
    words = found.text(version=arguments.version)
    terminal.answer({"id": found.id, "text": words}, words)


def get_preview(arguments: argparse.Namespace) -> None:
    """Fetch the preview of a text, an image or a PDF."""
    from simplr_client import tables

    terminal: Terminal = arguments.terminal
    target = Path(arguments.output)
    _refuse_existing(target, force=arguments.force)
    with terminal.session().resource(arguments.id).preview() as download:
        kind = download.headers.get("content-type", "")
        count = tables.write_file(download, target, overwrite=arguments.force)
    terminal.answer(
        {"path": str(target), "size": count, "type": kind},
        f"Wrote {target} ({kind}), {layout.size(count)}.",
    )


def _refuse_existing(target: Path, *, force: bool) -> None:
    """Before anything is asked of the server: what exists stays as it is."""
    from simplr_client.errors import Conflict

    if target.exists() and not force:
        raise Conflict(
            f"{target} exists already. Add --force to overwrite it, or say -o another.",
            code="file-exists",
        )


def _format_by_name(output: str | None) -> str:
    from simplr_client.tables import format_of

    return "csv" if output in (None, "-") else format_of(output or "")


def _file_name(found: Resource, suffix: str) -> str:
    """A name made of the title: letters, digits, dots, dashes; never a path."""
    plain = unicodedata.normalize("NFKC", found.title)
    name = re.sub(r"[^\w.-]+", "-", plain).strip("-.")[:100] or found.id
    return name if not suffix or name.lower().endswith(suffix) else name + suffix
