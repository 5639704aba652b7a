"""The core is pure: few third parties, no clock, no network, no framework."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

SOURCES = Path(__file__).resolve().parents[2] / "src"
CORE = SOURCES / "simplr_core"
ALLOWED = {
    "_typeshed",  # of type checkers only
    "blake3",
    "charset_normalizer",
    "cryptography",
    "dateutil",
    "duckdb",
    "numpy",
    "pyarrow",
    "simplr_core",
    "sqlglot",
    "PIL",
    "pypdf",
    "pypdfium2",
    "fastavro",
    "ijson",
    "python_calamine",
    "yaml",
}
CLOCKS = {
    "date.today",
    "datetime.now",
    "datetime.today",
    "datetime.utcnow",
    "time.localtime",
    "time.gmtime",
    "time.monotonic",
    "time.perf_counter",
    "time.time",
    "time.time_ns",
    "uuid.uuid1",
    "uuid.uuid7",
}
MAY_KNOW_THE_TIME = {
    "tables/jobs": "a child job limits itself to its time and reports how far it is",
}


def modules(root: Path = CORE) -> Iterator[Path]:
    yield from sorted(root.rglob("*.py"))


def imported(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.module


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(CORE)))
def test_a_core_module_imports_only_what_is_allowed(path: Path) -> None:
    names = {name.split(".")[0] for name in imported(ast.parse(path.read_text()))}

    assert names - ALLOWED - set(sys.stdlib_module_names) == set()


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(CORE)))
def test_a_core_module_reads_no_clock(path: Path) -> None:
    place = str(path.relative_to(CORE))
    if any(place.startswith(allowed) for allowed in MAY_KNOW_THE_TIME):
        return
    called = {
        ast.unparse(node.func)
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call)
    }

    assert {name for name in called if ".".join(name.split(".")[-2:]) in CLOCKS} == set()
