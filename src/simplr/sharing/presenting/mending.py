"""The forms that mend what did not fit: what was typed, what would fit, what was done."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from simplr.base.numbers import whole_number
from simplr.base.words import number
from simplr.datasets.presenting import mended_words
from simplr.sharing.models import Mending

CELL = "cell:"


@dataclass(frozen=True, kw_only=True)
class Typed:
    """What a form said, so that it can be shown again."""

    field: str = ""
    reason: str = ""
    row: int | None = None
    do: str = ""
    value: str = ""
    by: str = ""
    codes: str = ""
    format: str = ""
    cells: Mapping[str, str] | None = None
    is_trial: bool = False

    @property
    def changes(self) -> list[dict[str, Any]]:
        """The one change that it asks for."""
        which: dict[str, Any] = {"do": self.do, "field": self.field or None, "row": self.row}
        if self.row is None:
            which["reason"] = self.reason or None
        if self.do == "replace":
            which |= {"value": self.value, "by": self.by}
        elif self.do == "missing":
            which["codes"] = [code.strip() for code in self.codes.splitlines() if code.strip()]
        elif self.do == "type":
            which["format"] = self.format
        elif self.do == "write":
            which |= {"value": self.value} if self.field else {"cells": dict(self.cells or {})}
        return [{name: value for name, value in which.items() if value is not None}]


NOTHING = Typed()


def typed(posted: QueryDict) -> Typed:
    """What a form said."""
    return Typed(
        field=posted.get("field", "")[:200],
        reason=posted.get("reason", "")[:60],
        row=whole_number(posted.get("row", "")),
        do=posted.get("do", "")[:20],
        value=posted.get("value", "").strip(),
        by=posted.get("by", "").strip(),
        codes=posted.get("codes", ""),
        format=posted.get("format", "").strip(),
        cells={
            name.removeprefix(CELL): posted.get(name, "")
            for name in posted
            if name.startswith(CELL)
        },
        is_trial="try" in posted,
    )


def trial(tallies: Iterable[Mapping[str, Any]], *, names: list[str]) -> list[dict[str, Any]]:
    """What would fit, in words, with some entries before and after."""
    return [
        {
            "text": _("Of %(all)s, %(n)s would fit, and %(left)s would stay.")
            % {
                "all": number(tally["matched"]),
                "n": number(tally["mended"]),
                "left": number(tally["left"] + tally["dropped"]),
            },
            "samples": [_sample(one, names) for one in tally["samples"]],
        }
        for tally in tallies
    ]


def _sample(one: Mapping[str, Any], names: list[str]) -> dict[str, Any]:
    after = one["after"]
    if isinstance(after, list):
        pairs = zip(names, after, strict=True)
        after = ", ".join(f"{name}: {cell}" for name, cell in pairs if cell is not None)
    return {
        "row": one["row"],
        "before": one["before"],
        "after": after,
        "fits": one["fate"] == "mended",
        "dropped": one["fate"] == "dropped",
    }


def done(row: Mending) -> str:
    """What came back, in a sentence."""
    return _("Version %(version)s: %(what)s came back.") % {
        "version": row.made.number if row.made else "",
        "what": mended_words(row.made.changes if row.made else {}),
    }


def working(row: Mending) -> dict[str, Any]:
    """How far a mending is: {state, text, share}; `share` is None where nobody knows."""
    if row.state == "ready":
        return {"state": "ready", "text": done(row), "share": None}
    if row.state == "failed":
        return {"state": "failed", "text": row.error_message, "share": None}
    at, total = row.progress.get("done"), row.progress.get("total")
    share = min(1.0, at / total) if at and total else None
    return {"state": "waiting", "text": _("It is being mended."), "share": share}
