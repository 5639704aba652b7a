"""What a step of a recipe is: a kind, its arguments, whether it is on, and why it is there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from simplr_core.errors import Invalid
from simplr_core.tidy.confidence import Confidence


class RecipeInvalid(Invalid):
    """A recipe is `version: 1` and a list of steps of known kinds. Correct the line that is named."""

    code = "recipe-invalid"


class Kind(StrEnum):
    """What a step does."""

    READ = "read"
    RENAME = "rename"
    DROP_ROWS = "drop_rows"
    DISTINCT = "distinct"
    TRIM = "trim"
    REPLACE = "replace"
    SPELL = "spell"
    MISSING = "missing"
    TYPE = "type"
    MARK = "mark"
    DROP_FIELDS = "drop_fields"
    UNPIVOT = "unpivot"


STAGES: tuple[frozenset[Kind], ...] = (
    frozenset({Kind.READ}),
    frozenset({Kind.RENAME}),
    frozenset({Kind.DROP_ROWS}),
    frozenset({Kind.DISTINCT}),
    frozenset({Kind.TRIM}),
    frozenset({Kind.REPLACE, Kind.SPELL}),
    frozenset({Kind.MISSING}),
    frozenset({Kind.TYPE}),
    frozenset({Kind.MARK}),
    frozenset({Kind.DROP_FIELDS}),
    frozenset({Kind.UNPIVOT}),
)
"""The order in which steps are done. Within a stage they are done as they are listed."""

OWN = frozenset(
    {
        *(Kind.DROP_ROWS, Kind.DISTINCT, Kind.TRIM, Kind.REPLACE, Kind.SPELL),
        *(Kind.DROP_FIELDS, Kind.UNPIVOT),
    }
)
"""The steps that an understanding keeps as steps; the others are said by its fields and dialect."""

STAGE: Mapping[Kind, int] = {kind: n for n, kinds in enumerate(STAGES) for kind in kinds}


class Form(StrEnum):
    """What an argument is."""

    TEXT = "a text"
    TEXTS = "a list of texts"
    FLAG = "yes or no"
    NUMBER = "a whole number"


@dataclass(frozen=True, slots=True)
class Argument:
    form: Form
    is_needed: bool = True
    is_value: bool = False
    """True for what is made of cell values: only who may see the field's values sees it."""
    words: tuple[str, ...] = ()
    """The only texts that it may be, if there are any."""


_FIELD = Argument(Form.TEXT)
_VALUE = Argument(Form.TEXT, is_value=True)
_VALUES = Argument(Form.TEXTS, is_value=True)
EMPTY, TOTAL = "empty", "total"
BY_A_PERSON = "A person said so."

ARGUMENTS: Mapping[Kind, Mapping[str, Argument]] = {
    Kind.READ: {
        "encoding": Argument(Form.TEXT, is_needed=False),
        "delimiter": Argument(Form.TEXT, is_needed=False),
        "quote": Argument(Form.TEXT, is_needed=False),
        "escape": Argument(Form.TEXT, is_needed=False),
        "columns": Argument(Form.TEXTS, is_needed=False),
        "preamble_rows": Argument(Form.NUMBER, is_needed=False),
        "header_rows": Argument(Form.NUMBER, is_needed=False),
        "table": Argument(Form.TEXTS, is_needed=False),
        "said": Argument(Form.TEXTS, is_needed=False),
    },
    Kind.RENAME: {"field": _FIELD, "to": Argument(Form.TEXT)},
    Kind.DROP_ROWS: {"rows": Argument(Form.TEXT, words=(EMPTY, TOTAL))},
    Kind.DISTINCT: {"fields": Argument(Form.TEXTS, is_needed=False)},
    Kind.TRIM: {
        "fields": Argument(Form.TEXTS, is_needed=False),
        "inner": Argument(Form.FLAG, is_needed=False),
        "unicode": Argument(Form.FLAG, is_needed=False),
    },
    Kind.REPLACE: {"field": _FIELD, "value": _VALUE, "by": _VALUE},
    Kind.SPELL: {"field": _FIELD, "to": _VALUE, "from": _VALUES},
    Kind.MISSING: {"field": _FIELD, "codes": _VALUES},
    Kind.TYPE: {
        "field": _FIELD,
        "type": Argument(Form.TEXT),
        "format": Argument(Form.TEXT, is_needed=False),
    },
    Kind.MARK: {
        "field": _FIELD,
        "personal": Argument(Form.TEXT, words=("none", "indirect", "personal")),
    },
    Kind.DROP_FIELDS: {"fields": Argument(Form.TEXTS)},
    Kind.UNPIVOT: {
        "fields": Argument(Form.TEXTS),
        "name": Argument(Form.TEXT),
        "value": Argument(Form.TEXT),
    },
}

