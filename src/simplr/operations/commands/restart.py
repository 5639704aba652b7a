"""`simplr restart`: web and worker replaced by processes of the code that lies here now."""

from __future__ import annotations

import argparse
from typing import Any

from simplr.operations.commands.telling import add_data, answered, existing_folder_of
from simplr.operations.start import control
from simplr_client.command.statuses import DONE


def register(commands: Any) -> None:
    parser = commands.add_parser(
        "restart",
        help="replace web and worker without refusing anybody",
        description="Migrates the databases if the code is newer, starts new processes, and lets"
        " the old ones finish what they are sending and receiving. Returns when the new ones serve.",
    )
    add_data(parser)
    parser.set_defaults(run=answered(_restart))


def _restart(arguments: argparse.Namespace) -> int:
    folder = existing_folder_of(arguments)
    seconds = control.restart(folder)
    arguments.terminal.answer(
        {"restarted": True, "data": str(folder.path), "seconds": seconds},
        f"Restarted after {seconds} s.",
    )
    return DONE
