"""Masks: what a release shows instead of a value. Each is a function of one value.

So a mask never tells more than the value did: equal values look equal, a missing value stays
missing, and there are never more distinct values after than before. A pseudonym is drawn at
random (`simplr_core.privacy.pseudonyms`) and is not derived from the value.
docs/reference/masks.md is written by the test that runs every example in it.
"""

from __future__ import annotations

from simplr_core.privacy.masks.applying import (
    MaskUnsuitable,
    Pseudonyms,
    apply,
    as_text,
    output_field,
    output_type,
    suitable_masks,
)
from simplr_core.privacy.masks.kinds import (
    KINDS,
    PERIODS,
    GeneraliseNumber,
    Hide,
    Keep,
    Mask,
    MaskInvalid,
    Pseudonym,
    Redact,
    TopCode,
    TruncateDate,
    mask_from_json,
    mask_to_json,
)

__all__ = [
    "KINDS",
    "PERIODS",
    "GeneraliseNumber",
    "Hide",
    "Keep",
    "Mask",
    "MaskInvalid",
    "MaskUnsuitable",
    "Pseudonym",
    "Pseudonyms",
    "Redact",
    "TopCode",
    "TruncateDate",
    "apply",
    "as_text",
    "mask_from_json",
    "mask_to_json",
    "output_field",
    "output_type",
    "suitable_masks",
]
