"""Releases: which fields, which rows, which masks somebody else gets to see."""

from __future__ import annotations

import argparse
from typing import Any

from simplr_client import masks
from simplr_client.command import layout
from simplr_client.command.parser import CommandParser, Subparsers
from simplr_client.command.terminal import Terminal, Usage


def register(commands: Subparsers) -> None:
    """Add the commands of this area."""
    release = commands.add_parser("release", help="define, look at and preview releases")
    words = release.add_subparsers(dest="subcommand", metavar="WHAT", required=True)
    create = _definition(words, "create", "define a release of a data set")
    create.add_argument("--title", help="what it is called")
    create.set_defaults(run=create_release)
    preview = _definition(words, "preview", "show what a release would show")
    preview.set_defaults(run=preview_release)
    listing = words.add_parser("list", help="list the releases of a data set")
    listing.add_argument("dataset", metavar="DATASET", help="its id or exact title")
    listing.set_defaults(run=list_releases)
    show = words.add_parser("show", help="show what a release shows")
    show.add_argument("release", metavar="RELEASE", help="its id")
    show.set_defaults(run=show_release)
    accept = words.add_parser("accept", help="let a release serve a newer version")
    accept.add_argument("release", metavar="RELEASE", help="its id")
    accept.add_argument("version", metavar="VERSION", help="the id of the version")
    accept.set_defaults(run=accept_version)


def _definition(words: Subparsers, word: str, text: str) -> CommandParser:
    parser: CommandParser = words.add_parser(word, help=text)
    parser.add_argument("dataset", metavar="DATASET", help="its id or exact title")
    parser.add_argument(
        "--fields", required=True, metavar="A,B", help="the fields it shows, and no others"
    )
    parser.add_argument("--where", metavar="CONDITION", help='the rows it shows: "year = 2013"')
    parser.add_argument(
        "--mask",
        action="append",
        default=[],
        dest="masks",
        metavar="FIELD=MASK",
        help=masks.HELP,
    )
    parser.add_argument(
        "--version",
        metavar="V",
        default="this",
        help="“this” (the current one), “each-accepted”, or the id of a version",
    )
    return parser


def _asked(arguments: argparse.Namespace) -> dict[str, Any]:
    names = [name.strip() for name in arguments.fields.split(",") if name.strip()]
    if not names:
        raise Usage("--fields names no field.")
    kind = arguments.version if arguments.version in ("this", "each-accepted") else "this"
    return {
        "fields": masks.release_fields(names, arguments.masks),
        "where": arguments.where,
        "version": kind,
        "version_id": arguments.version if arguments.version != kind else None,
    }


def create_release(arguments: argparse.Namespace) -> None:
    """Define a release: fields, rows, masks. Nobody reads it before it is granted."""
    terminal: Terminal = arguments.terminal
    asked = _asked(arguments)
    dataset = terminal.session().dataset(arguments.dataset)
    made = dataset.create_release(arguments.title or f"Release of {dataset.title}", **asked)
    terminal.answer(
        made.data,
        f"Made the release “{made.title}”: {made.id}\n"
        f"Nobody has it yet. Grant it: simplr grant {dataset.id} --release {made.id} --to PERSON",
    )


def preview_release(arguments: argparse.Namespace) -> None:
    """Show rows as the grantee of such a release would see them."""
    terminal: Terminal = arguments.terminal
    asked = _asked(arguments)
    found = terminal.session().dataset(arguments.dataset).preview_release(**asked)
    names = [one["name"] if isinstance(one, dict) else str(one) for one in found["fields"]]
    rows = [
        [row.get(name) for name in names] if isinstance(row, dict) else row for row in found["rows"]
    ]
    counted = (
        f"\n{layout.number(found.get('row_count'))} of {layout.number(found.get('total'))} rows."
    )
    terminal.answer(found, layout.table(names, rows, longest=28, empty="No row.") + counted)


def list_releases(arguments: argparse.Namespace) -> None:
    """List the releases of a data set that you may know of."""
    terminal: Terminal = arguments.terminal
    found = terminal.session().dataset(arguments.dataset).releases()
    rows = [
        (
            one.title,
            layout.number(len(one.data.get("fields") or [])),
            one.data.get("where"),
            _version(one.data),
            one.id,
        )
        for one in found
    ]
    text = layout.table(
        ("title", "fields", "rows where", "version", "id"),
        rows,
        right=["fields"],
        empty="No release yet.",
    )
    terminal.answer({"items": [one.data for one in found]}, text)


def show_release(arguments: argparse.Namespace) -> None:
    """Show fields, rows and masks of a release."""
    terminal: Terminal = arguments.terminal
    found = terminal.session().release(arguments.release)
    about = layout.facts(
        [
            ("title", found.title),
            ("id", found.id),
            ("rows where", found.data.get("where")),
            ("version", _version(found.data)),
            ("rows", layout.number(found.data.get("row_count"))),
            ("made", layout.moment(found.data.get("created_at"))),
        ]
    )
    rows = [(one.get("name"), _mask(one.get("mask"))) for one in found.data.get("fields") or []]
    terminal.answer(found.data, about + "\n\n" + layout.table(("field", "shown as"), rows))


def accept_version(arguments: argparse.Namespace) -> None:
    """Let a release that follows each accepted version serve a newer one."""
    terminal: Terminal = arguments.terminal
    served = terminal.session().release(arguments.release).accept(arguments.version)
    terminal.answer(
        served.data,
        f"“{served.title}” serves version {layout.number(served.data.get('version_number'))} now.",
    )


def _version(release: dict[str, Any]) -> str:
    """Which version a release serves, and whether it follows newer ones."""
    number = layout.number(release.get("version_number"))
    return f"{number}, then each accepted" if release.get("follows") == "each-accepted" else number


def _mask(mask: object) -> str:
    """A mask in a few words: its kind and what it was given."""
    if not isinstance(mask, dict):
        return str(mask or "it is")
    rest = [str(value) for key, value in mask.items() if key != "kind"]
    kind = "it is" if mask.get("kind") == "keep" else str(mask.get("kind"))
    return " ".join([kind, *rest])
