"""One stored object of every kind, how each is read from outside, and bits flipped in them."""

from __future__ import annotations

import http.client
import json
import random
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from tests.store.house import Answered, House
from tests.unit.tidy.papers import docx

HEADER = 47
TRAILER = 16
"""Bytes of the header of a sealed object, and of the tag at the end of its last segment."""
ROWS = 4_000
FORMATS = ("csv", "arrow", "parquet")
KINDS = {
    *("original", "report", "part", "quarantine", "profile", "recipe", "text"),
    *("pseudonyms", "comparison", "piece"),
}
OWNERS = """
import json
from simplr.datasets.models import Field, Part
from simplr.intake.models import Upload
from simplr.resources.models import Version
from simplr.vault.models import SealedObject
told = {}
for one in SealedObject.objects.filter(
    project_key__project_id=PROJECT, stored_at__isnull=False, wrapped__isnull=False
):
    told[one.id.hex] = [one.kind, "", ""]
def of(id_, resource, version=""):
    if id_ is not None and id_.hex in told:
        told[id_.hex][1:] = [str(resource), str(version)]
for one in Version.objects.all():
    for id_ in (one.original_id, one.quarantine_id, one.text_id, one.recipe_id):
        of(id_, one.resource_id, one.number)
for one in Part.objects.select_related("version"):
    of(one.object_id, one.version.resource_id, one.version.number)
for one in Field.objects.select_related("version"):
    of(one.profile_id, one.version.resource_id, one.version.number)
for one in Upload.objects.filter(state="understood"):
    of(one.object_id, one.id, "upload")
    of(one.report_id, one.id, "upload")
print(json.dumps(told))
"""
CHECK = """
from django.utils import timezone
from simplr.vault import fixity
found = fixity.check(before=timezone.now())
print(found.objects, found.damaged, *(id_.hex for id_ in fixity.damaged_ids()))
"""


@dataclass(frozen=True)
class Transfer:
    """What a client got: the status, the bytes, and whether it may believe they are all."""

    status: int
    content: bytes
    complete: bool


def fetch(house: House, path: str, body: Any = None) -> Transfer:
    """Read as a client does: by length or by chunks, and notice when either is broken."""
    address = urlsplit(house.url)
    connection = http.client.HTTPConnection("127.0.0.1", address.port or 80, timeout=60)
    headers = {"Authorization": f"Bearer {house.token}", "Host": address.netloc}
    if body is None:
        connection.request("GET", f"/api/v1{path}", headers=headers)
    else:
        headers["Content-Type"] = "application/json"
        connection.request("POST", f"/api/v1{path}", json.dumps(body), headers)
    answer = connection.getresponse()
    try:
        return Transfer(answer.status, answer.read(), complete=True)
    except (http.client.IncompleteRead, ConnectionError) as error:
        got = error.partial if isinstance(error, http.client.IncompleteRead) else b""
        return Transfer(answer.status, got, complete=False)
    finally:
        connection.close()


