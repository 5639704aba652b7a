"""Sealed parts: what is written comes back, in order, and only with the keys that are asked."""

from __future__ import annotations

import io

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.examples import examples

from simplr_core.errors import Corrupt
from simplr_core.tables.schema import (
    ROW_NUMBER,
    Field,
    FieldType,
    FieldUnknown,
    Personal,
    Schema,
    SchemaInvalid,
)
from simplr_core.tables.sealed import (
    ROW_GROUP_ROWS,
    BytesSource,
    Key,
    PartsReader,
    PartsWriter,
    SealedPart,
    column_groups,
)

SCHEMA = Schema(
    (
        Field("place", type=FieldType.TEXT),
        Field("person", type=FieldType.TEXT, personal=Personal.PERSONAL),
        Field("born", type=FieldType.DATE, personal=Personal.PERSONAL),
        Field("visits", type=FieldType.INTEGER, personal=Personal.INDIRECT),
    )
)


def table_of(rows: int, start: int = 0) -> pa.RecordBatch:
    numbers = range(start, start + rows)
    return pa.RecordBatch.from_arrays(
        [
            pa.array([f"place {n % 7}" for n in numbers]),
            pa.array([f"person {n}" for n in numbers]),
            pa.array([n % 20_000 for n in numbers], pa.int32()).cast(pa.date32()),
            pa.array(numbers, pa.int64()),
        ],
        schema=SCHEMA.arrow(),
    )


def seal(batches: list[pa.RecordBatch], label: str = "v1") -> list[SealedPart]:
    groups = column_groups(SCHEMA)
    sinks = [io.BytesIO() for _ in groups]
    keys = [Key.generate() for _ in groups]
    contexts = [f"{label}/{n}".encode() for n in range(len(groups))]
    writer = PartsWriter(SCHEMA, groups, sinks, keys, contexts)
    for batch in batches:
        writer.write(batch)
    sealed = writer.close()
    return [
        SealedPart(g, k, c, s.header, s.sealed_size, BytesSource(sink.getvalue()))
        for g, k, c, s, sink in zip(groups, keys, contexts, sealed, sinks, strict=True)
    ]


def swapped(part: SealedPart, **changes: object) -> SealedPart:
    values = {name: getattr(part, name) for name in SealedPart.__slots__}
    return SealedPart(**{**values, **changes})


def test_each_personal_field_is_a_part_of_its_own() -> None:
    assert column_groups(SCHEMA) == [("place", "visits"), ("person",), ("born",)]


def test_rows_come_back_in_order_whatever_batches_they_were_written_in() -> None:
    rows = ROW_GROUP_ROWS * 2 + 77
    whole = table_of(rows)
    parts = seal([whole.slice(0, 5), whole.slice(5, 70_000), whole.slice(70_005)])

    with PartsReader(parts, SCHEMA.names) as reader:
        read = pa.Table.from_batches(list(reader), SCHEMA.arrow())

        assert reader.row_count == rows
        assert read.equals(pa.Table.from_batches([whole]))


def test_an_empty_table_has_parts_too() -> None:
    with PartsReader(seal([]), ["person", "place"]) as reader:
        assert reader.row_count == 0
        assert list(reader) == []
        assert reader.schema.names == ["person", "place"]


@settings(max_examples=examples(25), deadline=None)
@given(st.integers(0, 70_000), st.none() | st.integers(0, 70_000))
def test_offset_and_limit_cut_the_same_rows_as_a_slice(offset: int, limit: int | None) -> None:
    rows = 66_000
    numbers: list[int] = []
    with PartsReader(LARGE, [ROW_NUMBER, "visits"], offset=offset, limit=limit) as reader:
        for batch in reader:
            assert batch.column(0).to_pylist() == batch.column(1).to_pylist()
            numbers += batch.column(0).to_pylist()

    stop = rows if limit is None else offset + limit
    assert numbers == list(range(rows))[offset:stop]


LARGE = seal([table_of(66_000)])


def test_a_part_that_is_not_asked_for_needs_no_key() -> None:
    shared, person, born = seal([table_of(10)])
    locked = swapped(person, key=Key.generate())

    with PartsReader([shared, locked, born], ["born", "place"]) as reader:
        assert sum(batch.num_rows for batch in reader) == 10
    with pytest.raises(Corrupt):
        PartsReader([shared, locked, born], ["person"])


def test_parts_of_two_versions_do_not_make_a_table() -> None:
    one, other = seal([table_of(10)]), seal([table_of(11)])

    with pytest.raises(Corrupt) as caught:
        list(PartsReader([one[0], other[1]], ["place", "person"]))

    assert caught.value.code == "parts-disagree"


