"""`simplr up`: start the installation, in the foreground or apart."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from simplr.operations.commands.telling import add_data, answered, folder_of
from simplr.operations.start import control
from simplr.operations.start.folder import ENVIRONMENTS
from simplr.operations.start.supervisor import Supervisor, Wish
from simplr_client.command.terminal import Usage


def register(commands: Any) -> None:
    parser = commands.add_parser(
        "up",
        help="start the installation",
        description="Starts PostgreSQL, the key agent, web and worker, and watches them.",
    )
    add_data(parser)
    parser.add_argument(
        "--port", type=_port, metavar="N", help="where to listen; 0 is any free port (remembered)"
    )
    parser.add_argument(
        "--host", metavar="NAME", help="the name others reach it by; serves TLS on every interface"
    )
    parser.add_argument("--tls-cert", type=Path, metavar="FILE", help="certificate chain (PEM)")
    parser.add_argument("--tls-key", type=Path, metavar="FILE", help="its private key (PEM)")
    parser.add_argument(
        "--only", choices=("web", "worker", "vault"), help="start one part, for servers apart"
    )
    parser.add_argument("--env", choices=ENVIRONMENTS, help="what kind of installation (for good)")
    parser.add_argument(
        "--new-signin",
        action="store_true",
        help="make another sign-in link for the first administrator, who lost the first one",
    )
    parser.add_argument("--detach", action="store_true", help="return when it is ready")
    parser.set_defaults(run=answered(_up))


def _port(text: str) -> int:
    if text == "auto":
        return 0
    number = int(text)
    if not 0 <= number <= 65_535:
        raise argparse.ArgumentTypeError("a port is a number from 0 to 65535")
    return number


def _up(arguments: argparse.Namespace) -> int:
    if bool(arguments.tls_cert) != bool(arguments.tls_key):
        raise Usage("--tls-cert and --tls-key belong together")
    if arguments.tls_cert and not arguments.host:
        raise Usage("--tls-cert needs --host, the name that the certificate is for")
    terminal = arguments.terminal
    folder = folder_of(arguments)
    tls = None
    if arguments.tls_cert:
        tls = (arguments.tls_cert.absolute(), arguments.tls_key.absolute())

    def told(said: dict[str, Any]) -> None:
        event = said.pop("told")
        facts = ", ".join(str(value) for value in said.values() if value is not None)
        terminal.note(f"{event}: {facts}" if facts else event)

    def ready(facts: dict[str, Any]) -> None:
        terminal.answer(facts, _announcement(facts))

    if arguments.detach:
        order = {
            "port": arguments.port,
            "host": arguments.host,
            "tls": [str(path) for path in tls] if tls else None,
            "environment": arguments.env or "",
            "only": arguments.only or "",
            "new_signin": arguments.new_signin,
        }
        ready(control.start_detached(folder, order, told=told))
        return 0
    wish = Wish(
        port=arguments.port,
        host=arguments.host,
        tls=tls,
        environment=arguments.env or "",
        only=arguments.only or "",
        new_signin=arguments.new_signin,
    )
    Supervisor(folder, wish, lambda event, **facts: told({"told": event, **facts})).run(
        when_ready=ready
    )
    return 0


def _announcement(facts: dict[str, Any]) -> str:
    lines = []
    if facts.get("certificate_self_signed"):
        lines.append(f"TLS certificate, made here: SHA-256 {facts['certificate_fingerprint']}")
    if facts.get("token"):
        lines.append(f"Token of the first administrator, shown this once: {facts['token']}")
    if facts.get("signin"):
        lines.append(f"Sign in as the first administrator, once: {facts['signin']}")
    lines.append(f"Ready after {facts['seconds']} s. Data lies in {facts['data']}.")
    lines.append(str(facts["url"]))
    return "\n".join(lines)
