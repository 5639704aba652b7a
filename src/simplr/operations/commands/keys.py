"""`simplr keys …` and `simplr unseal`: where the root key rests, exchanging keys, and who holds them."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import Any
from uuid import UUID

from simplr.operations.commands.telling import add_data, answered, existing_folder_of
from simplr.operations.start import control
from simplr.operations.start.environment import key_store_of
from simplr.operations.start.errors import AlreadyRunning
from simplr.operations.start.server_work import answer_of, check_running, services_of
from simplr.vault.agent import AgentClient
from simplr.vault.keystores import GpgKeyStore, key_store_at
from simplr.vault.keystores.keeping import move, write_copy
from simplr_client.command.statuses import DONE, UNAVAILABLE
from simplr_core.errors import Conflict, Invalid


def register(commands: Any) -> None:
    parser = commands.add_parser(
        "keys", help="say where the root key rests, exchange keys, keep a copy, name officers"
    )
    words = parser.add_subparsers(dest="keys_command", required=True, metavar="WORD")

    status = words.add_parser("status", help="where the root key rests, and whether it is open")
    add_data(status)
    status.set_defaults(run=answered(_status))

    root = words.add_parser(
        "rotate-root",
        help="exchange the root key; safe to repeat when it was cut off",
        description="Makes another root key, wraps every project's key under it and lets the old"
        " one go. Data is not touched. Backups made before need the old key: keep its copy.",
    )
    add_data(root)
    root.set_defaults(run=answered(_rotate_root))

    rotate = words.add_parser("rotate", help="exchange the keys of projects; data is not touched")
    add_data(rotate)
    rotate.add_argument(
        "--project", type=UUID, action="append", metavar="ID", help="only this one; may be repeated"
    )
    rotate.set_defaults(run=answered(_rotate))

    copy = words.add_parser(
        "backup", help="write a copy of the root key: keep it apart from the data"
    )
    add_data(copy)
    copy.add_argument("file", type=Path, metavar="FILE", help="a new file, for its owner alone")
    copy.set_defaults(run=answered(_backup))

    move = words.add_parser(
        "move", help="keep the root key somewhere else from now on (while stopped)"
    )
    add_data(move)
    move.add_argument("place", metavar="PLACE", help="file:PATH or gpg:FOLDER")
    move.add_argument(
        "--officer", action="append", default=[], metavar="WHO", help="of a gpg folder to be made"
    )
    move.set_defaults(run=answered(_move))

    officers = words.add_parser(
        "officers", help="who can open the root key of a gpg folder: list, add, remove, rewrap"
    )
    acts = officers.add_subparsers(dest="act", required=True, metavar="ACT")
    for name, help_text, takes in (
        ("list", "who they are", False),
        ("add", "encrypt the key for one more, by fingerprint, key id or email", True),
        ("remove", "encrypt the key without one; then exchange the root key", True),
        ("rewrap", "encrypt the key again for the same ones, as after a new subkey", False),
    ):
        act = acts.add_parser(name, help=help_text)
        add_data(act)
        if takes:
            act.add_argument("who", metavar="WHO")
        act.set_defaults(run=answered(_officers))


def register_unseal(commands: Any) -> None:
    parser = commands.add_parser(
        "unseal",
        help="open a sealed installation on this machine",
        description="Reads the root key from the terminal or one line of stdin, never from"
        " arguments: those are seen by others.",
    )
    add_data(parser)
    parser.set_defaults(run=answered(_unseal))


def _status(arguments: argparse.Namespace) -> int:
    """0 when the root key is open or the installation stopped, 7 when it is sealed."""
    folder = existing_folder_of(arguments)
    store = key_store_at(key_store_of(folder))
    problems = store.doctor()
    staged = store.staged_id()
    document: dict[str, object] = {
        "key_store": store.describe(),
        "root_key_id": folder.installation().root_key_id or None,
        "staged_key_id": staged,
        "problems": [{"what": problem.what, "mend": problem.mend} for problem in problems],
        "sealed": None,
    }
    lines = [f"The root key rests in {store.describe()}."]
    if staged:
        lines.append(
            "A rotation of the root key was cut off. Go on with `simplr keys rotate-root`."
        )
    lines += [f"{problem.what} {problem.mend}" for problem in problems]
    status = DONE
    if control.holders(folder):
        client = AgentClient(folder.agent_socket)
        said = client.status()
        client.close()
        document |= {"sealed": said.sealed, "reason": said.reason}
        lines.append("The installation is sealed." if said.sealed else "It is open.")
        status = UNAVAILABLE if said.sealed else DONE
    arguments.terminal.answer(document, "\n".join(lines))
    return status


def _rotate_root(arguments: argparse.Namespace) -> int:
    """The new id is remembered before the old key goes: a start in between finishes it."""
    folder = existing_folder_of(arguments)
    before = folder.installation().root_key_id
    done = answer_of(folder, "rotate_keys", "root")
    folder.update(root_key_id=done["root_key_id"])
    answer_of(folder, "rotate_keys", "promote-root", "--root-key", done["root_key_id"])
    arguments.terminal.answer(
        {**done, "before": before},
        f"The root key is {done['root_key_id']} now; it wraps {done['keys']} keys. The one before,"
        f" {before}, is gone from the key store: only its copies open backups made before."
        " Write a copy of the new one with `simplr keys backup FILE`.",
    )
    return DONE


def _rotate(arguments: argparse.Namespace) -> int:
    folder = existing_folder_of(arguments)
    chosen = [word for id_ in arguments.project or () for word in ("--project", str(id_))]
    done = answer_of(folder, "rotate_keys", "projects", *chosen)
    arguments.terminal.answer(
        done, f"{done['projects']} projects have new keys; {done['keys']} keys were wrapped anew."
    )
    return DONE


def _backup(arguments: argparse.Namespace) -> int:
    folder = existing_folder_of(arguments)
    path = Path(os.path.abspath(arguments.file))
    if folder.path in path.parents:
        raise Invalid("Keep the copy apart from the data: name a place outside the data folder.")
    root_key_id = write_copy(key_store_at(key_store_of(folder)), path)
    arguments.terminal.answer(
        {"file": str(path), "root_key_id": root_key_id},
        f"The root key {root_key_id} is in {path}, readable by its owner alone. Whoever has it and the"
        " data, or a backup, reads everything: keep it apart from both.",
    )
    return DONE


def _move(arguments: argparse.Namespace) -> int:
    """The old place is emptied only when the new one was seen to open."""
    folder = existing_folder_of(arguments)
    if control.holders(folder):
        raise AlreadyRunning("Stop the installation first: `simplr down`.")
    place = _absolute(arguments.place)
    store, target = key_store_at(key_store_of(folder)), key_store_at(place)
    if isinstance(target, GpgKeyStore) and arguments.officer:
        target.set_up(admins=arguments.officer)
    account = services_of(folder).reached.web_account
    root_key_id = move(store, target, own=account.own if account else lambda _: None)
    folder.update(key_store=place)
    store.forget()
    arguments.terminal.answer(
        {"key_store": place, "root_key_id": root_key_id},
        f"The root key rests in {target.describe()}.",
    )
    return DONE


def _officers(arguments: argparse.Namespace) -> int:
    folder = existing_folder_of(arguments)
    store = key_store_at(key_store_of(folder))
    if not isinstance(store, GpgKeyStore):
        raise Conflict(
            "Only a gpg folder has officers: `simplr keys move gpg:FOLDER --officer WHO` makes one."
        )
    text = ""
    if arguments.act == "add":
        store.add_admin(arguments.who)
        text = f"{arguments.who} can open the root key.\n"
    elif arguments.act == "remove":
        store.remove_admin(arguments.who)
        text = (
            f"The key is no longer encrypted for {arguments.who}, who may still know it:"
            " exchange it with `simplr keys rotate-root`.\n"
        )
    elif arguments.act == "rewrap":
        store.rewrap()
    officers = store.admins()
    arguments.terminal.answer({"officers": officers}, text + "\n".join(officers))
    return DONE


def _absolute(place: str) -> str:
    kind, _, path = place.partition(":")
    return f"{kind}:{os.path.abspath(path)}" if path else place


def _unseal(arguments: argparse.Namespace) -> int:
    folder = existing_folder_of(arguments)
    check_running(folder)
    client = AgentClient(folder.agent_socket)
    if client.is_sealed():
        client.unseal(arguments.terminal.secret("Root key"))
        said = client.status()
        text = said.reason if said.sealed else "Open."
        sealed = said.sealed
    else:
        text, sealed = "It was open already.", False
    client.close()
    arguments.terminal.answer({"sealed": sealed}, text)
    return UNAVAILABLE if sealed else DONE
