"""`simplr objects check` and `simplr objects move`: is what is kept whole, and where does it lie."""

from __future__ import annotations

import argparse
import os
from dataclasses import asdict
from pathlib import Path
from typing import Any

from simplr.operations.commands.telling import add_data, answered, existing_folder_of
from simplr.operations.start import alone, control, server_work
from simplr.operations.start.environment import objects_url_of, uses_own_postgres
from simplr_client.command.statuses import CORRUPT, DONE
from simplr_core.errors import Conflict, Invalid


def register(commands: Any) -> None:
    parser = commands.add_parser(
        "objects", help="check that what is kept is whole, or move it to another store"
    )
    words = parser.add_subparsers(dest="objects_command", required=True, metavar="WORD")

    check = words.add_parser(
        "check", help="open every stored object now and compare it with its digest"
    )
    add_data(check)
    check.set_defaults(run=answered(_check))

    move = words.add_parser(
        "move",
        help="keep objects somewhere else from now on (while stopped)",
        description="Copies every object to another store, opens each there and compares its"
        " digest, then remembers the new place. With --ahead it only copies, while the"
        " installation serves, so that the move itself is short. Nothing is deleted.",
    )
    add_data(move)
    move.add_argument(
        "url", metavar="URL", help="s3://BUCKET/…, gs://BUCKET/…, az://… or file:///FOLDER"
    )
    move.add_argument("--ahead", action="store_true", help="copy only, while it serves")
    move.set_defaults(run=answered(_move))


def _check(arguments: argparse.Namespace) -> int:
    """0 when all is whole, 6 when something is damaged."""
    folder, terminal = existing_folder_of(arguments), arguments.terminal
    server_work.check_running(folder)
    server_work.load_settings(folder)
    from django.utils import timezone

    from simplr.vault import fixity

    found = fixity.check(before=timezone.now())
    ids = [str(id_) for id_ in fixity.damaged_ids()]
    text = f"{found.objects} objects ({found.bytes / 1e6:.1f} MB) were opened and compared. "
    text += "All are whole." if not ids else f"{len(ids)} are missing or changed:"
    terminal.answer({**asdict(found), "damaged_objects": ids}, "\n".join([text, *ids]))
    return CORRUPT if ids else DONE


def _move(arguments: argparse.Namespace) -> int:
    folder, terminal = existing_folder_of(arguments), arguments.terminal
    if os.environ.get("SIMPLR_OBJECTS_URL"):
        raise Conflict("SIMPLR_OBJECTS_URL says where objects lie: unset it, and move then.")
    if arguments.url == objects_url_of(folder):
        raise Conflict(f"Objects lie at {arguments.url} already.")
    if not arguments.url.partition("://")[2].strip("/"):
        raise Invalid("Name a bucket or a folder: s3://BUCKET/… or file:///FOLDER.")
    if arguments.ahead:
        server_work.check_running(folder)
        moved, note = _copied(folder, arguments.url, terminal, prove_all=False)
        text = "Copied ahead. Stop it (`simplr down`) and run the same without --ahead."
    else:
        with control.locked(folder):
            if uses_own_postgres():
                with alone.keys_and_databases(server_work.services_of(folder)):
                    moved, note = _copied(folder, arguments.url, terminal, prove_all=True)
            else:
                moved, note = _copied(folder, arguments.url, terminal, prove_all=True)
            folder.update(objects_url=arguments.url)
        text = (
            "Objects lie there from the next start on. What lies at the old place is not deleted."
        )
    terminal.answer(
        {**moved, "url": arguments.url, "note": note},
        f"{moved['objects']} objects, {moved['copied']} of them copied now"
        f" ({moved['bytes'] / 1e6:.1f} MB), each opened and compared. {note}{text}",
    )
    return DONE


def _copied(folder: Any, url: str, terminal: Any, *, prove_all: bool) -> tuple[dict[str, Any], str]:
    server_work.load_settings(folder)
    from django.db import connections

    from simplr.vault import moving, services

    target = services.store_named(url)
    note = ""
    if not target.creates_on_condition():
        note = "This store overwrites objects that are there: let nothing else write to it. "
    try:
        moved = moving.copy_all(target=target, prove_all=prove_all, told=terminal.note)
    finally:
        connections.close_all()
    if url.startswith("file://"):
        server_work.own_tree(Path(url.removeprefix("file://")))
    server_work.own_tree(folder.path / "cache")
    return asdict(moved), note
