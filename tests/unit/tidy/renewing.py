"""Versions made of files and of versions by the real jobs, each object sealed in a file."""

from __future__ import annotations

import json
import tempfile
from dataclasses import dataclass, field
from typing import Any

from simplr_core.tables.jobs.versions import KeptVersion
from simplr_core.tables.schema import Schema
from simplr_core.tables.sealed import Key, SealedFile
from simplr_core.tidy import jobs
from simplr_core.tidy.fitting import fit
from simplr_core.tidy.jobs.understand import read_report
from simplr_core.tidy.plans import values_in


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

    @property
    def version(self) -> KeptVersion:
        return KeptVersion(self.earlier, self.descriptors)

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


def _understood(content: str, fields: tuple[dict[str, Any], ...]) -> Any:
    file, key = tempfile.TemporaryFile(), Key.generate()  # noqa: SIM115 - read later
    sealing = SealedFile(file, key=key, context=b"original")
    sealing.write(content.encode())
    sealed = sealing.finish()
    file.flush()
    facts = {
        "key": key,
        "context": b"original",
        "header": sealed.header,
        "sealed_size": sealed.sealed_size,
    }
    port, report = _Port(), _thing("report")
    asked = {"original": facts, "name": "a.csv", "wanted_as": "table", "report": report}
    said = jobs.understand(asked, {"original": file.fileno()}, port)
    header = bytes.fromhex(said["report"]["header"])
    stored = {**report, "header": header, "sealed_size": said["report"]["sealed_size"]}
    values = values_in(read_report(stored, port.files[1].fileno(), 0))
    plan = jobs.plan_keep(said["understanding"], {"fields": list(fields)})
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
    quarantine = _thing("quarantine")
    port = _Port()
    result = job(
        {
            **arguments,
            "parts": parts,
            "quarantine": quarantine,
            "recipe": _thing("recipe"),
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
    return Made(schema, result, earlier, descriptors, [*held, *port.files.values()])
