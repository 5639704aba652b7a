"""Exchanging keys on a key agent and a key store of their own: what was wrapped stays readable."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from django.db import connections
from django.utils import timezone
from tests.agents import Agent
from tests.places import quick

from simplr.base.actors import SYSTEM
from simplr.base.models import Event
from simplr.vault import keys, rotation, services
from simplr.vault.models import ProjectKey, SealedObject
from simplr_core.crypto import KeyUnusable
from simplr_core.errors import NotFound

PROJECT, OTHER = UUID(int=7), UUID(int=8)
CONTENT = b"what is kept" * 1000


@pytest.fixture
def agent(monkeypatch: pytest.MonkeyPatch) -> Iterator[Agent]:
    """The agent of this test alone; what other tests sealed is out of sight of its databases."""
    with tempfile.TemporaryDirectory(prefix="ro", dir=quick()) as folder:
        found = Agent(Path(folder))
        found.start()
        monkeypatch.setattr(keys, "_agent", found.client)
        keys.forget()
        with connections["vault"].cursor() as cursor:
            cursor.execute("DELETE FROM vault_sealedobject; DELETE FROM vault_projectkey")
        yield found
        found.client.close()
        found.kill()
        keys.forget()


@pytest.fixture
def kept(agent: Agent) -> UUID:
    return an_object(PROJECT)


def an_object(project_id: UUID) -> UUID:
    new = services.begin_object(project_id=project_id, kind="original")
    writer = services.ObjectWriter(new, expected_size=len(CONTENT))
    writer.write(CONTENT)
    writer.finish()
    return new.id


def content_of(object_id: UUID) -> bytes:
    keys.forget()
    return services.open_object(object_id).reader().read()


def rotate_root(agent: Agent) -> str:
    root_key_id, _count = rotation.rotate_root_key(actor=SYSTEM)
    rotation.promote_root_key(root_key_id)
    return root_key_id


def test_after_a_rotation_of_the_root_key_all_is_readable_and_the_key_before_is_gone(
    agent: Agent, kept: UUID
) -> None:
    before = agent.store.open()
    value = services.seal_value(b"a word", project_id=OTHER, context=b"here")
    stored = services.store().open(kept)
    sealed = os.pread(stored, 10**6, 0)
    os.close(stored)

    root_key_id = rotate_root(agent)

    after = agent.store.open()
    assert before is not None
    assert after is not None
    assert after != before
    assert after.id == root_key_id
    assert content_of(kept) == CONTENT
    assert services.open_value(value, project_id=OTHER, context=b"here") == b"a word"
    assert set(ProjectKey.objects.values_list("root_key_id", flat=True)) == {root_key_id}
    again = services.store().open(kept)
    assert os.pread(again, 10**6, 0) == sealed
    os.close(again)


def test_the_ledger_is_signed_by_the_same_key_after_a_rotation(agent: Agent) -> None:
    before = services.ledger_signing_key().verifying_key.raw

    rotate_root(agent)
    keys.forget()

    assert services.ledger_signing_key().verifying_key.raw == before


def test_a_first_rotation_before_anything_was_signed_keeps_the_key_of_the_ledger(
    agent: Agent,
) -> None:
    seed = agent.client.derive_signing_seed("ledger")

    rotate_root(agent)
    keys.forget()

    assert keys.ledger_key() == seed


@pytest.mark.parametrize("wrapped_before_the_kill", [0, 1])
def test_a_rotation_of_the_root_key_that_was_cut_off_goes_on(
    agent: Agent, kept: UUID, monkeypatch: pytest.MonkeyPatch, wrapped_before_the_kill: int
) -> None:
    services.seal_value(b"a word", project_id=OTHER, context=b"here")
    expected = agent.client.status().root_key_id or ""
    monkeypatch.setattr(rotation, "BATCH", 1)
    write, calls = rotation._write, list[int]()

    def killed(*arguments: object) -> int:
        if len(calls) == wrapped_before_the_kill:
            agent.kill()
            raise KeyboardInterrupt
        calls.append(1)
        return write(*arguments)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(rotation, "_write", killed)
        with pytest.raises(KeyboardInterrupt):
            rotation.rotate_root_key(actor=SYSTEM)
    agent.start(expected=expected)

    assert content_of(kept) == CONTENT
    root_key_id = rotate_root(agent)
    assert content_of(kept) == CONTENT
    assert set(ProjectKey.objects.values_list("root_key_id", flat=True)) == {root_key_id}
    assert agent.store.staged_id() is None


def test_the_key_before_is_not_let_go_while_it_wraps_anything(agent: Agent, kept: UUID) -> None:
    root_key_id, _ = rotation.rotate_root_key(actor=SYSTEM)
    ProjectKey.objects.filter(project_id=PROJECT).update(root_key_id="another")

    with pytest.raises(rotation.KeysLeftBehind):
        rotation.promote_root_key(root_key_id)

    assert agent.client.status().staged_key_id == root_key_id


def test_a_key_made_within_a_rotation_is_wrapped_by_the_new_one(agent: Agent, kept: UUID) -> None:
    root_key_id, _ = rotation.rotate_root_key(actor=SYSTEM)

    services.seal_value(b"a word", project_id=uuid4(), context=b"here")

    assert set(ProjectKey.objects.values_list("root_key_id", flat=True)) == {root_key_id}


def test_a_project_gets_another_key_and_its_objects_and_values_stay_readable(
    agent: Agent, kept: UUID
) -> None:
    other = an_object(OTHER)
    value = services.seal_value(b"a word", project_id=PROJECT, context=b"here")
    before = ProjectKey.objects.get(project_id=PROJECT)

    count = rotation.rotate_project_key(project_id=PROJECT, actor=SYSTEM, now=timezone.now())

    after = ProjectKey.objects.get(project_id=PROJECT, retired_at=None)
    assert count == 1
    assert after.id != before.id
    assert SealedObject.objects.get(id=kept).project_key_id == after.id
    assert SealedObject.objects.get(id=other).project_key.project_id == OTHER
    assert content_of(kept) == content_of(other) == CONTENT
    assert services.open_value(value, project_id=PROJECT, context=b"here") == b"a word"


def test_a_retired_key_opens_no_object(agent: Agent, kept: UUID) -> None:
    _row, before = keys.current_key(PROJECT)
    rotation.rotate_project_key(project_id=PROJECT, actor=SYSTEM, now=timezone.now())
    wrapped = bytes(SealedObject.objects.get(id=kept).wrapped or b"")

    with pytest.raises(KeyUnusable):
        keys.unwrap_under(wrapped, under=before, object_id=kept)


def test_a_rotation_of_a_project_that_was_cut_off_is_finished_by_the_hour(
    agent: Agent, kept: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cut(**_: object) -> int:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(rotation, "rewrap_objects", cut)
        with pytest.raises(KeyboardInterrupt):
            rotation.rotate_project_key(project_id=PROJECT, actor=SYSTEM, now=timezone.now())
    assert content_of(kept) == CONTENT

    assert rotation.rewrap_what_was_left() == 1
    assert rotation.rewrap_what_was_left() == 0

    current = ProjectKey.objects.get(project_id=PROJECT, retired_at=None)
    assert SealedObject.objects.get(id=kept).project_key_id == current.id
    assert content_of(kept) == CONTENT


def test_what_is_erased_while_keys_rotate_stays_erased(
    agent: Agent, kept: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = rotation._write

    def erased_first(*arguments: object) -> int:
        services.destroy_keys([kept])
        return write(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(rotation, "_write", erased_first)

    assert rotation.rotate_project_key(project_id=PROJECT, actor=SYSTEM, now=timezone.now()) == 0

    with pytest.raises(keys.KeyDestroyed):
        services.open_object(kept)


def test_keys_that_are_never_exchanged_are_not_found(agent: Agent) -> None:
    services.ledger_signing_key()

    for project_id in (keys.LEDGER, uuid4()):
        with pytest.raises(NotFound):
            rotation.rotate_project_key(project_id=project_id, actor=SYSTEM, now=timezone.now())
    assert keys.LEDGER not in rotation.project_ids()


def test_every_rotation_is_in_the_ledger_with_counts_and_names_alone(
    agent: Agent, kept: UUID
) -> None:
    root_key_id = rotate_root(agent)
    rotation.rotate_project_key(project_id=PROJECT, actor=SYSTEM, now=timezone.now())

    events = Event.objects.filter(code__startswith="vault:").order_by("at")
    found = [(event.code, event.project_id, event.details) for event in events]
    assert found == [
        ("vault:root-key:rotated", None, {"root_key": root_key_id, "keys": 2}),
        ("vault:project-key:rotated", PROJECT, {"keys": 1}),
    ]


@pytest.mark.parametrize("many", [3_000, pytest.param(100_000, marks=pytest.mark.prove)])
def test_many_wrapped_keys_rotate_in_batches_without_touching_data(agent: Agent, many: int) -> None:
    row, key = keys.current_key(PROJECT)
    rows = []
    for _ in range(many):
        object_id = uuid4()
        rows.append(
            SealedObject(
                id=object_id,
                project_key=row,
                kind="original",
                context=b"",
                wrapped=keys.wrap_under(key, under=key, object_id=object_id),
            )
        )
    SealedObject.objects.bulk_create(rows, batch_size=5_000)
    told: list[int] = []

    began = time.monotonic()
    count = rotation.rotate_project_key(
        project_id=PROJECT, actor=SYSTEM, now=timezone.now(), told=told.append
    )
    seconds = time.monotonic() - began

    print(f"{count} wrapped keys rotated in {seconds:.1f} s")
    assert count == many
    assert told[0] == rotation.BATCH
    assert many < 100_000 or seconds < 60
    last = SealedObject.objects.get(id=rows[-1].id)
    under = keys.key_of(last.project_key)
    assert last.project_key_id != row.id
    assert keys.unwrap_under(bytes(last.wrapped or b""), under=under, object_id=last.id) == key
