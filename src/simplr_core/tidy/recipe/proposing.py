"""The steps that an understanding proposes: what was decided of a file, as a recipe."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from itertools import count

from simplr_core.tables.schema import FieldType, Personal
from simplr_core.tidy.confidence import Confidence
from simplr_core.tidy.decisions import is_code_name
from simplr_core.tidy.headers import field_names, snake_case
from simplr_core.tidy.media_types import DELIMITED
from simplr_core.tidy.read_as import ReadAs
from simplr_core.tidy.recipe.spelling import clusters_in
from simplr_core.tidy.recipe.steps import (
    BY_A_PERSON,
    EMPTY,
    STAGE,
    TOTAL,
    Kind,
    Recipe,
    Step,
)
from simplr_core.tidy.recipe.totals import RowTally
from simplr_core.tidy.recipe.unpivot import wide_fields
from simplr_core.tidy.tallies import Tally
from simplr_core.tidy.understanding import FieldUnderstanding, Understanding

TEXTS = (FieldType.TEXT, FieldType.CATEGORY)
FEW_SPELLINGS = 5
"""Spellings are looked for where a value occurs so many times on average."""
MOST_SPELL_STEPS = 500
MANY_ROWS = 20
"""A value that is everywhere says little of fewer rows."""


def propose(
    fields: Sequence[FieldUnderstanding], tallies: Sequence[Tally], rows: RowTally
) -> tuple[Step, ...]:
    """The steps beyond names, types and codes, which the fields themselves say."""
    return (
        *_of_rows(rows),
        *_of_repeats(rows),
        *_of_blanks(fields, tallies),
        *_of_spellings(fields, tallies),
        *_of_fields(fields, tallies),
        *_of_wide_tables(fields),
    )


def _of_rows(rows: RowTally) -> Iterable[Step]:
    if rows.empty_count:
        yield Step(
            Kind.DROP_ROWS,
            {"rows": EMPTY},
            evidence=f"{_rows(rows.empty_count)} no cell filled. They go to quarantine.",
            changes=rows.empty_count,
        )
    if rows.total_count:
        last = " It is the last one." if rows.is_last else ""
        yield Step(
            Kind.DROP_ROWS,
            {"rows": TOTAL},
            on=rows.is_last,
            confidence=Confidence.LIKELY if rows.is_last else Confidence.CHECK,
            evidence=f"{_rows(rows.total_count)} a word for total before numbers.{last}",
            changes=rows.total_count,
        )


def _of_repeats(rows: RowTally) -> Iterable[Step]:
    if rows.repeated_count:
        again = f"{rows.repeated_count:,} of the first {rows.compared_count:,} rows"
        come = "come" if rows.repeated_count > 1 else "comes"
        yield Step(
            Kind.DISTINCT,
            on=False,
            confidence=Confidence.CHECK,
            evidence=f"{again} {come} again, cell by cell.",
            changes=rows.repeated_count,
        )


def _rows(count: int) -> str:
    return f"{count:,} rows have" if count > 1 else "1 row has"


def _of_blanks(fields: Sequence[FieldUnderstanding], tallies: Sequence[Tally]) -> Iterable[Step]:
    texts = [
        tally
        for found, tally in zip(fields, tallies, strict=True)
        if found.field.type in TEXTS and tally.value_count
    ]
    if not texts:
        return
    around = sum(tally.padded_count for tally in texts)
    inner = sum(tally.inner_blank_count for tally in texts)
    composed = sum(tally.not_composed_count for tally in texts)
    said = [
        f"Blanks around {around:,} cells of text are dropped." if around else "",
        f"Several blanks inside {inner:,} cells become one." if inner else "",
        f"Letters of {composed:,} cells are composed as Unicode has them." if composed else "",
    ]
    evidence = " ".join(text for text in said if text) or "No cell of text has blanks around it."
    flags = {**({"inner": True} if inner else {}), **({"unicode": True} if composed else {})}
    yield Step(Kind.TRIM, flags, evidence=evidence, changes=around + inner + composed)


def _of_spellings(fields: Sequence[FieldUnderstanding], tallies: Sequence[Tally]) -> Iterable[Step]:
    """Clusters of spellings, in fields that say of what kind something is; never of people."""
    left = MOST_SPELL_STEPS
    for found, tally in zip(fields, tallies, strict=True):
        field, values = found.field, tally.distinct
        if field.type not in TEXTS or field.personal is Personal.PERSONAL or not values:
            continue
        if is_code_name(field.name) or len(values) * FEW_SPELLINGS > tally.value_count:
            continue
        for cluster in clusters_in(values)[:left]:
            left -= 1
            yield Step(
                Kind.SPELL,
                {"field": field.name, "to": cluster.to, "from": list(cluster.others)},
                on=cluster.confidence is Confidence.LIKELY,
                confidence=cluster.confidence,
                evidence=cluster.evidence,
                changes=cluster.cell_count,
            )


def _of_fields(fields: Sequence[FieldUnderstanding], tallies: Sequence[Tally]) -> Iterable[Step]:
    # Where no field has a heading or a value, none is left out: rows are of some field.
    some_stay = any(
        found.field.source_name or tally.value_count
        for found, tally in zip(fields, tallies, strict=True)
    )
    for found, tally in zip(fields, tallies, strict=True):
        field = found.field
        if tally.row_count and not tally.value_count and not found.missing_count < tally.row_count:
            named = bool(field.source_name)
            yield Step(
                Kind.DROP_FIELDS,
                {"fields": [field.name]},
                on=not named and some_stay,
                confidence=Confidence.CHECK if named else Confidence.LIKELY,
                evidence=f"None of its {tally.row_count:,} cells holds a value."
                + ("" if named else " It has no heading either."),
            )
        elif (
            tally.row_count >= MANY_ROWS and tally.distinct is not None and len(tally.distinct) == 1
        ):
            if found.missing_count:
                continue
            yield Step(
                Kind.DROP_FIELDS,
                {"fields": [field.name]},
                on=False,
                confidence=Confidence.CHECK,
                evidence=f"All {tally.row_count:,} cells hold the same value.",
            )


def _of_wide_tables(fields: Sequence[FieldUnderstanding]) -> Iterable[Step]:
    """Fields of numbers whose headings go on alike could be one field, and their headings another."""
    names = {found.field.name for found in fields}
    said = {"number": "are numbered", "year": "are called by years"}
    for sort, prefix, run in wide_fields([found.field for found in fields]):
        left = names - {field.name for field in run}
        name, value = _free(sort, left), _free(snake_case(prefix) or "value", {*left, sort})
        yield Step(
            Kind.UNPIVOT,
            {"fields": [field.name for field in run], "name": name, "value": value},
            on=False,
            confidence=Confidence.CHECK,
            evidence=f"{len(run)} fields of numbers side by side "
            f"{said.get(sort, f'are called by {sort}s')}: they could be one field, and what "
            "they are called another.",
        )


def _free(name: str, taken: Collection[str]) -> str:
    """The name, or the first free one that goes on from it."""
    others = (f"{name}_{number}" for number in count(2))
    return name if name not in taken else next(one for one in others if one not in taken)


def recipe_of(understanding: Understanding) -> Recipe:
    """All of an understanding as one recipe: what was read, its own steps, types, codes, marks."""
    steps = (
        *_reading(understanding),
        *_names(understanding),
        *understanding.steps,
        *_codes(understanding),
        *_types(understanding),
        *_marks(understanding),
    )
    return Recipe(tuple(sorted(steps, key=lambda step: STAGE[step.kind])))


def reading_of(understanding: Understanding) -> dict[str, object]:
    """How the file was read, as the arguments of a step."""
    arguments: dict[str, object] = {}
    if understanding.path:
        arguments["table"] = list(understanding.path)
    if is_delimited(understanding):
        dialect, said = understanding.dialect, understanding.read_as.said
        arguments |= {"encoding": understanding.encoding.name, "delimiter": dialect.delimiter}
        arguments |= {"quote": dialect.quote} if dialect.quote != '"' or "quote" in said else {}
        arguments |= {"columns": [str(at) for at in dialect.cuts]} if dialect.cuts else {}
        arguments |= {"escape": dialect.escape} if dialect.escape else {}
        if dialect.preamble_rows or "preamble_rows" in said:
            arguments["preamble_rows"] = dialect.preamble_rows
        arguments["header_rows"] = dialect.header_rows if dialect.has_header else 0
    elif understanding.read_as:
        arguments |= understanding.read_as.to_json()
    if understanding.read_as:
        arguments["said"] = list(understanding.read_as.said)
    return arguments


def read_as_of(recipe: Recipe) -> ReadAs:
    """What a person said of how the file of a recipe is read. Raises ReadAsInvalid."""
    for step in recipe.steps:
        if step.kind is Kind.READ and step.on:
            said = step.arguments.get("said", ())
            return ReadAs.from_json({name: step.arguments.get(name) for name in said})
    return ReadAs()


def is_delimited(understanding: Understanding) -> bool:
    """True for a text whose cells a delimiter parts."""
    return understanding.media_type in DELIMITED


def _reading(understanding: Understanding) -> Iterable[Step]:
    sure = [understanding.encoding.confidence, understanding.dialect.confidence]
    evidence = [understanding.encoding.evidence, understanding.dialect.evidence]
    if evidence[0] == BY_A_PERSON:  # the other says so too
        evidence[0] = ""
    if not is_delimited(understanding):
        sure, evidence = [Confidence.CERTAIN], ["The file says itself where its cells are."]
    yield Step(
        Kind.READ,
        reading_of(understanding),
        confidence=max(sure, key=list(Confidence).index),
        evidence=" ".join(text for text in evidence if text),
    )


def _names(understanding: Understanding) -> Iterable[Step]:
    """The fields that are called otherwise than their headings make them."""
    fields = [found.field for found in understanding.fields]
    usual = field_names([field.source_name for field in fields], len(fields))
    for field, name in zip(fields, usual, strict=True):
        if field.name != name:
            yield Step(Kind.RENAME, {"field": name, "to": field.name}, evidence=BY_A_PERSON)


def _codes(understanding: Understanding) -> Iterable[Step]:
    for found in understanding.fields:
        if found.field.missing_codes:
            yield Step(
                Kind.MISSING,
                {"field": found.field.name, "codes": list(found.field.missing_codes)},
                confidence=found.confidence,
                evidence="They stand for a value that is not there.",
            )


def _types(understanding: Understanding) -> Iterable[Step]:
    for found in understanding.fields:
        form = {"format": found.field.format} if found.field.format else {}
        yield Step(
            Kind.TYPE,
            {"field": found.field.name, "type": found.field.type.value, **form},
            confidence=found.confidence,
            evidence=found.evidence,
            changes=found.unreadable_count or None,
        )


def _marks(understanding: Understanding) -> Iterable[Step]:
    for found in understanding.fields:
        if found.field.personal is not Personal.NONE:
            yield Step(
                Kind.MARK,
                {"field": found.field.name, "personal": found.field.personal.value},
                confidence=found.personal_confidence,
                evidence=found.personal_evidence,
            )
