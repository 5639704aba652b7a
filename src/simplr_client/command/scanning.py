"""Scanning what is kept for malware (administrators)."""

from __future__ import annotations

import argparse
import time
from typing import Any

from simplr_client.command import layout
from simplr_client.command.parser import Subparsers
from simplr_client.command.terminal import Terminal, Usage

Json = dict[str, Any]

LOOK_EVERY_SECONDS = 1.0


def register(commands: Subparsers) -> None:
    """Add the commands of this area."""
    scan = commands.add_parser("scan", help="have what is kept scanned for malware")
    scan.add_argument("--again", action="store_true", help="also what was scanned before")
    scan.add_argument("--status", action="store_true", help="only say what is known")
    scan.add_argument("--wait", action="store_true", help="until all is scanned")
    scan.set_defaults(run=scan_all)


def scan_all(arguments: argparse.Namespace) -> None:
    """Have every original scanned that was not, or say how far that is."""
    if arguments.status and (arguments.again or arguments.wait):
        raise Usage("--status begins nothing. Leave it out, or leave out the others.")
    terminal: Terminal = arguments.terminal
    session = terminal.session()
    found = session.scans() if arguments.status else session.scan(again=arguments.again)
    while arguments.wait and found["job"] is not None:
        done, total = _all(found) - _due(found), _all(found)
        terminal.bar("files", "scanning", done, total, of_bytes=False)
        time.sleep(LOOK_EVERY_SECONDS)
        found = session.scans()
    terminal.answer(found, _facts(found))


def _due(found: Json) -> int:
    return int(found["waiting"]) + int(found["not_scanned"])


def _all(found: Json) -> int:
    return _due(found) + int(found["clean"]) + int(found["infected"])


def _facts(found: Json) -> str:
    if not found["scanner"]:
        return "This installation has no malware scanner (SIMPLR_SCANNER_URL)."
    return layout.facts(
        [
            ("clean", layout.number(found["clean"])),
            ("infected", layout.number(found["infected"])),
            ("not scanned", layout.number(found["not_scanned"])),
            ("waiting", layout.number(found["waiting"])),
            ("job", found["job"]),
        ]
    )
