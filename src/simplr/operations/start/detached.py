"""The process of `simplr up --detach`: a supervisor that answers whoever started it, then stays.

    python -m simplr.operations.start.detached ORDER DESCRIPTOR

ORDER is what to do, as JSON; on the open DESCRIPTOR it says line by line what it does, and at last
that it is ready or what failed.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
from pathlib import Path
from typing import Any

from simplr.base import garbage
from simplr.base.logs import ecs_line, say_last_words_in_one_line
from simplr.operations.start.folder import DataFolder
from simplr.operations.start.supervisor import Supervisor, Wish
from simplr_core.errors import SimplrError


def main() -> None:
    """Run the supervisor until it is stopped; exit status 1 when it did not get ready."""
    garbage.none_while_loading()
    say_last_words_in_one_line()
    order = json.loads(sys.argv[1])
    answer = os.fdopen(int(sys.argv[2]), "w")
    folder = DataFolder(Path(order["data"]))
    tls = (Path(order["tls"][0]), Path(order["tls"][1])) if order["tls"] else None
    wish = Wish(
        port=order["port"],
        host=order["host"],
        tls=tls,
        environment=order["environment"],
        only=order["only"],
        new_signin=order["new_signin"],
    )

    def tell(event: str, **facts: object) -> None:
        line = ecs_line(
            str(facts.get("text") or facts.get("message") or event),
            level="error" if event == "failed" else "info",
            service="supervisor",
            event={"action": f"operations:supervisor:{event}"},
            labels={name: value for name, value in facts.items() if value is not None},
        )
        print(line, file=sys.stderr, flush=True)
        if not answer.closed:
            with contextlib.suppress(OSError):
                print(json.dumps({"told": event, **facts}), file=answer, flush=True)

    def ready(facts: dict[str, Any]) -> None:
        garbage.loaded()
        with contextlib.suppress(OSError), answer:
            print(json.dumps({"ready": facts}), file=answer, flush=True)

    try:
        Supervisor(folder, wish, tell).run(when_ready=ready)
    except SimplrError as error:
        failure = {"code": error.code, "status": error.status, "message": error.message}
        tell("failed", **failure)
        if not answer.closed:
            with contextlib.suppress(OSError), answer:
                print(json.dumps({"failed": failure}), file=answer, flush=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
