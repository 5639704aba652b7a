"""Signing in and out, and who one is."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

from simplr_client import credentials
from simplr_client.command import layout
from simplr_client.command.parser import Subparsers
from simplr_client.command.terminal import Terminal

if TYPE_CHECKING:
    from simplr_client.transport import Transport


def register(commands: Subparsers) -> None:
    """Add the commands of this area."""
    signin = commands.add_parser("signin", help="sign in to an installation and stay signed in")
    signin.add_argument("address", metavar="URL", help="the address of the installation")
    signin.add_argument("--ca-file", help="certificates to believe, for an installation of its own")
    signin.add_argument(
        "--token",
        action="store_true",
        help="take a token that was made on the page, typed unseen; from stdin without this",
    )
    signin.add_argument(
        "--scope",
        action="append",
        dest="scopes",
        metavar="KIND[:ID]:ACTION",
        help="ask for this instead of what commands usually need; repeat for more",
    )
    signin.set_defaults(run=sign_in)
    signout = commands.add_parser("signout", help="forget the token kept on this machine")
    signout.set_defaults(run=sign_out)
    whoami = commands.add_parser("whoami", help="show who you are here, and with which token")
    whoami.set_defaults(run=who_am_i)


def sign_in(arguments: argparse.Namespace) -> None:
    """Show a code that is allowed in a browser, or take a token; check it and keep it."""
    from simplr_client.session import Session
    from simplr_client.transport import Transport, normal_url

    terminal: Terminal = arguments.terminal
    plain = os.environ.get("SIMPLR_PLAIN_HTTP") == "1"
    url = normal_url(arguments.address, allow_plain_http=plain)
    ca_file = os.path.abspath(arguments.ca_file) if arguments.ca_file else None
    if arguments.token or not terminal.stdin.isatty():
        terminal.note(f"Make a token at {url}/account/tokens and paste it here.")
        token = terminal.secret("Token")
    else:
        asking = Transport(url=url, token=None, ca_file=ca_file, allow_plain_http=plain)
        token = _by_code(terminal, asking, arguments.scopes)
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


def _by_code(terminal: Terminal, transport: Transport, scopes: Sequence[str] | None) -> str:
    """A token that somebody allows in a browser, anywhere."""
    from simplr_client import waiting

    asked = waiting.begin(transport, scopes=scopes or waiting.USUAL_SCOPES)
    terminal.note(
        f"Open {asked.page} in a browser and type the code {asked.code}\n"
        f"(or open {asked.whole_page}).\nWaiting for your answer, up to "
        f"{asked.seconds // 60} minutes. With --token you paste a token instead."
    )
    try:
        return waiting.token_of(transport, asked)
    finally:
        transport.close()


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
