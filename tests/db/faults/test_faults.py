"""The fault loop: each call of each kind fails once, and afterwards nothing is lost or left over.

As SQLite tests itself: the first call fails, then the second, until the operation passes without
meeting the fault. In `make test` every 200th, in `make prove` all.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.db import DatabaseError
from django.utils import timezone
from procrastinate.exceptions import ConnectorException
from tests import institute
from tests.agents import Agent
from tests.db.faults.faults import KINDS, Fault, failing
from tests.db.faults.operations import (
    CANARY,
    OPERATIONS,
    Operation,
    open_everything,
    settle,
)
from tests.places import quick

from simplr.audit import queries as ledger
from simplr.audit import services as audit
from simplr.projects.models import Project
from simplr.resources import trash_services as trash
from simplr.vault import keys
from simplr.vault import services as vault
from simplr.vault.objects import StoreFull
from simplr_core.errors import SimplrError

pytestmark = pytest.mark.django_db(databases="__all__", transaction=True)
STRIDE = 200
AWAY = (SimplrError, OSError, DatabaseError, ConnectorException)
"""What a fault may come out as. Anything else is a fault of ours."""


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch, transactional_db: None) -> Iterator[institute.Institute]:
    """The institute, on a key agent and a store of its own, so that what is left over is seen."""
    with tempfile.TemporaryDirectory(prefix="fa", dir=quick()) as folder:
        agent = Agent(Path(folder))
        agent.start()
        monkeypatch.setattr(keys, "_agent", agent.client)
        store = vault.store_named((Path(folder) / "objects").as_uri())
        monkeypatch.setattr(vault, "store", lambda: store)
        keys.forget()
        try:
            yield institute.build()
        finally:
            agent.client.close()
            agent.kill()
            keys.forget()


def meet(operation: Operation, fault: Fault) -> None:
    """Run an operation with its fault, then what comes after, then see that all of it is right."""
    operation.prepare()
    keys.forget()  # so that the key agent is asked
    with failing(fault), contextlib.suppress(*AWAY):
        operation.run()
        operation.acknowledged = True
    if not operation.acknowledged:
        operation.again()
    settle()
    operation.check()
    settle()


def nothing_is_wrong(world: institute.Institute) -> None:
    """What holds after any fault: no orphan, no half of anything, a whole ledger, no plaintext."""
    open_everything()
    store = vault.store()
    alive = vault.SealedObject.objects.filter(wrapped__isnull=False)
    kept = set(alive.values_list("id", flat=True))
    there = set(store.ids())
    assert there - kept == set(), "bytes that no key opens"
    assert kept - there == set(), "keys without bytes"
    unconfirmed = alive.filter(confirmed_at=None).values_list("id", flat=True)
    assert list(unconfirmed) == [], "objects that nothing refers to"
    root = store.root  # type: ignore[attr-defined]
    assert list(root.glob("partial/*")) == []
    for path in root.rglob("*.sf1"):
        assert CANARY not in path.read_bytes()
    for path in (settings.ENV.data / "tmp").rglob("*") if settings.ENV.data.exists() else ():
        assert path.is_dir() or CANARY not in path.read_bytes()
    audit.seal_now()
    found = ledger.verify()
    assert found.finding is None, found.finding
    used = Project.objects.get(pk=world.project.pk).used_bytes
    assert used == room_of(world), "room that nothing takes, or that was given back twice"


def room_of(world: institute.Institute) -> int:
    """What the project's uploads and originals take, counted anew."""
    from simplr.intake.models import Upload
    from simplr.resources.models import Version

    taken = Upload.objects.filter(
        project_id=world.project.pk,
        state__in=("receiving", "received", "understanding", "understood", "keeping"),
    ).values_list("size", flat=True)
    versions = Version.objects.filter(resource__project_id=world.project.pk)
    return sum(taken) + sum(versions.values_list("size", flat=True))


def test_after_any_fault_nothing_is_lost_and_nothing_is_left_over(
    world: institute.Institute,
) -> None:
    for name in OPERATIONS:
        for kind, calls in counted(world, name).items():
            if not kind.endswith("-unheard"):  # as the others, but for what is answered
                loop(world, name, kind, calls=calls, stride=STRIDE)


