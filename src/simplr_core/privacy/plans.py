"""What a delivery shows: fields with masks, rows, and what its reader asked on top of that.

The plan is made of two halves that are never mixed. The *release* half (fields, masks,
`condition`) looks at the stored values, hidden ones too. The *reader's* half (`where`, `sort`,
`show`) is read against the fields as they are shown, after their masks: a hidden field is unknown
to it, and a truncated date is compared as truncated, so that no question can go behind a mask.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from simplr_core.errors import Invalid
from simplr_core.privacy.masks import (
    Hide,
    Keep,
    Mask,
    Pseudonym,
    Pseudonyms,
    apply,
    mask_from_json,
    output_field,
)
from simplr_core.tables.expressions import Condition, ConditionUnknownField, parse_condition
from simplr_core.tables.schema import Schema


class PlanInvalid(Invalid):
    """A release shows at least one field, each of them once."""

    code = "plan-invalid"


@dataclass(frozen=True, slots=True)
class SortKey:
    """A shown field, rising or falling."""

    name: str
    descending: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """A delivery, checked against the schema of the version."""

    stored: Schema
    masks: Mapping[str, Mask]
    """By field, in the order shown; hidden fields are not in it."""
    visible: Schema
    """The released fields as they are shown."""
    show: Schema
    """Those of them that the reader asked for."""
    condition: Condition | None
    where: Condition | None
    sort: tuple[SortKey, ...]
    offset: int
    limit: int | None

    @property
    def columns(self) -> tuple[str, ...]:
        """The stored fields that must be read, and so the only ones whose keys are needed."""
        wanted = {*self.show.names, *(key.name for key in self.sort)}
        wanted |= self.where.fields if self.where else set()
        shown = [name for name in self.masks if name in wanted]
        hidden = self.condition.fields - set(shown) if self.condition else set()
        return (*shown, *sorted(hidden))

    @property
    def counting_columns(self) -> tuple[str, ...]:
        """The stored fields that decide how many rows there are."""
        names = set(self.condition.fields if self.condition else ())
        names |= self.where.fields if self.where else set()
        return tuple(name for name in self.stored.names if name in names)

    @property
    def pseudonymised(self) -> tuple[str, ...]:
        """The fields for which a map of pseudonyms is needed."""
        return tuple(name for name in self.columns if isinstance(self.masks.get(name), Pseudonym))

    def rows_of(
        self, batch: pa.RecordBatch, pseudonyms: Mapping[str, Pseudonyms]
    ) -> pa.RecordBatch:
        """The rows that pass, as they are shown: first the release, then what was asked."""
        if self.condition is not None:
            batch = batch.filter(self.condition.mask(batch))
        if self.where is not None:
            # Only what is asked about is masked for all rows; the rest for those that pass.
            asked = self._shown(batch, pseudonyms, self.where.fields, as_kept=True)
            batch = batch.filter(self.where.mask(asked))
        return self._shown(batch, pseudonyms, self.visible.names)

    def _shown(
        self,
        batch: pa.RecordBatch,
        pseudonyms: Mapping[str, Pseudonyms],
        names: Iterable[str],
        *,
        as_kept: bool = False,
    ) -> pa.RecordBatch:
        """Those of these fields that were read, masked. `as_kept`: dictionaries stay what they are."""
        wanted = set(names) & set(batch.schema.names)
        fields = [field for field in self.visible if field.name in wanted]
        masked = {}
        for field in fields:
            array, mask = batch.column(field.name), self.masks[field.name]
            if not (as_kept and isinstance(mask, Keep)):
                array = apply(mask, array, self.stored[field.name], pseudonyms.get(field.name))
            masked[field.name] = array
        if as_kept and masked:
            return pa.RecordBatch.from_pydict(masked)
        return _batch_of(list(masked.values()), Schema(tuple(fields)), batch.num_rows)


def _batch_of(arrays: list[Any], schema: Schema, rows: int) -> pa.RecordBatch:
    if not arrays:  # only rows are counted
        nothing: Any = pa.array([{}] * rows, pa.struct([]))
        return pa.RecordBatch.from_struct_array(nothing)
    return pa.RecordBatch.from_arrays(arrays, schema=schema.arrow())


def read_plan(plain: Mapping[str, Any], stored: Schema) -> Plan:
    """The plan in `plain`; raises PlanInvalid, MaskInvalid, MaskUnsuitable or a condition's error.

    `fields`: [{name, mask}] of the release, in order (None: every field as it is); `condition`:
    the release's; `where`, `sort` ("name" or "-name"), `show`, `offset`, `limit`: the reader's.
    """
    masks = _masks(plain.get("fields"), stored)
    shown = {name: output_field(mask, stored[name]) for name, mask in masks.items()}
    visible = Schema(tuple(field for field in shown.values() if field is not None))
    if not visible.fields:
        raise PlanInvalid
    condition, where = plain.get("condition"), plain.get("where")
    show = plain.get("show")
    return Plan(
        stored=stored,
        masks={name: mask for name, mask in masks.items() if not isinstance(mask, Hide)},
        visible=visible,
        show=_selected(visible, show) if show else visible,
        condition=parse_condition(condition, stored) if condition else None,
        where=parse_condition(where, visible) if where else None,
        sort=tuple(_sort_key(text, visible) for text in plain.get("sort") or ()),
        offset=_count(plain.get("offset")) or 0,
        limit=_count(plain.get("limit")),
    )


def _masks(fields: Any, stored: Schema) -> dict[str, Mask]:
    if fields is None:
        return {name: Keep() for name in stored.names}
    masks: dict[str, Mask] = {}
    for each in fields:
        name = each.get("name") if isinstance(each, Mapping) else None
        if not isinstance(name, str) or name in masks:
            raise PlanInvalid
        stored[name]  # raises FieldUnknown
        masks[name] = mask_from_json(each.get("mask", {"kind": "keep"}))
    return masks


def _selected(visible: Schema, names: Any) -> Schema:
    _known(visible, *names)
    return visible.select(names)


def _sort_key(text: str, visible: Schema) -> SortKey:
    name = text.removeprefix("-")
    _known(visible, name)
    return SortKey(name, descending=text.startswith("-"))


def _known(visible: Schema, *names: str) -> None:
    for name in names:
        if name not in visible:
            shown = name[:60]
            raise ConditionUnknownField(
                f"There is no field {shown!r} that you can use here.", field=shown
            )


def _count(value: Any) -> int | None:
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 2**63:
        raise PlanInvalid("An offset or limit is a number from nought upwards.")
    return value
