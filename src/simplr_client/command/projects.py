"""Projects and their members."""

from __future__ import annotations

import argparse

from simplr_client.command import layout
from simplr_client.command.naming import id_of
from simplr_client.command.parser import Subparsers
from simplr_client.command.terminal import Terminal, Usage

ROLES = ("owner", "steward", "analyst", "viewer", "guest")


def register(commands: Subparsers) -> None:
    """Add the commands of this area."""
    project = commands.add_parser("project", help="make and list projects; members and their roles")
    words = project.add_subparsers(dest="subcommand", metavar="WHAT", required=True)
    create = words.add_parser("create", help="make a project")
    create.add_argument("title")
    create.add_argument("--slug", help="its short name in addresses")
    create.add_argument("--aims", help="what it is for")
    create.set_defaults(run=create_project)
    words.add_parser("list", help="list projects").set_defaults(run=list_projects)
    show = words.add_parser("show", help="show one project")
    show.add_argument("project", metavar="PROJECT", help="its id or slug")
    show.set_defaults(run=show_project)
    change = words.add_parser("change", help="change title or aims")
    change.add_argument("project", metavar="PROJECT", help="its id or slug")
    change.add_argument("--title")
    change.add_argument("--aims")
    change.set_defaults(run=change_project)
    members = words.add_parser("members", help="list, add and remove members")
    members.add_argument("project", metavar="PROJECT", help="its id or slug")
    members.add_argument(
        "--add",
        action="append",
        default=[],
        metavar="PERSON:ROLE",
        help=f"roles: {', '.join(ROLES)}",
    )
    members.add_argument("--remove", action="append", default=[], metavar="PERSON")
    members.set_defaults(run=project_members)


def create_project(arguments: argparse.Namespace) -> None:
    """Make a project, of which you are the owner."""
    terminal: Terminal = arguments.terminal
    made = terminal.session().create_project(
        arguments.title, slug=arguments.slug, aims=arguments.aims
    )
    terminal.answer(made.data, f"Made the project “{made.title}”: {made.slug or made.id}")


def list_projects(arguments: argparse.Namespace) -> None:
    """List the projects that you may know of."""
    terminal: Terminal = arguments.terminal
    found = terminal.session().projects()
    rows = [
        (one.slug, one.title, one.data.get("owner"), layout.number(one.data.get("resource_count")))
        for one in found
    ]
    terminal.answer(
        {"items": [one.data for one in found]},
        layout.table(
            ("project", "title", "owner", "resources"),
            rows,
            right=["resources"],
            empty="No project yet. Make one: simplr project create TITLE",
        ),
    )


def show_project(arguments: argparse.Namespace) -> None:
    """Show one project."""
    terminal: Terminal = arguments.terminal
    found = terminal.session().project(arguments.project)
    terminal.answer(
        found.data,
        layout.facts(
            [
                ("title", found.title),
                ("project", found.slug),
                ("id", found.id),
                ("aims", found.data.get("aims")),
                ("made", layout.moment(found.data.get("created_at"))),
            ]
        ),
    )


def change_project(arguments: argparse.Namespace) -> None:
    """Change the title or the aims of a project."""
    terminal: Terminal = arguments.terminal
    found = terminal.session().project(arguments.project)
    changed = found.change(title=arguments.title, aims=arguments.aims)
    terminal.answer(changed.data, f"Changed the project “{changed.title}”.")


def project_members(arguments: argparse.Namespace) -> None:
    """Add and remove members, then list them."""
    terminal: Terminal = arguments.terminal
    wanted = []
    for text in arguments.add:
        person, _, role = text.rpartition(":")
        if not person or role not in ROLES:
            raise Usage(f"“{text}” is not PERSON:ROLE with a role of {', '.join(ROLES)}.")
        wanted.append((person, role))
    session = terminal.session()
    found = session.project(arguments.project)
    for person, role in wanted:
        found.add_member(person, role=role)
    for person in arguments.remove:
        found.remove_member(id_of(person, session.people(person), "person"))
    members = found.members()
    rows = [(one.get("name"), one.get("organisation"), one.get("role")) for one in members]
    terminal.answer({"items": members}, layout.table(("name", "organisation", "role"), rows))
