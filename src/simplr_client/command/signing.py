"""Signing in and out, and who one is."""

from __future__ import annotations

import argparse
import os

from simplr_client import credentials
from simplr_client.command import layout
from simplr_client.command.parser import Subparsers
from simplr_client.command.terminal import Terminal


def register(commands: Subparsers) -> None:
    """Add the commands of this area."""
    signin = commands.add_parser("signin", help="sign in to an installation and stay signed in")
    signin.add_argument("address", metavar="URL", help="the address of the installation")
    signin.add_argument("--ca-file", help="certificates to believe, for an installation of its own")
    signin.set_defaults(run=sign_in)
    signout = commands.add_parser("signout", help="forget the token kept on this machine")
    signout.set_defaults(run=sign_out)
    whoami = commands.add_parser("whoami", help="show who you are here, and with which token")
    whoami.set_defaults(run=who_am_i)


def sign_in(arguments: argparse.Namespace) -> None:
    """Take a token from the terminal (unseen) or from stdin, check it, keep it."""
    from simplr_client.session import Session
    from simplr_client.transport import Transport, normal_url

    terminal: Terminal = arguments.terminal
    plain = os.environ.get("SIMPLR_PLAIN_HTTP") == "1"
    url = normal_url(arguments.address, allow_plain_http=plain)
    terminal.note(f"Make a token at {url}/account/tokens and paste it here.")
    token = terminal.secret("Token")
    ca_file = os.path.abspath(arguments.ca_file) if arguments.ca_file else None
    transport = Transport(url=url, token=token, ca_file=ca_file, allow_plain_http=plain)
    with Session(transport) as session:
        me = session.me()
    kept = credentials.store(
        credentials.Credential(url=url, token=token, email=me.get("email", ""), ca_file=ca_file)
    )
    terminal.answer(
        {"url": url, "email": me.get("email"), "stored_at": str(kept)},
        f"Signed in to {url} as {me.get('name') or me.get('email')}. The token is kept in {kept}.",
    )


def sign_out(arguments: argparse.Namespace) -> None:
    """Forget the stored token. It stays valid: `simplr token revoke` ends it."""
    terminal: Terminal = arguments.terminal
    url = credentials.forget(arguments.url)
    terminal.answer(
        {"url": url},
        f"Forgot the token for {url}. It is still valid; revoke it on the page of your tokens."
        if url
        else "There was no token to forget.",
    )


def who_am_i(arguments: argparse.Namespace) -> None:
    """Show name, organisation, licence and token."""
    terminal: Terminal = arguments.terminal
    session = terminal.session()
    me = session.me()
    licence = me.get("licence") or {}
    token = me.get("token") or {}
    terminal.answer(
        me,
        layout.facts(
            [
                ("name", me.get("name")),
                ("email", me.get("email")),
                ("organisation", (me.get("organisation") or {}).get("name")),
                ("installation", session.url),
                ("administrator", me.get("administrator") or None),
                ("auditor", me.get("auditor") or None),
                ("licence", licence.get("state")),
                ("until", layout.moment(licence.get("expires_at"))),
                ("token", token.get("name")),
                ("scopes", token.get("scopes")),
                ("token ends", layout.moment(token.get("expires_at"))),
            ]
        ),
    )
