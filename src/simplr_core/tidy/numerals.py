"""How numbers may be written: marks for thousands and fractions, by the names of the formats."""

from __future__ import annotations

from collections.abc import Mapping

BY_ANY = " or "
"""Between several formats of a field: a cell is read by the first of them that it fits."""

INTEGER_FORMATS: Mapping[str, tuple[str, str]] = {
    "": (r"^[+-]?[0-9]{1,18}$", ""),
    "1.0": (r"^[+-]?[0-9]{1,15}(\.0{1,6})?$", r"\.0+$"),
    "1,234": (r"^[+-]?([1-9][0-9]{0,2}(,[0-9]{3}){1,5}|[0-9]{1,3})$", ","),
    "1.234": (r"^[+-]?([1-9][0-9]{0,2}(\.[0-9]{3}){1,5}|[0-9]{1,3})$", r"\."),
    "1 234": ("^[+-]?([0-9]{1,3}([ \u00a0\u2009\u202f'][0-9]{3}){1,5}|[0-9]{1,3})$", "[^0-9+-]"),
}
"""How whole numbers may be written: the pattern, and what to take out before reading."""

DECIMAL_FORMATS: Mapping[str, tuple[str, str, str]] = {
    "": (r"^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,3})?$", "", "."),
    "1,5": (r"^[+-]?([0-9]+,?[0-9]*|,[0-9]+)([eE][+-]?[0-9]{1,3})?$", "", ","),
    "1,234.5": (r"^[+-]?([0-9]{1,3}(,[0-9]{3})*|[0-9]+)(\.[0-9]*)?$", ",", "."),
    "1.234,5": (r"^[+-]?([0-9]{1,3}(\.[0-9]{3})*|[0-9]+)(,[0-9]*)?$", r"\.", ","),
    "1 234,5": (
        "^[+-]?([0-9]{1,3}([ \u00a0\u2009\u202f'][0-9]{3})*|[0-9]+)(,[0-9]*)?$",
        "[ \u00a0\u2009\u202f']",
        ",",
    ),
    "1 234.5": (
        "^[+-]?([0-9]{1,3}([ \u00a0\u2009\u202f'][0-9]{3})*|[0-9]+)(\\.[0-9]*)?$",
        "[ \u00a0\u2009\u202f']",
        ".",
    ),
}
"""How numbers may be written: the pattern, what to take out, and the decimal mark."""
