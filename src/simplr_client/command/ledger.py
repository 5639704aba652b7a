"""The ledger: who did what, checked and taken away to be checked elsewhere."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime

from simplr_client.command import layout
from simplr_client.command.parser import Subparsers
from simplr_client.command.terminal import Terminal
from simplr_client.errors import Corrupt
from simplr_client.until import parse_since


def register(commands: Subparsers) -> None:
    """Add the commands of this area."""
    ledger = commands.add_parser("ledger", help="read, verify and export the ledger")
    words = ledger.add_subparsers(dest="subcommand", metavar="WHAT", required=True)
    listing = words.add_parser("list", help="list events, newest first")
    listing.add_argument("--node", metavar="ID", help="only about this project or resource")
    listing.add_argument("--actor", metavar="ID", help="only by this person")
    listing.add_argument("--code", metavar="CODE", help="only events of this kind")
    listing.add_argument("--since", metavar="DATE", help="2026-11-20, yesterday")
    listing.add_argument("--limit", type=int, default=100, metavar="N")
    listing.set_defaults(run=list_events)
    words.add_parser("checkpoints", help="list the signed heads").set_defaults(run=list_checkpoints)
    words.add_parser("verify", help="check all of it").set_defaults(run=verify)
    export = words.add_parser("export", help="take it away, to be verified anywhere")
    export.add_argument("-o", "--output", required=True, metavar="PATH")
    export.add_argument("--force", action="store_true", help="overwrite PATH")
    export.set_defaults(run=export_ledger)


def _node(terminal: Terminal, named: str) -> str:
    """The id of a project, by its short name or id, or else of a resource, by its title or id."""
    session = terminal.session()
    for project in session.projects():
        if named in (project.id, project.slug):
            return project.id
    return session.resource(named).id


def list_events(arguments: argparse.Namespace) -> None:
    """List who did what: all of it for auditors, their own things for owners."""
    terminal: Terminal = arguments.terminal
    since = parse_since(arguments.since, now=datetime.now(UTC)) if arguments.since else None
    found = list(
        terminal.session().ledger(
            node=_node(terminal, arguments.node) if arguments.node else None,
            actor=arguments.actor,
            code=arguments.code,
            since=since,
            limit=arguments.limit,
        )
    )
    rows = [
        (
            layout.number(one.get("seq")),
            layout.moment(one.get("at")),
            _who(one.get("actor")),
            one.get("code"),
            one.get("outcome"),
            _who(one.get("subject")),
        )
        for one in found
    ]
    headings = ("entry", "when", "who", "what", "outcome", "about")
    terminal.answer({"items": found}, layout.table(headings, rows, right=["entry"]))


def list_checkpoints(arguments: argparse.Namespace) -> None:
    """List the signed heads of the ledger."""
    terminal: Terminal = arguments.terminal
    found = terminal.session().ledger_checkpoints()
    rows = [
        (layout.number(one.get("size")), layout.moment(one.get("at")), one.get("root"))
        for one in found
    ]
    headings = ("entries", "when", "root")
    text = layout.table(headings, rows, right=["entries"], longest=90)
    terminal.answer({"items": found}, text)


def verify(arguments: argparse.Namespace) -> None:
    """Check every entry and checkpoint; the first bad one is named. Exit status 6 if there is."""
    terminal: Terminal = arguments.terminal
    found = terminal.session().ledger_verify()
    bad = found.get("finding")
    if bad or found.get("ok") is False or found.get("valid") is False:
        raise Corrupt(
            f"The ledger is not whole: {layout.shown((bad or found).get('reason'))} at entry "
            f"{layout.shown((bad or found).get('first_bad_seq'))}.",
            code="ledger-broken",
            problem=found,
        )
    size = layout.number(found.get("size", found.get("entries")))
    terminal.answer(found, f"The ledger is whole: {size} entries.")


def export_ledger(arguments: argparse.Namespace) -> None:
    """Write entries, checkpoints and proofs to a file."""
    terminal: Terminal = arguments.terminal
    count = terminal.session().ledger_export(arguments.output, overwrite=arguments.force)
    terminal.answer(
        {"path": arguments.output, "size": count},
        f"Wrote {arguments.output}, {layout.size(count)}.",
    )


def _who(found: object) -> str:
    if isinstance(found, dict):
        return str(found.get("name") or found.get("email") or found.get("id") or "")
    return layout.shown(found)
