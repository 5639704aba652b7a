"""Promises of the whole server: services, errors, events, places, and what text shows of a secret."""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from django.apps import apps
from django.db import models

import simplr
import simplr_core
from simplr.base.event_words import WORDS
from simplr.base.events import Event
from simplr.config.placement import APPEND_ONLY, PLACES
from simplr_core.errors import SimplrError

ROOT = Path(__file__).resolve().parents[3]
CANARY = "canary-4f1c9d"
MAY_BE_SILENT_YET: dict[Event, str] = {}


def modules_of(package: ModuleType) -> Iterator[ModuleType]:
    for found in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        if found.name.endswith(("__main__", ".wsgi")) or ".migrations." in found.name:
            continue
        yield importlib.import_module(found.name)


def services() -> Iterator[Any]:
    for module in modules_of(simplr):
        *place, last = module.__name__.split(".")
        if len(place) != 2 or not last.endswith("services"):
            continue
        for name, function in inspect.getmembers(module, inspect.isfunction):
            if function.__module__ == module.__name__ and not name.startswith("_"):
                yield pytest.param(function, id=f"{module.__name__}.{name}")


def errors() -> list[type[SimplrError]]:
    for package in (simplr_core, simplr):
        for _ in modules_of(package):
            pass
    found: list[type[SimplrError]] = []
    waiting = [SimplrError]
    while waiting:
        kind = waiting.pop()
        found.append(kind)
        waiting.extend(kind.__subclasses__())
    return [kind for kind in found if kind.__module__.startswith(("simplr.", "simplr_core"))]


@pytest.mark.parametrize("service", services())
def test_a_public_service_is_documented_and_takes_names(service: Any) -> None:
    positional = [
        parameter.name
        for parameter in inspect.signature(service).parameters.values()
        if parameter.kind in (parameter.POSITIONAL_ONLY, parameter.POSITIONAL_OR_KEYWORD)
    ]

    assert inspect.getdoc(service)
    assert len(positional) <= 1, f"{positional} can be mixed up: make them keyword-only"


def test_every_error_has_a_code_of_its_own_a_status_and_a_sentence() -> None:
    codes: dict[str, type[SimplrError]] = {}
    for kind in errors():
        assert (kind.__doc__ or "").strip(), kind
        assert 400 <= kind.status <= 599, kind
        assert kind.code == kind.code.lower()
        assert " " not in kind.code
        if "code" in vars(kind):
            same = codes.setdefault(kind.code, kind)
            assert same is kind or same.status == kind.status, f"{kind} and {same}: {kind.code}"


def test_every_event_has_words_and_stands_in_the_manual() -> None:
    page = (ROOT / "docs" / "reference" / "events.md").read_text()

    assert set(WORDS) == set(Event)
    for event in Event:
        assert f"`{event.value}`" in page


def test_every_event_is_recorded_somewhere() -> None:
    used = set()
    for path in (ROOT / "src" / "simplr").rglob("*.py"):
        if path.name in {"event_words.py", "ledger_queries.py"}:
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Attribute) and ast.unparse(node.value).endswith("Event"):
                used.add(node.attr)

    dead = {event for event in Event if event.name not in used}
    assert dead == set(MAY_BE_SILENT_YET)


def test_every_app_with_tables_has_its_place() -> None:
    placed = {
        model._meta.app_label
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed or model._meta.app_label == "procrastinate"
    }

    assert placed <= set(PLACES)
    for alias, tables in APPEND_ONLY.items():
        for table in tables:
            schema, _, name = table.partition(".")
            (label,) = {
                model._meta.app_label for model in apps.get_models() if model._meta.db_table == name
            }
            assert PLACES[label] == (alias, schema)


def test_no_relation_crosses_a_database() -> None:
    crossing = [
        str(field)
        for model in apps.get_models(include_auto_created=True)
        for field in model._meta.get_fields()
        if isinstance(field, models.ForeignKey | models.ManyToManyField)
        and PLACES[model._meta.app_label][0] != PLACES[field.related_model._meta.app_label][0]  # type: ignore[union-attr]
    ]

    assert crossing == []


def ours() -> list[Any]:
    return [
        pytest.param(model, id=model.__name__)
        for model in apps.get_models()
        if model.__module__.startswith("simplr.")
    ]


@pytest.mark.parametrize("model", ours())
def test_no_text_of_a_row_shows_a_secret(model: type[models.Model]) -> None:
    """Every text and bytes column but names and kinds is taken for a secret."""
    shown = {"name", "title", "slug", "kind", "code", "outcome", "role", "email", "status", "state"}
    public = {
        "root_key_id",
        "client_id",
        "redirect_uris",
        "post_logout_redirect_uris",
        "allowed_origins",
    }
    row = model()
    for field in model._meta.concrete_fields:
        if field.name in shown | public or field.name.endswith("_kind"):
            continue
        if isinstance(field, models.CharField | models.TextField):
            setattr(row, field.attname, CANARY)
        elif isinstance(field, models.BinaryField):
            setattr(row, field.attname, CANARY.encode())
        elif isinstance(field, models.JSONField):
            setattr(row, field.attname, {"secret": CANARY})

    assert CANARY not in str(row)
    assert CANARY not in repr(row)
