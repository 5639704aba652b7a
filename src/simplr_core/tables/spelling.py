"""How a field is written: the forms of its values, and values that depart from how most are.

A form keeps marks and turns digits into 9, small letters into a, capitals into A. Forms that few
values have are not told: their marks could be the value itself.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

LONGEST_LOOKED_AT = 200
LONGEST_FORM = 40
MOST_FORMS = 5
LEAST_SHARE = 0.02
LEAST_SEEN = 3
ONE_FORM = 0.9
"""From this share on a field has one form, and what departs from it is worth a look."""


@dataclass(frozen=True, slots=True)
class Form:
    form: str
    share: float


def form_of(value: str) -> str:
    """`10-A12` is `99-A99`."""
    cut = value[:LONGEST_LOOKED_AT]
    return re.sub(
        r"[^\W\d_]", lambda found: "A" if found[0].isupper() else "a", re.sub(r"\d", "9", cut)
    )


def loose_form_of(value: str) -> str:
    """The form with runs of digits and letters as one: `12 High St` is `9 a a`."""
    cut = value[:LONGEST_LOOKED_AT]
    return re.sub(r"[^\W\d_]+", "a", re.sub(r"\d+", "9", cut))


def forms_of(sample: Sequence[str]) -> list[Form]:
    """The most frequent forms in a sample: exact ones where they say something, else loose ones."""
    for form in (form_of, loose_form_of):
        counted = Counter(form(value) for value in sample)
        found = [
            Form(name, n / len(sample))
            for name, n in counted.most_common(MOST_FORMS)
            if n >= LEAST_SEEN and n >= LEAST_SHARE * len(sample) and len(name) <= LONGEST_FORM
        ]
        if found and (sum(each.share for each in found) >= 0.5 or form is loose_form_of):
            return found
    return []


def departing_share(sample: Sequence[str]) -> float:
    """How large a part of a sample is written unlike nearly all others, which are codes.

    0 where no form is that of nearly all, or where that form has no digit: names and sentences
    have as many words as they need.
    """
    counted = Counter(loose_form_of(value) for value in sample)
    if not counted:
        return 0.0
    form, n = counted.most_common(1)[0]
    share = n / len(sample)
    return 1.0 - share if share >= ONE_FORM and "9" in form and " " not in form else 0.0


def variant_count(counts: Mapping[Any, int]) -> int:
    """How many cells spell a value otherwise than most: in case, blanks, accents or marks."""
    groups: dict[str, list[int]] = defaultdict(list)
    for value, n in counts.items():
        if isinstance(value, str) and (folded := _folded(value)):
            groups[folded].append(n)
    return sum(sum(same) - max(same) for same in groups.values() if len(same) > 1)


def _folded(value: str) -> str:
    """The letters and digits alone; nothing for a value without a letter: `1-2` is not `12`."""
    decomposed = unicodedata.normalize("NFKD", value[:LONGEST_LOOKED_AT].casefold())
    plain = "".join(c for c in decomposed if not unicodedata.combining(c))
    if not re.search(r"[^\W\d_]", plain):
        return ""
    parted = re.sub(r"(?<=\d)[\W_]+(?=\d)", "x", plain)
    return re.sub(r"[\W_]+", "", parted)
