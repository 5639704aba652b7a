"""The table jobs, in a real sandboxed child: what they need is there, with and without Landlock."""

from __future__ import annotations

import tempfile
from typing import Any

import pytest

from simplr.base import children
from simplr_core.tables.sealed import Key, SealedFile
from simplr_core.tidy.plans import plan_keep

ROWS = "".join(f"{n};Café {n};31/01/20{n % 90 + 10};{n},5\n" for n in range(2_000))


def thing(label: str) -> dict[str, Any]:
    return {"key": Key.generate(), "context": label.encode()}


@pytest.mark.parametrize("landlock", [True, False])
def test_a_file_of_an_old_code_page_is_understood_and_kept(landlock: bool) -> None:
    with tempfile.TemporaryFile() as file:
        original = thing("original")
        sealing = SealedFile(file, **original)
        sealing.write(("Nr;Où;Tag;Wert\n" + ROWS + "1;2\n").encode("cp1252"))
        sealed = sealing.finish()
        file.flush()
        original |= {"header": sealed.header, "sealed_size": sealed.sealed_size}

        def run(job: str, **arguments: Any) -> Any:
            child = children.start(
                job=f"simplr_core.tidy.jobs:{job}",
                arguments={"original": original, "name": "a.csv", **arguments},
                files={"original": file.fileno()},
                landlock=landlock,
            )
            for _ in child.frames():
                pass
            return child.result

        understood = run("understand", report=thing("report"))["understanding"]
        plan = plan_keep(understood, {})
        kept = run(
            "keep",
            plan=plan.to_json(),
            parts=[thing("part") for _ in plan.groups],
            quarantine=thing("quarantine"),
            recipe=thing("recipe"),
            profiles=[thing("profile") for _ in plan.schema],
        )
        shown = run("preview_file")

    assert understood["encoding"]["name"] == "cp1252"
    assert [field.type.value for field in plan.schema] == ["integer", "text", "date", "decimal"]
    assert kept["counts"] == understood["counts"]
    assert kept["counts"]["kept"] == 2_000
    assert kept["counts"]["quarantined_rows"] == 1
    assert shown["kind"] == "text"
