"""No text becomes a program: statements are written in the source, and nothing evaluates a string."""

from __future__ import annotations

import ast

import pytest
from tests.architecture.sources import TOGETHER, modules

pytestmark = TOGETHER
EVALUATES = {"eval", "exec", "compile", "__import__", "RawSQL", "extra", "raw", "literal_eval"}
"""Built-in functions, and the ways of Django to put a text into a statement."""
TEXTS_WITH_NAMES = {
    "simplr/base/migrate.py": "schemas of the table of placement, quoted by the driver",
    "simplr/base/prepared_schema.py": "the whole schema, as our migrations make it",
    "simplr_core/tidy/formats/sqlite.py": "names of a SQLite file's tables, quoted, in a child",
}
"""Where a statement is put together at all, of what, and why that is safe."""


def _called(node: ast.Call) -> tuple[str, str]:
    """(what it is called on, its name)."""
    if isinstance(node.func, ast.Attribute):
        owner = node.func.value
        return (owner.id if isinstance(owner, ast.Name) else "?"), node.func.attr
    return "", node.func.id if isinstance(node.func, ast.Name) else ""


def test_nothing_evaluates_a_text() -> None:
    found = []
    for place, tree in modules():
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call):
                continue
            owner, name = _called(node)
            if name in EVALUATES and (owner, name) not in {("re", "compile"), ("ast", "parse")}:
                found.append(f"{place}:{node.lineno} {owner}.{name}")

    assert found == []


def _is_fixed(node: ast.expr) -> bool:
    """A text of the source, a name (of a constant, or of `sql.SQL`), or a composed statement."""
    if isinstance(node, ast.Constant | ast.Name | ast.Attribute):
        return True
    if isinstance(node, ast.Call):
        return _called(node)[1] in {"SQL", "format", "encode"} and not isinstance(
            getattr(node.func, "value", None), ast.Constant
        )
    return False


def test_statements_are_written_in_the_source() -> None:
    found = set()
    for place, tree in modules():
        for node in ast.walk(tree):
            is_one = isinstance(node, ast.Call) and _called(node)[1] in {"execute", "executemany"}
            if is_one and node.args and not _is_fixed(node.args[0]):
                found.add(place)

    assert found == set(TEXTS_WITH_NAMES)


@pytest.mark.parametrize("package", ["simplr", "simplr_core"])
def test_no_engine_that_opens_files_or_addresses_is_used(package: str) -> None:
    """DuckDB, which reads files and addresses from a statement, must come with its own limits."""
    users = [
        place
        for place, tree in modules()
        if place.startswith(f"{package}/")
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        and any(
            name.split(".")[0] in {"duckdb", "ibis"}
            for name in [
                getattr(node, "module", None) or "",
                *(alias.name for alias in node.names),
            ]
        )
    ]

    assert users == []
