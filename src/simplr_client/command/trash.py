"""The trash: putting things in, looking, bringing back, erasing."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

from simplr_client.command import layout
from simplr_client.command.naming import is_id
from simplr_client.command.parser import Subparsers
from simplr_client.command.statuses import DONE, SOME, exit_status
from simplr_client.command.terminal import Terminal, Usage
from simplr_client.errors import Conflict, NotFound, SimplrError, error_from

Json = dict[str, Any]


def register(commands: Subparsers) -> None:
    """Add the commands of this area."""
    trash = commands.add_parser("trash", help="throw away, look, bring back, erase")
    words = trash.add_subparsers(dest="subcommand", metavar="WHAT", required=True)
    put = words.add_parser("put", help="put resources in the trash; nobody reads them there")
    put.add_argument("ids", nargs="+", metavar="ID", help="ids or exact titles")
    put.set_defaults(run=put_in_trash)
    listing = words.add_parser("list", help="list what can be brought back, and until when")
    listing.add_argument("--project", metavar="P", help="only of this project")
    listing.set_defaults(run=list_trash)
    back = words.add_parser("bring-back", help="bring things back as they were")
    back.add_argument("ids", nargs="+", metavar="ID", help="ids or exact titles")
    back.set_defaults(run=bring_back)
    erase = words.add_parser("erase", help="erase things for ever (owners of the project)")
    erase.add_argument("ids", nargs="+", metavar="ID", help="ids or exact titles")
    erase.add_argument("--yes", action="store_true", help="do not ask")
    erase.set_defaults(run=erase_now)


def list_trash(arguments: argparse.Namespace) -> None:
    """List what lies in the trash and can be brought back."""
    terminal: Terminal = arguments.terminal
    found = terminal.session().trash(project=arguments.project)
    rows = [
        (
            one.get("title"),
            one.get("kind"),
            one.get("trashed_by"),
            layout.moment(one.get("trashed_at")),
            layout.moment(one.get("until")),
            layout.size(one.get("size")),
            one.get("id"),
        )
        for one in found
    ]
    headings = ("title", "kind", "put here by", "on", "erased on", "size", "id")
    terminal.answer(
        {"items": found}, layout.table(headings, rows, right=["size"], empty="The trash is empty.")
    )


def put_in_trash(arguments: argparse.Namespace) -> int:
    """Put each in the trash. Some failed: exit status 8, each named."""
    terminal: Terminal = arguments.terminal
    session = terminal.session()
    return act_on(terminal, arguments.ids, act="trash", find=lambda text: session.resource(text).id)


def bring_back(arguments: argparse.Namespace) -> int:
    """Bring each back. Some failed: exit status 8, each named."""
    terminal: Terminal = arguments.terminal
    known = terminal.session().trash()
    return act_on(
        terminal, arguments.ids, act="bring-back", find=lambda text: _in_trash(known, text)
    )


def erase_now(arguments: argparse.Namespace) -> int:
    """Have each erased for ever, after a question. Some failed: exit status 8, each named."""
    terminal: Terminal = arguments.terminal
    if not arguments.yes and not terminal.may_ask:
        raise Usage("Erasing cannot be undone and asks first. Run this at a terminal, or add --yes")
    known = terminal.session().trash()
    named = ", ".join(f"“{text}”" for text in arguments.ids)
    if not arguments.yes and not terminal.ask(f"Erase {named} for ever?"):
        terminal.answer({"items": []}, "Nothing was erased.")
        return DONE
    return act_on(terminal, arguments.ids, act="erase", find=lambda text: _in_trash(known, text))


def _in_trash(known: list[Json], text: str) -> str:
    """The id of the thing in the trash with this id or exact title."""
    if is_id(text):
        return text
    said = text.casefold()
    same = [str(one["id"]) for one in known if said == str(one["title"]).casefold()]
    if not same:
        raise NotFound(f"There is no “{text}” in the trash that you may know of.")
    if len(same) > 1:
        raise Conflict(f"Several in the trash are called “{text}”: {', '.join(same)}.")
    return same[0]


def act_on(
    terminal: Terminal, texts: list[str], *, act: str, find: Callable[[str], str], **how: Any
) -> int:
    """Do one thing to several and print one line for each.

    The exit status says whether all (0), some (8) or none was done.
    """
    outcomes: list[Json] = []
    ids: list[str] = []
    for text in texts:
        try:
            ids.append(text if is_id(text) else find(text))
        except SimplrError as error:
            told = {"done": False, "status": error.status, "code": error.code}
            outcomes.append({"id": None, "title": text, **told, "detail": error.detail})
    if ids:
        outcomes += terminal.session().act(act, ids, **how)
    rows = [
        (one.get("title") or one.get("id"), "done" if one["done"] else one.get("detail"))
        for one in outcomes
    ]
    terminal.answer({"items": outcomes}, layout.table(("thing", "outcome"), rows, longest=100))
    failed = [one for one in outcomes if not one["done"]]
    if not failed:
        return DONE
    if len(failed) < len(outcomes):
        return SOME
    return exit_status(error_from(int(failed[0]["status"]), failed[0]))
