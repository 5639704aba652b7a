"""What a download of rows needs so that it can go on after a break: its entity tag and its size.

Rows are computed as they are sent, and the same version, release and question always make the same
bytes. The tag is made of all that determines them under a key of the installation, so it tells
nothing about a hidden field, condition or mask. The size of what was once written to its end is
remembered by its tag, in this process only; it is used after the decision was asked, never before.
"""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Mapping
from threading import Lock
from typing import Any

from django.utils.crypto import salted_hmac

from simplr.sharing.views_of_data import DataView
from simplr_core.privacy.plans import read_plan
from simplr_core.tables.formats import WRITER

MOST_SIZES = 10_000


def tag_of(view: DataView, plan: Mapping[str, Any], written_as: Mapping[str, Any]) -> str:
    """The entity tag of these rows, written so: the same for the same bytes, and only for them.

    What is said of a field in words (title, meaning) is in no byte, so it is not in the tag. Nor
    is who asks. Raises what reading the plan raises.
    """
    shown = read_plan(plan, view.schema).show.arrow()
    determined_by = {
        "writer": WRITER,
        "version": str(view.version.pk),
        "shown": [[field.name, str(field.type)] for field in shown],
        "plan": plan,
        **written_as,
    }
    facts = json.dumps(determined_by, sort_keys=True, ensure_ascii=True)
    return f'"{salted_hmac("simplr.sharing.rows", facts, algorithm="sha256").hexdigest()[:40]}"'


class Sizes:
    """How many bytes belong to a tag. Of the oldest it forgets, which costs one more computation."""

    def __init__(self, most: int = MOST_SIZES) -> None:
        self._most = most
        self._sizes: OrderedDict[str, int] = OrderedDict()
        self._lock = Lock()

    def get(self, tag: str) -> int | None:
        with self._lock:
            return self._sizes.get(tag)

    def remember(self, tag: str, size: int) -> None:
        with self._lock:
            self._sizes[tag] = size
            self._sizes.move_to_end(tag)
            while len(self._sizes) > self._most:
                self._sizes.popitem(last=False)


sizes = Sizes()
