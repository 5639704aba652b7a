"""The fields of two versions side by side: which are the same, what changed in how they are filled."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from simplr_core.stats import drift
from simplr_core.tables.conforming import WideningLoses, widened
from simplr_core.tables.profiles import Profiler
from simplr_core.tables.schema import Field, FieldType, Schema

MOST_CATEGORIES = 1_000
"""Fields with more different values are compared by their order or not at all."""

SHOWN_VALUES = 5
ALIKE = 0.8
"""A field that is gone and one that is new are taken for one if so much of their values is the same."""

_IN_ORDER = (
    FieldType.INTEGER,
    FieldType.DECIMAL,
    FieldType.DATE,
    FieldType.TIME,
    FieldType.DATETIME,
)


@dataclass(frozen=True, slots=True)
class FieldPair:
    """A field as it was and as it is; one of the two is None where only one version has it."""

    before: Field | None
    after: Field | None
    common: Field
    """The field of the type in which both are compared."""

    @property
    def name(self) -> str:
        return self.common.name

    @property
    def sides(self) -> tuple[Field | None, Field | None]:
        return self.before, self.after

    @property
    def is_common(self) -> bool:
        """Whether both versions have it."""
        return self.before is not None and self.after is not None

    def in_common(self, column: Any) -> Any:
        """The cells of one version in the type in which both are compared."""
        try:
            return widened(column, self.common)
        except WideningLoses:
            # A whole number too large for a decimal: compared as the nearest one.
            return column.cast(self.common.arrow_type(), safe=False)


def pairs_of(before: Schema, after: Schema) -> list[FieldPair]:
    """The fields of both, in the order of the later version; those that are gone at the end."""
    was = {field.name: field for field in before}
    pairs = [_pair(was.get(field.name), field) for field in after]
    return pairs + [_pair(f, None) for f in before if f.name not in after]


def _pair(before: Field | None, after: Field | None) -> FieldPair:
    if before is None or after is None:
        return FieldPair(before, after, before or after)  # type: ignore[arg-type]
    if before.arrow_type() == after.arrow_type():
        return FieldPair(before, after, after)
    numbers = {FieldType.INTEGER, FieldType.DECIMAL}
    kind = FieldType.DECIMAL if {before.type, after.type} == numbers else FieldType.TEXT
    return FieldPair(before, after, replace(after, type=kind, format=""))


def compared(
    pair: FieldPair, profilers: Sequence[Profiler], changed: int | None, *, is_key: bool
) -> dict[str, Any]:
    """What is said of one field, in JSON: it holds cell values.

    Of a key nothing is said to have shifted: that other rows have other keys is no drift.
    """
    measured = iter(profilers)
    sides = [None if side is None else next(measured) for side in pair.sides]
    found: dict[str, Any] = {
        "name": pair.name,
        "state": _state(pair),
        "type_before": None if pair.before is None else pair.before.type.value,
        "type_after": None if pair.after is None else pair.after.type.value,
        "changed": changed,
        "before": _summary(sides[0]),
        "after": _summary(sides[1]),
        "drift": None,
    }
    if sides[0] is not None and sides[1] is not None and not is_key:
        found["drift"] = drift_of(pair.common, sides[0], sides[1])
    return found


def _state(pair: FieldPair) -> str:
    if pair.before is None:
        return "added"
    if pair.after is None:
        return "gone"
    return "same" if pair.before.type is pair.after.type else "retyped"


def _summary(profiler: Profiler | None) -> dict[str, Any] | None:
    if profiler is None:
        return None
    values = profiler.values()
    shown: dict[str, Any] = {
        n: values[n] for n in ("min", "max", "mean", "quantiles", "histogram") if n in values
    }
    return {**profiler.counts(), **shown, "top": values.get("top", [])[:SHOWN_VALUES]}


def drift_of(field: Field, before: Profiler, after: Profiler) -> dict[str, Any]:
    """The effect sizes that fit a field, and the strongest verdict of them."""
    measures, is_exact = _measures(field, before, after)
    shares = [
        counts["missing"] / counts["rows"] if counts["rows"] else 0.0
        for counts in (before.counts(), after.counts())
    ]
    measures = [*measures, drift.missing_shift(*shares)]
    return {
        "verdict": drift.worst(measures).value,
        "measures": [measure.to_json() for measure in measures],
        "is_exact": is_exact,
    }


def _measures(field: Field, before: Profiler, after: Profiler) -> tuple[list[drift.Measure], bool]:
    if field.type in _IN_ORDER:
        samples = [before.sample, after.sample]
        if not all(len(sample) for sample in samples):
            return [], True
        is_exact = before.sample_is_all and after.sample_is_all
        measures = [drift.kolmogorov_smirnov(*samples)]
        if field.type in (FieldType.INTEGER, FieldType.DECIMAL):
            measures.insert(0, drift.standardised_mean_difference(*samples))
        return measures, is_exact
    tallies = [before.tally, after.tally]
    if any(tally is None or not _are_categories(tally) for tally in tallies):
        return [], True
    old, new = (dict(tally or {}) for tally in tallies)
    return [drift.population_stability(old, new), drift.total_variation(old, new)], True


def _are_categories(tally: Mapping[Any, int]) -> bool:
    """Whether values come again often enough for their shares to say something."""
    return 0 < len(tally) <= MOST_CATEGORIES and 2 * len(tally) <= sum(tally.values())


def renamed(
    pairs: Sequence[FieldPair], profilers: Mapping[str, Sequence[Profiler]]
) -> list[dict[str, Any]]:
    """Pairs of a field that is gone and one that is new which hold much the same.

    The share of different values that both have is estimated from the smallest hashes of both
    (Broder, On the resemblance and containment of documents, 1997); and the values are spread
    alike, so that two fields of the same few values are not taken for one.
    """
    gone = [pair for pair in pairs if pair.after is None]
    new = [pair for pair in pairs if pair.before is None]
    found = []
    for old in gone:
        for now in new:
            one, other = profilers[old.name][0], profilers[now.name][0]
            if old.common.arrow_type() != now.common.arrow_type():
                continue
            alike = _resemblance(one, other)
            spread = drift_of(now.common, one, other)
            if alike >= ALIKE and spread["verdict"] == drift.Verdict.SAME:
                found.append({"from": old.name, "to": now.name, "alike": round(alike, 3)})
    return _one_each(sorted(found, key=lambda each: -float(each["alike"])))


def _one_each(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    taken: set[tuple[str, str]] = set()
    kept = []
    for each in found:
        ends = {("from", each["from"]), ("to", each["to"])}
        if not ends & taken:
            taken |= ends
            kept.append(each)
    return kept


def _resemblance(one: Profiler, other: Profiler) -> float:
    first, second = one.distinct_hashes, other.distinct_hashes
    size = min(len(np.union1d(first, second)), max(len(first), len(second)))
    smallest = np.union1d(first, second)[:size]
    if not len(smallest):
        return 0.0
    both = np.isin(smallest, first) & np.isin(smallest, second)
    return float(both.sum() / len(smallest))
