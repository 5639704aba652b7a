"""The schema: fields with distinct names, that survive JSON and become Arrow."""

from __future__ import annotations

import json

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simplr_core.tables.schema import (
    Field,
    FieldType,
    FieldUnknown,
    Personal,
    Schema,
    SchemaInvalid,
)

names = st.from_regex(r"[a-z][a-z0-9_]{0,20}", fullmatch=True)
fields = st.builds(
    Field,
    name=names,
    source_name=st.text(max_size=20),
    type=st.sampled_from(FieldType),
    personal=st.sampled_from(Personal),
    meaning=st.text(max_size=20),
    missing_codes=st.lists(st.text(max_size=5), max_size=3).map(tuple),
    format=st.sampled_from(["", "%Y-%m-%d", "%Y-%m-%dT%H:%M:%S%z"]),
    title=st.text(max_size=20),
)
schemas = st.lists(fields, max_size=8, unique_by=lambda field: field.name).map(
    lambda found: Schema(tuple(found))
)


@given(schemas)
def test_a_schema_survives_json(schema: Schema) -> None:
    assert Schema.from_json(json.dumps(schema.to_json())) == schema
    assert Schema.from_json(schema.to_json()) == schema


@given(schemas)
def test_every_field_has_one_nullable_arrow_field_in_order(schema: Schema) -> None:
    assert schema.arrow().names == list(schema.names)
    assert all(field.nullable for field in schema.arrow())


def test_a_datetime_with_a_zone_is_an_instant_and_one_without_is_not() -> None:
    aware = Field("at", type=FieldType.DATETIME, format="%Y-%m-%dT%H:%M:%S%z")
    naive = Field("at", type=FieldType.DATETIME, format="%Y-%m-%d %H:%M")

    assert aware.arrow_type() == pa.timestamp("us", tz="UTC")
    assert naive.arrow_type() == pa.timestamp("us")


@pytest.mark.parametrize("name", ["", "1st", "a b", "a-b", "a;drop", "_row", 'a"b', "x" * 201])
def test_a_name_that_is_not_letters_digits_and_underscores_is_refused(name: str) -> None:
    with pytest.raises(SchemaInvalid):
        Schema((Field(name),))


def test_two_fields_of_one_name_are_refused() -> None:
    with pytest.raises(SchemaInvalid):
        Schema((Field("a"), Field("a")))


def test_an_unknown_field_is_not_found() -> None:
    with pytest.raises(FieldUnknown):
        Schema((Field("a"),)).select(["b"])


@pytest.mark.parametrize("plain", ["[]", "{}", "nonsense", '{"fields": 1}', '{"fields": [{}]}'])
def test_json_that_is_no_schema_is_refused(plain: str) -> None:
    with pytest.raises(SchemaInvalid):
        Schema.from_json(plain)
