"""Fitting a file to a data set: what is read as it is there, what is refused, what is widened."""

from __future__ import annotations

import io
from typing import Any

import pytest

from simplr_core.tables.schema import Personal, Schema
from simplr_core.tidy.fitting import FieldsDiffer, fit
from simplr_core.tidy.plans import KeepPlan, plan_keep
from simplr_core.tidy.recognition import recognise
from simplr_core.tidy.tables import read_table


def understood(content: str, *fields: dict[str, Any]) -> KeepPlan:
    raw = content.encode()
    report = recognise(io.BytesIO(raw), name="a.csv", size=len(raw), heartbeat=lambda rows: None)
    return plan_keep(report.understanding.to_json(), {"fields": list(fields)})


def schema_of(content: str, *fields: dict[str, Any]) -> Schema:
    return understood(content, *fields).schema


def types_of(schema: Schema) -> dict[str, str]:
    return {field.name: field.type.value for field in schema}


CODES = "code,count,share,day\nA0012,1,0.5,2024-01-31\nB0013,2,1.5,2024-02-01\n"


def test_the_same_fields_in_another_order_fit_as_the_data_set_has_them() -> None:
    fitted = fit(understood("day,share,count,code\n2024-03-01,2.5,3,C0014\n"), schema_of(CODES))

    assert fitted.schema.names == ("code", "count", "share", "day")
    assert types_of(fitted.schema) == types_of(schema_of(CODES))


def test_what_looks_like_numbers_is_read_as_the_text_that_the_field_is() -> None:
    content = "code,count\n0012,1\n0013,2\n"
    fitted = fit(understood(content), schema_of("code,count\nA1,1\nB2,2\n"))
    read = list(read_table(io.BytesIO(content.encode()), fitted.plan.understanding))

    assert read[0].batch.column("code").to_pylist() == ["0012", "0013"]


def test_whole_numbers_stand_beside_decimals_whichever_was_there_first() -> None:
    whole, decimal = "n,a\n1,x\n2,y\n", "n,a\n1.5,x\n2.5,y\n"

    for content, onto in ((whole, decimal), (decimal, whole)):
        fitted = fit(understood(content), schema_of(onto))
        assert types_of(fitted.schema)["n"] == "decimal"
        assert fitted.plan.schema["n"].type.value == "decimal"


def test_a_field_that_the_file_lacks_stays_and_one_without_values_has_its_type() -> None:
    fitted = fit(understood("code,day\nC1,\nC2,\n"), schema_of(CODES))

    assert types_of(fitted.schema) == types_of(schema_of(CODES))
    assert types_of(fitted.plan.schema)["day"] == "date"


def test_a_new_field_and_another_type_are_refused_in_words_that_name_them() -> None:
    with pytest.raises(FieldsDiffer) as refused:
        fit(understood("code,count,extra\nA1,many,1\nB2,few,2\n"), schema_of(CODES))

    assert "“count” is" in refused.value.message
    assert "a whole number in the data set" in refused.value.message
    assert "“extra” is new" in refused.value.message
    assert refused.value.details["fields"] == ["count", "extra"]


def test_widening_takes_new_fields_in_and_makes_text_of_two_types() -> None:
    plan = understood("code,count,extra\nA1,many,1\nB2,few,2\n")
    fitted = fit(plan, schema_of(CODES), widen=True)

    assert types_of(fitted.schema) == {
        "code": "text",
        "count": "text",
        "share": "decimal",
        "day": "date",
        "extra": "integer",
    }


def test_a_file_with_none_of_the_fields_is_refused_whatever_is_chosen() -> None:
    with pytest.raises(FieldsDiffer):
        fit(understood("other,thing\n1,2\n3,4\n"), schema_of(CODES), widen=True)


def test_a_file_lays_no_personal_field_open_and_may_close_one() -> None:
    onto = schema_of(CODES, {"name": "code", "personal": "personal"})
    open_there = understood(CODES, {"name": "code", "personal": "none"})
    closed_here = understood(CODES, {"name": "day", "personal": "personal"})

    assert fit(open_there, onto).schema["code"].personal is Personal.PERSONAL
    assert fit(closed_here, onto).schema["day"].personal is Personal.PERSONAL
    assert ["code"] in fit(open_there, onto).groups
