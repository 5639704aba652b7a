"""A stolen copy of everything but the keys shows nothing (row 2).

A thousand canaries are planted in cells that everybody in the project sees, in personal ones, in
rows and cells that did not fit, in frequent values, in files, in row conditions, in second factors,
in uploads that are cut off or wait to be resumed, and among tokens, links and passwords. Everything is killed in the
middle of work and copied; the search must find none. With sealing taken out by a committed patch,
the same search of the same work finds nearly all: so it can see.
"""

from __future__ import annotations

import gzip
import random
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.places import new_folder
from tests.start.conftest import ROOT, Simplr
from tests.store.house import House, everything_of
from tests.store.searching import in_files, in_rows

UNSEALED = ROOT / "tests" / "protections" / "02-nothing-is-sealed.patch"


@dataclass
class Planted:
    """What was planted where; `issued` are secrets that the installation made or digests."""

    rng: random.Random
    places: dict[str, list[bytes]] = field(default_factory=dict)
    issued: dict[str, bytes] = field(default_factory=dict)

    def new(self, place: str, count: int) -> list[str]:
        made = [
            "CNRY" + "".join(self.rng.choices("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", k=12))
            for _ in range(count)
        ]
        self.places.setdefault(place, []).extend(word.encode() for word in made)
        return made

    @property
    def all(self) -> set[bytes]:
        return {word for words in self.places.values() for word in words} | set(
            self.issued.values()
        )


def plant(house: House) -> Planted:
    """Do the work of an institute, with canaries wherever a value can go."""
    planted = Planted(random.Random(20261122))
    project = house.project("Canaries")
    dataset = _plant_table(house, project, planted)
    _plant_files(house, project, planted)
    release = _plant_releases(house, dataset, planted)
    _plant_secrets(house, project, dataset, release, planted)
    return planted


