"""The form of the compose file. No container engine is here to run it; what it names is there."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

FOLDER = Path(__file__).resolve().parents[2] / "deploy"
COMPOSE = FOLDER / "compose.yaml"


@pytest.fixture
def services() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(COMPOSE.read_text())["services"]
    return found


def test_it_names_files_that_there_are(services: dict[str, Any]) -> None:
    build = services["simplr"]["build"]
    assert (FOLDER / build["context"] / build["dockerfile"]).is_file()
    mounted = [volume.split(":")[0] for volume in services["nginx"]["volumes"]]
    assert (FOLDER / mounted[0]).is_file()


def test_only_the_proxy_is_reached_and_nothing_has_rights(services: dict[str, Any]) -> None:
    assert services["simplr"]["ports"] == ["443:443", "80:80"], "where nginx listens"
    assert services["nginx"]["network_mode"] == "service:simplr"
    assert services["simplr"]["cap_drop"] == ["ALL"]
    assert services["simplr"]["security_opt"] == ["no-new-privileges:true"]
    assert services["simplr"]["read_only"] is True
    assert services["simplr"]["ulimits"]["core"] == 0


def test_docker_takes_it() -> None:
    docker = shutil.which("docker")
    known = docker and subprocess.run(
        [docker, "compose", "version"], capture_output=True, check=False
    )
    if not known or known.returncode != 0:
        pytest.skip("docker compose is not here")
    done = subprocess.run(
        ["docker", "compose", "-f", COMPOSE, "config", "--quiet"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
