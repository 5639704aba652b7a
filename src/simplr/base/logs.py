"""Log records carry fields, never secrets: request bodies, query strings and tokens are dropped."""

from __future__ import annotations

import logging
import re

from ecs_logging import StdlibFormatter

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
    """One JSON line a record (Elastic Common Schema); messages of exceptions are cleaned too."""

    def format(self, record: logging.LogRecord) -> str:
        return without_secrets(str(super().format(record)))
