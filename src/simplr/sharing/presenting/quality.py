"""The quality score as its page shows it."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from simplr.sharing.quality import Quality
from simplr_core.quality import Dimension, Part

SHOWN_COSTS = 10
_DIMENSIONS = {
    Dimension.COMPLETENESS: (_("Completeness"), _("cells without a value")),
    Dimension.VALIDITY: (_("Validity"), _("cells that could not be read in their type")),
    Dimension.UNIQUENESS: (_("Uniqueness"), _("rows whose key another row has")),
    Dimension.CONSISTENCY: (_("Consistency"), _("cells written unlike most of their field")),
    Dimension.TIMELINESS: (_("Timeliness"), ""),
}
_REASONS = {
    "Nobody has said how old the data may be.": _("Nobody has said how old the data may be."),
    "No cell was kept.": _("No cell was kept."),
    "It was kept before invalid cells were counted.": _(
        "It was kept before invalid cells were counted."
    ),
    "A key of several fields is not measured.": _("A key of several fields is not measured."),
    "No field is said to be the key.": _("No field is said to be the key."),
    "The key was not counted.": _("The key was not counted."),
    "No row has a key.": _("No row has a key."),
    "No field of texts was compared in its spelling.": _(
        "No field of texts was compared in its spelling."
    ),
}


def quality(found: Quality) -> dict[str, Any]:
    """The score with its parts, and the fields that cost them."""
    return {
        "points": found.score.points,
        "parts": [_part(part) for part in found.score.parts],
        "field_count": found.field_count,
        "hidden_count": found.hidden_count,
    }


def _part(part: Part) -> dict[str, Any]:
    title, amiss = _DIMENSIONS[part.dimension]
    return {
        "title": title,
        "points": part.points,
        "amiss": part.amiss,
        "of": part.of,
        "words": amiss,
        "why": _REASONS.get(part.why, part.why),
        "costs": [
            {"field": cost.field, "amiss": cost.amiss, "share": cost.amiss / cost.of}
            for cost in part.costs[:SHOWN_COSTS]
        ],
        "more": max(0, len(part.costs) - SHOWN_COSTS),
    }
