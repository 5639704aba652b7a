"""`simplr db rebuild`: drop, recreate, migrate and fill everything, unattended."""

from __future__ import annotations

import argparse
from typing import Any

from simplr.operations.commands.demo import RECORD, fill
from simplr.operations.commands.telling import add_data, answered, existing_folder_of
from simplr.operations.start import control
from simplr.operations.start.folder import ENVIRONMENTS
from simplr.operations.start.rebuild import check_rebuildable, rebuild
from simplr_client.command.terminal import Usage


def register(commands: Any) -> None:
    parser = commands.add_parser("db", help="rebuild the databases of a test installation")
    words = parser.add_subparsers(dest="db_command", required=True, metavar="WORD")
    again = words.add_parser(
        "rebuild", help="drop, recreate, migrate and fill everything; never in production"
    )
    add_data(again)
    again.add_argument(
        "--env", required=True, choices=ENVIRONMENTS, help="what kind of installation is meant"
    )
    again.add_argument("--yes", action="store_true", help="do not ask")
    again.add_argument(
        "--empty", action="store_true", help="leave it empty, without the demonstration institute"
    )
    again.set_defaults(run=answered(_rebuild))


def _rebuild(arguments: argparse.Namespace) -> int:
    """Leaves it running: filled with the demonstration institute, or empty with a sign-in link."""
    terminal = arguments.terminal
    folder = existing_folder_of(arguments)
    check_rebuildable(folder, environment_said=arguments.env)
    if not arguments.yes:
        if not terminal.may_ask:
            raise Usage("`simplr db rebuild` asks before it drops everything: say --yes")
        if not terminal.ask(f"Drop everything in {folder.path}?"):
            terminal.note("Nothing was changed.")
            return 0
    control.stop(folder)
    rebuild(folder, environment_said=arguments.env, tell=terminal.note)
    (folder.path / RECORD).unlink(missing_ok=True)
    order = {
        "port": None,
        "host": None,
        "tls": None,
        "environment": "",
        "only": "",
        "new_signin": False,
    }
    facts = control.start_detached(
        folder, order, told=lambda said: terminal.note(str(said["told"]))
    )
    if arguments.empty:
        lines = [f"Rebuilt. {facts['url']}"]
        if facts.get("signin"):
            lines.insert(0, f"Sign in as the first administrator, once: {facts['signin']}")
        terminal.answer({"rebuilt": True, **facts}, "\n".join(lines))
        return 0
    found = fill(folder, facts, terminal)
    kept = {key: value for key, value in facts.items() if key not in {"signin", "token"}}
    text = f"Rebuilt and filled. People and their passwords: {found['people']}\n{facts['url']}"
    terminal.answer({"rebuilt": True, **kept, **found}, text)
    return 0
