"""Avro object files as records, by fastavro: one block is held at a time."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from typing import BinaryIO

import fastavro

from simplr_core.errors import SimplrError
from simplr_core.tidy.formats.found import Beat, FileDamaged, FoundTable
from simplr_core.tidy.formats.records import Record, tables_of_records
from simplr_core.tidy.formats.streams import buffered

AVRO = "application/avro"


class AvroDamaged(FileDamaged):
    """This Avro file is damaged or cut off, or packed in a way that is not read here."""

    code = "avro-damaged"


def read_avro(
    source: BinaryIO, size: int, *, path: Sequence[str], beat: Beat
) -> Iterator[FoundTable]:
    """The tables of an Avro file: its records, and the lists inside of them."""

    def records() -> Iterator[Record]:
        try:
            stream: io.BufferedReader = buffered(source, size)
            for value in fastavro.reader(stream):
                yield Record("", value)
        except (SimplrError, MemoryError):
            raise
        except Exception as error:  # the reader has no error of its own for bad bytes
            raise AvroDamaged from error

    return tables_of_records(records, path=tuple(path), beat=beat)
