"""All words of the command line, and the overview that `simplr` alone prints."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NoReturn

from simplr_client.errors import MissingPackage

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

Subparsers = Any
"""argparse keeps the type of `add_subparsers` private."""

Command = Callable[[argparse.Namespace], int | None]

GROUP = "simplr.commands"
SERVER_COMMANDS = {
    "up": "start the installation",
    "down": "stop it",
    "restart": "replace web and worker without refusing anybody",
    "status": "say whether it runs, and where",
    "upgrade": "bring it to the release whose code lies here",
    "demo": "start it and fill it with the demonstration institute",
    "doctor": "say what is wrong and how to mend it",
    "unseal": "open a sealed installation",
    "db": "rebuild or move the databases",
    "keys": "say where the root key rests, and whether it is open",
}
"""Commands of the server, which it registers as entry points; listed here so that the client can
say what is missing when they are not installed."""


USUAL = {"quarantine": ("show", ("groups", "export", "mend", "mending", "cancel"))}
"""Commands of several words whose second word may be left out: the usual one, and the others."""


class UsageFound(Exception):
    """argparse found the command to be wrong; the text is ready to print."""


class CommandParser(argparse.ArgumentParser):
    """A parser that takes the options of every command, and raises instead of exiting."""

    def __init__(self, **settings: Any) -> None:
        settings.setdefault("allow_abbrev", False)
        if sys.version_info >= (3, 14):
            settings.setdefault("color", False)
        super().__init__(**settings)
        self.add_argument(
            "--json", action="store_true", help="print exactly one JSON document on stdout"
        )
        self.add_argument(
            "--url",
            default=argparse.SUPPRESS,
            help="the address of the installation (else SIMPLR_URL, else the last sign-in)",
        )

    def error(self, message: str) -> NoReturn:
        raise UsageFound(f"{self.format_usage().strip()}\nsimplr: {message} [usage]")


def build() -> tuple[CommandParser, Subparsers]:
    """The parser of all client commands, and the place to add more."""
    from simplr_client.command import (
        alerts,
        comments,
        dictionary,
        editing,
        folders,
        ledger,
        licences,
        notices,
        people,
        programs,
        projects,
        putting,
        quality,
        quarantine,
        raw,
        reading,
        recipes,
        releases,
        requests,
        scanning,
        sharing,
        signing,
        tokens,
        trash,
        versions,
    )

    parser = CommandParser(prog="simplr", add_help=False)
    parser.set_defaults(url=None)
    parser.add_argument("-h", "--help", action="store_true", help="show this overview")
    parser.add_argument(
        "--version", action="store_true", dest="show_version", help="show the version"
    )
    commands = parser.add_subparsers(
        dest="command", metavar="COMMAND", parser_class=CommandParser, title="commands"
    )
    for area in (
        signing,
        projects,
        putting,
        reading,
        recipes,
        releases,
        sharing,
        requests,
        people,
        licences,
        tokens,
        programs,
        ledger,
        scanning,
        editing,
        dictionary,
        quality,
        quarantine,
        folders,
        comments,
        notices,
        alerts,
        trash,
        versions,
        raw,
    ):
        area.register(commands)
    return parser, commands


def parse(words: Sequence[str]) -> argparse.Namespace:
    """What was typed, with `run` set to what is to be done.

    Raises UsageFound for words that cannot be meant, and MissingPackage for a server command where
    the server is not installed.
    """
    parser, commands = build()
    chosen = _first_word(words)
    if chosen is not None and chosen not in commands.choices:
        registered = _registered().get(chosen)
        if registered is not None:
            registered.load()(commands)
        elif chosen in SERVER_COMMANDS:
            raise MissingPackage(
                f"`simplr {chosen}` runs the server, which is not installed here. Run: "
                "pip install 'simplr-irm[server]'",
                code="server-not-installed",
            )
    arguments = parser.parse_args(_with_usual_word(words))
    if arguments.show_version:
        arguments.run = _print_version
    elif arguments.help or arguments.command is None:
        arguments.run = _print_overview
    return arguments


def _with_usual_word(words: Sequence[str]) -> list[str]:
    """The words; `simplr quarantine ID` means `simplr quarantine show ID`."""
    given = list(words)
    for command, (usual, others) in USUAL.items():
        at = given.index(command) if _first_word(given) == command else -1
        after = _first_word(given[at + 1 :]) if at >= 0 else None
        if after is not None and after not in (usual, *others):
            given.insert(at + 1, usual)
    return given


def _first_word(words: Sequence[str]) -> str | None:
    skip = False
    for word in words:
        if skip:
            skip = False
        elif word == "--url":
            skip = True
        elif not word.startswith("-"):
            return word
    return None


def _registered() -> dict[str, EntryPoint]:
    from importlib.metadata import entry_points

    return {found.name: found for found in entry_points(group=GROUP)}


def _print_version(arguments: argparse.Namespace) -> None:
    from importlib.metadata import PackageNotFoundError, version

    try:
        number = version("simplr-irm")
    except PackageNotFoundError:
        number = "0 (run from its source)"
    arguments.terminal.answer({"version": number}, f"simplr {number}")


def _print_overview(arguments: argparse.Namespace) -> None:
    _, commands = build()
    found = {action.dest: str(action.help or "") for action in commands._choices_actions}
    groups = [("Work with what is kept", found)]
    known = {**dict.fromkeys(_registered(), ""), **SERVER_COMMANDS}
    groups.append(("Run an installation", known))
    lines = ["simplr COMMAND … [--json] [--url URL]", ""]
    for title, members in groups:
        lines.append(f"{title}:")
        lines += [f"  {name:<14}{text}" for name, text in members.items()]
        lines.append("")
    lines.append("`simplr COMMAND --help` tells all about one of them.")
    arguments.terminal.answer({"commands": {**found, **known}}, "\n".join(lines))
