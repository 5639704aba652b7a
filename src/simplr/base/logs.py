"""Log records carry fields, never secrets: request bodies, query strings and tokens are dropped."""

from __future__ import annotations

import json
import logging
import re
import sys
import traceback
from datetime import UTC, datetime
from types import TracebackType
from typing import Any

from ecs_logging import StdlibFormatter

from simplr.base.ids import request_id

ECS_VERSION = "1.6.0"

_SECRET = re.compile(
    r"(?i)(bearer|link|basic)\s+[A-Za-z0-9._~+/=-]{8,}|(/(?:l|welcome|invitation|password/reset/key)/)[^\s/?\"\\]+"
    r"|(postgres(?:ql)?://[^:@\s]+:)[^@\s\"\\]+"
)


def without_secrets(text: str) -> str:
    """The text with anything that looks like a credential replaced."""
    return _SECRET.sub(lambda found: (found.group(2) or found.group(3) or "") + "[secret]", text)


class NoSecrets(logging.Filter):
    """Cleans the message and drops the query string of a request line."""

    def filter(self, record: logging.LogRecord) -> bool:
        message = record.getMessage()
        cleaned = without_secrets(message)
        if cleaned != message:
            record.msg, record.args = cleaned, ()
        record.__dict__.pop("request", None)
        return True


class OneLine(StdlibFormatter):
    """One JSON line a record (Elastic Common Schema); messages of exceptions are cleaned too.

    `trace.id` is the id that the request's events and its error answer carry as well.
    """

    def format_to_ecs(self, record: logging.LogRecord) -> dict[str, Any]:
        found: dict[str, Any] = super().format_to_ecs(record)
        if identity := request_id.get():
            found["trace"] = {"id": str(identity)}
        return found

    def format(self, record: logging.LogRecord) -> str:
        return without_secrets(str(super().format(record)))


def ecs_line(
    message: str, *, level: str = "info", service: str = "", at: str = "", **facts: object
) -> str:
    """One record as a line, for processes that have no logging set up."""
    moment = at or datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    record: dict[str, object] = {
        "@timestamp": moment,
        "log.level": level,
        "message": message,
        "ecs.version": ECS_VERSION,
        **({"service": {"name": f"simplr-{service}"}} if service else {}),
        **facts,
    }
    return json.dumps(record, default=str)


def say_last_words_in_one_line() -> None:
    """An exception that ends this process becomes one record, too."""

    def write(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        line = ecs_line(
            f"ended by {kind.__name__}",
            level="critical",
            error={
                "type": kind.__name__,
                "message": str(error),
                "stack_trace": "".join(traceback.format_tb(trace)),
            },
        )
        print(without_secrets(line), file=sys.stderr, flush=True)

    sys.excepthook = write
