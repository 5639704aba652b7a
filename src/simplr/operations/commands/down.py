"""`simplr down` and `simplr status`."""

from __future__ import annotations

import argparse
from typing import Any

from simplr.operations.commands.telling import add_data, answered, existing_folder_of
from simplr.operations.start import control
from simplr.operations.start.environment import address_of
from simplr.operations.start.services import health
from simplr_client.command.statuses import DONE, UNAVAILABLE


def register_down(commands: Any) -> None:
    parser = commands.add_parser("down", help="stop the installation")
    add_data(parser)
    parser.set_defaults(run=answered(_down))


def register_status(commands: Any) -> None:
    parser = commands.add_parser("status", help="say whether the installation runs, and where")
    add_data(parser)
    parser.set_defaults(run=answered(_status))


def _down(arguments: argparse.Namespace) -> int:
    folder = existing_folder_of(arguments)
    ran = control.stop(folder)
    arguments.terminal.answer(
        {"stopped": ran, "data": str(folder.path)}, "Stopped." if ran else "It did not run."
    )
    return DONE


def _status(arguments: argparse.Namespace) -> int:
    """0 when it serves, 7 when it does not or is sealed."""
    folder = existing_folder_of(arguments)
    installation = folder.installation()
    state = control.state_of(folder)
    address = address_of(folder)
    runs_web = "web" in state["parts"]
    said = health(address, seconds=5) if runs_web else None
    document = {
        **state,
        "health": said,
        "url": address.url,
        "data": str(folder.path),
        "environment": installation.environment,
        "installation": installation.id,
    }
    lines = [f"{state['state']}: {address.url} ({installation.environment}) in {folder.path}"]
    lines += [f"note: {note}" for note in state.get("notes", [])]
    for name, part in state["parts"].items():
        again = f", started again {part['restarts']} times" if part["restarts"] else ""
        lines.append(f"  {name:<10}{part['state']:<10}process {part['pid']}{again}")
    if said == "sealed":
        lines.append("Sealed: open it with `simplr unseal`.")
    arguments.terminal.answer(document, "\n".join(lines))
    serves = state["state"] == "ready" and (said == "ok" or not runs_web)
    return DONE if serves else UNAVAILABLE
