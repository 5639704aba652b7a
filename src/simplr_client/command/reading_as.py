"""How the text of a file is read, where a person says it."""

from __future__ import annotations

import argparse
from typing import Any

_WRITTEN = {"tab": "\t", "\\t": "\t", "blank": " ", "space": " ", "none": ""}
"""Words for what is hard to type."""


def add_arguments(command: argparse.ArgumentParser) -> None:
    """Add what says how a text is read."""
    said = command.add_argument_group(
        "how its text is read", "What is not said is recognised. A kept recipe says it of the next."
    )
    said.add_argument("--encoding", metavar="NAME", help="such as utf-8, cp1252 or latin-1")
    said.add_argument(
        "--delimiter", metavar="TEXT", help="what stands between cells; also tab, blank or none"
    )
    said.add_argument("--quote", metavar="MARK", help="the quotation mark of cells, or none")
    said.add_argument(
        "--skip-rows",
        type=int,
        metavar="N",
        help="how many rows stand above those that name the columns, without blank lines",
    )
    said.add_argument(
        "--header-rows",
        type=int,
        metavar="N",
        help="how many rows name the columns; 0 if none does",
    )


def said_in(arguments: argparse.Namespace, recipe: str | None = None) -> dict[str, Any]:
    """What was said of the reading, as `Upload.read_as` takes it; by the recipe, where there is one."""
    said = {
        "encoding": arguments.encoding,
        "delimiter": _WRITTEN.get(arguments.delimiter, arguments.delimiter),
        "quote": _WRITTEN.get(arguments.quote, arguments.quote),
        "preamble_rows": arguments.skip_rows,
        "header_rows": arguments.header_rows,
        "recipe": recipe,
    }
    return {name: value for name, value in said.items() if value is not None}
