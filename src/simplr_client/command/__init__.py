"""The `simplr` command line: what people type, turned into calls of the client.

Client commands live here and speak HTTP only. Server commands (up, demo, doctor …) are entry
points of the group `simplr.commands`, each named by the word that is typed and loaded only then.
"""

from __future__ import annotations

import atexit
import gc
import os
import sys
import traceback
from collections.abc import Sequence

from simplr_client.command.parser import UsageFound, parse
from simplr_client.command.statuses import DONE, FAULT, INTERRUPTED, USAGE, exit_status
from simplr_client.command.terminal import Terminal, Usage
from simplr_client.errors import SimplrError


def main(words: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status. Deliberate errors show no traceback."""
    atexit.register(gc.freeze)  # to look for garbage at the very end is a tenth of a short command
    words = list(sys.argv[1:] if words is None else words)
    terminal = Terminal(as_json="--json" in words)
    # httpx would load a command line of its own, where that is installed: half of our start.
    sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]
    try:
        arguments = parse(words)
        terminal.url = arguments.url
        arguments.terminal = terminal
        return int(arguments.run(arguments) or DONE)
    except UsageFound as found:
        return _usage(terminal, str(found))
    except Usage as wrong:
        return _usage(terminal, f"simplr: {wrong} [usage]")
    except SimplrError as error:
        if os.environ.get("SIMPLR_DEBUG") == "1":
            traceback.print_exc()
        terminal.fail(error)
        return exit_status(error)
    except (KeyboardInterrupt, BrokenPipeError) as left:
        return _left(terminal, left)
    except Exception:
        # Not deliberate, so a bug of ours: shown whole, to be reported.
        traceback.print_exc()
        terminal.fail(SimplrError("This is a fault of ours; please report it.", code="fault"))
        return FAULT
    finally:
        terminal.close()


def _left(terminal: Terminal, left: KeyboardInterrupt | BrokenPipeError) -> int:
    if isinstance(left, KeyboardInterrupt):
        terminal.note("Stopped.")
        return INTERRUPTED
    # The reader of our output went away (`simplr list | head`): nobody is left to tell.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return DONE


def _usage(terminal: Terminal, text: str) -> int:
    if terminal.as_json:
        terminal.answer({"error": {"code": "usage", "status": 0, "detail": text}}, "")
    terminal.note(text)
    return USAGE


if __name__ == "__main__":
    sys.exit(main())
