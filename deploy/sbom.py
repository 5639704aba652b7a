"""Writes the bill of materials of a release: every package of a lock, as CycloneDX 1.6 JSON.

    python deploy/sbom.py [--lock requirements.lock] [-o build/sbom.json]

It reads the lock alone: the same lock gives the same bill, whatever is installed and whenever. Each
component has its package URL and every hash under which it may be installed.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import tomllib
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
PINNED = re.compile(r"(?P<name>[A-Za-z0-9._-]+)(\[[^]]*\])?==(?P<version>[^ ;\\]+)\s*(?P<rest>.*)")
HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})(?=\s|$)")
NAMESPACE = uuid.UUID("6ba7b811-9dad-11d1-80b4-00c04fd430c8")  # RFC 4122, for URLs


class LockUnsafe(Exception):
    """A line of the lock does not say exactly what is installed: a version, and its hashes."""


@dataclass(frozen=True)
class Pin:
    """One package at one version, for some machines or for all."""

    name: str
    version: str
    marker: str
    hashes: tuple[str, ...]

    @property
    def purl(self) -> str:
        return f"pkg:pypi/{re.sub(r'[-_.]+', '-', self.name).lower()}@{self.version}"


def pins(text: str) -> list[Pin]:
    """Every package of a lock. Raises LockUnsafe where one could be anything but what was locked."""
    found = []
    for line in re.sub(r"\\\n", " ", text).splitlines():
        plain = line.strip()
        if not plain or plain.startswith("#"):
            continue
        match = PINNED.fullmatch(plain)
        if match is None:
            raise LockUnsafe(f"no version is pinned: {plain[:80]}")
        marker = match["rest"].split("--hash", 1)[0].strip().removeprefix(";").strip()
        hashes = tuple(HASH.findall(match["rest"]))
        if not hashes or len(hashes) != match["rest"].count("--hash"):
            raise LockUnsafe(f"no SHA-256 is given for {match['name']}")
        found.append(Pin(match["name"], match["version"], marker, hashes))
    return found


def bill(lock: str, *, name: str, version: str) -> dict[str, Any]:
    """The bill of materials of what `lock` installs beside `name`."""
    components = [_component(pin) for pin in sorted(pins(lock), key=lambda pin: pin.purl)]
    own = f"pkg:pypi/{name}@{version}"
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.uuid5(NAMESPACE, own + lock)}",
        "version": 1,
        "metadata": {
            "component": {
                "type": "application",
                "bom-ref": own,
                "name": name,
                "version": version,
                "purl": own,
                "licenses": [{"license": {"id": "Apache-2.0"}}],
            }
        },
        "components": components,
        "dependencies": [{"ref": own, "dependsOn": sorted({one["bom-ref"] for one in components})}],
    }


def _component(pin: Pin) -> dict[str, Any]:
    properties = [{"name": "simplr:hash-sha256", "value": value} for value in pin.hashes]
    if pin.marker:
        properties.append({"name": "simplr:marker", "value": pin.marker})
    return {
        "type": "library",
        "bom-ref": pin.purl + (f"#{pin.marker}" if pin.marker else ""),
        "name": pin.name,
        "version": pin.version,
        "purl": pin.purl,
        # A package is several files, a hash each: one stands here only where there is one file.
        **(
            {"hashes": [{"alg": "SHA-256", "content": pin.hashes[0]}]}
            if len(pin.hashes) == 1
            else {}
        ),
        "properties": properties,
    }


def main() -> int:
    asked = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    asked.add_argument("--lock", type=Path, default=ROOT / "requirements.lock")
    asked.add_argument("-o", "--output", type=Path, default=ROOT / "build" / "sbom.json")
    options = asked.parse_args()
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    try:
        made = bill(options.lock.read_text(), name=project["name"], version=project["version"])
    except LockUnsafe as error:
        print(f"{options.lock}: {error}. Compile it again: make lock", file=sys.stderr)
        return 1
    options.output.parent.mkdir(parents=True, exist_ok=True)
    options.output.write_text(json.dumps(made, indent=1) + "\n")
    print(f"{options.output}: {len(made['components'])} packages")
    return 0


if __name__ == "__main__":
    sys.exit(main())
