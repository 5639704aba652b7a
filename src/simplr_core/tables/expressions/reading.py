"""Reading a written condition: sqlglot parses it, and an allow-list decides what of it may be.

The text never becomes SQL again. What is kept is our own tree of `nodes`; anything sqlglot
understands that is not in the list below is refused by name.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from typing import Never

import sqlglot
from sqlglot import exp
from sqlglot.tokens import Token, TokenType

from simplr_core.tables.expressions import literals
from simplr_core.tables.expressions.errors import ConditionNotAllowed, ConditionUnknownField
from simplr_core.tables.expressions.nodes import (
    Between,
    Both,
    Call,
    Column,
    Compare,
    Either,
    IsIn,
    IsLike,
    IsMissing,
    IsTrue,
    Kind,
    Literal,
    Not,
    Operand,
    Predicate,
    kind_of,
)
from simplr_core.tables.schema import Schema

MOST_CHARACTERS = 20_000
MOST_TOKENS = 3_000
MOST_DEPTH = 30
MOST_PARTS = 200
MOST_VALUES = 1_000
MOST_WILDCARDS = 10

_COMPARISONS: dict[type[exp.Expression], str] = {
    exp.EQ: "=",
    exp.NEQ: "<>",
    exp.LT: "<",
    exp.LTE: "<=",
    exp.GT: ">",
    exp.GTE: ">=",
}
_DAYS = frozenset({Kind.DATE, Kind.DATETIME, Kind.INSTANT})
_FUNCTIONS: dict[type[exp.Expression], tuple[str, frozenset[Kind], Kind]] = {
    exp.Year: ("year", _DAYS, Kind.NUMBER),
    exp.Quarter: ("quarter", _DAYS, Kind.NUMBER),
    exp.Month: ("month", _DAYS, Kind.NUMBER),
    exp.Day: ("day", _DAYS, Kind.NUMBER),
    exp.Hour: ("hour", frozenset({Kind.DATETIME, Kind.INSTANT, Kind.TIME}), Kind.NUMBER),
    exp.Lower: ("lower", frozenset({Kind.TEXT}), Kind.TEXT),
    exp.Upper: ("upper", frozenset({Kind.TEXT}), Kind.TEXT),
    exp.Length: ("length", frozenset({Kind.TEXT}), Kind.NUMBER),
}
_WRITTEN_KINDS = {
    exp.DataType.Type.DATE: (Kind.DATE,),
    exp.DataType.Type.TIME: (Kind.TIME,),
    exp.DataType.Type.TIMESTAMP: (Kind.DATETIME, Kind.INSTANT),
}


def read_condition(text: str, schema: Schema) -> Predicate:
    """The condition that `text` says about the fields of `schema`.

    Raises ConditionNotAllowed (also for a comparison of different kinds) or, for a field that
    is not in `schema`, ConditionUnknownField.
    """
    _check_text(text)
    tree = _parse(text)
    return _Reader(schema).predicate(tree, depth=0)


def _check_text(text: str) -> None:
    if len(text) > MOST_CHARACTERS:
        raise ConditionNotAllowed(f"A condition has at most {MOST_CHARACTERS} characters.")
    if not text.strip():
        raise ConditionNotAllowed("The condition is empty.")
    if any(not character.isprintable() and character not in "\t\r\n" for character in text):
        raise ConditionNotAllowed("A condition holds no control characters.")


def _parse(text: str) -> exp.Expression:
    try:
        tokens = sqlglot.tokenize(text)
    except Exception as error:
        raise ConditionNotAllowed("The condition cannot be read: is a quote missing?") from error
    _check_tokens(text, tokens)
    try:
        tree = sqlglot.parse_one(text, into=exp.Condition)
    # Whatever a parser does with hostile text, the answer is the same: it is not a condition.
    except (Exception, RecursionError) as error:
        raise ConditionNotAllowed(
            "The condition cannot be read. It compares fields with values, such as zone = 'North'."
        ) from error
    if not isinstance(tree, exp.Expression):
        raise ConditionNotAllowed
    return tree


def _check_tokens(text: str, tokens: list[Token]) -> None:
    if len(tokens) > MOST_TOKENS:
        raise ConditionNotAllowed(f"A condition has at most {MOST_TOKENS} words and signs.")
    depth = unary = 0
    end = 0
    for token in tokens:
        # What the tokeniser leaves out between two tokens may be blanks, never a comment.
        if token.comments or text[end : token.start].strip():
            raise ConditionNotAllowed("A condition holds no comments.")
        end = token.end + 1
        if token.token_type is TokenType.SEMICOLON:
            raise ConditionNotAllowed("There is one condition, without a semicolon.")
        depth += (token.token_type is TokenType.L_PAREN) - (token.token_type is TokenType.R_PAREN)
        repeats = token.token_type in (TokenType.NOT, TokenType.DASH)
        unary = unary + 1 if repeats else 0
        if depth > MOST_DEPTH or unary > MOST_DEPTH:
            raise ConditionNotAllowed(f"A condition is nested at most {MOST_DEPTH} deep.")
    if text[end:].strip():
        raise ConditionNotAllowed("A condition holds no comments.")


class _Reader:
    def __init__(self, schema: Schema) -> None:
        self._schema = schema
        self._parts = 0

    def predicate(self, node: exp.Expression, *, depth: int) -> Predicate:
        self._parts += 1
        if depth > MOST_DEPTH or self._parts > MOST_PARTS:
            raise ConditionNotAllowed(f"A condition has at most {MOST_PARTS} parts.")
        match node:
            case exp.Paren():
                return self.predicate(node.this, depth=depth + 1)
            case exp.And() | exp.Or():
                parts = tuple(self.predicate(p, depth=depth + 1) for p in _operands_of(node))
                return Both(parts) if isinstance(node, exp.And) else Either(parts)
            case exp.Not():
                return Not(self.predicate(node.this, depth=depth + 1))
            case exp.Is():
                return self._is(node)
            case exp.In():
                return self._is_in(node)
            case exp.Between():
                return self._between(node)
            case exp.Like() | exp.ILike():
                return self._like(node)
            case exp.Column():
                operand = self._column(node)
                if operand.kind is not Kind.BOOLEAN:
                    raise ConditionNotAllowed(
                        f"{operand.name} is {operand.kind.value}: compare it with something."
                    )
                return IsTrue(operand)
        if type(node) in _COMPARISONS:
            return self._compare(node)
        _refuse(node)

    def _compare(self, node: exp.Expression) -> Predicate:
        left, right = self._pair(node.this, node.expression)
        return Compare(_COMPARISONS[type(node)], left, right)

    def _pair(self, one: exp.Expression, other: exp.Expression) -> tuple[Operand, Operand]:
        """Two operands of one kind; a value in quotes takes the kind of the other side."""
        if not _is_value(one):
            left = self._operand(one)
            return left, self._operand(other, like=left)
        if _is_value(other):
            raise ConditionNotAllowed("A comparison names at least one field.")
        right = self._operand(other)
        return self._operand(one, like=right), right

    def _operand(
        self, node: exp.Expression, *, like: Operand | None = None, depth: int = 0
    ) -> Operand:
        if depth > 3:
            raise ConditionNotAllowed("Functions are nested at most three deep.")
        if isinstance(node, exp.Paren):
            return self._operand(node.this, like=like, depth=depth + 1)
        if _is_value(node):
            return self._value(node, like)
        operand: Operand
        if isinstance(node, exp.Column):
            operand = self._column(node)
        elif type(node) in _FUNCTIONS:
            operand = self._call(node, depth)
        else:
            _refuse(node)
        if like is not None and operand.kind is not like.kind:
            raise ConditionNotAllowed(
                f"A {like.kind.value} cannot be compared with a {operand.kind.value}."
            )
        return operand

    def _call(self, node: exp.Expression, depth: int) -> Call:
        name, accepted, gives = _FUNCTIONS[type(node)]
        if [key for key, value in node.args.items() if value and key != "this"]:
            raise ConditionNotAllowed(f"{name}() takes one field.")
        inner = node.this
        if not isinstance(inner, exp.Expression) or _is_value(inner):
            raise ConditionNotAllowed(f"{name}() takes one field.")
        operand = self._operand(inner, depth=depth + 1)
        if operand.kind not in accepted:
            raise ConditionNotAllowed(f"{name}() cannot be taken of a {operand.kind.value}.")
        return Call(name, operand, gives)

    def _column(self, node: exp.Column) -> Column:
        identifier = node.this
        if len(node.parts) != 1 or not isinstance(identifier, exp.Identifier):
            raise ConditionNotAllowed("A field is named by its name alone.")
        name = str(identifier.this)
        known = {field.name: field for field in self._schema}
        if name not in known and not identifier.quoted:
            same = [each for each in known if each.casefold() == name.casefold()]
            name = same[0] if len(same) == 1 else name
        if name not in known:
            raise _unknown(name, list(known))
        field = known[name]
        return Column(name, kind_of(field))

    def _value(self, node: exp.Expression, like: Operand | None) -> Literal:
        kind = like.kind if like is not None else None
        field = like.name if isinstance(like, Column) else ""
        match node:
            case exp.Paren():
                return self._value(node.this, like)
            case exp.Neg():
                inner = node.this
                if not isinstance(inner, exp.Literal) or inner.is_string:
                    _refuse(node)
                written = literals.number(f"-{inner.this}")
            case exp.Literal() if node.is_string:
                if kind is None:
                    return literals.text(str(node.this))
                return literals.from_text(str(node.this), kind, field=field)
            case exp.Literal():
                written = literals.number(str(node.this))
            case exp.Boolean():
                written = Literal(bool(node.this), Kind.BOOLEAN)
            case exp.Cast():
                return self._typed(node, kind, field)
            case exp.Null():
                raise ConditionNotAllowed("Nothing equals a missing value: write IS NULL.")
            case _:
                _refuse(node)
        if kind is not None and written.kind is not kind:
            raise literals.mismatch(kind, field=field)
        return written

    def _typed(self, node: exp.Cast, kind: Kind | None, field: str) -> Literal:
        """DATE '…', TIME '…', TIMESTAMP '…'."""
        inner, to = node.this, node.to
        kinds = _WRITTEN_KINDS.get(to.this) if not to.expressions else None
        if kinds is None or not isinstance(inner, exp.Literal) or not inner.is_string:
            _refuse(node)
        if kind is not None and kind not in kinds:
            # A day may be compared with a moment: it is that day's first.
            if kinds != (Kind.DATE,) or kind not in _DAYS:
                raise literals.mismatch(kind, field=field)
            literals.from_text(str(inner.this), Kind.DATE, field=field)
        return literals.from_text(str(inner.this), kind or kinds[0], field=field)

    def _is(self, node: exp.Is) -> Predicate:
        if isinstance(node.expression, exp.Null):
            return IsMissing(self._field_operand(node.this))
        if isinstance(node.expression, exp.Boolean):
            operand = self._field_operand(node.this)
            if operand.kind is not Kind.BOOLEAN:
                raise ConditionNotAllowed(f"A {operand.kind.value} is neither true nor false.")
            value = IsTrue(operand) if node.expression.this else Not(IsTrue(operand))
            return Both((Not(IsMissing(operand)), value))
        _refuse(node)

    def _is_in(self, node: exp.In) -> Predicate:
        if any(node.args.get(key) for key in ("query", "unnest", "field", "is_global")):
            raise ConditionNotAllowed("IN takes a list of values.")
        values = node.expressions
        if not 1 <= len(values) <= MOST_VALUES:
            raise ConditionNotAllowed(f"IN takes between 1 and {MOST_VALUES} values.")
        operand = self._field_operand(node.this)
        if not all(_is_value(value) for value in values):
            raise ConditionNotAllowed("IN takes a list of values.")
        return IsIn(operand, tuple(self._value(value, operand) for value in values))

    def _between(self, node: exp.Between) -> Predicate:
        if node.args.get("symmetric"):
            _refuse(node)
        operand = self._field_operand(node.this)
        low, high = node.args["low"], node.args["high"]
        return Between(operand, self._operand(low, like=operand), self._operand(high, like=operand))

    def _like(self, node: exp.Like | exp.ILike) -> Predicate:
        operand = self._field_operand(node.this)
        pattern = node.expression
        if operand.kind is not Kind.TEXT:
            raise ConditionNotAllowed(f"LIKE is for text, not for a {operand.kind.value}.")
        if not isinstance(pattern, exp.Literal) or not pattern.is_string:
            raise ConditionNotAllowed("LIKE takes a pattern in quotes.")
        return like(operand, str(pattern.this), ignore_case=isinstance(node, exp.ILike))

    def _field_operand(self, node: exp.Expression) -> Operand:
        if _is_value(node):
            raise ConditionNotAllowed("A comparison names at least one field.")
        return self._operand(node)


def like(operand: Operand, pattern: str, *, ignore_case: bool = False) -> IsLike:
    """A pattern of bounded length and number of wildcards."""
    if len(pattern) > 200 or pattern.count("%") > MOST_WILDCARDS:
        raise ConditionNotAllowed(
            f"A pattern has at most 200 characters and {MOST_WILDCARDS} of the sign %."
        )
    return IsLike(operand, pattern, ignore_case)


def _is_value(node: object) -> bool:
    if isinstance(node, exp.Paren):
        return _is_value(node.this)
    return isinstance(node, exp.Literal | exp.Neg | exp.Boolean | exp.Cast | exp.Null)


def _operands_of(node: exp.And | exp.Or) -> Iterator[exp.Expression]:
    """a AND b AND c leans to the left, however long: walk it without recursion, in order."""
    kind = type(node)
    stack: list[exp.Expression] = [node]
    while stack:
        current = stack.pop()
        if type(current) is kind:
            stack += [current.expression, current.this]
        else:
            yield current


def _unknown(name: str, known: list[str]) -> ConditionUnknownField:
    close = difflib.get_close_matches(name[:200], known, n=1)
    hint = f" Did you mean {close[0]}?" if close else ""
    shown = name if len(name) <= 60 else name[:60] + "…"
    return ConditionUnknownField(
        f"There is no field {shown!r} that you can use here.{hint}", field=shown
    )


def _refuse(node: exp.Expression) -> Never:
    names: dict[type[exp.Expression], str] = {
        exp.Subquery: "A query inside",
        exp.Select: "A query",
        exp.Anonymous: "That function",
        exp.Null: "NULL alone",
    }
    what = next((text for kind, text in names.items() if isinstance(node, kind)), None)
    if what is None:
        what = "A function other than those of the manual" if isinstance(node, exp.Func) else "That"
    raise ConditionNotAllowed(f"{what} cannot be used in a condition.", found=node.key)
