"""What did not fit of a data set: shown, counted by reason, taken along, mended."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from simplr_client.command import layout
from simplr_client.command.parser import CommandParser, Subparsers
from simplr_client.command.terminal import Terminal, Usage

if TYPE_CHECKING:
    from simplr_client.resources import Dataset

FORMATS = ("csv", "ndjson")
Json = dict[str, Any]


def register(commands: Subparsers) -> None:
    """Add the commands of this area."""
    quarantine = commands.add_parser("quarantine", help="show what did not fit, and why")
    words = quarantine.add_subparsers(dest="subcommand", metavar="WHAT", required=True)
    show = _of_one(words, "show", "show rows and cells, each with the reason", show_quarantine)
    _of_a_group(show)
    show.add_argument("--limit", type=int, default=100, metavar="N")
    _of_one(words, "groups", "count them by field and reason", show_groups)
    out = _of_one(words, "export", "write them to a file", export_quarantine)
    _of_a_group(out)
    out.add_argument("--format", choices=FORMATS, help="else by the ending of PATH")
    out.add_argument(
        "--exact", action="store_true", help="leave texts as they are that a spreadsheet would run"
    )
    out.add_argument("-o", "--output", metavar="PATH", required=True, help="where to")
    out.add_argument("--force", action="store_true", help="overwrite PATH")
    _register_mending(words)


def _register_mending(words: Subparsers) -> None:
    mend = _of_one(
        words, "mend", "mend them by rule, by hand, or by an edited export", mend_quarantine
    )
    mend.add_argument("file", metavar="FILE", nargs="?", help="an export that was edited")
    _of_a_group(mend)
    mend.add_argument("--row", type=int, metavar="N", help="the entry of this row alone")
    mend.add_argument("--replace", metavar="X=Y", action="append", help="X was meant to be Y")
    mend.add_argument("--missing", metavar="X", action="append", help="X means missing")
    mend.add_argument("--as", metavar="FORMAT", dest="form", help="also read this format")
    mend.add_argument("--text", action="store_true", help="make the field text")
    mend.add_argument("--empty", action="store_true", help="the cells are missing")
    mend.add_argument("--drop", action="store_true", help="they never come back")
    mend.add_argument("--write", metavar="VALUE", help="the cell of --row and --field is this")
    mend.add_argument(
        "--cell", metavar="F=V", action="append", help="a cell of the whole row --row; repeat it"
    )
    mend.add_argument("--preview", action="store_true", help="only say what would fit")
    mend.add_argument("--yes", action="store_true", help="do not ask")
    show = _of_one(words, "mending", "show a mending that was asked for", show_mending)
    stop = _of_one(words, "cancel", "stop a mending that is being written", cancel_mending)
    for parser in (show, stop):
        parser.add_argument("mending", metavar="MENDING", help="its id")


def _of_one(words: Subparsers, word: str, text: str, run: Any) -> CommandParser:
    parser: CommandParser = words.add_parser(word, help=text)
    parser.add_argument("id", metavar="DATASET", help="its id or exact title")
    parser.add_argument("--version", metavar="V", help="its number or id (else the newest)")
    parser.set_defaults(run=run)
    return parser


def _of_a_group(parser: CommandParser) -> None:
    parser.add_argument("--field", metavar="F", help="only cells of this field")
    parser.add_argument("--reason", metavar="R", help="only those with this reason")


def show_quarantine(arguments: argparse.Namespace) -> None:
    """Show rows and cells that did not fit, each with the reason."""
    terminal: Terminal = arguments.terminal
    dataset = terminal.session().dataset(arguments.id)
    found = list(
        dataset.quarantine(
            field=arguments.field,
            reason=arguments.reason,
            limit=arguments.limit,
            version=arguments.version,
        )
    )
    rows = [
        (layout.number(one.get("row")), one.get("field"), one.get("raw"), one.get("reason"))
        for one in found
    ]
    headings = ("row", "field", "as it was", "reason")
    text = layout.table(headings, rows, right=["row"], empty="Everything fitted.")
    terminal.answer({"items": found}, text)


def show_groups(arguments: argparse.Namespace) -> None:
    """Count what did not fit by field and reason."""
    terminal: Terminal = arguments.terminal
    dataset = terminal.session().dataset(arguments.id)
    found = dataset.quarantine_groups(version=arguments.version)
    rows = [
        (layout.number(one.get("count")), one.get("field") or "(whole rows)", one.get("reason"))
        for one in found
    ]
    headings = ("how many", "field", "reason")
    text = layout.table(headings, rows, right=["how many"], empty="Everything fitted.")
    terminal.answer({"groups": found}, text)


def export_quarantine(arguments: argparse.Namespace) -> None:
    """Write what did not fit to a file, with the number of its row and the reason."""
    terminal: Terminal = arguments.terminal
    size = (
        terminal.session()
        .dataset(arguments.id)
        .save_quarantine(
            arguments.output,
            arguments.format,
            field=arguments.field,
            reason=arguments.reason,
            version=arguments.version,
            exact=arguments.exact,
            overwrite=arguments.force,
        )
    )
    terminal.answer({"path": arguments.output, "size": size}, f"Wrote {arguments.output}.")


def mend_quarantine(arguments: argparse.Namespace) -> None:
    """Mend what did not fit, after showing how much of it would fit."""
    terminal: Terminal = arguments.terminal
    changes = _changes(arguments)
    if bool(changes) == bool(arguments.file):
        raise Usage("Say either a FILE, or what to do: --replace, --missing, --as, --write …")
    if arguments.file and not Path(arguments.file).is_file():
        raise Usage(f"There is no file {arguments.file}.")
    dataset = terminal.session().dataset(arguments.id)
    if not arguments.yes or arguments.preview:
        found = _asked(dataset, arguments, changes, preview=True)
        text = _told(found["changes"])
        if arguments.preview:
            terminal.answer(found, text)
            return
        if not terminal.may_ask:
            raise Usage("This asks first. Run it at a terminal, or add --yes or --preview")
        if not terminal.ask(f"{text}\nMend it?"):
            terminal.answer(found, "Nothing was changed.")
            return
    made = _asked(dataset, arguments, changes, preview=False)
    terminal.answer(made, _of_mending(made))


def _asked(
    dataset: Dataset, arguments: argparse.Namespace, changes: list[Json], *, preview: bool
) -> Json:
    if arguments.file:
        return dataset.mend_by_file(arguments.file, preview=preview, version=arguments.version)
    return dataset.mend(changes, preview=preview, version=arguments.version)


def _changes(arguments: argparse.Namespace) -> list[Json]:
    which = {"field": arguments.field, "reason": arguments.reason, "row": arguments.row}
    which = {name: value for name, value in which.items() if value is not None}
    found: list[Json] = []
    for pair in arguments.replace or ():
        value, by = _pair(pair, "--replace X=Y")
        found.append({**which, "do": "replace", "value": value, "by": by})
    if arguments.missing:
        found.append({**which, "do": "missing", "codes": arguments.missing})
    if arguments.form:
        found.append({**which, "do": "type", "format": arguments.form})
    if arguments.text:
        found.append({**which, "do": "type", "type": "text"})
    if arguments.write is not None:
        found.append({**which, "do": "write", "value": arguments.write})
    if arguments.cell:
        cells = dict(_pair(cell, "--cell F=V") for cell in arguments.cell)
        found.append({**which, "do": "write", "cells": cells})
    if arguments.empty:
        found.append({**which, "do": "empty"})
    if arguments.drop:
        found.append({**which, "do": "drop"})
    return found


def _pair(text: str, meant: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise Usage(f"“{text}” is not {meant}.")
    return name, value


def _told(changes: list[Json]) -> str:
    lines = []
    for one in changes:
        lines.append(
            f"{layout.number(one['matched'])} are meant: {layout.number(one['mended'])} fit, "
            f"{layout.number(one['dropped'])} are dropped, {layout.number(one['left'])} stay."
        )
        rows = [
            (layout.number(each["row"]), each["field"], each["before"], _after(each))
            for each in one["samples"]
        ]
        headings = ("row", "field", "before", "after")
        lines.append(layout.table(headings, rows, right=["row"], longest=40, empty=""))
    return "\n".join(line for line in lines if line)


def _after(sample: Json) -> str:
    if sample["fate"] != "mended":
        return {"left": "(stays)", "dropped": "(dropped)"}[sample["fate"]]
    after = sample["after"]
    if isinstance(after, list):
        return ", ".join("" if cell is None else cell for cell in after)
    return "(missing)" if after is None else str(after)


def show_mending(arguments: argparse.Namespace) -> None:
    """Show how far a mending is, or what it made."""
    terminal: Terminal = arguments.terminal
    found = terminal.session().dataset(arguments.id).mending(arguments.mending)
    terminal.answer(found, _of_mending(found))


def cancel_mending(arguments: argparse.Namespace) -> None:
    """Stop a mending that is being written. One that has ended stays as it is."""
    terminal: Terminal = arguments.terminal
    found = terminal.session().dataset(arguments.id).cancel_mending(arguments.mending)
    terminal.answer(found, _of_mending(found))


def _of_mending(found: Json) -> str:
    if found["state"] == "failed":
        return str((found["error"] or {}).get("message"))
    if found["state"] == "waiting":
        return f"Version {found['earlier']} is being mended."
    changes = found["changes"]
    return (
        f"Version {found['version']}: {layout.number(changes.get('mended_rows', 0))} rows and "
        f"{layout.number(changes.get('mended_cells', 0))} cells came back; "
        f"{layout.number(found['rows_quarantined'])} rows and "
        f"{layout.number(found['cells_quarantined'])} cells stay in quarantine."
    )
