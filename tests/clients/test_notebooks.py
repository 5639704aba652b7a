"""The notebooks of the manual run as they stand, on the demonstration's institute."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from tests.installation import ROOT, Installation

NOTEBOOKS = sorted((ROOT / "docs" / "tutorials").glob("*.ipynb"))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs_from_its_first_cell_to_its_last(
    installation: Installation, path: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    import nbformat
    from nbclient import NotebookClient

    kernel = tmp_path / "kernels" / "python3"
    kernel.mkdir(parents=True)
    command = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    (kernel / "kernel.json").write_text(
        json.dumps({"argv": command, "display_name": "Python 3", "language": "python"})
    )
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path / "runtime"))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    monkeypatch.setenv("SIMPLR_URL", installation.url)
    monkeypatch.setenv("SIMPLR_TOKEN", installation.as_("colleague").token)
    notebook = nbformat.read(path, as_version=4)

    done = NotebookClient(notebook, timeout=120, kernel_name="python3").execute()

    ran = [cell for cell in done.cells if cell.cell_type == "code"]
    assert all(cell.execution_count for cell in ran)
    assert sum(bool(cell.outputs) for cell in ran) == len(ran)


def test_there_are_notebooks() -> None:
    assert NOTEBOOKS


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_no_output_is_kept_in_a_notebook(path: Path) -> None:
    """Outputs are data, and would be read by people to whom nothing was granted."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]

    assert not any(cell.get("outputs") or cell.get("execution_count") for cell in cells)
