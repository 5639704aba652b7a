"""Runs the key agent in the foreground, until it is asked to end."""

from __future__ import annotations

import argparse
import os
import signal
import socket
import sys
from pathlib import Path

from simplr.base import garbage
from simplr.base.logs import ecs_line, say_last_words_in_one_line
from simplr.vault.agent.hardening import die_with_parent, forbid_dumps, lock_memory
from simplr.vault.agent.holder import RootKeyHolder
from simplr.vault.agent.server import AgentServer, bind
from simplr.vault.keystores import key_store_at
from simplr_core.errors import SimplrError


def tell(event: str, **facts: object) -> None:
    """One line of JSON about what happened. Facts are codes and numbers, never what was sent."""
    line = ecs_line(
        str(facts.pop("text", event)),
        level="error" if event == "failed" else "info",
        service="vault",
        event={"action": f"vault:key-agent:{event}"},
        labels={name: value for name, value in facts.items() if value is not None},
    )
    print(line, file=sys.stderr, flush=True)


def parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m simplr.vault.agent", description=__doc__)
    parser.add_argument("--socket", type=Path, required=True, help="where to listen")
    parser.add_argument("--key-store", required=True, help="file:PATH or gpg:FOLDER")
    parser.add_argument("--expected-id", help="id of the root key of this installation")
    parser.add_argument(
        "--create", action="store_true", help="make a root key if the key store has none"
    )
    parser.add_argument(
        "--allow-user", type=int, action="append", default=[], metavar="UID", help="may connect too"
    )
    parser.add_argument(
        "--die-with", type=int, metavar="PID", help="end when this parent process ends"
    )
    return parser.parse_args(arguments)


def main(arguments: list[str] | None = None) -> int:
    """Serve until SIGTERM or SIGINT; 0 then, 1 if it could not start."""
    garbage.none_while_loading()
    options = parse(arguments)
    forbid_dumps()
    say_last_words_in_one_line()
    if options.die_with is not None:
        die_with_parent(options.die_with)
    try:
        holder = RootKeyHolder(key_store_at(options.key_store), expected_id=options.expected_id)
        if options.create:
            holder.create()
        listener = bind(options.socket)
    except SimplrError as error:
        tell("failed", code=error.code, text=f"The key agent cannot start. {error.message}")
        return 1
    holder.open()

    # Root reads this memory anyway if it wants to: refusing it would only hinder the supervisor.
    users = {os.geteuid(), 0, *options.allow_user}
    server = AgentServer(listener, holder, users=users, tell=tell, memory_locked=lock_memory())

    def stop(*_: object) -> None:
        listener.shutdown(socket.SHUT_RDWR)

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    garbage.loaded()
    tell("started", sealed=holder.sealed, reason=holder.reason)
    server.serve()
    options.socket.unlink(missing_ok=True)
    tell("stopped")
    return 0


if __name__ == "__main__":
    sys.exit(main())
