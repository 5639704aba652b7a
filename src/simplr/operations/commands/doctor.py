"""`simplr doctor`: what is wrong, what it means, how to mend it."""

from __future__ import annotations

import argparse
from typing import Any

from simplr.operations.commands.telling import add_data, answered, folder_of
from simplr_client.command.statuses import DONE, FAULT

MARKS = {"fine": "  ok", "note": "note", "warning": "WARN", "error": " BAD"}


def register(commands: Any) -> None:
    parser = commands.add_parser("doctor", help="say what is wrong and how to mend it")
    add_data(parser)
    parser.set_defaults(run=answered(_doctor))


def _doctor(arguments: argparse.Namespace) -> int:
    """0 when nothing is broken, 1 when something is."""
    from simplr.operations.doctor import Severity, examine

    folder = folder_of(arguments)
    found = examine(folder)
    lines = [f"The installation in {folder.path}"]
    if not folder.exists():
        lines = [f"There is no installation in {folder.path} yet: start one with `simplr up`."]
    for finding in found:
        lines.append(f"{MARKS[finding.severity.value]}  {finding.check}: {finding.what}")
        if finding.means:
            lines.append(f"      That means: {finding.means}")
        if finding.mend:
            lines.append(f"      To mend it: {finding.mend}")
    bad = sum(finding.severity is Severity.ERROR for finding in found)
    warned = sum(finding.severity is Severity.WARNING for finding in found)
    lines.append(f"{bad} broken, {warned} to watch, {len(found)} looked at.")
    document = {
        "data": str(folder.path),
        "installed": folder.exists(),
        "healthy": not bad,
        "findings": [finding.document() for finding in found],
    }
    arguments.terminal.answer(document, "\n".join(lines))
    return FAULT if bad else DONE
