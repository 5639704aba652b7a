"""How good a data set is, part by part."""

from __future__ import annotations

import argparse
from typing import Any

from simplr_client.command import layout
from simplr_client.command.parser import Subparsers
from simplr_client.command.terminal import Terminal

SHOWN_FIELDS = 3


def register(commands: Subparsers) -> None:
    """Add the commands of this area."""
    quality = commands.add_parser("quality", help="show the quality score of a data set")
    quality.add_argument("id", metavar="DATASET", help="its id or exact title")
    quality.add_argument("--version", metavar="V", help="its id or number, else the newest")
    quality.set_defaults(run=show_quality)


def show_quality(arguments: argparse.Namespace) -> None:
    """Show the quality score, its parts, and the fields that cost each of them most."""
    terminal: Terminal = arguments.terminal
    found = terminal.session().dataset(arguments.id).quality(version=arguments.version)
    rows = [
        (
            part["dimension"],
            "" if part["points"] is None else f"{part['points']:.1f}",
            layout.number(part["amiss"]),
            layout.number(part["of"]),
            part["why"] or _dearest(part["fields"]),
        )
        for part in found["parts"]
    ]
    headings = ("part", "points", "amiss", "of", "fields that cost it most")
    points = "nothing to measure" if found["points"] is None else f"{found['points']:.1f} of 100"
    text = f"Quality: {points}, over {found['field_count']} fields\n\n" + layout.table(
        headings, rows, right=["points", "amiss", "of"], longest=60, empty="No part."
    )
    if found["hidden_field_count"]:
        text += f"\n{found['hidden_field_count']} fields are hidden from you and not counted."
    terminal.answer(found, text)


def _dearest(fields: list[dict[str, Any]]) -> str:
    shown = [f"{one['field']} ({one['amiss']:,})" for one in fields[:SHOWN_FIELDS]]
    return ", ".join(shown) + (", …" if len(fields) > SHOWN_FIELDS else "")
