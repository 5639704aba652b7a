"""The two pages of reference that are written from the code: commands and client.

`python -m simplr_client.reference docs/reference` writes them; a test fails when they are behind.
"""

from __future__ import annotations

import argparse
import inspect
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import simplr_client
from simplr_client import errors
from simplr_client.command.parser import SERVER_COMMANDS, CommandParser, build
from simplr_client.command.statuses import exit_status

_HEAD = (
    "<!-- Written by `python -m simplr_client.reference`; change the code, not this page. -->\n\n"
)
_SHARED = {"--json", "--url", "-h", "--help"}
_CLASSES = (
    "Session",
    "Record",
    "Project",
    "Folder",
    "Resource",
    "Dataset",
    "Release",
    "Upload",
    "Progress",
)


def commands_page() -> str:
    """Every command, its arguments and options."""
    lines = [
        _HEAD + "# Commands of `simplr`\n",
        "Every command takes `--json` (exactly one JSON document on stdout; progress and messages go",
        "to stderr) and `--url` (else `SIMPLR_URL`, else the last `simplr signin`). The token comes",
        "from `SIMPLR_TOKEN`, else from the sign-in. `SIMPLR_DEBUG=1` shows tracebacks.\n",
        "| exit status | means |\n|---|---|",
        "| 0 | done |\n| 1 | a fault of ours |\n| 2 | the command was typed wrongly |",
        "| 3 | refused, or not signed in |\n| 4 | not found |\n| 5 | invalid or conflicting input |",
        "| 6 | corrupt, or the transfer broke |\n| 7 | no server, or a sealed one |",
        "| 8 | some of several were done; each that was not is named |\n",
    ]
    for words, parser in _parsers():
        lines += _command(words, parser)
    lines += [
        "## Where the installation runs\n",
        "These are added by `pip install 'simplr-irm[server]'`.\n",
        *(f"- `simplr {word}`: {text}" for word, text in SERVER_COMMANDS.items()),
    ]
    return "\n".join(lines) + "\n"


def _parsers() -> Iterator[tuple[str, CommandParser]]:
    """Every command that can be run, in the order of the overview."""
    _, commands = build()
    for word, parser in commands.choices.items():
        inner = [
            action for action in parser._actions if isinstance(action, argparse._SubParsersAction)
        ]
        if not inner:
            yield word, parser
        for action in inner:
            for second, sub in action.choices.items():
                yield f"{word} {second}", sub


def command_words() -> set[str]:
    """Every command that can be run, as it is typed."""
    return {words for words, _ in _parsers()}


def _command(words: str, parser: CommandParser) -> list[str]:
    run = parser.get_default("run")
    actions = [
        action
        for action in parser._actions
        if not (set(action.option_strings) & _SHARED) and action.help != argparse.SUPPRESS
    ]
    shape = " ".join(_shape(action) for action in actions)
    lines = [
        f"## `simplr {words}`\n",
        f"    simplr {words} {shape}".rstrip() + "\n",
        _text(run) + "\n",
    ]
    rows = [(_name(action), action.help or "") for action in actions if action.help]
    for name, text in rows:
        lines.append(f"- {name}: {text.replace('%%', '%')}")
    if rows:
        lines.append("")
    return lines


def _shape(action: argparse.Action) -> str:
    if not action.option_strings:
        many = "..." if action.nargs == "+" else ""
        shape = f"{action.metavar or action.dest}{many}"
        return f"[{shape}]" if action.nargs == "?" else shape
    shape = action.option_strings[-1]
    if action.nargs != 0:
        shape += f" {_value(action)}"
    return shape if action.required else f"[{shape}]"


def _name(action: argparse.Action) -> str:
    if not action.option_strings:
        return f"`{action.metavar or action.dest}`"
    value = f" {_value(action)}" if action.nargs != 0 else ""
    return ", ".join(f"`{option}{value}`" for option in action.option_strings)


def _value(action: argparse.Action) -> str:
    if action.metavar:
        return str(action.metavar)
    if action.choices:
        return "|".join(str(choice) for choice in action.choices)
    return action.dest.upper()


def client_page() -> str:
    """Every public name of the client."""
    lines = [
        _HEAD + "# The Python client\n",
        _text(simplr_client) + "\n",
        "## `connect`\n",
        _signature("simplr_client.connect", simplr_client.connect) + "\n",
        _text(simplr_client.connect) + "\n",
    ]
    for name in _CLASSES:
        lines += _class(name, getattr(simplr_client, name))
    lines += [
        "## Errors\n",
        "Each has `code` (never changes), `status`, `detail` (a sentence) and `errors` (what is wrong",
        "with each field, where told).\n",
        "| error | code | exit status | means |\n|---|---|---|---|",
    ]
    for name in simplr_client.__all__:
        kind = getattr(simplr_client, name)
        if inspect.isclass(kind) and issubclass(kind, errors.SimplrError):
            means = " ".join(_text(kind).split())
            lines.append(f"| `{name}` | `{kind.default_code}` | {exit_status(kind())} | {means} |")
    return "\n".join(lines) + "\n"


def _class(name: str, kind: type) -> list[str]:
    lines = [f"## `{name}`\n", _text(kind) + "\n"]
    hidden = (base for base in kind.__mro__[1:-1] if base.__name__ not in _CLASSES)
    members = {**vars(kind), **{name: it for base in hidden for name, it in vars(base).items()}}
    for member_name, member in members.items():
        if member_name.startswith("_"):
            continue
        if isinstance(member, property):
            told = inspect.getdoc(member)
            lines.append(f"### `{name}.{member_name}`\n")
            if told:
                lines.append(told + "\n")
        elif inspect.isfunction(member):
            lines.append(f"### `{name}.{member_name}`\n")
            lines.append(_signature(member_name, member) + "\n")
            lines.append(_text(member) + "\n")
    return lines


def _signature(name: str, function: Any) -> str:
    """The signature as it is written, without `self` and without the homes of types."""
    found = inspect.signature(function)
    shown = [one for one in found.parameters.values() if one.name != "self"]
    text = re.sub(r"(: |-> )'([^']*)'", r"\1\2", str(found.replace(parameters=shown)))
    return f"    {name}{re.sub(r'simplr_client[.][a-z]+[.]', '', text)}"


def _text(thing: Any) -> str:
    return inspect.getdoc(thing) or ""


PAGES = {"commands.md": commands_page, "client.md": client_page}


def main(folder: str) -> None:
    """Write the pages into `folder`."""
    for name, page in PAGES.items():
        (Path(folder) / name).write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
