"""Programs that may ask people to act for them (OAuth clients)."""

from __future__ import annotations

import argparse

from simplr_client.command import layout
from simplr_client.command.naming import id_of
from simplr_client.command.parser import Subparsers
from simplr_client.command.terminal import Terminal


def register(commands: Subparsers) -> None:
    """Add the commands of this area."""
    program = commands.add_parser(
        "program", help="let programs ask people to act for them (administrators)"
    )
    words = program.add_subparsers(dest="subcommand", metavar="WHAT", required=True)
    words.add_parser("list", help="list programs, ended ones too").set_defaults(run=list_programs)
    create = words.add_parser("create", help="register a program; its secret is shown once")
    create.add_argument("name", help="what people see when it asks them")
    create.add_argument(
        "--kind",
        choices=("web", "native", "device", "service"),
        default="web",
        help="web: it keeps a secret; native: it runs on people's machines and cannot; "
        "device: it has no browser, people type a code; service: it acts by itself",
    )
    create.add_argument(
        "--scope",
        action="append",
        required=True,
        dest="scopes",
        metavar="KIND[:ID]:ACTION",
        help="what it may ask for at most, such as release:read; repeat for more",
    )
    create.add_argument(
        "--address",
        action="append",
        default=[],
        dest="addresses",
        metavar="URL",
        help="where people come back to; repeat for more",
    )
    create.add_argument(
        "--acts-for", metavar="PERSON", help="of a service: an email address, a name or an id"
    )
    create.set_defaults(run=create_program)
    tokens = words.add_parser("tokens", help="list who allows a program what")
    tokens.add_argument("program", metavar="ID")
    tokens.set_defaults(run=list_program_tokens)
    revoke = words.add_parser("revoke", help="end a program and all tokens of it, at once")
    revoke.add_argument("program", metavar="ID")
    revoke.set_defaults(run=revoke_program)


def list_programs(arguments: argparse.Namespace) -> None:
    """List every program, ended ones too, the newest first."""
    terminal: Terminal = arguments.terminal
    found = terminal.session().programs()
    rows = [
        (
            one.get("name"),
            one.get("kind"),
            one.get("client_id"),
            one.get("token_count"),
            layout.moment(one.get("revoked_at")),
            one.get("id"),
        )
        for one in found
    ]
    headings = ("name", "kind", "client id", "tokens", "revoked", "id")
    terminal.answer({"items": found}, layout.table(headings, rows, empty="No program."))


def create_program(arguments: argparse.Namespace) -> None:
    """Register a program. By itself it may do nothing."""
    terminal: Terminal = arguments.terminal
    session = terminal.session()
    person = arguments.acts_for
    if person:
        person = id_of(person, session.people(person), "person")
    made = session.create_program(
        arguments.name,
        kind=arguments.kind,
        scopes=arguments.scopes,
        addresses=arguments.addresses,
        acts_for=person,
    )
    facts = [
        ("id", made["id"]),
        ("client id", made["client_id"]),
        ("client secret", made.get("client_secret") or None),
    ]
    if made.get("client_secret"):
        terminal.note("The secret is shown this once.")
    terminal.answer(made, layout.facts(facts))


def list_program_tokens(arguments: argparse.Namespace) -> None:
    """List who allows a program what at present."""
    terminal: Terminal = arguments.terminal
    found = terminal.session().program_tokens(arguments.program)
    rows = [
        (
            (one.get("person") or {}).get("name"),
            one.get("scopes"),
            layout.moment(one.get("expires_at")),
            layout.moment(one.get("last_used_at")),
            one.get("id"),
        )
        for one in found
    ]
    headings = ("person", "scopes", "until", "last used", "id")
    terminal.answer({"items": found}, layout.table(headings, rows, empty="Nobody."))


def revoke_program(arguments: argparse.Namespace) -> None:
    """End a program, and every token that people allowed it."""
    terminal: Terminal = arguments.terminal
    terminal.session().revoke_program(arguments.program)
    terminal.answer({"revoked": arguments.program}, "Ended.")
