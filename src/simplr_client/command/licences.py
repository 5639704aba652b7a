"""Licences: who may enter the installation at all."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime

from simplr_client.command import layout
from simplr_client.command.naming import id_of
from simplr_client.command.parser import Subparsers
from simplr_client.command.terminal import Terminal
from simplr_client.until import parse_until


def register(commands: Subparsers) -> None:
    """Add the commands of this area."""
    licence = commands.add_parser(
        "licence", help="let people and organisations in (administrators)"
    )
    words = licence.add_subparsers(dest="subcommand", metavar="WHAT", required=True)
    words.add_parser("list", help="list licences, ended ones too").set_defaults(run=list_licences)
    issue = words.add_parser("issue", help="let a person or an organisation in")
    whom = issue.add_mutually_exclusive_group(required=True)
    whom.add_argument("--person", metavar="PERSON", help="an email address, a name or an id")
    whom.add_argument("--organisation", metavar="ORG", help="its id or name")
    issue.add_argument("--until", metavar="DATE", help="else until it is revoked")
    issue.set_defaults(run=issue_licence)
    revoke = words.add_parser("revoke", help="end a licence at once")
    revoke.add_argument("licence", metavar="ID")
    revoke.set_defaults(run=revoke_licence)


def list_licences(arguments: argparse.Namespace) -> None:
    """List every licence, ended ones too, the newest first."""
    terminal: Terminal = arguments.terminal
    found = terminal.session().licences()
    rows = [
        (
            (one.get("person") or one.get("organisation") or {}).get("name"),
            "person" if one.get("person") else "organisation",
            one.get("state"),
            layout.moment(one.get("issued_at")),
            layout.moment(one.get("expires_at")),
            one.get("id"),
        )
        for one in found
    ]
    headings = ("who", "kind", "state", "since", "until", "id")
    terminal.answer({"items": found}, layout.table(headings, rows, empty="No licence."))


def issue_licence(arguments: argparse.Namespace) -> None:
    """Let one person, or everyone of an organisation, into the installation."""
    terminal: Terminal = arguments.terminal
    until = parse_until(arguments.until, now=datetime.now(UTC)) if arguments.until else None
    session = terminal.session()
    if arguments.person:
        person = id_of(arguments.person, session.people(arguments.person), "person")
        issued = session.issue_licence(person=person, expires_at=until)
    else:
        home = id_of(arguments.organisation, session.organisations(), "organisation")
        issued = session.issue_licence(organisation=home, expires_at=until)
    terminal.answer(issued, f"{arguments.person or arguments.organisation} may enter now.")


def revoke_licence(arguments: argparse.Namespace) -> None:
    """End a licence. Whom no other licence lets in is out within a second."""
    terminal: Terminal = arguments.terminal
    terminal.session().revoke_licence(arguments.licence)
    terminal.answer({"revoked": arguments.licence}, "Ended.")
