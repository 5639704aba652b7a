"""`python -m devdata`: fill an installation and run the main job. `simplr demo` calls this.

Reads one JSON object from stdin (`url`, `record`, and on a first start `signin`, `token`), writes
one JSON object a line to stdout: `{"step": …}` for each step, `{"done": …}` or `{"failed": …}` at
the end.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

from devdata import filling, main_job
from devdata.people import Record
from devdata.telling import Teller, WrongOutcome
from simplr_client.errors import SimplrError


def main() -> int:
    """Fill what is empty, run the main job, say what happened."""
    order = json.loads(sys.stdin.read())
    tell = Teller(lambda line: print(json.dumps(line), flush=True))
    record_path = Path(order["record"])
    try:
        with tempfile.TemporaryDirectory(prefix="simplr-demo-") as name:
            folder = Path(name)
            if record_path.exists():
                record = Record.read(record_path, url=order["url"])
            else:
                record = filling.fill(order, record_path=record_path, folder=folder, tell=tell)
            found = main_job.run(record, folder=folder, tell=tell)
    except SimplrError as error:
        print(json.dumps({"failed": {"code": error.code, "message": error.detail}}), flush=True)
        return 1
    except WrongOutcome as error:
        print(json.dumps({"failed": {"code": "demo-differs", "message": str(error)}}), flush=True)
        return 1
    done = {"steps": tell.steps, "people": str(record_path), "seconds": tell.seconds(), **found}
    print(json.dumps({"done": done}), flush=True)
    return 0


sys.exit(main())
