"""Versions: how each came, and bringing an old one back."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import Any

from simplr_client.command import layout
from simplr_client.command.parser import Subparsers
from simplr_client.command.terminal import Terminal, Usage

Json = dict[str, Any]

_VERDICTS = {
    "same": "about the same",
    "little": "shifted a little",
    "lot": "shifted a lot",
}
_MODES = {
    "replace": "a file by itself",
    "append": "rows of a file after those of the version before",
    "upsert": "rows of a file in the places of those with the same key",
    "restore": "an old version brought back",
}


def register(commands: Subparsers) -> None:
    """Add the commands of this area."""
    listing = commands.add_parser("versions", help="list the versions of a resource")
    listing.add_argument("id", metavar="ID", help="its id or its exact title")
    listing.set_defaults(run=list_versions)
    compare = commands.add_parser("compare", help="tell what changed between two versions")
    compare.add_argument("id", metavar="ID", help="the data set's id or exact title")
    compare.add_argument("before", metavar="BEFORE", help="a version's number or id")
    compare.add_argument("after", metavar="AFTER", help="a version's number or id")
    compare.add_argument("--key", metavar="A,B", help="the fields that tell rows apart")
    compare.add_argument("--whole", action="store_true", help="compare whole rows")
    compare.set_defaults(run=compare_versions)
    structure = commands.add_parser("structure", help="show which fields tell rows apart")
    structure.add_argument("id", metavar="ID", help="the data set's id or exact title")
    structure.add_argument("--version", metavar="V")
    structure.set_defaults(run=show_structure)
    version = commands.add_parser("version", help="look at one version, or bring it back")
    words = version.add_subparsers(dest="subcommand", metavar="WHAT", required=True)
    show = words.add_parser("show", help="show how a version came and what is in it")
    restore = words.add_parser(
        "restore", help="make an old version the newest once more; none is lost"
    )
    for parser in (show, restore):
        parser.add_argument("id", metavar="ID", help="the resource's id or exact title")
        parser.add_argument("version", metavar="VERSION", help="the version's number or id")
    show.set_defaults(run=show_version)
    restore.set_defaults(run=restore_version)


def compare_versions(arguments: argparse.Namespace) -> None:
    """Tell what changed: rows, fields, cells, and how values are spread."""
    terminal: Terminal = arguments.terminal
    if arguments.whole and arguments.key:
        raise Usage("--key matches rows by fields, --whole compares whole rows. Choose one.")
    key = [] if arguments.whole else arguments.key.split(",") if arguments.key else None
    dataset = terminal.session().dataset(arguments.id)
    found = dataset.compare(arguments.before, arguments.after, key=key)
    terminal.answer(found, "\n\n".join(_changes(found["result"])))


def _changes(found: Json) -> Iterator[str]:
    rows = found["rows"]
    names = ("before", "after", "same", "changed", "added", "gone")
    yield layout.facts((f"rows {name}", layout.number(rows[name])) for name in names)
    key = ", ".join(found["key"])
    yield (
        f"Rows with the same {key} are taken for the same row."
        if key
        else ("Whole rows were compared: one that changed counts as gone and added.")
    )
    if unclear := rows["unclear_before"] + rows["unclear_after"]:
        yield f"{unclear:,} rows have no {key}, or share it with others: compared as wholes."
    for pair in found["renamed"]:
        yield f"“{pair['from']}” seems to be called “{pair['to']}” now: both hold much the same."
    lines = [
        (
            one["name"],
            {"same": ""}.get(one["state"], one["state"]),
            layout.number(one["changed"]),
            _VERDICTS.get((one["drift"] or {}).get("verdict", ""), ""),
        )
        for one in found["fields"]
    ]
    yield layout.table(("field", "", "cells changed", "values"), lines, right=["cells changed"])
    changed = [
        (", ".join(str(cell) for cell in row["key"]), one["field"], one["before"], one["after"])
        for row in found["samples"]["changed"]
        for one in row["cells"]
    ]
    if changed:
        yield layout.table(("row", "field", "before", "after"), changed, longest=32)


def show_structure(arguments: argparse.Namespace) -> None:
    """Show the keys of a data set, and which fields follow from which."""
    terminal: Terminal = arguments.terminal
    found = terminal.session().dataset(arguments.id).structure(version=arguments.version)
    if not found["is_known"]:
        terminal.answer(found, "It is still being looked for. Ask again in a moment.")
        return
    keys = [(", ".join(key),) for key in found["keys"]]
    follows = [(pair["from"], pair["to"]) for pair in found["dependencies"]]
    text = layout.table(("tells rows apart",), keys, empty="No field tells all rows apart.")
    if follows:
        text += "\n\n" + layout.table(("where this is the same", "so is this"), follows)
    seen = "all rows" if found["is_whole"] else "a sample of the rows"
    terminal.answer(found, f"{text}\n\nFound in {seen}.")


def list_versions(arguments: argparse.Namespace) -> None:
    """List the versions of a resource, newest first."""
    terminal: Terminal = arguments.terminal
    found = terminal.session().resource(arguments.id).versions()
    rows = [
        (
            one.get("number"),
            one.get("mode"),
            layout.moment(one.get("created_at")),
            layout.number(one.get("rows_kept")),
            layout.number(one.get("rows_quarantined")),
            layout.size(one.get("size")),
            scan_words(one.get("scan")),
            one.get("id"),
        )
        for one in found
    ]
    headings = ("version", "by", "since", "rows", "aside", "size", "scan", "id")
    text = layout.table(headings, rows, right=["version", "rows", "aside", "size"])
    terminal.answer({"items": found}, text)


def show_version(arguments: argparse.Namespace) -> None:
    """Show how a version came: out of which file and which earlier version."""
    terminal: Terminal = arguments.terminal
    found = terminal.session().resource(arguments.id).version(arguments.version)
    terminal.answer(found, _facts(found))


def restore_version(arguments: argparse.Namespace) -> None:
    """Make an old version the newest once more."""
    terminal: Terminal = arguments.terminal
    made = terminal.session().resource(arguments.id).restore(arguments.version)
    text = f"Version {arguments.version} is back, as version {made['number']}.\n\n{_facts(made)}"
    terminal.answer(made, text)


def scan_words(scan: Json | None) -> str:
    """What a scan for malware said; nothing where there is no scanner."""
    if not scan:
        return ""
    why = scan.get("signature") or scan.get("reason")
    return f"{scan['state']}: {why}" if why else str(scan["state"])


def _facts(found: Json) -> str:
    changes = found.get("changes") or {}
    return layout.facts(
        [
            ("version", layout.number(found.get("number"))),
            ("came as", _MODES.get(str(found.get("mode")), found.get("mode"))),
            ("matched by", ", ".join(found.get("key") or [])),
            ("file", found.get("name")),
            ("rows in", layout.number(found.get("rows_in"))),
            ("rows made", layout.number(found.get("rows_made") or None)),
            ("rows kept", layout.number(found.get("rows_kept"))),
            ("rows aside", layout.number(found.get("rows_quarantined"))),
            ("cells aside", layout.number(found.get("cells_quarantined"))),
            *((f"rows {name}", layout.number(count)) for name, count in sorted(changes.items())),
            ("made out of", found.get("earlier")),
            ("scan", scan_words(found.get("scan"))),
            ("since", layout.moment(found.get("created_at"))),
            ("id", found.get("id")),
        ]
    )