def flip(path: Path, bit: int) -> None:
    """Turn one bit of a file round, in its place: whoever owns it still does."""
    with path.open("r+b") as file:
        file.seek(bit // 8)
        (byte,) = file.read(1)
        file.seek(bit // 8)
        file.write(bytes([byte ^ 1 << (bit % 8)]))


@dataclass(frozen=True)
class Way:
    """A question to the API that a stored object is needed for, and its right answer."""

    path: str
    body: Any = None
    whole: bytes = field(default=b"", repr=False)


@dataclass(frozen=True)
class Stored:
    """One sealed object in its file, and the ways by which it is read."""

    id: UUID
    kind: str
    path: Path
    ways: Sequence[Way]

    def a_bit(self, chance: random.Random) -> tuple[str, int]:
        """A bit of its header, of its body, or of its end, each as likely."""
        size = self.path.stat().st_size
        places = {
            "header": (0, HEADER),
            "body": (HEADER, size - TRAILER),
            "end": (size - TRAILER, size),
        }
        place = chance.choice([name for name, (first, last) in places.items() if first < last])
        first, last = places[place]
        return place, chance.randrange(first * 8, last * 8)


@dataclass
class Found:
    """What came of the flips: by kind and place, refused or right, and what was wrong."""

    flips: Counter[tuple[str, str]] = field(default_factory=Counter)
    answers: Counter[tuple[str, str]] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    unnamed: list[str] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)

    @property
    def count(self) -> int:
        return sum(self.flips.values())

    def __str__(self) -> str:
        reads = Counter(dict.fromkeys(("refused", "broken off", "right"), 0))
        for (_, word), count in self.answers.items():
            reads[word] += count
        kinds = sorted({kind for kind, _ in self.flips})
        said = ", ".join(f"{count} {word}" for word, count in reads.items())
        return (
            f"{self.count} bits flipped in objects of {len(kinds)} kinds ({', '.join(kinds)}):"
            f" {sum(reads.values())} readings, {said}, {len(self.wrong)} wrong;"
            f" fixity missed {len(self.missed)}"
        )


@dataclass
class World:
    """An installation with something of every kind in its store."""

    house: House
    project: str
    stored: list[Stored]

    def meet(self, one: Stored, place: str, bit: int, found: Found) -> None:
        """Flip a bit, read the object by every way, put the bit back."""
        found.flips[one.kind, place] += 1
        flip(one.path, bit)
        try:
            for way in one.ways:
                got = fetch(self.house, way.path, way.body)
                found.answers[one.kind, judged(one, way, got, bit, found)] += 1
        finally:
            flip(one.path, bit)

    def checked(self) -> tuple[int, int, set[str]]:
        """How many objects the fixity check opened, how many were damaged, and which are known."""
        objects, damaged, *ids = self.house.manage(CHECK).split()
        return int(objects), int(damaged), set(ids)

    def meet_a_piece(self, chance: random.Random, found: Found) -> None:
        """Flip a bit in a piece of an upload before the rest comes: no file is made of it."""
        content = chance.randbytes(100_000)
        upload = self.house.begin(self.project, "in-pieces.bin", len(content))
        before = set(self.house.objects())
        self.house.append(upload, 0, content[:70_000])
        (path,) = set(self.house.objects()) - before
        piece = Stored(UUID(hex=path.stem), "piece", path, ())
        place, bit = piece.a_bit(chance)
        flip(path, bit)
        found.flips["piece", place] += 1
        try:
            self.house.append(upload, 70_000, content[70_000:])
            said = b"taken"
        except Answered as error:
            said = error.body if error.status == 500 else b"refused otherwise"
        found.answers["piece", "refused"] += 1
        state = self.house.ask("GET", f"/uploads/{upload}")["state"]
        if b"seal-broken" not in said or state not in {"receiving", "failed"}:
            found.wrong.append(f"piece, bit {bit}: {state} {said!r}")
        elif str(piece.id).encode() not in said:
            found.unnamed.append(f"piece, bit {bit}: {said!r}")
        self.house.raw("DELETE", f"/uploads/{upload}")
        assert not path.exists()


def judged(one: Stored, way: Way, got: Transfer, bit: int, found: Found) -> str:
    """Whether the answer is right, refused or broken off; anything else is noted as wrong."""
    what = f"{one.kind} {one.id}, bit {bit}, {way.path}: {got.status}"
    if got.status == 200:
        if got.complete and got.content == way.whole:
            return "right"
        if got.complete or not way.whole.startswith(got.content):
            found.wrong.append(what)
        return "broken off"
    if got.status != 500 or not got.complete:
        found.wrong.append(f"{what} {got.content[:300]!r}")
    elif str(one.id) not in got.content.decode():
        found.unnamed.append(f"{what} {got.content[:300]!r}")
    return "refused"


def build(house: House) -> World:
    """Two versions, a release with pseudonyms, a comparison, a document, a file, an upload that is
    understood, and one of which a piece is here."""
    chance = random.Random(7)
    project = house.project("Altered everywhere")
    first = house.keep(house.put(project, "one.csv", _table(chance, 0))["id"])
    dataset = first["resource"]
    path = f"/projects/{project}/uploads?name=two.csv&resource={dataset}"
    headers = {"Content-Type": "application/octet-stream"}
    second = json.loads(house.raw("POST", path, _table(chance, 50), **headers))
    house.keep(second["id"])
    noise = house.put(project, "noise.bin", chance.randbytes(1_300_000), "file")
    file = house.keep(noise["id"])["resource"]
    words = [f"{chance.getrandbits(200):x}" for _ in range(3_000)]
    paper = house.put(project, "minutes.docx", docx(words), "file")
    document = house.keep(paper["id"])["resource"]
    shown = [
        {"name": n, "mask": {"kind": m}} for n, m in (("word", "pseudonym"), ("value", "keep"))
    ]
    release = house.ask(
        "POST",
        f"/datasets/{dataset}/releases",
        {"title": "By pseudonym", "fields": shown, "where": "", "version": "this"},
    )["id"]
    compared = {"before": "1", "after": "2"}
    until = time.monotonic() + 60
    while house.ask("POST", f"/datasets/{dataset}/comparisons", compared)["state"] == "waiting":
        assert time.monotonic() < until
        time.sleep(0.1)
    waiting = house.put(project, "three.csv", _table(chance, 9))["id"]
    house.wait_for(waiting, "understood")
    resting = house.begin(project, "resting.bin", 200_000)
    house.append(resting, 0, chance.randbytes(90_000))
    fetch(house, f"/datasets/{dataset}/rows?format=csv&release={release}")  # pseudonyms are drawn
    ways = _ways(dataset, file, document, release, waiting, compared)
    return World(house, project, _stored(house, project, ways))


def _table(chance: random.Random, more: int) -> bytes:
    lines = [
        f"{n},{chance.getrandbits(60):x},{chance.random()},p{n}@example.org,{'odd' if n % 400 == 7 else n}"
        for n in range(ROWS + more)
    ]
    return ("number,word,value,mail,count\n" + "\n".join(lines) + "\n").encode()


def _ways(
    dataset: str, file: str, document: str, release: str, upload: str, compared: Any
) -> dict[tuple[str, str, str], list[Way]]:
    """(kind, whose, which version) -> the questions that need such an object."""
    ways: dict[tuple[str, str, str], list[Way]] = {
        ("original", file, "1"): [Way(f"/resources/{file}/content")],
        ("original", document, "1"): [Way(f"/resources/{document}/content")],
        ("text", document, "1"): [Way(f"/resources/{document}/text")],
        ("original", upload, "upload"): [Way(f"/uploads/{upload}/recipe/try", {})],
        ("report", upload, "upload"): [Way(f"/uploads/{upload}/understanding")],
        ("pseudonyms", "", ""): [Way(f"/datasets/{dataset}/rows?format=csv&release={release}")],
        ("comparison", "", ""): [Way(f"/datasets/{dataset}/comparisons", compared)],
    }
    for version in ("1", "2"):
        asked = f"version={version}"
        ways |= {
            ("original", dataset, version): [Way(f"/resources/{dataset}/content?{asked}")],
            ("part", dataset, version): [
                Way(f"/datasets/{dataset}/rows?format={format_}&{asked}") for format_ in FORMATS
            ],
            ("quarantine", dataset, version): [
                Way(f"/datasets/{dataset}/quarantine/file?{asked}"),
                Way(f"/datasets/{dataset}/quarantine?{asked}"),
            ],
            ("profile", dataset, version): [Way(f"/datasets/{dataset}/profile?{asked}")],
            ("recipe", dataset, version): [Way(f"/datasets/{dataset}/recipe?{asked}")],
        }
    return ways


def _stored(
    house: House, project: str, ways: dict[tuple[str, str, str], list[Way]]
) -> list[Stored]:
    """The objects that this world made, each with what its ways answer while all is well."""
    whole: dict[int, Way] = {}

    def answered(way: Way) -> Way:
        if id(way) not in whole:
            got = fetch(house, way.path, way.body)
            again = fetch(house, way.path, way.body)
            assert got.status == 200, (way, got)
            assert got == again, f"{way.path} answers otherwise the second time"
            whole[id(way)] = Way(way.path, way.body, got.content)
        return whole[id(way)]

    stored = []
    for id_, owner in json.loads(house.manage(f"PROJECT = {project!r}\n{OWNERS}")).items():
        found = ways.get((owner[0], owner[1], owner[2]))
        if found is not None or owner[0] == "piece":
            path = house.data / "objects" / id_[-2:] / id_[-4:-2] / f"{id_}.sf1"
            stored.append(Stored(UUID(hex=id_), owner[0], path, [*map(answered, found or ())]))
    assert {one.kind for one in stored} == KINDS
    return stored
