"""Grants: who may do what until when, why, and who did."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from simplr_client.command import layout
from simplr_client.command.parser import Subparsers
from simplr_client.command.terminal import Terminal, Usage
from simplr_client.errors import Conflict, NotFound
from simplr_client.until import parse_until

if TYPE_CHECKING:
    from simplr_client.resources import Resource
    from simplr_client.session import Session

ACTIONS = ("discover", "describe", "read", "download", "write", "manage")
USUAL = "download"


def register(commands: Subparsers) -> None:
    """Add the commands of this area."""
    grant = commands.add_parser("grant", help="let somebody do something until a time")
    grant.add_argument("id", metavar="ID", help="the id or exact title of a resource")
    grant.add_argument(
        "--to",
        required=True,
        metavar="WHOM",
        help="an email address, the name of an organisation or a group, or “link”",
    )
    grant.add_argument(
        "--release", metavar="R", help="only what this release shows (its id or title)"
    )
    grant.add_argument("--until", metavar="DATE", help="2026-11-27, friday, “in 3 days”")
    grant.add_argument(
        "--actions",
        default=USUAL,
        metavar="A,B",
        help=f"else {USUAL}, which brings read and describe",
    )
    grant.add_argument("--needs", metavar="A,B", help="conditions, such as code,approval")
    grant.add_argument(
        "--password", action="store_true", help="a link asks for this (typed unseen)"
    )
    grant.set_defaults(run=make_grant)
    revoke = commands.add_parser("revoke", help="end a grant at once")
    revoke.add_argument("grant", metavar="GRANT", help="its id")
    revoke.set_defaults(run=revoke_grant)
    grants = commands.add_parser("grants", help="list grants")
    grants.add_argument(
        "id", metavar="ID", nargs="?", help="on this resource (else those made to you)"
    )
    grants.set_defaults(run=list_grants)
    access = commands.add_parser("access", help="show who may do what with a resource")
    access.add_argument("id", metavar="ID")
    access.set_defaults(run=show_access)
    why = commands.add_parser("why", help="say why somebody may, or may not")
    why.add_argument("id", metavar="ID")
    why.add_argument("--person", required=True, metavar="P", help="an email address or an id")
    why.add_argument("--action", default="read", choices=ACTIONS)
    why.set_defaults(run=explain)
    uses = commands.add_parser("uses", help="show who used a resource")
    uses.add_argument("id", metavar="ID")
    uses.set_defaults(run=list_uses)


def make_grant(arguments: argparse.Namespace) -> None:
    """Grant actions on a resource, narrowed to a release, until a time."""
    terminal: Terminal = arguments.terminal
    actions = [one.strip() for one in arguments.actions.split(",") if one.strip()]
    for one in actions:
        if one not in ACTIONS:
            raise Usage(f"{one} is not an action. Say some of {', '.join(ACTIONS)}.")
    if arguments.password and arguments.to != "link":
        raise Usage("--password is for --to link.")
    until = parse_until(arguments.until, now=datetime.now(UTC)) if arguments.until else None
    password = terminal.secret("Password of the link") if arguments.password else None
    session = terminal.session()
    resource = session.resource(arguments.id)
    made = session.grant(
        resource.id,
        grantee(session, arguments.to),
        actions=actions,
        release=_release(resource, arguments.release),
        until=until,
        conditions=arguments.needs.split(",") if arguments.needs else (),
        link_password=password,
    )
    ends = f"until {layout.moment(until.isoformat())}" if until else "until it is revoked"
    lines = [f"Granted {', '.join(actions)} to {arguments.to} {ends}: {made['id']}"]
    if made.get("link_url"):
        lines.append(f"The link, shown this once: {made['link_url']}")
    lines.append(f"To end it: simplr revoke {made['id']}")
    terminal.answer(made, "\n".join(lines))


def grantee(session: Session, text: str) -> str | dict[str, Any]:
    """Whom `--to` means: an email address, “link”, or an organisation or group by name or id."""
    if text == "link" or ("@" in text and ":" not in text):
        return text
    kind, colon, name = text.partition(":")
    if colon and kind == "person":
        return {"person": name}
    found = []
    if kind == "organisation" or not colon:
        found += [
            ("organisation", one)
            for one in session.organisations()
            if _is(one, name if colon else text)
        ]
    if kind == "group" or not colon:
        found += [("group", one) for one in session.groups() if _is(one, name if colon else text)]
    if not found:
        raise NotFound(
            f"No organisation or group that you may know of is called “{name or text}”. For a "
            "person give the email address.",
            code="grantee-not-found",
        )
    if len(found) > 1:
        said = ", ".join(f"{what}:{one['id']}" for what, one in found)
        raise Conflict(f"“{text}” may mean several: {said}.", code="grantee-ambiguous")
    what, one = found[0]
    return {what: one["id"]}


def _release(resource: Resource, text: str | None) -> str | None:
    """The id of the release that is called `text`; an id stays as it is."""
    from simplr_client.resources import Dataset

    return resource.release(text).id if text and isinstance(resource, Dataset) else text


def _is(one: dict[str, Any], text: str) -> bool:
    names = (one.get("name"), one.get("slug"), one.get("id"))
    return text.casefold() in [str(name).casefold() for name in names if name]


def revoke_grant(arguments: argparse.Namespace) -> None:
    """Revoke a grant; within a second nobody reads by it."""
    terminal: Terminal = arguments.terminal
    terminal.session().revoke(arguments.grant)
    terminal.answer({"revoked": arguments.grant}, "Revoked. Nobody reads by it any more.")


def list_grants(arguments: argparse.Namespace) -> None:
    """List grants on a resource, ended ones too, or those made to you that still hold."""
    terminal: Terminal = arguments.terminal
    session = terminal.session()
    found = session.resource(arguments.id).grants() if arguments.id else session.grants()
    rows = [
        (
            one.get("node_title"),
            one.get("to_name") or one.get("to_kind"),
            one.get("actions"),
            one.get("release_title") or "everything",
            layout.moment(one.get("until")) or "revoked",
            _state(one, now=datetime.now(UTC)),
            one.get("id"),
        )
        for one in found
    ]
    headings = ("of", "to", "may", "release", "until", "state", "id")
    text = layout.table(headings, rows, empty="No grant.")
    terminal.answer({"items": found}, text)


def show_access(arguments: argparse.Namespace) -> None:
    """Show everybody who may do something with a resource, and through what."""
    terminal: Terminal = arguments.terminal
    found = terminal.session().resource(arguments.id).access()
    rows = [
        (
            one.get("name"),
            one.get("organisation"),
            [
                word if may == "yes" else f"{word} {may}"
                for word, may in one["actions"].items()
                if may != "no"
            ],
            one.get("because"),
            layout.moment(one.get("until")),
            [program["name"] for program in one.get("programs") or ()],
        )
        for one in found
    ]
    headings = ("who", "organisation", "may", "because", "until", "by programs")
    terminal.answer({"items": found}, layout.table(headings, rows, longest=90))


def explain(arguments: argparse.Namespace) -> None:
    """Answer from the same decision that lets people in."""
    terminal: Terminal = arguments.terminal
    resource = terminal.session().resource(arguments.id)
    found = resource.why(arguments.person, action=arguments.action)
    verdict = "Yes" if found.get("allowed") else "No"
    reason = layout.shown(found.get("sentence") or found.get("code"))
    terminal.answer(found, f"{verdict}. {reason}".strip())


def list_uses(arguments: argparse.Namespace) -> None:
    """Show who used a resource, when and how."""
    terminal: Terminal = arguments.terminal
    found = terminal.session().resource(arguments.id).uses()
    rows = [
        (
            layout.moment(one.get("at")),
            one.get("person") or one.get("actor_kind"),
            one.get("code"),
            one.get("release_title"),
            one.get("format"),
            one.get("outcome"),
        )
        for one in found
    ]
    headings = ("when", "who", "what", "release", "format", "outcome")
    terminal.answer({"items": found}, layout.table(headings, rows, empty="Nobody used it yet."))


def _state(grant: dict[str, Any], *, now: datetime) -> str:
    """Whether a grant holds: live, ended or revoked."""
    if grant.get("revoked_at"):
        return "revoked"
    until = grant.get("until")
    return "ended" if until and datetime.fromisoformat(until) <= now else "live"
