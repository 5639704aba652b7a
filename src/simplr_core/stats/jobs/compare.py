"""The job that compares two versions of a data set, for one who may see some of their fields."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from typing import Any

from simplr_core.stats.comparing import Comparison
from simplr_core.tables.jobs.port import ChildPort
from simplr_core.tables.jobs.sealing import heartbeat_of, seal_to_channel
from simplr_core.tables.jobs.versions import KeptVersion

LONGEST_TEXT = 200


def compare(
    arguments: Mapping[str, Any], files: Mapping[str, int], port: ChildPort
) -> dict[str, Any]:
    """Compare `before` with `after` and seal what was found onto channel 1.

    `arguments`: `before` and `after` (see `KeptVersion`; only the parts of shown fields are
    given), `shown`: for each of both, the names of the fields that may be looked at; `key`: names
    of fields that both have and that may be looked at, or none; `seal`: {key, context}. The
    result has `sealed` and no value.
    """
    before = KeptVersion(arguments["before"], files)
    after = KeptVersion(arguments["after"], files)
    comparison = Comparison(
        before,
        after,
        shown=tuple(arguments["shown"]),
        key=arguments["key"],
        seed=secrets.token_bytes(32),
        beat=heartbeat_of(port, None, "comparing"),
    )
    content = json.dumps(_shortened(comparison.run()), ensure_ascii=False).encode()
    sealing = arguments["seal"]
    sealed = seal_to_channel(port, 1, content, key=sealing["key"], context=sealing["context"])
    return {"sealed": sealed}


def _shortened(value: Any) -> Any:
    """The same with long texts cut: a sample shows what a cell is, not all of it."""
    if isinstance(value, str):
        return value if len(value) <= LONGEST_TEXT else value[: LONGEST_TEXT - 1] + "…"
    if isinstance(value, dict):
        return {name: _shortened(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_shortened(each) for each in value]
    return value
