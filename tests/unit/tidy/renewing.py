"""Versions made of files and of versions by the real jobs, each object sealed in a file."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from simplr_core.tables.jobs.versions import KeptVersion
from simplr_core.tables.schema import Schema
from simplr_core.tables.sealed import Key, SealedFile, column_groups
from simplr_core.tidy import jobs
from simplr_core.tidy.fitting import fit
from simplr_core.tidy.jobs.open_recipe import read_recipe_object
from simplr_core.tidy.jobs.understand import read_report
from simplr_core.tidy.mending import changes_in, mended_schema
from simplr_core.tidy.plans import plan_keep, values_in

ROOT = Path(__file__).resolve().parents[3]


class _Sink:
    def __init__(self, file: Any) -> None:
        self.file = file

    def write(self, content: bytes, /) -> object:
        return self.file.write(content)

    def close(self) -> None:
        self.file.flush()


@dataclass
class _Port:
    files: dict[int, Any] = field(default_factory=dict)

    def progress(self, done: int, total: int | None, step: str) -> None:
        pass

    def sink(self, channel: int) -> _Sink:
        return _Sink(self.files.setdefault(channel, tempfile.TemporaryFile()))

    def cancelled(self) -> bool:
        return False


@dataclass
class Made:
    """A version as a job left it: to be read, and to make the next one of."""

    schema: Schema
    result: dict[str, Any]
    earlier: dict[str, Any]
    descriptors: dict[str, int]
    files: list[Any]
    recipe: dict[str, Any]

    @property
    def version(self) -> KeptVersion:
        return KeptVersion(self.earlier, self.descriptors)

    @property
    def recipe_descriptor(self) -> int:
        return self.descriptors[self.recipe["file"]]

    @property
    def steps(self) -> list[dict[str, Any]]:
        """The steps of the recipe that was kept."""
        recipe = read_recipe_object(self.recipe, self.recipe_descriptor)
        return [step.to_json() for step in recipe.steps]

    @property
    def rows(self) -> list[dict[str, Any]]:
        return [row for batch in self.version.batches() for row in batch.to_pylist()]

    @property
    def aside(self) -> list[tuple[Any, ...]]:
        names = ("row", "kept_row", "field", "reason", "raw")
        found = [tuple(entry[name] for name in names) for entry in self.version.aside()]
        return sorted(found, key=lambda entry: (entry[0], str(entry[2])))

    @property
    def counts(self) -> tuple[int, ...]:
        return tuple(self.result["counts"].values())


def _thing(label: str) -> dict[str, Any]:
    return {"key": Key.generate(), "context": label.encode()}


def first(content: str, *fields: dict[str, Any]) -> Made:
    """The version that a file makes by itself."""
    original, facts, plan = _understood(content, fields)
    arguments = {"original": facts, "name": "a.csv", "plan": plan.to_json()}
    files = {"original": original.fileno()}
    return _run(jobs.keep, arguments, files, plan.schema, plan.groups, [original])


def renewed(
    made: Made,
    content: str,
    *fields: dict[str, Any],
    mode: str = "append",
    key: tuple[str, ...] = (),
    widen: bool = False,
) -> Made:
    """The next version, of the last one and a file."""
    original, facts, plan = _understood(content, fields)
    fitted = fit(plan, made.schema, widen=widen)
    arguments = {
        "original": facts,
        "plan": fitted.plan.to_json(),
        "earlier": made.earlier,
        "schema": fitted.schema.to_json(),
        "groups": fitted.groups,
        "key": list(key),
    }
    files = {"original": original.fileno(), **made.descriptors}
    job = jobs.append if mode == "append" else jobs.upsert
    return _run(job, arguments, files, fitted.schema, fitted.groups, [original, *made.files])


def mended(made: Made, *changes: dict[str, Any]) -> Made:
    """The next version, of the last one and what is mended in it."""
    schema = mended_schema(made.schema, changes_in(list(changes), made.schema))
    return _mended(made, schema, json.dumps(list(changes)))


def mended_by_file(made: Made, content: str, format_: str = "csv") -> Made:
    """The next version, of the last one and an edited export of its quarantine."""
    return _mended(made, made.schema, content, edited=format_)


def _mended(made: Made, schema: Schema, content: str, *, edited: str = "") -> Made:
    groups = [list(names) for names in column_groups(schema)]
    asked, facts = _sealed(content.encode(), b"asked")
    return _run(
        jobs.mend,
        {
            "earlier": made.earlier,
            "earlier_recipe": made.recipe,
            "asked": facts,
            "edited": edited,
            "schema": schema.to_json(),
            "groups": groups,
        },
        {"asked": asked.fileno(), **made.descriptors, "earlier_recipe": made.recipe_descriptor},
        schema,
        groups,
        [asked, *made.files],
    )


def tried(made: Made, *changes: dict[str, Any]) -> list[dict[str, Any]]:
    """What these changes would do."""
    asked, facts = _sealed(json.dumps(list(changes)).encode(), b"asked")
    quarantine = made.earlier["quarantine"]
    found = jobs.try_mending(
        {
            "schema": made.schema.to_json(),
            "quarantine": quarantine,
            "earlier_recipe": made.recipe,
            "asked": facts,
        },
        {
            "asked": asked.fileno(),
            "quarantine": made.descriptors[quarantine["file"]],
            "earlier_recipe": made.recipe_descriptor,
        },
        _Port(),
    )
    json.dumps(found)
    return list(found["changes"])


def _sealed(content: bytes, context: bytes) -> Any:
    file, key = tempfile.TemporaryFile(), Key.generate()  # noqa: SIM115 - read later
    sealing = SealedFile(file, key=key, context=context)
    sealing.write(content)
    sealed = sealing.finish()
    file.flush()
    facts = {
        "key": key,
        "context": context,
        "header": sealed.header,
        "sealed_size": sealed.sealed_size,
    }
    return file, facts


def _understood(content: str, fields: tuple[dict[str, Any], ...]) -> Any:
    file, facts = _sealed(content.encode(), b"original")
    port, report = _Port(), _thing("report")
    asked = {"original": facts, "name": "a.csv", "wanted_as": "table", "report": report}
    said = jobs.understand(asked, {"original": file.fileno()}, port)
    header = bytes.fromhex(said["report"]["header"])
    stored = {**report, "header": header, "sealed_size": said["report"]["sealed_size"]}
    values = values_in(read_report(stored, port.files[1].fileno(), 0))
    plan = plan_keep(said["understanding"], {"fields": list(fields)})
    return file, facts, plan.with_values(values)


def _run(
    job: Any,
    arguments: dict[str, Any],
    files: dict[str, int],
    schema: Schema,
    groups: list[list[str]],
    held: list[Any],
) -> Made:
    parts = [_thing(f"part {n}") for n, _ in enumerate(groups)]
    quarantine, recipe = _thing("quarantine"), _thing("recipe")
    port = _Port()
    result = job(
        {
            **arguments,
            "parts": parts,
            "quarantine": quarantine,
            "recipe": recipe,
            "profiles": [_thing(f"profile {name}") for name in schema.names],
        },
        files,
        port,
    )
    json.dumps(result)

    def stored(channel: int, thing: dict[str, Any]) -> dict[str, Any]:
        facts = result["objects"][str(channel)]
        header = bytes.fromhex(facts["header"])
        size = facts["sealed_size"]
        return {**thing, "header": header, "sealed_size": size, "file": str(channel)}

    earlier = {
        "schema": schema.to_json(),
        "parts": [
            {"fields": group, **stored(n, part)}
            for n, (group, part) in enumerate(zip(groups, parts, strict=True), start=1)
        ],
        "quarantine": stored(len(groups) + 1, quarantine),
        "rows_in": result["counts"]["in"],
    }
    descriptors = {str(channel): file.fileno() for channel, file in port.files.items()}
    sealed_recipe = stored(len(groups) + len(schema) + 2, recipe)
    return Made(schema, result, earlier, descriptors, [*held, *port.files.values()], sealed_recipe)


def measured(program: str, rows: int) -> dict[str, Any]:
    """What a program said as JSON, run on so many rows in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", program, str(rows)],
        capture_output=True,
        check=False,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'src'}", "OPENBLAS_NUM_THREADS": "1"},
    )
    assert done.returncode == 0, done.stderr[-2000:]
    said: dict[str, Any] = json.loads(done.stdout)
    return said