PROPOSED = "proposed"
"""Stands for the values of a step that its reader may not see: the number of the proposal."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step. `evidence` says in a sentence why it is there, with counts and without any value.

    `changes` counts the cells or rows that it changes, where that was counted. `line` is where it
    stands in a text, if it came from one.
    """

    kind: Kind
    arguments: Mapping[str, Any] = field(default_factory=dict)
    on: bool = True
    confidence: Confidence = Confidence.CERTAIN
    evidence: str = ""
    changes: int | None = None
    line: int = field(default=0, compare=False)

    def __post_init__(self) -> None:
        check_arguments(self.kind, self.arguments)

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields that it names."""
        if "field" in self.arguments:
            return (str(self.arguments["field"]),)
        return tuple(self.arguments.get("fields", ()))

    @property
    def is_hidden(self) -> bool:
        """True where the values are left out, for a reader who may not see them."""
        return PROPOSED in self.arguments

    @property
    def holds_values(self) -> bool:
        """True if it is made of cell values."""
        return any(argument.is_value for argument in ARGUMENTS[self.kind].values())

    def with_values(self, values: Mapping[str, Any]) -> Step:
        """A step whose values were left out, with them. What is said of them anew is left."""
        left = {name: value for name, value in self.arguments.items() if name != PROPOSED}
        return replace(self, arguments={**values, **left})

    @property
    def values(self) -> dict[str, Any]:
        """Its arguments that are made of cell values."""
        known = ARGUMENTS[self.kind]
        return {
            name: v for name, v in self.arguments.items() if name in known and known[name].is_value
        }

    def without_values(self, number: int) -> Step:
        """The step for those who may not see its values; `number` finds them again."""
        values = {name for name, argument in ARGUMENTS[self.kind].items() if argument.is_value}
        left = {name: value for name, value in self.arguments.items() if name not in values}
        return replace(self, arguments={**left, PROPOSED: number})

    def to_json(self) -> dict[str, Any]:
        return {
            "kind": self.kind.value,
            **self.arguments,
            "on": self.on,
            "confidence": self.confidence.value,
            "evidence": self.evidence,
            "changes": self.changes,
        }

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> Step:
        """The step that `to_json` wrote. Raises RecipeInvalid."""
        try:
            own = {"kind", "on", "confidence", "evidence", "changes", "line"}
            changes = plain.get("changes")
            return cls(
                kind=Kind(plain["kind"]),
                arguments={name: value for name, value in plain.items() if name not in own},
                on=bool(plain.get("on", True)),
                confidence=Confidence(plain.get("confidence", "certain")),
                evidence=str(plain.get("evidence", "")),
                changes=None if changes is None else int(changes),
                line=int(plain.get("line", 0)),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise RecipeInvalid from error


def without_values(steps: Sequence[Step]) -> tuple[Step, ...]:
    """The steps as they may lie in clear: values stand apart, under the number of their step."""
    return tuple(
        step.without_values(n) if step.holds_values else step for n, step in enumerate(steps)
    )


def check_arguments(kind: Kind, arguments: Mapping[str, Any]) -> None:
    """Return quietly if a step of this kind may have these arguments. Raises RecipeInvalid."""
    known = ARGUMENTS[kind]
    hidden = PROPOSED in arguments and any(argument.is_value for argument in known.values())
    for name, value in arguments.items():
        if name == PROPOSED and hidden:
            if not _is_of(Form.NUMBER, value):
                raise RecipeInvalid(f"`{PROPOSED}` is the number of a proposal.")
            continue
        if name not in known:
            raise RecipeInvalid(
                f"A step of kind {kind} has no `{name}`. It has: {', '.join(known)}."
            )
        if not _is_of(known[name].form, value):
            raise RecipeInvalid(f"`{name}` of a step of kind {kind} is {known[name].form}.")
        if known[name].words and value not in known[name].words:
            raise RecipeInvalid(f"`{name}` is one of: {', '.join(known[name].words)}.")
    for name, argument in known.items():
        if argument.is_needed and name not in arguments and not (hidden and argument.is_value):
            raise RecipeInvalid(f"A step of kind {kind} needs `{name}`.")


def _is_of(form: Form, value: object) -> bool:
    if form is Form.TEXT:
        return isinstance(value, str)
    if form is Form.TEXTS:
        return isinstance(value, list | tuple) and all(isinstance(one, str) for one in value)
    if form is Form.FLAG:
        return isinstance(value, bool)
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


@dataclass(frozen=True, slots=True)
class Recipe:
    """Steps in the order in which they are done."""

    steps: tuple[Step, ...] = ()

    def __post_init__(self) -> None:
        last, last_kind = 0, Kind.READ
        for number, step in enumerate(self.steps, start=1):
            if STAGE[step.kind] < last:
                raise RecipeInvalid(
                    f"{place_of(step, number)} belongs before those of kind {last_kind}.",
                    step=number,
                    line=step.line,
                )
            last, last_kind = STAGE[step.kind], step.kind

    def to_json(self) -> dict[str, Any]:
        return {"version": 1, "steps": [step.to_json() for step in self.steps]}

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> Recipe:
        """The recipe that `to_json` wrote. Raises RecipeInvalid."""
        return cls(tuple(Step.from_json(step) for step in plain.get("steps", ())))


def place_of(step: Step, number: int) -> str:
    """Where a step stands, for a message: its line, its number and its kind."""
    line = f"Line {step.line}, step" if step.line else "Step"
    return f"{line} {number} ({step.kind})"


@dataclass(frozen=True, slots=True)
class Misfit:
    """A step that cannot be done to this file, or something in it that no step knows."""

    code: str
    text: str
    field: str = ""
    step: int | None = None
    line: int = 0
    is_fatal: bool = True
    """False where the file is only said to differ: the recipe can be followed all the same."""

    def to_json(self) -> dict[str, Any]:
        return {
            "code": self.code,
            "text": self.text,
            "field": self.field,
            "step": self.step,
            "line": self.line or None,
            "left_out": self.is_fatal,
        }

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> Misfit:
        """The misfit that `to_json` wrote."""
        return cls(
            code=str(plain["code"]),
            text=str(plain["text"]),
            field=str(plain.get("field", "")),
            step=plain.get("step"),
            line=int(plain.get("line") or 0),
            is_fatal=bool(plain.get("left_out", True)),
        )
