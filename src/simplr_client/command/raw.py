"""One raw GET, for a look at what the API sends."""

from __future__ import annotations

import argparse
import json
import sys

from simplr_client.command.parser import Subparsers
from simplr_client.command.terminal import Terminal, Usage


def register(commands: Subparsers) -> None:
    """Add the commands of this area."""
    api = commands.add_parser("api", help="get a path of the API as it is: simplr api /projects")
    api.add_argument("path", metavar="PATH", help="under /api/v1, with its query")
    api.set_defaults(run=get_raw)


def get_raw(arguments: argparse.Namespace) -> None:
    """Print what the API answers at a path: JSON indented, anything else as it comes."""
    from urllib.parse import parse_qsl

    terminal: Terminal = arguments.terminal
    path, _, query = arguments.path.partition("?")
    params = dict(parse_qsl(query, keep_blank_values=True))
    with terminal.session().open(path.removeprefix("/api/v1"), **params) as download:
        kind = download.headers.get("content-type", "")
        if "json" in kind and "ndjson" not in kind:
            document = json.loads(b"".join(download.chunks()))
            terminal.answer(document, json.dumps(document, ensure_ascii=False, indent=2))
            return
        if terminal.as_json:
            raise Usage(f"{path} answers {kind}, not JSON. Leave --json out.")
        for chunk in download.chunks():
            sys.stdout.buffer.write(chunk)
        sys.stdout.buffer.flush()
