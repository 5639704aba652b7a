"""The data dictionary of a data set: out as a file, and in from one."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from simplr_client.command import layout
from simplr_client.command.parser import Subparsers
from simplr_client.command.reading import release_of
from simplr_client.command.terminal import Terminal, Usage

FORMATS = ("csv", "table-schema", "csvw", "json")


def register(commands: Subparsers) -> None:
    """Add the commands of this area."""
    dictionary = commands.add_parser(
        "dictionary", help="write the data dictionary of a data set, or take one over"
    )
    words = dictionary.add_subparsers(dest="subcommand", metavar="WHAT", required=True)
    out = words.add_parser("export", help="show the dictionary, or write it to a file")
    out.add_argument("id", metavar="DATASET", help="its id or exact title")
    out.add_argument("--format", choices=FORMATS, help="of the file, else csv")
    out.add_argument("--release", metavar="R")
    out.add_argument("--version", metavar="V")
    out.add_argument("-o", "--output", metavar="PATH", help="where to; without it, it is shown")
    out.add_argument("--force", action="store_true", help="overwrite PATH")
    out.set_defaults(run=export_dictionary)
    into = words.add_parser("import", help="take over a dictionary: CSV, XLSX, JSON")
    into.add_argument("id", metavar="DATASET", help="its id or exact title")
    into.add_argument("file", metavar="FILE")
    into.add_argument("--preview", action="store_true", help="only say what would change")
    into.add_argument("--yes", action="store_true", help="do not ask")
    into.set_defaults(run=import_dictionary)


def export_dictionary(arguments: argparse.Namespace) -> None:
    """Show what each field means and may hold, or write it to a file."""
    terminal: Terminal = arguments.terminal
    dataset = terminal.session().dataset(arguments.id)
    release = release_of(dataset, arguments.release)
    if arguments.output is None:
        if arguments.format is not None:
            raise Usage("Say where to write it: -o PATH")
        fields = dataset.dictionary(release=release, version=arguments.version)
        terminal.answer({"fields": fields}, _shown(fields))
        return
    size = dataset.save_dictionary(
        arguments.output,
        arguments.format or "csv",
        release=release,
        version=arguments.version,
        overwrite=arguments.force,
    )
    terminal.answer({"path": arguments.output, "size": size}, f"Wrote {arguments.output}.")


def _shown(fields: list[dict[str, Any]]) -> str:
    rows = [
        (
            one["name"],
            one.get("meaning") or one.get("title"),
            one.get("type"),
            one.get("unit"),
            _holds(one),
            "yes" if one.get("key") else "",
            one.get("personal"),
        )
        for one in fields
    ]
    headings = ("field", "meaning", "type", "unit", "may hold", "key", "personal")
    return layout.table(headings, rows, longest=60, empty="No field.")


def _holds(one: dict[str, Any]) -> str:
    if one.get("values") is None:
        return "(hidden)"
    parts = [value["value"] for value in one["values"][:8]]
    if len(one["values"]) > len(parts):
        parts.append("…")
    if one["minimum"] or one["maximum"]:
        parts.append(f"{one['minimum']}–{one['maximum']}")
    return ", ".join([*parts, *filter(None, [one["pattern"]])])


def import_dictionary(arguments: argparse.Namespace) -> None:
    """Take over what a file says of the fields, after showing what would change."""
    terminal: Terminal = arguments.terminal
    if not Path(arguments.file).is_file():
        raise Usage(f"There is no file {arguments.file}.")
    dataset = terminal.session().dataset(arguments.id)
    if arguments.yes and not arguments.preview:
        found = dataset.import_dictionary(arguments.file)
        terminal.answer(found, _changes(found) + "\nTaken over.")
        return
    found = dataset.import_dictionary(arguments.file, preview=True)
    text = _changes(found)
    if arguments.preview or found["problems"] or not found["changes"]:
        terminal.answer(found, text)
        return
    if not terminal.may_ask:
        raise Usage("This asks first. Run it at a terminal, or add --yes or --preview")
    if not terminal.ask(f"{text}\nTake it over?"):
        terminal.answer(found, "Nothing was changed.")
        return
    terminal.answer(dataset.import_dictionary(arguments.file), "Taken over.")


def _changes(found: dict[str, Any]) -> str:
    rows = [
        (one["field"], one["property"], _text(one["before"]), _text(one["after"]))
        for one in found["changes"]
    ]
    lines = [layout.table(("field", "what", "now", "then"), rows, longest=60, empty="No change.")]
    lines += [
        f"{one['field']}, {one['property']}: read as {_text(one['ours'])}, the file says "
        f"{_text(one['theirs'])}; left as it is."
        for one in found["differences"]
    ]
    lines += [
        f"row {one['row']}, {one['field']}, {one['property']}: {one['message']}"
        for one in found["problems"]
    ]
    if found["ignored_columns"]:
        lines.append(f"Not read: {', '.join(found['ignored_columns'])}")
    return "\n".join(lines)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
