"""Row 57: what is installed is what was locked, file by file; and a bill of it can be handed on."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
from packaging.markers import Marker

ROOT = Path(__file__).resolve().parents[2]
LOCKS = ("requirements.lock", "requirements-test.lock", "requirements-build.lock")
INSTALLS = ("Makefile", *(str(p.relative_to(ROOT)) for p in (ROOT / "deploy").rglob("*.sh")))


def _module() -> Any:
    spec = importlib.util.spec_from_file_location("sbom", ROOT / "deploy" / "sbom.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules["sbom"] = module
    spec.loader.exec_module(module)
    return module


sbom = _module()


@pytest.mark.parametrize("lock", LOCKS)
def test_every_package_is_pinned_to_files_by_their_hashes(lock: str) -> None:
    text = (ROOT / lock).read_text()

    assert sbom.pins(text)
    assert not re.search(r"://|--(extra-)?index-url|--find-links|-e |git\+|file:", text)


@pytest.mark.parametrize(
    "line",
    [
        "django>=5.2",
        "django==5.2",
        "django==5.2 --hash=sha256:abc",
        "django==5.2 --hash=md5:" + "0" * 32,
        "django @ https://example.org/django.whl",
        "https://example.org/django.whl",
        "-e .",
        "--index-url https://example.org/simple",
    ],
)
def test_a_lock_that_leaves_it_open_is_refused(line: str) -> None:
    with pytest.raises(sbom.LockUnsafe):
        sbom.pins("click==8.1 --hash=sha256:" + "0" * 64 + "\n" + line + "\n")


def test_every_installation_of_ours_asks_for_hashes() -> None:
    found = 0
    for name in INSTALLS:
        for line in (ROOT / name).read_text().splitlines():
            if "pip install" not in line or line.lstrip().startswith("#"):
                continue
            found += 1
            only_ours = "--no-deps" in line and line.rstrip().endswith("-e .")
            assert "--require-hashes" in line or only_ours, f"{name}: {line.strip()}"
            assert "--no-build-isolation" in line or "requirements-build.lock" in line, line

    assert found >= 4


def test_installing_runs_no_script_of_ours() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())

    assert not (ROOT / "setup.py").exists()
    assert not (ROOT / "setup.cfg").exists()
    assert project["build-system"]["build-backend"] == "hatchling.build"
    assert "hooks" not in json.dumps(project["tool"].get("hatch", {}))


def test_what_is_installed_here_is_what_was_locked() -> None:
    wrong = {}
    for pin in sbom.pins((ROOT / "requirements-test.lock").read_text()):
        if pin.marker and not Marker(pin.marker).evaluate():
            continue
        installed = importlib.metadata.version(pin.name)
        if installed != pin.version:
            wrong[pin.name] = (installed, pin.version)

    assert wrong == {}


def test_the_bill_of_materials_names_every_package_and_is_always_the_same(tmp_path: Path) -> None:
    def made(name: str) -> str:
        command = [sys.executable, str(ROOT / "deploy/sbom.py"), "-o", str(tmp_path / name)]
        subprocess.run(command, check=True, capture_output=True)
        return (tmp_path / name).read_text()

    text = made("a.json")
    bill = json.loads(text)

    assert text == made("b.json")
    assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.6")
    locked = {(pin.name, pin.version) for pin in sbom.pins((ROOT / LOCKS[0]).read_text())}
    assert {(one["name"], one["version"]) for one in bill["components"]} == locked
    references = [one["bom-ref"] for one in bill["components"]]
    assert len(set(references)) == len(references)
    assert bill["dependencies"][0]["dependsOn"] == sorted(references)
    for one in bill["components"]:
        assert re.fullmatch(r"pkg:pypi/[a-z0-9-]+@[^@ ]+", one["purl"])
        hashes = [p["value"] for p in one["properties"] if p["name"] == "simplr:hash-sha256"]
        assert hashes
        assert all(re.fullmatch("[0-9a-f]{64}", each) for each in hashes)
