"""`simplr backup` and `simplr restore`: everything but the root key, and back again with it."""

from __future__ import annotations

import argparse
import os
from dataclasses import asdict
from pathlib import Path
from typing import Any

from simplr.operations.backup.layout import Place
from simplr.operations.commands.telling import add_data, answered, existing_folder_of, folder_of
from simplr.operations.start import server_work
from simplr.operations.start.environment import uses_own_postgres
from simplr_client.command.statuses import DONE
from simplr_core.errors import Conflict, Invalid

ELSEWHERE = ("SIMPLR_OBJECTS_URL", "SIMPLR_KEY_STORE")
"""What a restore must not follow: the bucket and the root key of an installation that lives."""


class DatabasesElsewhere(Conflict):
    """The databases are on servers of your own: back them up by those servers' own means."""

    code = "databases-elsewhere"


def register(commands: Any) -> None:
    parser = commands.add_parser(
        "backup",
        help="take a backup of everything but the root key, while it serves",
        description="Databases, heads of the ledger and settings are sealed; objects are copied as"
        " they lie, each proven, and those that are there already are not copied again. The root"
        " key is not in it: `simplr keys backup FILE`.",
    )
    add_data(parser)
    parser.add_argument("place", type=Path, metavar="PLACE", help="a folder for backups alone")
    parser.add_argument(
        "--keep", type=int, metavar="N", help="let all but the newest N snapshots go afterwards"
    )
    parser.add_argument(
        "--check", action="store_true", help="open every object of the snapshot, not only new ones"
    )
    parser.set_defaults(run=answered(_backup))


def register_restore(commands: Any) -> None:
    parser = commands.add_parser(
        "restore",
        help="bring an installation back from a backup and its root key",
        description="Into a new folder: databases, objects, heads of the ledger and settings. Every"
        " object is opened and compared with its digest, and the ledger is verified. It does not"
        " start: `simplr up` does.",
    )
    add_data(parser)
    parser.add_argument("place", type=Path, metavar="PLACE", help="the folder of the backups")
    parser.add_argument(
        "--key", type=Path, required=True, metavar="FILE", help="what `simplr keys backup` wrote"
    )
    parser.add_argument(
        "--snapshot", default="", metavar="NAME", help="another than the newest; a wrong one lists"
    )
    parser.set_defaults(run=answered(_restore))


def _backup(arguments: argparse.Namespace) -> int:
    folder, terminal = existing_folder_of(arguments), arguments.terminal
    path = Path(os.path.abspath(arguments.place))
    if path == folder.path or folder.path in path.parents:
        raise Invalid("Keep backups apart from the data: name a place outside the data folder.")
    if not uses_own_postgres():
        raise DatabasesElsewhere
    if arguments.keep is not None and arguments.keep < 1:
        raise Invalid("At least one snapshot is kept: say --keep 1 or more.")
    server_work.check_running(folder)
    server_work.load_settings(folder)
    from simplr.operations.backup import writing

    place = Place(path)
    cluster = server_work.services_of(folder).cluster()
    taken = writing.take(folder, cluster, place, keep=arguments.keep, told=terminal.note)
    checked = writing.check(place, taken.snapshot, terminal.note) if arguments.check else None
    terminal.answer(
        {**asdict(taken), "objects_checked": checked},
        f"The snapshot {taken.snapshot} in {taken.place} holds {taken.objects} objects,"
        f" {taken.objects_copied} of them new ({taken.bytes_copied / 1e6:.1f} MB), and the ledger up"
        f" to entry {taken.ledger_size}. It took {taken.seconds} s.\n"
        f"It opens with the root key {taken.root_key_id} only: `simplr keys backup FILE` writes a"
        " copy.",
    )
    return DONE


def _restore(arguments: argparse.Namespace) -> int:
    folder, terminal = folder_of(arguments), arguments.terminal
    if not uses_own_postgres():
        raise DatabasesElsewhere
    for name in ELSEWHERE:
        if os.environ.get(name):
            raise Conflict(
                f"{name} points out of the new folder, perhaps at what another installation uses:"
                " unset it. Move objects or the root key after the restore."
            )
    from simplr.operations.backup.restoring import restore

    done = restore(
        folder,
        Place(Path(os.path.abspath(arguments.place))),
        name=arguments.snapshot,
        key_file=Path(os.path.abspath(arguments.key)),
        told=terminal.note,
    )
    terminal.answer(
        asdict(done),
        f"{done.data} is as it was at {done.taken_at}: {done.objects} objects are whole, and the"
        f" ledger verifies up to entry {done.ledger_size}. It took {done.seconds} s.\n"
        "Rights that were taken away after that moment stand again: look through grants and"
        " tokens. Start it with `simplr up`.",
    )
    return DONE
