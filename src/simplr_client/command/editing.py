"""Describing and deleting resources and fields; jobs."""

from __future__ import annotations

import argparse
from typing import Any

from simplr_client.command import layout
from simplr_client.command.parser import Subparsers
from simplr_client.command.terminal import Terminal, Usage


def register(commands: Subparsers) -> None:
    """Add the commands of this area."""
    edit = commands.add_parser("edit", help="change the title or description of a resource")
    edit.add_argument("id", metavar="ID", help="its id or exact title")
    edit.add_argument("--title")
    edit.add_argument("--usage-terms", help="what those who get it must keep to")
    edit.add_argument(
        "--classification", choices=("public", "internal", "confidential", "restricted")
    )
    edit.add_argument("--description")
    edit.set_defaults(run=edit_resource)
    field = commands.add_parser("field", help="say what a field means, and whether it is personal")
    field.add_argument("dataset", metavar="DATASET", help="its id or exact title")
    field.add_argument("field", metavar="FIELD")
    field.add_argument("--personal", choices=("none", "indirect", "personal"))
    field.add_argument("--meaning")
    field.add_argument("--title")
    field.add_argument("--unit")
    field.add_argument("--key", choices=("yes", "no"), help="whether it is part of the key")
    field.add_argument(
        "--values", metavar="LIST", help='allowed values with labels: "1=open,2=closed"'
    )
    field.add_argument("--minimum", metavar="VALUE")
    field.add_argument("--maximum", metavar="VALUE")
    field.add_argument("--pattern", metavar="REGEX")
    field.set_defaults(run=edit_field)
    delete = commands.add_parser("delete", help="delete a resource")
    delete.add_argument("id", metavar="ID", help="its id or exact title")
    delete.add_argument("--yes", action="store_true", help="do not ask")
    delete.set_defaults(run=delete_resource)
    job = commands.add_parser("job", help="show or cancel long work")
    job.add_argument("job", metavar="ID")
    job.add_argument("--cancel", action="store_true")
    job.set_defaults(run=show_job)


def edit_resource(arguments: argparse.Namespace) -> None:
    """Change the title or the description of a resource."""
    terminal: Terminal = arguments.terminal
    changes = {
        name: value
        for name in ("title", "description", "usage_terms", "classification")
        if (value := getattr(arguments, name)) is not None
    }
    if not changes:
        raise Usage("Say what to change: --title, --description, …")
    changed = terminal.session().resource(arguments.id).change(**changes)
    terminal.answer(changed.data, f"Changed “{changed.title}”.")


def edit_field(arguments: argparse.Namespace) -> None:
    """Correct what is said of a field, or what its values may be."""
    terminal: Terminal = arguments.terminal
    words = ("personal", "meaning", "title", "unit", "minimum", "maximum", "pattern")
    changes: dict[str, Any] = {
        name: value for name in words if (value := getattr(arguments, name)) is not None
    }
    if arguments.key is not None:
        changes["key"] = arguments.key == "yes"
    if arguments.values is not None:
        changes["values"] = _values(arguments.values)
    if not changes:
        raise Usage("Say what to change: --meaning, --unit, --values, …")
    changed = terminal.session().dataset(arguments.dataset).change_field(arguments.field, **changes)
    terminal.answer(changed, f"Changed {arguments.field}.")


def _values(text: str) -> dict[str, str]:
    """`1=open,2=closed` as values with their labels; more than that is for a dictionary's file."""
    pairs = (item.partition("=") for item in text.split(",") if item.strip())
    return {value.strip(): label.strip() for value, _, label in pairs}


def delete_resource(arguments: argparse.Namespace) -> None:
    """Delete a resource, after a question."""
    terminal: Terminal = arguments.terminal
    if not arguments.yes and not terminal.may_ask:
        raise Usage("Deleting asks first. Run this at a terminal, or add --yes")
    found = terminal.session().resource(arguments.id)
    if not arguments.yes and not terminal.ask(f"Delete “{found.title}” with all its versions?"):
        terminal.answer({"deleted": None}, "Nothing was deleted.")
        return
    found.delete()
    terminal.answer({"deleted": found.id}, f"Deleted “{found.title}”.")


def show_job(arguments: argparse.Namespace) -> None:
    """Show how far a job is, or ask it to stop."""
    terminal: Terminal = arguments.terminal
    session = terminal.session()
    if arguments.cancel:
        session.cancel_job(arguments.job)
    found = session.job(arguments.job)
    terminal.answer(found, layout.facts(sorted(found.items())))
