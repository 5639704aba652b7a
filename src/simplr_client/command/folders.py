"""Folders, and moving things between them."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from simplr_client.command import layout
from simplr_client.command.parser import CommandParser, Subparsers
from simplr_client.command.terminal import Terminal, Usage
from simplr_client.command.trash import act_on

if TYPE_CHECKING:
    from simplr_client.folders import Place

_WAY = "the id of a folder, or the way to it from the project, as in Reports/2024"


def register(commands: Subparsers) -> None:
    """Add the commands of this area."""
    folder = commands.add_parser("folder", help="make, list, show and rename folders")
    words = folder.add_subparsers(dest="subcommand", metavar="WHAT", required=True)
    make = _in_project(words.add_parser("make", help="make a folder"))
    make.add_argument("title")
    make.add_argument("--in", dest="place", metavar="FOLDER", help=_WAY)
    make.add_argument("--description", default="")
    make.set_defaults(run=make_folder)
    listing = _in_project(words.add_parser("list", help="list what lies in a project or folder"))
    listing.add_argument("--in", dest="place", metavar="FOLDER", help=_WAY)
    listing.set_defaults(run=list_contents)
    show = _in_project(words.add_parser("show", help="show one folder"))
    show.add_argument("place", metavar="FOLDER", help=_WAY)
    show.set_defaults(run=show_folder)
    change = _in_project(words.add_parser("change", help="rename or describe a folder"))
    change.add_argument("place", metavar="FOLDER", help=_WAY)
    change.add_argument("--title")
    change.add_argument("--description")
    change.set_defaults(run=change_folder)
    move = commands.add_parser("move", help="move resources and folders inside their project")
    move.add_argument("ids", nargs="+", metavar="ID", help="ids or exact titles; folders by id")
    _in_project(move)
    move.add_argument("--to", dest="place", metavar="FOLDER", help=f"{_WAY}; else its top")
    move.add_argument(
        "--wider", action="store_true", help="also where others would see them by that"
    )
    move.set_defaults(run=move_things)


def _in_project(parser: CommandParser) -> CommandParser:
    parser.add_argument("--project", required=True, metavar="P", help="the project's id or slug")
    return parser


def place_of(arguments: argparse.Namespace) -> Place:
    """The project that was named, or the folder of it."""
    terminal: Terminal = arguments.terminal
    project = terminal.session().project(arguments.project)
    return project.folder(arguments.place) if arguments.place else project


def make_folder(arguments: argparse.Namespace) -> None:
    """Make a folder in a project or in another folder."""
    terminal: Terminal = arguments.terminal
    made = place_of(arguments).create_folder(arguments.title, description=arguments.description)
    terminal.answer(made.data, f"Made the folder “{made.title}”: {made.id}")


def list_contents(arguments: argparse.Namespace) -> None:
    """List what lies directly in a project or folder: folders first."""
    terminal: Terminal = arguments.terminal
    found = place_of(arguments).contents()
    rows = [
        (
            one.title,
            one.data.get("kind"),
            layout.number(one.data.get("row_count")),
            layout.size(one.data.get("size")),
            one.id,
        )
        for one in found
    ]
    headings = ("title", "kind", "rows", "size", "id")
    terminal.answer(
        {"items": [one.data for one in found]},
        layout.table(headings, rows, right=["rows", "size"], empty="Nothing lies here."),
    )


def show_folder(arguments: argparse.Namespace) -> None:
    """Show one folder and the way to it."""
    terminal: Terminal = arguments.terminal
    data = terminal.session().folder(place_of(arguments).id).data
    way = " / ".join(str(one.get("title")) for one in data.get("way") or [])
    terminal.answer(
        data,
        layout.facts(
            [
                ("title", data.get("title")),
                ("id", data.get("id")),
                ("in", way),
                ("description", data.get("description")),
                ("folders", layout.number(data.get("folder_count"))),
                ("resources", layout.number(data.get("resource_count"))),
                ("owner", data.get("owner")),
                ("since", layout.moment(data.get("created_at"))),
            ]
        ),
    )


def change_folder(arguments: argparse.Namespace) -> None:
    """Rename or describe a folder."""
    terminal: Terminal = arguments.terminal
    if arguments.title is None and arguments.description is None:
        raise Usage("Say what to change: --title or --description.")
    found = terminal.session().folder(place_of(arguments).id)
    changed = found.change(title=arguments.title, description=arguments.description)
    terminal.answer(changed.data, f"Changed the folder “{changed.title}”.")


def move_things(arguments: argparse.Namespace) -> int:
    """Move each to another place of its project. Some failed: exit status 8, each named."""
    terminal: Terminal = arguments.terminal
    session = terminal.session()
    to = place_of(arguments).id
    return act_on(
        terminal,
        arguments.ids,
        act="move",
        find=lambda text: session.resource(text).id,
        to=to,
        wider=arguments.wider,
    )
