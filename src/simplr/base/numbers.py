"""Numbers that somebody typed or sent."""

from __future__ import annotations

MOST_DIGITS = 11


def whole_number(text: str) -> int | None:
    """The whole number that `text` is, in plain digits and of no absurd length; None else.

    What `str.isdigit` takes for digits (`²`, `①`) and numbers of thousands of digits would make
    `int` raise.
    """
    is_one = text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS
    return int(text) if is_one else None
