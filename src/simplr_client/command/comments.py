"""Comments on a data set."""

from __future__ import annotations

import argparse

from simplr_client.command import layout
from simplr_client.command.parser import Subparsers
from simplr_client.command.terminal import Terminal


def register(commands: Subparsers) -> None:
    """Add the commands of this area."""
    comment = commands.add_parser("comment", help="read and write comments on a data set")
    words = comment.add_subparsers(dest="subcommand", metavar="WHAT", required=True)
    listing = words.add_parser("list", help="list what members wrote, the newest first")
    listing.add_argument("id", metavar="ID", help="the data set: its id or exact title")
    listing.set_defaults(run=list_comments)
    add = words.add_parser("add", help="write a comment")
    add.add_argument("id", metavar="ID", help="the data set: its id or exact title")
    add.add_argument("text")
    add.set_defaults(run=add_comment)
    change = words.add_parser("change", help="write your own comment anew")
    change.add_argument("comment", metavar="COMMENT", help="its id")
    change.add_argument("text")
    change.set_defaults(run=change_comment)
    remove = words.add_parser("remove", help="take a comment away")
    remove.add_argument("comment", metavar="COMMENT", help="its id")
    remove.set_defaults(run=remove_comment)


def list_comments(arguments: argparse.Namespace) -> None:
    """List the comments on a data set."""
    terminal: Terminal = arguments.terminal
    found = terminal.session().dataset(arguments.id).comments()
    rows = [
        (
            one.get("author_name"),
            layout.moment(one.get("written_at")),
            one.get("body"),
            one.get("id"),
        )
        for one in found
    ]
    headings = ("who", "when", "comment", "id")
    text = layout.table(headings, rows, longest=100, empty="Nobody has written anything yet.")
    terminal.answer({"items": found}, text)


def add_comment(arguments: argparse.Namespace) -> None:
    """Write a comment on a data set, as a member of its project."""
    terminal: Terminal = arguments.terminal
    made = terminal.session().dataset(arguments.id).comment(arguments.text)
    terminal.answer(made, f"Written: {made.get('id')}")


def change_comment(arguments: argparse.Namespace) -> None:
    """Write your own comment anew."""
    terminal: Terminal = arguments.terminal
    changed = terminal.session().change_comment(arguments.comment, arguments.text)
    terminal.answer(changed, "Changed.")


def remove_comment(arguments: argparse.Namespace) -> None:
    """Take a comment away: your own, or any as somebody who manages the data set."""
    terminal: Terminal = arguments.terminal
    terminal.session().remove_comment(arguments.comment)
    terminal.answer({"removed": arguments.comment}, "Removed.")
