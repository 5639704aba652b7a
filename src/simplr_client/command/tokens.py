"""Access tokens: for programs, scoped and with an end."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime

from simplr_client.command import layout
from simplr_client.command.parser import Subparsers
from simplr_client.command.terminal import Terminal
from simplr_client.until import parse_until


def register(commands: Subparsers) -> None:
    """Add the commands of this area."""
    token = commands.add_parser("token", help="make, list and revoke access tokens")
    words = token.add_subparsers(dest="subcommand", metavar="WHAT", required=True)
    create = words.add_parser("create", help="make a token; its secret is shown once")
    create.add_argument("name", help="what it is for")
    create.add_argument(
        "--scope",
        action="append",
        required=True,
        dest="scopes",
        metavar="KIND[:ID]:ACTION",
        help="what it may do at most, such as resource:read; repeat for more",
    )
    create.add_argument("--until", default="in 30 days", metavar="DATE", help="else in 30 days")
    create.set_defaults(run=create_token)
    words.add_parser("list", help="list your tokens").set_defaults(run=list_tokens)
    revoke = words.add_parser("revoke", help="end a token at once")
    revoke.add_argument("token", metavar="ID", help="its id, not its secret")
    revoke.set_defaults(run=revoke_token)


def create_token(arguments: argparse.Namespace) -> None:
    """Make a token. It can never do more than you may."""
    terminal: Terminal = arguments.terminal
    ends = parse_until(arguments.until, now=datetime.now(UTC))
    made = terminal.session().create_token(arguments.name, scopes=arguments.scopes, expires_at=ends)
    terminal.note(f"Valid until {layout.moment(ends.isoformat())}. The secret is shown this once:")
    terminal.answer(made, str(made["token"]))


def list_tokens(arguments: argparse.Namespace) -> None:
    """List your tokens, without their secrets."""
    terminal: Terminal = arguments.terminal
    found = terminal.session().tokens()
    rows = [
        (
            one.get("name"),
            one.get("scopes"),
            layout.moment(one.get("expires_at")),
            layout.moment(one.get("last_used_at")),
            one.get("id"),
        )
        for one in found
    ]
    headings = ("name", "scopes", "until", "last used", "id")
    terminal.answer({"items": found}, layout.table(headings, rows, empty="No token."))


def revoke_token(arguments: argparse.Namespace) -> None:
    """Revoke a token by its id."""
    terminal: Terminal = arguments.terminal
    terminal.session().revoke_token(arguments.token)
    terminal.answer({"revoked": arguments.token}, "Revoked.")
