"""What lies in the store is proven before it leaves (rows 5, 6 and 24).

Somebody who can write to the object folder, and knows no key, can make a reading fail. He cannot
make it show other bytes, older bytes, or a part as if it were the whole.
"""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import pytest
from tests.store.altered import Found, Transfer, World, build, fetch, flip
from tests.store.house import House

ROWS = 30_000
FLIPS, MANY_FLIPS = 20, 1_000


@dataclass(frozen=True)
class Kept:
    """A data set of several segments and a file of several, and where their bytes lie."""

    house: House
    project: str
    dataset: str
    file: str
    content: bytes
    rows: bytes

    objects: dict[tuple[str, str], str]

    def object_of(self, resource: str, kind: str) -> Path:
        """The file of one sealed object of a resource: its original, or its (one) part."""
        id_ = self.objects[resource, kind]
        return self.house.data / "objects" / id_[-2:] / id_[-4:-2] / f"{id_}.sf1"


def objects_in(house: House) -> dict[tuple[str, str], str]:
    """(resource, original or part) -> the id of a sealed object."""
    told = house.manage(
        "from simplr.resources.models import Version\n"
        "from simplr.datasets.models import Part\n"
        "for one in Version.objects.all(): print(one.resource_id, 'original', one.original_id.hex)\n"
        "for one in Part.objects.select_related('version'):\n"
        "    print(one.version.resource_id, 'part', one.object_id.hex)\n"
    )
    words = [line.split() for line in told.splitlines()]
    return {(line[0], line[1]): line[2] for line in words if len(line) == 3}


@pytest.fixture(scope="module")
def kept(house: House) -> Kept:
    rng = random.Random(7)
    project = house.project("Altered")
    lines = [f"{n},{rng.getrandbits(120):x},{rng.random()}" for n in range(ROWS)]
    table = ("number,word,value\n" + "\n".join(lines) + "\n").encode()
    content = rng.randbytes(1_300_000)
    first = house.put(project, "numbers.csv", table)
    second = house.put(project, "noise.bin", content, "file")
    kept_table = house.keep(first["id"])
    kept_file = house.keep(second["id"])
    return Kept(
        house=house,
        project=project,
        dataset=kept_table["resource"],
        file=kept_file["resource"],
        content=content,
        rows=house.raw("GET", f"/datasets/{kept_table['resource']}/rows?format=csv"),
        objects=objects_in(house),
    )


@pytest.fixture
def spoilable(kept: Kept) -> Iterator[Kept]:
    """The same, with every stored object put back afterwards."""
    folder = kept.house.data / "objects"
    saved = folder.with_name("objects-saved")
    shutil.copytree(folder, saved)
    yield kept
    for path in folder.glob("??/??/*.sf1"):
        path.unlink()
    for path in saved.glob("??/??/*.sf1"):
        shutil.copy2(path, folder / path.relative_to(saved))
        shutil.chown(folder / path.relative_to(saved), path.stat().st_uid)
        owner = folder.stat()
        shutil.chown(folder / path.relative_to(saved), owner.st_uid, owner.st_gid)
    shutil.rmtree(saved)


def nothing_wrong(transfer: Transfer, whole: bytes) -> None:
    """The reader was told, and whatever came before is the truth from its beginning."""
    assert not (transfer.status == 200 and transfer.complete), "passed for the whole"
    if transfer.status == 200:
        assert whole.startswith(transfer.content)
    else:
        assert transfer.status >= 500, transfer.status


def test_what_was_kept_comes_back_whole(kept: Kept) -> None:
    content = fetch(kept.house, f"/resources/{kept.file}/content")

    assert content == Transfer(200, kept.content, complete=True)
    assert kept.rows.count(b"\n") == ROWS + 1


def test_a_bit_flipped_in_the_last_segment_breaks_the_transfer_of_a_file(spoilable: Kept) -> None:
    path = spoilable.object_of(spoilable.file, "original")
    flip(path, path.stat().st_size * 8 - 200)

    transfer = fetch(spoilable.house, f"/resources/{spoilable.file}/content")

    nothing_wrong(transfer, spoilable.content)


def test_a_bit_flipped_on_the_way_breaks_the_transfer_where_it_lies(spoilable: Kept) -> None:
    path = spoilable.object_of(spoilable.file, "original")
    place = 47 + 3 * (262_144 + 16) + 1000
    flip(path, place * 8)

    transfer = fetch(spoilable.house, f"/resources/{spoilable.file}/content")

    nothing_wrong(transfer, spoilable.content)
    assert len(transfer.content) <= 3 * 262_144


