"""`simplr upgrade`: the installation brought to the release whose code lies here now."""

from __future__ import annotations

import argparse
from typing import Any

from simplr import VERSION
from simplr.operations.commands.telling import add_data, answered, existing_folder_of
from simplr.operations.start import control, upgrading
from simplr_client.command.statuses import DONE
from simplr_client.command.terminal import Usage


def register(commands: Any) -> None:
    parser = commands.add_parser(
        "upgrade",
        help="bring the installation to the release whose code lies here",
        description="Says what is new to the databases, and asks whether there is a backup; then"
        " migrates and replaces web and worker while the installation serves, or starts it.",
    )
    add_data(parser)
    parser.add_argument("--yes", action="store_true", help="there is a backup: do not ask")
    parser.add_argument("--check", action="store_true", help="only say what would be done")
    parser.set_defaults(run=answered(_upgrade))


def _upgrade(arguments: argparse.Namespace) -> int:
    terminal = arguments.terminal
    folder = existing_folder_of(arguments)
    running = bool(control.holders(folder))
    missing = upgrading.missing_migrations(folder) if running else None
    document: dict[str, Any] = {"version": VERSION, "data": str(folder.path), "missing": missing}
    if arguments.check:
        terminal.answer({**document, "upgraded": False}, _said(missing))
        return DONE
    if missing != [] and not arguments.yes:
        terminal.note(_said(missing))
        terminal.note("Databases cannot go back to an older release: only a backup can.")
        if not terminal.may_ask:
            raise Usage("take a backup (`simplr backup`), then say --yes")
        if not terminal.ask("Is there a backup of today?"):
            terminal.answer({**document, "upgraded": False}, "Nothing was changed.")
            return DONE
    if running:
        seconds = control.restart(folder)
    else:
        order = {
            **dict.fromkeys(("port", "host", "tls")),
            **dict.fromkeys(("environment", "only"), ""),
            "new_signin": False,
        }
        facts = control.start_detached(folder, order, told=lambda said: terminal.note(said["told"]))
        seconds = float(facts["seconds"])
    terminal.answer(
        {**document, "upgraded": True, "seconds": seconds},
        f"Simplr {VERSION} serves, after {seconds} s.",
    )
    return DONE


def _said(missing: list[str] | None) -> str:
    if missing is None:
        return "It does not run, so nobody knows which migrations it lacks; the start applies them."
    if not missing:
        return "The databases are those of this release."
    return "\n".join([f"{len(missing)} migrations are new:", *(f"  {name}" for name in missing)])
