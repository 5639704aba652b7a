"""What the values of a column look like: the forms that only personal data has."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from simplr_core.tables.kinds import forms
from simplr_core.tables.kinds.names import MOST_LOOKED_AT, share_of_person_names

__all__ = ["kind_of_values", "share_of_person_names"]

ENOUGH = 0.6
FEWEST = 3

_FORMS: tuple[tuple[str, Callable[[str], object]], ...] = (
    ("email", forms.is_email),
    ("national-id", forms.is_social_security_number),
    ("phone", forms.is_phone),
    ("ip-address", forms.is_ip),
    ("device", forms.is_hardware_address),
    ("device", forms.is_browser),
    ("account-number", forms.is_iban),
    ("account-number", forms.is_card),
    ("address", forms.is_street_address),
    ("address", forms.is_german_address),
    ("identifier", forms.is_uuid),
    ("coordinates", forms.is_point),
)


def kind_of_values(values: Sequence[str]) -> tuple[str, float]:
    """The kind of personal data whose form most values have, and how large that part is."""
    looked_at = values[:MOST_LOOKED_AT]
    if len(looked_at) < FEWEST:
        return "", 0.0
    best, share = "", 0.0
    for kind, has_form in _FORMS:
        found = sum(bool(has_form(value)) for value in looked_at) / len(looked_at)
        if found > share:
            best, share = kind, found
    return (best, share) if share >= ENOUGH else ("", 0.0)