def test_parts_with_the_same_counts_but_other_row_numbers_are_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    one = seal([table_of(10)])
    plain_init = PartsWriter.__init__

    def starts_late(self: PartsWriter, *args: object) -> None:
        plain_init(self, *args)  # type: ignore[arg-type]
        self._next_row = 5

    monkeypatch.setattr(PartsWriter, "__init__", starts_late)
    other = seal([table_of(10)])

    with pytest.raises(Corrupt) as caught:
        list(PartsReader([one[0], other[1]], ["place", "person"]))
    assert caught.value.code == "parts-disagree"


def test_numbers_are_looked_at_themselves_where_the_part_does_not_tell_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    one, other = seal([table_of(10)]), seal([table_of(11)])
    monkeypatch.setattr("simplr_core.tables.sealed.reader._numbers_told", lambda *_: None)

    assert [b.num_rows for b in PartsReader(one, ["place", "person"])] == [10]
    monkeypatch.setattr(PartsReader, "_agreed_row_groups", lambda self: [11])
    with pytest.raises(Corrupt) as caught:
        list(PartsReader([other[0], one[1]], ["place", "person"]))
    assert caught.value.code == "parts-disagree"


def test_texts_of_few_values_come_as_dictionaries_and_are_the_same() -> None:
    rows = ROW_GROUP_ROWS + 77
    whole = pa.Table.from_batches([table_of(rows)])
    parts = seal([table_of(rows)])

    with PartsReader(parts, SCHEMA.names, by_dictionary=True) as reader:
        read = pa.Table.from_batches(list(reader), reader.schema)

    assert pa.types.is_dictionary(read.schema.field("place").type)
    assert pa.types.is_string(read.schema.field("person").type)
    assert read.cast(SCHEMA.arrow()).equals(whole)


def test_values_that_all_differ_are_kept_without_a_dictionary() -> None:
    shared, person, born = seal([table_of(ROW_GROUP_ROWS)])

    def encodings(part: SealedPart, name: str) -> set[str]:
        with PartsReader([part], [name]) as reader:
            group = reader._files[0].metadata.row_group(0)
            return {
                code
                for column in map(group.column, range(group.num_columns))
                if column.path_in_schema == name
                for code in column.encodings
            }

    assert "RLE_DICTIONARY" in encodings(shared, "place")
    assert "RLE_DICTIONARY" in encodings(born, "born")
    assert "RLE_DICTIONARY" not in encodings(shared, "visits") | encodings(person, "person")


def test_an_older_part_is_refused_by_its_pinned_header() -> None:
    parts = seal([table_of(10)])
    older = swapped(parts[0], header=bytes(47))

    with pytest.raises(Corrupt):
        PartsReader([older], ["place"])


def test_a_flipped_bit_is_refused() -> None:
    part = seal([table_of(1000)])[0]
    content = bytearray(part.source.read_at(0, part.sealed_size))
    content[len(content) // 2] ^= 1

    with pytest.raises(Corrupt):
        list(PartsReader([swapped(part, source=BytesSource(bytes(content)))], ["place"]))


def test_an_abandoned_part_is_no_part() -> None:
    groups = column_groups(SCHEMA)
    sinks = [io.BytesIO() for _ in groups]
    key = Key.generate()
    writer = PartsWriter(SCHEMA, groups, sinks, [key] * 3, [b"a", b"b", b"c"])
    writer.write(table_of(ROW_GROUP_ROWS + 1))
    writer.abandon()

    content = sinks[0].getvalue()
    part = SealedPart(groups[0], key, b"a", None, len(content), BytesSource(content))
    with pytest.raises(Corrupt):
        PartsReader([part], ["place"])


def test_a_field_that_no_part_holds_is_not_found() -> None:
    with pytest.raises(FieldUnknown):
        PartsReader(seal([table_of(1)]), ["salary"])


def test_a_field_in_two_groups_is_refused() -> None:
    with pytest.raises(SchemaInvalid):
        PartsWriter(
            SCHEMA,
            [("place", "visits"), ("place", "person", "born")],
            [io.BytesIO()] * 2,
            [Key.generate()] * 2,
            [b"a", b"b"],
        )


def test_no_cell_lies_in_the_sealed_bytes() -> None:
    for part in seal([table_of(100)]):
        content = part.source.read_at(0, part.sealed_size)
        assert b"person 7" not in content
        assert b"PAR1" not in content
