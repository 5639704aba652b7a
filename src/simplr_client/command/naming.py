"""From what people call a thing to its id."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from simplr_client.errors import Conflict, NotFound

_UUID = re.compile(r"[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)


def is_id(text: str) -> bool:
    """Whether a text is an id rather than a name."""
    return _UUID.fullmatch(text) is not None


def id_of(text: str, known: Iterable[dict[str, Any]], what: str) -> str:
    """The id of the one among `known` that is called `text`; an id stays as it is.

    Raises NotFound when none is called so, Conflict when several are.
    """
    if is_id(text):
        return text
    said = text.casefold()
    same = [
        str(one["id"])
        for one in known
        if said in [str(one.get(key)).casefold() for key in ("name", "slug", "email")]
    ]
    if not same:
        raise NotFound(f"There is no {what} “{text}” that you may know of.")
    if len(same) > 1:
        raise Conflict(f"“{text}” may mean {', '.join(same)}. Say which id.", code="name-ambiguous")
    return same[0]
