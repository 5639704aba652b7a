"""Notices: what needs you, and whether a mail says so."""

from __future__ import annotations

import argparse

from simplr_client.command import layout
from simplr_client.command.parser import Subparsers
from simplr_client.command.terminal import Terminal


def register(commands: Subparsers) -> None:
    """Add the commands of this area."""
    notice = commands.add_parser("notice", help="what you were told; read it; have it mailed")
    words = notice.add_subparsers(dest="subcommand", metavar="WHAT", required=True)
    listing = words.add_parser("list", help="list notices, the newest first")
    listing.add_argument("--unread", action="store_true", help="only what you have not read")
    listing.set_defaults(run=list_notices)
    read = words.add_parser("read", help="mark notices as read")
    read.add_argument("ids", nargs="*", metavar="ID", help="else all")
    read.set_defaults(run=read_notices)
    mail = words.add_parser("mail", help="choose whether a mail comes once a day")
    mail.add_argument("wanted", choices=("on", "off"))
    mail.set_defaults(run=set_digest)


def list_notices(arguments: argparse.Namespace) -> None:
    """List what you were told."""
    terminal: Terminal = arguments.terminal
    found = terminal.session().notices(unread=arguments.unread)
    rows = [
        (layout.moment(one.get("at")), "" if one.get("read") else "new", one.get("text"), one["id"])
        for one in found
    ]
    text = layout.table(("when", "", "what", "id"), rows, longest=100, empty="No notice.")
    terminal.answer({"items": found}, text)


def read_notices(arguments: argparse.Namespace) -> None:
    """Mark notices as read: those named, or all."""
    terminal: Terminal = arguments.terminal
    count = terminal.session().read_notices(arguments.ids or None)
    terminal.answer({"read_count": count}, f"{count} marked as read.")


def set_digest(arguments: argparse.Namespace) -> None:
    """Choose whether a mail says once a day what you have not read."""
    terminal: Terminal = arguments.terminal
    wanted = terminal.session().set_digest(arguments.wanted == "on")
    told = "A mail comes once a day when something is unread." if wanted else "No mail will come."
    terminal.answer({"wanted": wanted}, told)
