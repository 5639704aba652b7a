"""The data dictionary: what each field of a data set is called, means, and may hold.

It is written by people and travels: as CSV by the column names of Table Schema, as Table Schema
(Frictionless), as CSVW, and as our own JSON. It describes; it changes no value. It refuses to say
what a reader may not see: where the limits of a field are hidden, it holds none of them.
"""

from simplr_core.tables.dictionary.comparing import Change, Comparison, Difference, compare
from simplr_core.tables.dictionary.entries import (
    AllowedValue,
    Entry,
    Limits,
    LimitsInvalid,
    check_limits,
    entry_of,
)
from simplr_core.tables.dictionary.exporting import FORMATS, DictionaryFormatUnknown, export
from simplr_core.tables.dictionary.importing import (
    DictionaryUnreadable,
    Problem,
    ReadDictionary,
    Row,
    read_grid,
    read_json,
)

__all__ = [
    "FORMATS",
    "AllowedValue",
    "Change",
    "Comparison",
    "DictionaryFormatUnknown",
    "DictionaryUnreadable",
    "Difference",
    "Entry",
    "Limits",
    "LimitsInvalid",
    "Problem",
    "ReadDictionary",
    "Row",
    "check_limits",
    "compare",
    "entry_of",
    "export",
    "read_grid",
    "read_json",
]