def test_a_bit_flipped_in_a_part_breaks_the_stream_of_rows(spoilable: Kept) -> None:
    path = spoilable.object_of(spoilable.dataset, "part")
    size = path.stat().st_size
    for place in (47 + 10, size // 2, size - 20):
        flip(path, place * 8)
        transfer = fetch(spoilable.house, f"/datasets/{spoilable.dataset}/rows?format=csv")
        nothing_wrong(transfer, spoilable.rows)
        flip(path, place * 8)
    again = fetch(spoilable.house, f"/datasets/{spoilable.dataset}/rows?format=csv")
    assert again == Transfer(200, spoilable.rows, complete=True)


def test_random_bits_of_a_stored_file_are_all_noticed(spoilable: Kept) -> None:
    path = spoilable.object_of(spoilable.file, "original")
    rng = random.Random(2026)
    for _ in range(12):
        bit = rng.randrange(path.stat().st_size * 8)
        flip(path, bit)
        nothing_wrong(
            fetch(spoilable.house, f"/resources/{spoilable.file}/content"), spoilable.content
        )
        flip(path, bit)


@pytest.mark.parametrize("change", ["shorter", "longer", "empty", "gone", "another", "swapped"])
def test_an_object_that_is_not_what_was_stored_is_refused(spoilable: Kept, change: str) -> None:
    path = spoilable.object_of(spoilable.file, "original")
    content = path.read_bytes()
    other = spoilable.object_of(spoilable.dataset, "original")
    match change:
        case "shorter":  # cut exactly between two segments
            path.write_bytes(content[: 47 + 2 * (262_144 + 16)])
        case "longer":
            path.write_bytes(content + bytes(16))
        case "empty":
            path.write_bytes(b"")
        case "gone":
            path.unlink()
        case "another":
            path.write_bytes(other.read_bytes())
        case "swapped":
            segment = 262_144 + 16
            first, second = content[47 : 47 + segment], content[47 + segment : 47 + 2 * segment]
            path.write_bytes(content[:47] + second + first + content[47 + 2 * segment :])

    transfer = fetch(spoilable.house, f"/resources/{spoilable.file}/content")

    nothing_wrong(transfer, spoilable.content)


def test_an_older_sealing_of_the_same_object_is_refused(spoilable: Kept) -> None:
    """The attacker puts back bytes that the same key once sealed at the same place."""
    path = spoilable.object_of(spoilable.file, "original")
    identity = UUID(hex=path.stem)
    older = spoilable.house.manage(
        "import sys\n"
        "from uuid import UUID\n"
        "from simplr.vault import services\n"
        "from simplr_core.crypto import seal_bytes\n"
        f"item = services.open_object(UUID({identity.hex!r}))\n"
        "old = seal_bytes(bytes(item.size), key=item.key, context=item.context)\n"
        "print(len(old), item.sealed_size)\n"
        f"open({str(path)!r} + '.old', 'wb').write(old)"
    )
    assert len(set(older.split())) == 1  # length alone gives nothing away
    path.with_name(path.name + ".old").rename(path)

    transfer = fetch(spoilable.house, f"/resources/{spoilable.file}/content")

    assert transfer.status >= 500 or not transfer.complete
    assert bytes(1000) not in transfer.content


@pytest.fixture(scope="module")
def world(house: House) -> World:
    return build(house)


def flip_everywhere(world: World, *, flips: int, seed: int) -> Found:
    """Bits of every kind of object, in rounds: one in each, each read alone, then all checked."""
    print(f"seed {seed}")
    chance, found = random.Random(seed), Found()
    while found.count < flips:
        bits = [(one, *one.a_bit(chance)) for one in chance.sample(world.stored, len(world.stored))]
        bits = bits[: flips - found.count]
        for one, place, bit in bits:
            world.meet(one, place, bit, found)
        for one, _, bit in bits:
            flip(one.path, bit)
        objects, damaged, known = world.checked()
        for one, _, bit in bits:
            flip(one.path, bit)
        found.missed += [f"{one.kind} {one.id}" for one, *_ in bits if one.id.hex not in known]
        assert damaged == len(bits) == len(known), "whole objects are taken for damaged"
        assert objects >= len(world.stored)
        world.meet_a_piece(chance, found)
    assert world.checked()[1:] == (0, set()), "what was put back is not known to be whole"
    print(found)
    return found


def nothing_passed(found: Found) -> None:
    assert found.wrong == []
    assert found.missed == []
    assert found.unnamed == [], "a refusal that does not say which object is to be restored"


def test_a_bit_in_any_kind_of_object_is_noticed_by_who_reads_it_and_by_fixity(
    world: World,
) -> None:
    found = flip_everywhere(world, flips=FLIPS, seed=58)

    nothing_passed(found)


@pytest.mark.prove
def test_a_thousand_bits_anywhere_are_noticed(
    world: World, record_property: Callable[[str, object], None]
) -> None:
    found = flip_everywhere(world, flips=MANY_FLIPS, seed=random.SystemRandom().randrange(10**6))

    nothing_passed(found)
    assert found.count >= MANY_FLIPS
    assert {kind for kind, _ in found.flips} == {one.kind for one in world.stored}
    assert {place for _, place in found.flips} == {"header", "body", "end"}
    for kind in {one.kind for one in world.stored if one.ways}:
        refused = found.answers[kind, "refused"] + found.answers[kind, "broken off"]
        assert refused > found.answers[kind, "right"], f"{kind} is not read by the way named for it"
    record_property("bits flipped", found.count)
    record_property("answers with wrong bytes", len(found.wrong))
    record_property("objects that were not found damaged", len(found.missed))
