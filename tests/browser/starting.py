"""From an empty folder to an installation that has its administrator."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

from playwright.sync_api import Browser
from tests.browser.people import HOME, PASSWORD, Institute, address_of
from tests.browser.visits import ROOT, Window, open_window
from tests.places import new_folder

# For whoever writes journeys: a folder whose installation stays, and is used again by the next run.
KEPT = Path(os.environ["SIMPLR_JOURNEYS_KEEP"]) if "SIMPLR_JOURNEYS_KEEP" in os.environ else None
ADMINISTRATOR = "Edda Strand"


@dataclass(frozen=True)
class Started:
    """What `simplr up --detach --json` prints on the first start."""

    url: str
    signin: str
    token: str


def _entries(folder: Path) -> str:
    """PYTHONPATH with this checkout and the commands that its pyproject.toml names."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    information = folder / "simplr_irm-0.1.0.dist-info"
    information.mkdir(parents=True)
    (information / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: simplr-irm\nVersion: 0.1.0\n"
    )
    lines = [f"{name} = {to}" for name, to in project["entry-points"]["simplr.commands"].items()]
    (information / "entry_points.txt").write_text("\n".join(["[simplr.commands]", *lines, ""]))
    return os.pathsep.join([str(ROOT / "src"), str(folder)])


@contextmanager
def started() -> Iterator[Started]:
    """Start an installation on an empty folder; stop it and remove the folder at the end."""
    if KEPT is not None and (KEPT / "started.json").exists():
        yield Started(**json.loads((KEPT / "started.json").read_text()))
        return
    place = KEPT or new_folder("simplr-journeys-")
    place.mkdir(exist_ok=True)
    place.chmod(0o755)
    environment = {
        key: value
        for key, value in os.environ.items()
        if not key.startswith(("SIMPLR_", "DJANGO_"))
    }
    environment |= {"HOME": "/nonexistent", "PYTHONPATH": _entries(place / "entries")}
    data = ["--data", str(place / "data"), "--json"]

    def simplr(*words: str) -> Any:
        done = subprocess.run(
            [sys.executable, "-m", "simplr_client.command", *words, *data],
            env=environment,
            cwd="/",
            capture_output=True,
            text=True,
            timeout=180,
            check=False,
        )
        assert done.returncode == 0, f"simplr {words[0]}: {done.returncode}\n{done.stderr}"
        return json.loads(done.stdout)

    try:
        printed = simplr("up", "--detach", "--port", "0", "--env", "test")
        first = Started(url=printed["url"], signin=printed["signin"], token=printed["token"])
        if KEPT is not None:
            (KEPT / "started.json").write_text(json.dumps(asdict(first)))
        yield first
    finally:
        if KEPT is None:
            try:
                simplr("down")
            finally:
                shutil.rmtree(place, ignore_errors=True)


def named(text: str) -> str:
    """A title that is new: a kept installation knows those of earlier runs."""
    return text if KEPT is None else f"{text} {uuid4().hex[:4]}"


def add_authenticator(window: Window) -> None:
    """Give the page that stands in the window a key that holds passkeys and knows its owner."""
    window.devtools.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    window.devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})


@dataclass
class Beginning:
    """The first start as it went, for the test that is about it."""

    institute: Institute
    faults: list[str]
    titles: list[str] = field(default_factory=list)


def begin(browser: Browser, printed: Started) -> Beginning:
    """The first administrator opens the link, says who she is, and adds a passkey."""
    institute = Institute(url=printed.url, token=printed.token)
    if KEPT is not None and (KEPT / "people.json").exists():
        institute.people = json.loads((KEPT / "people.json").read_text())
        return Beginning(institute, [])
    phone = open_window(browser, printed.url, "phone")
    phone.go(printed.signin)
    phone.look("first-start", manual=True)
    faults = phone.close()

    window = open_window(browser, printed.url, "desktop")
    beginning = Beginning(institute, faults)
    window.go(printed.signin)
    add_authenticator(window)
    beginning.titles.append(window.title())
    window.fill(
        name=ADMINISTRATOR,
        email=address_of(ADMINISTRATOR),
        organisation=HOME,
        password=PASSWORD,
    )
    window.look("first-start", manual=True)
    window.leave(window.button("Begin, then add a passkey"))
    beginning.titles.append(window.title())
    window.fill(name="Laptop")
    window.look("add-passkey")
    window.leave(window.button("Add the passkey"))
    window.page.wait_for_load_state()
    beginning.titles.append(window.title())
    window.look("recovery-codes")
    window.go("/account/")
    beginning.titles.append(window.words())
    window.look("account", manual=True)
    institute.people[ADMINISTRATOR] = window.context.storage_state()
    beginning.faults += window.close()
    return beginning


def keep(institute: Institute) -> None:
    """Let the next run find the people signed in, where the installation stays."""
    if KEPT is not None:
        (KEPT / "people.json").write_text(json.dumps(institute.people))
