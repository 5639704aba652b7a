"""Alerts: unusual access, why it is unusual, and whether it was a false alarm."""

from __future__ import annotations

import argparse
from typing import Any

from simplr_client.command import layout
from simplr_client.command.parser import Subparsers
from simplr_client.command.terminal import Terminal

Json = dict[str, Any]


def register(commands: Subparsers) -> None:
    """Add the commands of this area."""
    alerts = commands.add_parser("alerts", help="unusual access: list it, say what it was")
    alerts.set_defaults(run=list_alerts, state=None)
    words = alerts.add_subparsers(dest="subcommand", metavar="WHAT")
    listing = words.add_parser("list", help="list alerts, the newest first")
    listing.add_argument("--state", choices=("open", "dismissed", "confirmed"))
    listing.set_defaults(run=list_alerts)
    show = words.add_parser("show", help="say why, what was done and what was reached")
    show.add_argument("alert", metavar="ALERT")
    show.set_defaults(run=show_alert)
    for word, decision, text in (
        ("dismiss", "dismissed", "say that it was a false alarm: it is learned from"),
        ("confirm", "confirmed", "say that it was right"),
    ):
        decide = words.add_parser(word, help=text)
        decide.add_argument("alert", metavar="ALERT")
        decide.set_defaults(run=decide_alert, decision=decision)


def list_alerts(arguments: argparse.Namespace) -> None:
    """List the alerts that you may know of."""
    terminal: Terminal = arguments.terminal
    found = terminal.session().alerts(state=arguments.state)
    rows = [
        (
            layout.moment(one.get("at")),
            one.get("state"),
            _who(one),
            "; ".join(one.get("why", ())),
            one["id"],
        )
        for one in found
    ]
    heads = ("when", "state", "who", "why", "id")
    terminal.answer({"items": found}, layout.table(heads, rows, longest=100, empty="No alert."))


def show_alert(arguments: argparse.Namespace) -> None:
    """Say why an alert was raised, what was done and what was reached."""
    terminal: Terminal = arguments.terminal
    _tell(terminal, terminal.session().alert(arguments.alert))


def decide_alert(arguments: argparse.Namespace) -> None:
    """Say what an alert was."""
    terminal: Terminal = arguments.terminal
    _tell(terminal, terminal.session().decide_alert(arguments.alert, arguments.decision))


def _tell(terminal: Terminal, found: Json) -> None:
    reached: Json = found.get("reached", {})
    lines = [f"{_who(found)}, {layout.moment(found.get('at'))}: {found.get('state')}"]
    lines += [f"  {reason}" for reason in found.get("why", ())]
    lines.append(f"done: {found.get('measure')}")
    lines.append(f"read {reached.get('readings')} times, {reached.get('things')} things:")
    lines += [f"  {item.get('count')}  {item.get('title')}" for item in reached.get("items", ())]
    if reached.get("hidden"):
        lines.append(f"  and {reached['hidden']} that you may not know of")
    terminal.answer(found, "\n".join(lines))


def _who(alert: Json) -> str:
    name = str(alert.get("person", {}).get("name", ""))
    token = alert.get("token_name") or alert.get("token")
    return f"{name} by {token}" if token else name