def _plant_table(house: House, project: str, planted: Planted) -> str:
    notes, names = planted.new("cells", 400), planted.new("personal cells", 300)
    unreadable, ragged = planted.new("cells that do not fit", 60), planted.new("ragged rows", 80)
    kinds = planted.new("frequent values", 20)
    lines = ["number,note,caller_name,amount,kind"]
    for n in range(400):
        amount = unreadable[n // 6] if n % 6 == 0 and n // 6 < 60 else str(n)
        lines.append(f"{n},{notes[n]},{names[n % 300]},{amount},{kinds[n % 20]}")
    for n, word in enumerate(ragged):
        lines.append(f"{n},a,b,{n},{kinds[0]},{word},one,two,many")
    content = ("\n".join(lines) + "\n").encode()
    upload = house.put(project, "cells.csv", content, "table")
    fields = [
        {"name": "caller_name", "personal": "personal"},
        {"name": "note", "personal": "none", "type": "text"},
        {"name": "amount", "personal": "none", "type": "integer"},
        {"name": "kind", "personal": "none", "type": "category"},
    ]
    kept = house.keep(upload["id"], fields=fields)
    assert kept["counts"]["quarantined_rows"] >= 80, kept["counts"]
    assert kept["counts"]["quarantined_cells"] >= 60, kept["counts"]
    return str(kept["resource"])


def _plant_files(house: House, project: str, planted: Planted) -> None:
    plain = "\n".join(planted.new("a text file", 40)).encode()
    packed = gzip.compress("\n".join(planted.new("a packed file", 30)).encode())
    for name, content in (("minutes.txt", plain), ("minutes.gz", packed)):
        house.keep(house.put(project, name, content, "file")["id"])


def _plant_releases(house: House, dataset: str, planted: Planted) -> str:
    release = ""
    for number, word in enumerate(planted.new("row conditions", 10)):
        masks = [{"name": "number", "mask": {"kind": "keep"}}]
        if number == 0:
            masks.append({"name": "caller_name", "mask": {"kind": "pseudonym"}})
        wish = {"title": f"Release {number}", "fields": masks, "where": f"note <> '{word}'"}
        release = house.ask("POST", f"/datasets/{dataset}/releases", wish)["id"]
    house.raw("GET", f"/datasets/{dataset}/rows?format=parquet&where=note%20%3D%20'nothing'")
    return release


def _plant_secrets(
    house: House, project: str, dataset: str, release: str, planted: Planted
) -> None:
    """Ten secrets that are only ever kept as digests, and ten that are sealed in a column."""
    later = (datetime.now(UTC) + timedelta(days=30)).isoformat()
    issued = planted.issued
    for number in range(3):
        wish = {"name": f"token {number}", "scopes": ["token:read"], "expires_at": later}
        issued[f"token {number}"] = house.ask("POST", "/tokens", wish)["token"].encode()
    (password,) = planted.new("passwords of links", 1)
    for number in range(2):
        grant = {
            "node": dataset,
            "release": release,
            "to": {"link": {"password": password.lower() + "-only-for-the-link"}},
            "actions": ["read"],
            "until": later,
        }
        given = house.ask("POST", "/grants", grant)
        issued[f"link {number}"] = given["link_url"].rsplit("/", 1)[1].encode()
    issued["password of the links"] = password.lower().encode() + b"-only-for-the-link"
    del planted.places["passwords of links"]
    for number in range(2):
        wish = {"email": f"guest{number}@example.org", "project": project, "role": "viewer"}
        made = house.ask("POST", "/invitations", wish)
        issued[f"invitation {number}"] = made["url"].rsplit("/", 1)[1].encode()
    issued["sign-in link"] = house.signin.rsplit("/", 1)[1].encode()
    factors = planted.new("second factors", 10)
    told = house.manage(
        "from allauth.mfa.totp.internal.auth import TOTP\n"
        "from simplr.accounts import services\n"
        "from simplr.accounts.models import Organisation\n"
        "from simplr.accounts.sessions import SessionStore\n"
        "from simplr.base.actors import SYSTEM\n"
        f"for n, secret in enumerate({factors!r}):\n"
        "    person = services.add_person(email=f'p{n}@example.org', name=f'P{n}',\n"
        "        organisation=Organisation.objects.first(),\n"
        "        password='a sentence nobody would guess' if n == 0 else '', actor=SYSTEM)\n"
        "    TOTP.activate(person, secret)\n"
        "session = SessionStore()\n"
        "session['_auth_user_id'] = str(person.pk)\n"
        "session.save()\n"
        "print('session', session.session_key)"
    )
    issued["session"] = told.split()[-1].encode()


def cut_off_in_the_middle(house: House, planted: Planted) -> None:
    """Kill everything while one file arrives and another is being worked on."""
    project = house.project("Cut off")
    waiting = "\n".join(planted.new("a resumable upload that waits", 20)).encode()
    house.append(house.begin(project, "waits.txt", 2_000_000), 0, waiting + bytes(300_000))
    working = planted.new("a file being worked on", 10)
    rows = "\n".join(f"{n},{working[n % 10]}" for n in range(60_000))
    upload = house.put(project, "working.csv", f"n,word\n{rows}\n".encode(), "table")
    arriving = "\n".join(planted.new("a file that arrives", 10)).encode()
    head = house.head(
        "POST", f"/projects/{project}/uploads?name=a.txt&as=file", "Content-Length: 2000000"
    )
    with house.connection() as wire:
        wire.sendall(head.replace("\n", "\r\n").encode() + b"\r\n")
        wire.sendall(arriving + bytes(1_200_000))
        deadline = time.monotonic() + 20
        while not any(path.stat().st_size > 262_144 for path in house.half_written()):
            assert time.monotonic() < deadline
            time.sleep(0.05)
        house.wait_for(upload["id"], "understood", "understanding", "received")
        house.kill_everything()


def stolen(house: House) -> Iterator[Path]:
    """A copy of the data folder without the key store."""
    place = new_folder("simplr-stolen-", mode=0o711)
    shutil.copytree(
        house.data,
        place / "copy",
        symlinks=True,
        ignore=lambda folder, names: {
            name
            for name in names
            if (Path(folder) == house.data and name == "keys")
            or not ((Path(folder) / name).is_file() or (Path(folder) / name).is_dir())
        },
    )
    yield place
    shutil.rmtree(place)


def found_in(house: House, planted: Planted) -> dict[bytes, str]:
    """Every planted thing that the search finds in a stolen copy, and where."""
    issued = set(planted.issued.values())
    for place in stolen(house):
        (place / "started").mkdir(mode=0o711)
        rows = in_rows(place / "copy" / "postgres-home" / "data", place / "started", issued)
        found = {**rows, **in_files(place / "copy", issued)}
    return {secret: where for secret, where in found.items() if secret in planted.all}


def test_a_copy_without_the_keys_shows_none_of_a_thousand_canaries(house: House) -> None:
    planted = plant(house)
    cut_off_in_the_middle(house, planted)
    try:
        found = found_in(house, planted)
    finally:
        house.start_again()

    assert len(planted.all) == 1000, {place: len(words) for place, words in planted.places.items()}
    assert found == {}


def test_no_process_leaves_a_dump_of_its_memory(house: House) -> None:
    """What a web process or a worker holds unsealed would lie in a core file in the clear."""
    running = everything_of(house.data)
    assert len(running) >= 4

    for pid in running:
        limits = Path(f"/proc/{pid}/limits").read_text().splitlines()
        (core,) = (line.split() for line in limits if line.startswith("Max core file size"))
        assert core[4:6] == ["0", "0"], Path(f"/proc/{pid}/cmdline").read_bytes()


@pytest.fixture
def unsealed_house(new_installation: Callable[[], Simplr]) -> Iterator[House]:
    """An installation of a copy of the product with sealing taken out by the patch of row 2."""
    tree = new_folder("simplr-unsealed-")
    shutil.copytree(ROOT / "src", tree / "src")  # what was compiled, too, is right by its time
    subprocess.run(["git", "apply", str(UNSEALED)], cwd=tree, check=True)
    simplr = new_installation()
    simplr.path = simplr.path.replace(str(ROOT / "src"), str(tree / "src"))
    yield House.opened(simplr)
    shutil.rmtree(tree)


def test_with_sealing_off_the_same_search_finds_nearly_all(unsealed_house: House) -> None:
    planted = plant(unsealed_house)
    cut_off_in_the_middle(unsealed_house, planted)

    found = found_in(unsealed_house, planted)

    missed = {
        place: sum(word not in found for word in words) for place, words in planted.places.items()
    }
    assert len(planted.all) == 1000
    assert len(found) >= 990, missed
