"""Conditions over paths of nodes, in SQL. Many ids travel as one text, not as a value each.

An institution gives one person thousands of grants, and each list asks about all of them. `at` is the
way to the node from the row that is asked about, such as `node__`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db.models import BooleanField, F, Func, OuterRef, Value


def _array(ids: Iterable[UUID]) -> Value:
    """Some ids as PostgreSQL writes an array of them."""
    return Value("{" + ",".join(sorted({str(id_) for id_ in ids})) + "}")


class PathMeets(Func):
    """A node is one of `ids` or lies below one."""

    template = "(%(expressions)s::uuid[])"
    arg_joiner = " && "
    output_field = BooleanField()

    def __init__(self, ids: Iterable[UUID] = (), *, at: str = "", **options: Any) -> None:
        super().__init__(F(f"{at}path"), _array(ids), **options)


class IsAmong(Func):
    """A node is one of `ids`."""

    template = "(%(expressions)s::uuid[]))"
    arg_joiner = " = ANY("
    output_field = BooleanField()

    def __init__(self, ids: Iterable[UUID] = (), *, at: str = "", **options: Any) -> None:
        super().__init__(F(f"{at}id"), _array(ids), **options)


class IsBelow(Func):
    """A node is the first of a pair and lies below the second."""

    output_field = BooleanField()

    def __init__(
        self, pairs: Iterable[tuple[UUID, UUID]] = (), *, at: str = "", **options: Any
    ) -> None:
        both = sorted(pairs)
        texts = ("{" + ",".join(str(pair[at]) for pair in both) + "}" for at in (0, 1))
        super().__init__(F(f"{at}id"), F(f"{at}path"), *map(Value, texts), **options)

    def as_sql(  # type: ignore[override]
        self, compiler: Any, connection: Any, **_options: Any
    ) -> tuple[str, tuple[Any, ...]]:
        own, path, first, second = map(compiler.compile, self.get_source_expressions())
        sql = (  # no value stands in it: each part was compiled
            f"EXISTS (SELECT 1 FROM unnest({first[0]}::uuid[], {second[0]}::uuid[]) pair(own, above)"  # noqa: S608
            f" WHERE pair.own = {own[0]} AND pair.above = ANY({path[0]}))"
        )
        return sql, (*first[1], *second[1], *own[1], *path[1])


class IsInOuterPath(Func):
    """In a subquery: a node is the outer node, or lies above it."""

    template = "(%(expressions)s))"
    arg_joiner = " = ANY("
    output_field = BooleanField()

    def __init__(self, **options: Any) -> None:
        super().__init__(F("id"), OuterRef("path"), **options)
