"""What somebody says is to become of entries in quarantine, checked against the schema."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from simplr_core.errors import Invalid, Refused
from simplr_core.tables.schema import Field, FieldType, Schema
from simplr_core.tidy.cells import check_cell_format
from simplr_core.tidy.numerals import BY_ANY
from simplr_core.tidy.quarantine import Group
from simplr_core.tidy.recipe.steps import Kind, RecipeInvalid, Step

MOST_CHANGES = 1_000
LONGEST_FORMAT = 60
LONGEST_CODE = 60
BY_MENDING = "A person said so, of what lay in quarantine."


class MendingInvalid(Invalid):
    """A mending is a list of changes, each of one entry or of a group. Correct the one that is named."""

    code = "mending-invalid"


class RowsHidden(Refused):
    """A whole row holds fields that you may not see. Only somebody who sees all of them mends it."""

    code = "rows-hidden"


class Does(StrEnum):
    """What a change does. The first three are steps of a recipe and hold for the next file too."""

    REPLACE = "replace"
    MISSING = "missing"
    TYPE = "type"
    EMPTY = "empty"
    """The cell is missing; nothing of it is left in quarantine."""
    DROP = "drop"
    """It does not come back: it stays in quarantine and is counted there, as dropped."""
    WRITE = "write"
    """The cell, or the cells of the row, are these."""


RULES = frozenset({Does.REPLACE, Does.MISSING, Does.TYPE})

_MEMBERS: Mapping[Does, frozenset[str]] = {
    Does.REPLACE: frozenset({"value", "by"}),
    Does.MISSING: frozenset({"codes"}),
    Does.TYPE: frozenset({"type", "format"}),
    Does.EMPTY: frozenset(),
    Does.DROP: frozenset(),
    Does.WRITE: frozenset({"value", "cells"}),
}


@dataclass(frozen=True, slots=True)
class Change:
    """One change: of the entry of `row` (and `field`), or of all entries of a group."""

    does: Does
    group: Group
    row: int | None = None
    values: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @property
    def replacement(self) -> Step | None:
        """The step of a recipe that replaces one text by another, where it is that."""
        if self.does is not Does.REPLACE:
            return None
        arguments = {"field": self.group.field, **self.values}
        return Step(Kind.REPLACE, arguments, evidence=BY_MENDING)

    @property
    def entry(self) -> tuple[int, str | None]:
        """Which entry it is about, where it is about one."""
        return (self.row or 0, self.group.field or None)

    @property
    def is_of_rows(self) -> bool:
        """True where it may be about whole rows, which hold cells of every field."""
        return not self.group.field


def changes_in(plain: object, schema: Schema) -> tuple[Change, ...]:
    """The changes that `plain` says: a list of objects. Raises MendingInvalid, FieldUnknown, or
    the reason why a format cannot be."""
    if not isinstance(plain, list) or not plain:
        raise MendingInvalid("A mending is a list of changes, at least one.")
    if len(plain) > MOST_CHANGES:
        raise MendingInvalid(f"At most {MOST_CHANGES:,} changes at once. Send more as a file.")
    found = []
    for number, one in enumerate(plain, start=1):
        try:
            found.append(change_in(one, schema))
        except (MendingInvalid, RecipeInvalid) as error:
            raise MendingInvalid(f"Change {number}: {error.message}", change=number) from error
    return tuple(found)


def seen_schema(schema: Schema, hidden: Collection[str]) -> Schema:
    """The fields that somebody may mend: those that he sees."""
    return Schema(tuple(each for each in schema if each.name not in hidden))


def check_sight(changes: Iterable[Change], hidden: Collection[str]) -> None:
    """Raise RowsHidden if a change may be about a field that is hidden from who says it."""
    if hidden and any(change.is_of_rows for change in changes):
        raise RowsHidden


def change_in(plain: object, schema: Schema) -> Change:
    """The change that `plain` says. Raises what `changes_in` raises."""
    if not isinstance(plain, dict):
        raise MendingInvalid("It is an object.")
    given = {name: value for name, value in plain.items() if value is not None}
    try:
        does = Does(given.pop("do", ""))
    except ValueError:
        raise MendingInvalid(f"`do` is one of: {', '.join(Does)}.") from None
    row = given.pop("row", None)
    if row is not None and (not isinstance(row, int) or isinstance(row, bool) or row < 1):
        raise MendingInvalid("`row` is the number of a row, from 1.")
    group = Group(_text(given, "field"), _text(given, "reason"))
    if unknown := sorted(set(given) - _MEMBERS[does]):
        raise MendingInvalid(f"`{unknown[0][:60]}` is nothing that {does} takes.")
    change = Change(does, group, row, given)
    _check(change, schema)
    return change


def _text(given: dict[str, Any], name: str) -> str:
    value = given.pop(name, "")
    if not isinstance(value, str):
        raise MendingInvalid(f"`{name}` is a text.")
    return value


def _check(change: Change, schema: Schema) -> None:
    if change.group.field:
        field_ = schema[change.group.field]
    if change.does is Does.WRITE:
        _check_written(change, schema)
    elif change.row is not None and change.group.reason:
        raise MendingInvalid("Say either a row or a reason.")
    elif change.row is None and change.group == Group():
        raise MendingInvalid("Say which: a field, a reason, or the row of an entry.")
    elif change.does in RULES:
        if not change.group.field or change.row is not None:
            raise MendingInvalid("A rule is about a field.")
        _check_rule(change, field_)
    elif change.does is Does.EMPTY and not change.group.field:
        raise MendingInvalid("Only cells can be missing. Say which field.")


def _check_written(change: Change, schema: Schema) -> None:
    if change.row is None:
        raise MendingInvalid("Say which row is written anew.")
    if change.group.field:
        if set(change.values) != {"value"}:
            raise MendingInvalid("A cell that is written anew has a `value`.")
        _check_texts([change.values["value"]])
        return
    cells = change.values.get("cells")
    if set(change.values) != {"cells"} or not isinstance(cells, dict) or not cells:
        raise MendingInvalid("A row that is written anew has `cells`, by the names of fields.")
    for name in cells:
        schema[name]
    _check_texts(cells.values())


def _check_texts(values: Iterable[object]) -> None:
    for value in values:
        if not isinstance(value, str):
            raise MendingInvalid("What is written is a text, as it would stand in the file.")
        try:
            value.encode()
        except UnicodeEncodeError:
            raise MendingInvalid("It holds half a character.") from None


def _check_rule(change: Change, field_: Field) -> None:
    if change.does is Does.TYPE:
        _check_type(change, field_)
        return
    Step(Kind(change.does.value), {"field": field_.name, **change.values})
    codes = change.values.get("codes", ())
    _check_texts([*codes, *(one for one in change.values.values() if isinstance(one, str))])
    if any(len(code) > LONGEST_CODE for code in codes):
        raise MendingInvalid(f"A missing code has at most {LONGEST_CODE} characters.")


def _check_type(change: Change, field_: Field) -> None:
    wanted = change.values.get("type", field_.type.value)
    if wanted not in (field_.type.value, FieldType.TEXT.value):
        raise MendingInvalid("A field stays of its type, or becomes text.")
    if wanted != field_.type.value:
        if change.values.get("format"):
            raise MendingInvalid("A text has no format.")
        return
    form = change.values.get("format")
    if not isinstance(form, str) or not form:
        raise MendingInvalid("Say the format in which these cells are written.")
    together = _also(field_, form)
    if len(together) > LONGEST_FORMAT:
        raise MendingInvalid(f"All formats of a field have at most {LONGEST_FORMAT} characters.")
    check_cell_format(field_.type, together)


def _also(field_: Field, form: str) -> str:
    known = field_.format.split(BY_ANY)
    return field_.format if form in known else BY_ANY.join((*known, form))


def mended_schema(schema: Schema, changes: Sequence[Change]) -> Schema:
    """The schema as the rules make it: further formats, further missing codes, or text."""
    fields = {each.name: each for each in schema}
    for change in changes:
        each = fields.get(change.group.field)
        if each is None:
            continue
        if change.does is Does.MISSING:
            codes = dict.fromkeys((*each.missing_codes, *change.values["codes"]))
            fields[each.name] = replace(each, missing_codes=tuple(codes))
        elif change.does is Does.TYPE:
            fields[each.name] = _typed(each, change)
    return Schema(tuple(fields.values()))


def _typed(each: Field, change: Change) -> Field:
    if change.values.get("type", each.type.value) != each.type.value:
        return replace(each, type=FieldType.TEXT, format="")
    return replace(each, format=_also(each, change.values["format"]))
