"""People, organisations and groups."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from simplr_client.command import layout
from simplr_client.command.naming import id_of
from simplr_client.command.parser import Subparsers
from simplr_client.command.projects import ROLES
from simplr_client.command.terminal import Terminal, Usage

if TYPE_CHECKING:
    from simplr_client.session import Session


def register(commands: Subparsers) -> None:
    """Add the commands of this area."""
    people = commands.add_parser("people", help="list people that you may know of")
    people.add_argument("--q", metavar="WORDS")
    people.set_defaults(run=list_people)
    invite = commands.add_parser("invite", help="invite a person by a one-time link")
    invite.add_argument("email")
    invite.add_argument("--organisation", metavar="ORG", help="its id or name (else your own)")
    invite.add_argument("--name", help="how they are called, as far as you know")
    invite.add_argument("--project", metavar="P", help="make them a member of it too")
    invite.add_argument("--role", choices=ROLES, help="in that project")
    invite.set_defaults(run=invite_person)
    organisation = commands.add_parser("organisation", help="make and list organisations")
    words = organisation.add_subparsers(dest="subcommand", metavar="WHAT", required=True)
    create = words.add_parser("create", help="make an organisation")
    create.add_argument("name")
    create.set_defaults(run=create_organisation)
    words.add_parser("list", help="list organisations").set_defaults(run=list_organisations)
    invitation = commands.add_parser("invitation", help="list and withdraw open invitations")
    words = invitation.add_subparsers(dest="subcommand", metavar="WHAT", required=True)
    words.add_parser("list", help="list open invitations").set_defaults(run=list_invitations)
    revoke = words.add_parser("revoke", help="withdraw one")
    revoke.add_argument("invitation", metavar="ID")
    revoke.set_defaults(run=revoke_invitation)
    person = commands.add_parser("person", help="shut a person out or let them in; give offices")
    person.add_argument("person", metavar="PERSON", help="an email address, a name or an id")
    for office in ("active", "administrator", "auditor"):
        person.add_argument(f"--{office}", choices=("yes", "no"))
    person.set_defaults(run=change_person)
    leaver = commands.add_parser(
        "leaver", help="hand over what a person owns; end all their access"
    )
    words = leaver.add_subparsers(dest="subcommand", metavar="WHAT", required=True)
    show = words.add_parser("show", help="what would be handed over, and what would end")
    show.add_argument("person", metavar="PERSON", help="an email address, a name or an id")
    show.set_defaults(run=show_departure)
    let_go = words.add_parser("let-go", help="do it, now and all together")
    let_go.add_argument("person", metavar="PERSON", help="an email address, a name or an id")
    let_go.add_argument(
        "--heir", metavar="PERSON", help="who is to own the projects that the person alone owned"
    )
    let_go.set_defaults(run=let_person_go)
    group = commands.add_parser("group", help="make and list groups; add and remove people")
    words = group.add_subparsers(dest="subcommand", metavar="WHAT", required=True)
    create = words.add_parser("create", help="make a group")
    create.add_argument("name")
    create.add_argument("--organisation", metavar="ORG", help="its id or name (else your own)")
    create.set_defaults(run=create_group)
    words.add_parser("list", help="list groups").set_defaults(run=list_groups)
    for word, text, run in (
        ("add", "add a person to a group", add_to_group),
        ("remove", "take a person out of a group", remove_from_group),
    ):
        change = words.add_parser(word, help=text)
        change.add_argument("group", metavar="GROUP", help="its id or name")
        change.add_argument("person", metavar="PERSON", help="an email address or an id")
        change.set_defaults(run=run)


def list_people(arguments: argparse.Namespace) -> None:
    """List people that you may know of."""
    terminal: Terminal = arguments.terminal
    found = terminal.session().people(arguments.q)
    rows = [
        (
            one.get("name"),
            one.get("email"),
            (one.get("organisation") or {}).get("name"),
            one.get("id"),
        )
        for one in found
    ]
    headings = ("name", "email", "organisation", "id")
    terminal.answer({"items": found}, layout.table(headings, rows))


def invite_person(arguments: argparse.Namespace) -> None:
    """Make a one-time link for a person to join by."""
    terminal: Terminal = arguments.terminal
    if bool(arguments.project) != bool(arguments.role):
        raise Usage("--project and --role go together.")
    session = terminal.session()
    made = session.invite(
        arguments.email,
        organisation=_organisation(session, arguments.organisation),
        project=session.project(arguments.project).id if arguments.project else None,
        role=arguments.role,
        name=arguments.name,
    )
    terminal.answer(
        made, f"Pass this one-time link on to {arguments.email}, shown this once:\n{made['url']}"
    )


def _organisation(session: Session, text: str | None) -> str | None:
    return id_of(text, session.organisations(), "organisation") if text else None


def list_invitations(arguments: argparse.Namespace) -> None:
    """List open invitations. Their links are not told again."""
    terminal: Terminal = arguments.terminal
    found = terminal.session().invitations()
    rows = [
        (
            one.get("email"),
            (one.get("organisation") or {}).get("name"),
            one.get("role"),
            layout.moment(one.get("expires_at")),
            one.get("id"),
        )
        for one in found
    ]
    headings = ("email", "organisation", "role", "until", "id")
    terminal.answer({"items": found}, layout.table(headings, rows, empty="No open invitation."))


def revoke_invitation(arguments: argparse.Namespace) -> None:
    """Withdraw an invitation that nobody has accepted yet."""
    terminal: Terminal = arguments.terminal
    terminal.session().revoke_invitation(arguments.invitation)
    terminal.answer({"revoked": arguments.invitation}, "Withdrawn. Its link opens nothing.")


def change_person(arguments: argparse.Namespace) -> None:
    """Shut a person out or let them in; give or take an office."""
    terminal: Terminal = arguments.terminal
    asked = {name: getattr(arguments, name) for name in ("active", "administrator", "auditor")}
    changes = {name: said == "yes" for name, said in asked.items() if said is not None}
    if not changes:
        raise Usage("Say what to change: --active, --administrator or --auditor.")
    session = terminal.session()
    person = id_of(arguments.person, session.people(arguments.person), "person")
    changed = session.change_person(person, **changes)
    terminal.answer(changed, f"Changed {changed['name']}.")


def list_organisations(arguments: argparse.Namespace) -> None:
    """List organisations that you may know of."""
    terminal: Terminal = arguments.terminal
    found = terminal.session().organisations()
    rows = [(one.get("name"), one.get("id")) for one in found]
    terminal.answer({"items": found}, layout.table(("name", "id"), rows))


def create_organisation(arguments: argparse.Namespace) -> None:
    """Make an organisation."""
    terminal: Terminal = arguments.terminal
    made = terminal.session().create_organisation(arguments.name)
    terminal.answer(made, f"Made the organisation “{arguments.name}”: {made['id']}")


def list_groups(arguments: argparse.Namespace) -> None:
    """List groups that you may know of."""
    terminal: Terminal = arguments.terminal
    found = terminal.session().groups()
    rows = [
        (one.get("name"), layout.number(one.get("member_count")), one.get("id")) for one in found
    ]
    headings = ("name", "members", "id")
    terminal.answer({"items": found}, layout.table(headings, rows, right=["members"]))


def create_group(arguments: argparse.Namespace) -> None:
    """Make a group."""
    terminal: Terminal = arguments.terminal
    session = terminal.session()
    organisation = _organisation(session, arguments.organisation)
    made = session.create_group(arguments.name, organisation=organisation)
    terminal.answer(made, f"Made the group “{arguments.name}”: {made['id']}")


def add_to_group(arguments: argparse.Namespace) -> None:
    """Add a person to a group, and so to what is granted to it."""
    terminal: Terminal = arguments.terminal
    session = terminal.session()
    group = id_of(arguments.group, session.groups(), "group")
    added = session.add_to_group(group, arguments.person)
    terminal.answer(added, f"{arguments.person} is in the group now.")


def remove_from_group(arguments: argparse.Namespace) -> None:
    """Take a person out of a group, and so from what is granted to it."""
    terminal: Terminal = arguments.terminal
    session = terminal.session()
    group = id_of(arguments.group, session.groups(), "group")
    person = id_of(arguments.person, session.people(arguments.person), "person")
    session.remove_from_group(group, person)
    terminal.answer({"removed": person}, f"{arguments.person} is no longer in the group.")


def _departure_words(found: Mapping[str, Any]) -> str:
    counted = [
        ("projects that they alone own", found.get("projects")),
        ("other things of theirs", found.get("things")),
        ("roles", found.get("roles")),
        ("grants and links", found.get("grants")),
        ("requests for access", found.get("requests")),
        ("access tokens", found.get("tokens")),
        ("groups", found.get("groups")),
        ("licences", found.get("licences")),
        ("open invitations", found.get("invitations")),
    ]
    return layout.table(("what", "how many"), counted)


def show_departure(arguments: argparse.Namespace) -> None:
    """Show what would be handed over and what would end if a person left."""
    terminal: Terminal = arguments.terminal
    session = terminal.session()
    person = id_of(arguments.person, session.people(), "person")
    found = session.departure(person)
    terminal.answer(found, _departure_words(found))


def let_person_go(arguments: argparse.Namespace) -> None:
    """Hand over what a person owns and end all their access."""
    terminal: Terminal = arguments.terminal
    session = terminal.session()
    known = session.people()
    person = id_of(arguments.person, known, "person")
    heir = id_of(arguments.heir, known, "person") if arguments.heir else None
    found = session.let_go(person, heir=heir)
    terminal.answer(found, _departure_words(found) + "\nAll of this ended or was handed over.")
