"""`simplr keys status` and `simplr unseal`: where the root key rests, and giving it by hand."""

from __future__ import annotations

import argparse
from typing import Any

from simplr.operations.commands.telling import add_data, answered, existing_folder_of
from simplr.operations.start import control
from simplr.operations.start.environment import key_store_of
from simplr.vault.agent import AgentClient
from simplr.vault.keystores import key_store_at
from simplr_client.command.statuses import DONE, UNAVAILABLE


def register(commands: Any) -> None:
    parser = commands.add_parser("keys", help="say where the root key rests and whether it is open")
    words = parser.add_subparsers(dest="keys_command", required=True, metavar="WORD")
    status = words.add_parser("status", help="where the root key rests, and whether it is open")
    add_data(status)
    status.set_defaults(run=answered(_status))


def register_unseal(commands: Any) -> None:
    parser = commands.add_parser(
        "unseal",
        help="open a sealed installation on this machine",
        description="Reads the root key from the terminal or one line of stdin, never from"
        " arguments: those are seen by others.",
    )
    add_data(parser)
    parser.set_defaults(run=answered(_unseal))


def _status(arguments: argparse.Namespace) -> int:
    """0 when the root key is open or the installation stopped, 7 when it is sealed."""
    folder = existing_folder_of(arguments)
    store = key_store_at(key_store_of(folder))
    problems = store.doctor()
    document: dict[str, object] = {
        "key_store": store.describe(),
        "root_key_id": folder.installation().root_key_id or None,
        "problems": [{"what": problem.what, "mend": problem.mend} for problem in problems],
        "sealed": None,
    }
    lines = [f"The root key rests in {store.describe()}."]
    lines += [f"{problem.what} {problem.mend}" for problem in problems]
    status = DONE
    if control.holders(folder):
        client = AgentClient(folder.agent_socket)
        said = client.status()
        client.close()
        document |= {"sealed": said.sealed, "reason": said.reason}
        lines.append("The installation is sealed." if said.sealed else "It is open.")
        status = UNAVAILABLE if said.sealed else DONE
    arguments.terminal.answer(document, "\n".join(lines))
    return status


def _unseal(arguments: argparse.Namespace) -> int:
    folder = existing_folder_of(arguments)
    client = AgentClient(folder.agent_socket)
    if client.is_sealed():
        client.unseal(arguments.terminal.secret("Root key"))
        text = "Open."
    else:
        text = "It was open already."
    client.close()
    arguments.terminal.answer({"sealed": False}, text)
    return DONE
