"""The sealed parts of a version: the only door from tables to the sealed format.

A version of a data set is one or more Parquet parts. Part 0 holds every field that is not
personal; each personal field is a part of its own, under its own key, so that whoever is not shown
the field never needs its key. Every part holds the row numbers, and all parts are cut into row
groups at the same rows, so that they are read in lockstep with bounded memory.

This package is given open key handles and never asks where a key comes from.
"""

from simplr_core.crypto import (
    BytesSource,
    FileDescriptorSource,
    Key,
    RangeSource,
    Sealed,
    SupportsWrite,
    UnsealingReader,
)
from simplr_core.tables.sealed.reader import PartsReader, SealedPart
from simplr_core.tables.sealed.writer import (
    ROW_GROUP_ROWS,
    PartsWriter,
    SealedFile,
    column_groups,
)

__all__ = [
    "ROW_GROUP_ROWS",
    "BytesSource",
    "FileDescriptorSource",
    "Key",
    "PartsReader",
    "PartsWriter",
    "RangeSource",
    "Sealed",
    "SealedFile",
    "SealedPart",
    "SupportsWrite",
    "UnsealingReader",
    "column_groups",
]
