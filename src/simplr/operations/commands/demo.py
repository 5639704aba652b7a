"""`simplr demo`: start, fill with the demonstration institute, run the main job."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from simplr.operations.commands.telling import add_data, answered, folder_of
from simplr.operations.start import control
from simplr.operations.start.folder import DataFolder
from simplr.operations.start.reach import SOURCES
from simplr_client.command.terminal import Terminal
from simplr_core.errors import Conflict, NotFound, SimplrError

RECORD = "demonstration.json"
STORY = SOURCES.parent / "devdata"
NARROW = 72
SHOWN = ("steward", "colleague", "auditor", "administrator")
"""Roles whose view of the institute differs most."""


class DemonstrationMissing(NotFound):
    """The demonstration comes with the source: clone the repository and run `make demo`."""

    code = "demonstration-missing"


class NotEmpty(Conflict):
    """Somebody else's installation is not filled with a demonstration."""

    code = "demonstration-not-empty"


class DemonstrationFailed(SimplrError):
    """The demonstration did not come to its end."""

    code = "demonstration-failed"


def register(commands: Any) -> None:
    parser = commands.add_parser(
        "demo",
        help="start it and fill it with the demonstration institute",
        description="Starts an installation, fills it and runs the main job. A second time it"
        " only runs the main job again.",
    )
    add_data(parser)
    parser.add_argument("--port", type=int, metavar="N", help="where to listen; 0 is any free port")
    parser.set_defaults(run=answered(_demo))


def _demo(arguments: argparse.Namespace) -> int:
    terminal: Terminal = arguments.terminal
    folder = folder_of(arguments)
    facts = _running(folder, terminal, port=arguments.port)
    found = fill(folder, facts, terminal)
    lines = [
        "",
        f"Done in {found['seconds']} s. Sign in as one of these:",
        *_people(found["people"]),
        f"They, and more, stand in {found['people']}.",
        f"Data lies in {folder.path}. It runs on; `{_typed()} down` stops it.",
        str(facts["url"]),
    ]
    terminal.answer({"url": facts["url"], "data": str(folder.path), **found}, "\n".join(lines))
    return 0


def _typed() -> str:
    """The command as it was typed: before `PATH` knows it, that is `.venv/bin/simplr`."""
    return sys.argv[0] if Path(sys.argv[0]).name == "simplr" else "simplr"


def _people(record: str) -> list[str]:
    """The people of the institute, who all are made up, each with the way to sign in."""
    people = json.loads(Path(record).read_text())["people"]
    width = max(len(person["email"]) for person in people)
    return [
        f"  {person['email']:<{width}}  {person['password']}  {person['role']}, {person['what']}"
        for person in people
        if person["role"] in SHOWN
    ]


def _running(folder: DataFolder, terminal: Terminal, *, port: int | None) -> dict[str, Any]:
    """The address of the installation, and on a first start its one-time link."""
    state = control.state_of(folder) if folder.exists() else {}
    if state.get("state") == "ready" and state.get("url"):
        return {"url": state["url"], "signin": None}
    environment = "" if folder.exists() else "demo"
    order = {
        "port": port,
        "host": None,
        "tls": None,
        "environment": environment,
        "only": "",
        "new_signin": False,
    }
    started = control.start_detached(
        folder, order, told=lambda said: terminal.note(str(said["told"]))
    )
    say(terminal, f"Started in {started['seconds']} s.")
    return started


def say(terminal: Terminal, text: str) -> None:
    """A line of the story: on stdout for people, on stderr beside a JSON document."""
    if terminal.as_json:
        terminal.note(text)
    else:
        terminal.clear()
        print(text, file=terminal.stdout, flush=True)


def fill(folder: DataFolder, facts: dict[str, Any], terminal: Terminal) -> dict[str, Any]:
    """Play the story on a running installation and return what it says at the end.

    Raises NotEmpty where somebody works already, DemonstrationFailed with the reason.
    """
    if not STORY.is_dir():
        raise DemonstrationMissing
    record = folder.path / RECORD
    if record.exists():
        say(terminal, "The institute is there already; the main job is run again.")
    elif not facts.get("signin"):
        raise NotEmpty(
            f"{folder.path} has its first administrator already and was not filled to the end by"
            " `simplr demo`. Name an empty folder with --data; or drop everything in this one:"
            f" `simplr db rebuild --data {folder.path} --env demo --yes`."
        )
    order = {"url": facts["url"], "signin": facts.get("signin"), "record": str(record)}
    return _play(order, lambda line: _tell(terminal, line))


def _play(order: dict[str, Any], told: Callable[[dict[str, Any]], None]) -> dict[str, Any]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("SIMPLR_", "DJANGO_"))}
    paths = [str(STORY.parent), str(SOURCES)]
    with subprocess.Popen(
        [sys.executable, "-m", "devdata"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd="/",
        env={**kept, "PYTHONPATH": os.pathsep.join(paths)},
    ) as child:
        if child.stdin is None or child.stdout is None:
            raise DemonstrationFailed("No way to talk to it.")
        child.stdin.write(json.dumps(order))
        child.stdin.close()
        for text in child.stdout:
            line = json.loads(text)
            if "done" in line:
                return dict(line["done"])
            if "failed" in line:
                raise DemonstrationFailed(line["failed"]["message"], reason=line["failed"]["code"])
            told(line)
    raise DemonstrationFailed("It ended without a word; what it said last stands above.")


def _tell(terminal: Terminal, line: dict[str, Any]) -> None:
    if "part" in line:
        say(terminal, f"\n{line['part']}")
        return
    step = line["step"]
    figures = ", ".join(f"{name} {_figure(value)}" for name, value in step["figures"].items())
    text = f"  {step['text']}"
    seconds = f"{step['seconds']:7.2f} s"
    if figures and len(text) + len(figures) + 4 > NARROW:
        say(terminal, f"{text:<{NARROW}}{seconds}")
        say(terminal, f"      {figures}")
    else:
        say(terminal, f"{text + ('   ' + figures if figures else ''):<{NARROW}}{seconds}")


def _figure(value: object) -> str:
    return f"{value:,}" if isinstance(value, int | float) else str(value)
