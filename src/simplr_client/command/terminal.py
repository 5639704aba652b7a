"""What a command says, and where: the answer on stdout, everything else on stderr.

With `--json` stdout holds exactly one JSON document. Without a terminal there is no colour, no
moving bar and no question.
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TextIO

from simplr_client.command.layout import shown, size
from simplr_client.errors import Invalid, SimplrError

if TYPE_CHECKING:
    from simplr_client.session import Session
    from simplr_client.upload import Progress

_STEPS = {
    "reading": "reading",
    "sending": "sending",
    "received": "waiting",
    "understanding": "understanding",
    "keeping": "keeping",
}
_WIDTH = 24


class Usage(Exception):
    """The command was typed in a way that cannot be meant. Exit status 2."""


@dataclass
class Terminal:
    """One run of a command."""

    as_json: bool = False
    url: str | None = None
    stdout: TextIO = field(default_factory=lambda: sys.stdout)
    stderr: TextIO = field(default_factory=lambda: sys.stderr)
    stdin: TextIO = field(default_factory=lambda: sys.stdin)
    _session: Session | None = None
    _bar: str = ""

    def session(self) -> Session:
        """The session of this run; opened at the first call."""
        if self._session is None:
            from simplr_client.connection import connect

            self._session = connect(self.url)
        return self._session

    def close(self) -> None:
        if self._session is not None:
            self._session.close()

    def answer(self, document: object, text: str) -> None:
        """The result: `document` with --json, else `text`."""
        printed = json.dumps(document, ensure_ascii=False, indent=2) if self.as_json else text
        self.clear()
        print(printed, file=self.stdout)

    def note(self, text: str) -> None:
        """Something to know beside the result; never on stdout."""
        self.clear()
        print(text, file=self.stderr)

    def fail(self, error: SimplrError) -> None:
        """Say what happened and what to do, with the code in brackets."""
        if self.as_json:
            self.answer({"error": error_document(error)}, "")
        self.note(error_text(error))

    @property
    def may_ask(self) -> bool:
        return not self.as_json and self.stdin.isatty() and self.stderr.isatty()

    def ask(self, question: str) -> bool:
        """A yes-or-no question; no is the answer to anything but yes."""
        self.clear()
        print(f"{question} [y/N] ", end="", file=self.stderr, flush=True)
        return self.stdin.readline().strip().casefold() in ("y", "yes")

    def secret(self, prompt: str) -> str:
        """A secret, typed unseen at a terminal or as one line of stdin."""
        if self.stdin.isatty():
            from getpass import getpass

            return getpass(f"{prompt}: ", stream=self.stderr).strip()
        found = self.stdin.readline().strip()
        if not found:
            raise Invalid(f"{prompt}: nothing was given on stdin.", code="secret-missing")
        return found

    def progress(self, told: Progress) -> None:
        """Move the bar of one file."""
        step = _STEPS.get(told.step, told.step)
        self.bar(
            told.name, step, told.done, told.total, of_bytes=told.step in ("reading", "sending")
        )

    def bytes_arrived(self, name: str, done: int, total: int | None) -> None:
        self.bar(name, "receiving", done, total, of_bytes=True)

    def bar(self, name: str, step: str, done: int, total: int | None, *, of_bytes: bool) -> None:
        if not self.stderr.isatty():
            return
        amount = size(done) if of_bytes else f"{done:,}"
        if total:
            filled = min(_WIDTH, _WIDTH * done // total)
            drawn = "━" * filled + "─" * (_WIDTH - filled)
            line = f"{shown(name)[:32]:<32} {step:<13} {drawn} {100 * done // total:3d} %  {amount}"
        else:
            line = f"{shown(name)[:32]:<32} {step:<13} {amount if done else '…'}"
        if line != self._bar:
            self._bar = line
            print(f"\r\x1b[K{line}", end="", file=self.stderr, flush=True)

    def clear(self) -> None:
        """Take the bar away before something else is written."""
        if self._bar:
            self._bar = ""
            print("\r\x1b[K", end="", file=self.stderr, flush=True)


def error_text(error: SimplrError) -> str:
    """One or two sentences and the code; then what is wrong with each field, if told."""
    lines = [f"simplr: {shown(error.detail)} [{shown(error.code)}]"]
    for wrong in error.errors[:10]:
        lines.append(f"  {shown(_wrong(wrong))}")
    return "\n".join(lines)


def error_document(error: SimplrError) -> dict[str, object]:
    document: dict[str, object] = {
        "code": error.code,
        "status": error.status,
        "detail": error.detail,
    }
    if error.errors:
        document["errors"] = error.errors
    return document


def _wrong(wrong: object) -> str:
    if not isinstance(wrong, dict):
        return str(wrong)
    where = wrong.get("field") or wrong.get("pointer") or wrong.get("loc") or ""
    if isinstance(where, list | tuple):
        where = ".".join(str(part) for part in where)
    said = wrong.get("detail") or wrong.get("message") or wrong.get("msg") or ""
    return f"{where}: {said}" if where else str(said)
