"""Requests for access: asking for something, and answering what others ask."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from simplr_client.command import layout
from simplr_client.command.parser import Subparsers
from simplr_client.command.terminal import Terminal
from simplr_client.until import parse_until

ACTIONS = ("describe", "read", "download")


def register(commands: Subparsers) -> None:
    """Add the commands of this area."""
    ask = commands.add_parser("ask", help="ask who manages a data set or file for access to it")
    ask.add_argument("id", metavar="ID", help="the data set or file: its id or exact title")
    ask.add_argument("--purpose", metavar="TEXT", required=True, help="what you need it for")
    ask.add_argument("--to", dest="action", choices=ACTIONS, default="download")
    ask.add_argument("--until", metavar="DATE", help="for how long; else no end is asked for")
    ask.set_defaults(run=ask_for_access)

    request = commands.add_parser("request", help="see, answer and withdraw requests for access")
    words = request.add_subparsers(dest="subcommand", metavar="WHAT", required=True)
    listing = words.add_parser("list", help="list what you asked for, the newest first")
    listing.add_argument(
        "--to-answer", action="store_true", help="what waits for your answer instead"
    )
    listing.set_defaults(run=list_requests)
    show = words.add_parser("show", help="show one request, with its purpose")
    show.add_argument("request", metavar="REQUEST", help="its id")
    show.set_defaults(run=show_request)
    grant = words.add_parser("grant", help="grant what was asked for, or less of it")
    grant.add_argument("request", metavar="REQUEST", help="its id")
    grant.add_argument("--release", metavar="RELEASE", help="only as this release shows it: its id")
    grant.add_argument("--to", dest="action", choices=ACTIONS, help="no more than this")
    grant.add_argument("--until", metavar="DATE", help="no longer than this")
    grant.add_argument("--say", metavar="TEXT", default="", help="a word to the one who asked")
    grant.set_defaults(run=grant_request)
    decline = words.add_parser("decline", help="say no, with the reason")
    decline.add_argument("request", metavar="REQUEST", help="its id")
    decline.add_argument("--say", metavar="TEXT", required=True, help="why not")
    decline.set_defaults(run=decline_request)
    withdraw = words.add_parser("withdraw", help="take back what you asked for")
    withdraw.add_argument("request", metavar="REQUEST", help="its id")
    withdraw.set_defaults(run=withdraw_request)


def _until(text: str | None) -> datetime | None:
    return parse_until(text, now=datetime.now(UTC)) if text else None


def ask_for_access(arguments: argparse.Namespace) -> None:
    """Ask for access to a data set or a file."""
    terminal: Terminal = arguments.terminal
    session = terminal.session()
    made = session.ask_for_access(
        session.resource(arguments.id).id,
        arguments.purpose,
        actions=[arguments.action],
        until=_until(arguments.until),
    )
    terminal.answer(made, f"Asked: {made.get('id')}")


def list_requests(arguments: argparse.Namespace) -> None:
    """List requests: your own, or those that wait for your answer."""
    terminal: Terminal = arguments.terminal
    found = terminal.session().access_requests(to_answer=arguments.to_answer)
    rows = [
        (
            one.get("node_title"),
            one.get("person_name"),
            _wish(one),
            layout.moment(one.get("asked_at")),
            one.get("state"),
            one.get("id"),
        )
        for one in found
    ]
    headings = ("what", "who", "would like to", "asked", "state", "id")
    terminal.answer({"items": found}, layout.table(headings, rows, empty="No request."))


def _wish(one: Mapping[str, Any]) -> str:
    actions = one.get("actions") or []
    return next((word for word in reversed(ACTIONS) if word in actions), "")


def show_request(arguments: argparse.Namespace) -> None:
    """Show one request."""
    terminal: Terminal = arguments.terminal
    one = terminal.session().access_request(arguments.request)
    said = (
        f"{one.get('person_name')} asks to {_wish(one)} {one.get('node_title')}: {one.get('state')}"
        f"\n\n{one.get('purpose')}"
    )
    if one.get("answered_by"):
        said += f"\n\n{one.get('answered_by')}: {one.get('reason') or one.get('state')}"
    terminal.answer(one, said)


def grant_request(arguments: argparse.Namespace) -> None:
    """Grant what was asked for, or less of it."""
    terminal: Terminal = arguments.terminal
    answered = terminal.session().answer_request(
        arguments.request,
        grant=True,
        release=arguments.release,
        actions=[arguments.action] if arguments.action else None,
        until=_until(arguments.until),
        reason=arguments.say,
    )
    terminal.answer(answered, f"Granted to {answered.get('person_name')}: {answered.get('grant')}")


def decline_request(arguments: argparse.Namespace) -> None:
    """Say no, with the reason."""
    terminal: Terminal = arguments.terminal
    answered = terminal.session().answer_request(
        arguments.request, grant=False, reason=arguments.say
    )
    terminal.answer(answered, "Declined.")


def withdraw_request(arguments: argparse.Namespace) -> None:
    """Take back what you asked for."""
    terminal: Terminal = arguments.terminal
    terminal.answer(terminal.session().withdraw_request(arguments.request), "Withdrawn.")