@pytest.mark.prove
@pytest.mark.parametrize("name", OPERATIONS)
def test_after_every_fault_nothing_is_lost_and_nothing_is_left_over(
    world: institute.Institute, name: str, record_property: Callable[[str, object], None]
) -> None:
    kinds = counted(world, name)
    for kind, calls in kinds.items():
        loop(world, name, kind, calls=calls, stride=1)
    record_property(f"faults of {name}", sum(kinds.values()))


@pytest.mark.parametrize(
    "jump", [timedelta(hours=-2), pytest.param(timedelta(days=2), marks=pytest.mark.prove)]
)
def test_a_clock_that_jumps_in_the_middle_costs_nothing(
    world: institute.Institute, jump: timedelta
) -> None:
    """As when a machine wakes up, or its clock is set: ids and times after it are other ones."""
    for name, kind in OPERATIONS.items():
        operation = kind(world)
        operation.prepare()
        with clock_jumping(jump):
            operation.run()
            nothing_is_wrong(world)
            if name != "grant":
                operation.check()
        if name == "grant":  # given in what was the future: it waits until its time comes
            operation.check()
        settle()
        nothing_is_wrong(world)


@contextlib.contextmanager
def clock_jumping(jump: timedelta) -> Iterator[None]:
    """The clock jumps when it is looked at for the third time."""
    now, ids, calls = timezone.now, time.time_ns, list[int]()

    def jumped() -> datetime:
        calls.append(1)
        return now() + (jump if len(calls) > 2 else timedelta(0))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(timezone, "now", jumped)
        patch.setattr(time, "time_ns", lambda: ids() + int(jump.total_seconds() * 1e9))
        yield


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount a small disk")
def test_a_disk_that_is_full_refuses_and_loses_nothing(world: institute.Institute) -> None:
    """A real one, of three megabytes: what does not fit is refused, the rest stays as it was."""
    root = Path(vault.store().root)  # type: ignore[attr-defined]
    steward = world.actor("steward")
    content = os.urandom(700_000)
    with small_disk(root):
        kept = []

        def put_until_full() -> None:
            for number in range(10):
                name = f"{number}.bin"
                kept.append(institute.put(world.project, steward, name=name, content=content))

        with pytest.raises(StoreFull):
            put_until_full()
        assert 1 <= len(kept) < 9
        assert not list(root.glob("partial/*"))
        nothing_is_wrong(world)
        trash.put_in_trash(node_id=kept[0].pk, actor=world.actor("owner"))
        trash.order_erasure(node_id=kept[0].pk, actor=world.actor("owner"))
        assert trash.erase(node_id=kept[0].pk) > 0
        institute.put(world.project, steward, name="later.bin", content=content)
        settle()
        nothing_is_wrong(world)


@contextlib.contextmanager
def small_disk(folder: Path) -> Iterator[None]:
    """A file system of three megabytes over a folder that keeps what is in it."""
    there = {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*.sf1")}
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=3m", "simplr-test", str(folder)],
        check=False,
        capture_output=True,
        text=True,
    )
    if mounted.returncode != 0:
        pytest.skip(f"no small disk can be mounted here: {mounted.stderr.strip()}")
    try:
        for place, content in there.items():
            (folder / place).parent.mkdir(parents=True, exist_ok=True)
            (folder / place).write_bytes(content)
        yield
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def counted(world: institute.Institute, name: str) -> dict[str, int]:
    """How many calls of each kind an operation makes when nothing fails."""
    faults = [Fault(kind, number=0) for kind in KINDS]
    operation = OPERATIONS[name](world)
    operation.prepare()
    keys.forget()
    with contextlib.ExitStack() as stack:
        for fault in faults:
            stack.enter_context(failing(fault))
        operation.run()
    operation.check()
    settle()
    nothing_is_wrong(world)
    return {fault.kind: fault.calls for fault in faults}


def loop(world: institute.Institute, name: str, kind: str, *, calls: int, stride: int) -> None:
    """Let each call of a kind fail once, or each so manieth."""
    met = 0
    for number in range(1, calls + 1, stride):
        fault = Fault(kind, number)
        try:
            meet(OPERATIONS[name](world), fault)
            nothing_is_wrong(world)
        except BaseException as error:
            error.add_note(f"{name}: {kind} number {number}")
            raise
        met += fault.met
    assert met or not calls, f"no {kind} failed in {name}"
    print(f"{name}: {kind}: {met} of {calls} calls failed once each")
