"""The sealer takes what is final, once, in any order of commits, crashes and restores."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.db import connections, transaction

from simplr.audit import queries, services
from simplr.audit.copies import CopyDamaged, FileCopy, ObjectCopy
from simplr.audit.models import Checkpoint, Leaf, Position
from simplr.base.models import Event
from simplr.vault.services import ledger_signing_key
from simplr_core import ledger

Superuser = Callable[[str], Any]
Write = Callable[[int], None]

pytestmark = pytest.mark.django_db(databases="__all__", transaction=True)


def test_every_event_has_one_leaf_and_the_head_is_signed(write_events: Write) -> None:
    write_events(7)

    sealing = services.seal_now()

    assert (sealing.added, sealing.size) == (7, 7)
    assert sealing.checkpoint is not None
    assert sealing.checkpoint.verifies(ledger_signing_key().verifying_key)
    tree = ledger.MerkleTree([bytes(leaf.leaf_hash) for leaf in Leaf.objects.order_by("seq")])
    assert sealing.checkpoint.checkpoint.root == tree.root()
    assert FileCopy(settings.ENV.data / "ledger" / "checkpoints.txt").read() == [sealing.checkpoint]


def test_nothing_new_means_no_new_checkpoint(write_events: Write) -> None:
    write_events(3)
    services.seal_now()

    again = services.seal_now()

    assert (again.added, again.checkpoint) == (0, None)
    assert Checkpoint.objects.count() == 1


def test_each_checkpoint_names_the_one_before_it(write_events: Write) -> None:
    for _ in range(3):
        write_events(2)
        services.seal_now()

    first, second, third = queries.checkpoints()

    assert first.checkpoint.previous is None
    assert second.checkpoint.previous == first.digest
    assert third.checkpoint.previous == second.digest


def test_an_older_transaction_that_commits_after_a_newer_one_was_sealed_is_not_lost(
    write_events: Write,
) -> None:
    at = connections["default"].settings_dict
    with psycopg.connect(
        dbname=at["NAME"],
        user=at["USER"],
        password=at["PASSWORD"],
        host=at["HOST"],
        port=at["PORT"],
        options=at["OPTIONS"]["options"],
    ) as older:
        older.execute(
            "INSERT INTO base_event (id, at, code, outcome, actor_kind, subject_kind, details)"
            " VALUES (uuidv7(), now(), 'sharing:rows:read', 'ok', 'system', '', '{}')"
        )
        write_events(2)
        while_it_runs = services.seal_now()
        older.commit()

    after = services.seal_now()

    assert while_it_runs.added == 0
    assert after.added == 3
    assert queries.verify().whole


def test_a_batch_border_inside_one_transaction_loses_nothing(
    write_events: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "BATCH", 3)
    with transaction.atomic():
        write_events(8)
    write_events(5)

    sealing = services.seal_now()

    assert sealing.added == 13
    assert Leaf.objects.count() == Event.objects.count()
    assert queries.verify().whole


def test_a_crash_between_the_leaves_and_the_position_leaves_neither(
    write_events: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_events(4)

    def crash(*args: object, **kwargs: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr(Position, "save", crash)
        with pytest.raises(KeyboardInterrupt):
            services.seal_now()
    assert Leaf.objects.count() == 0

    assert services.seal_now().size == 4
    assert queries.verify().whole


def test_a_crash_before_the_second_copy_is_made_good_by_the_next_run(
    write_events: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_events(2)
    with monkeypatch.context() as broken:
        broken.setattr(services, "copy_checkpoints", lambda: None)
        services.seal_now()
    write_events(2)

    services.seal_now()

    kept = FileCopy(settings.ENV.data / "ledger" / "checkpoints.txt").read()
    assert kept == list(queries.checkpoints())
    assert len(kept) == 2


def test_a_note_that_a_crash_cut_in_the_second_copy_is_completed(write_events: Write) -> None:
    write_events(2)
    services.seal_now()
    copy = settings.ENV.data / "ledger" / "checkpoints.txt"
    first = copy.read_bytes()
    write_events(2)
    services.seal_now()
    whole = copy.read_bytes()

    for cut in range(len(first), len(whole)):
        copy.write_bytes(whole[:cut])
        services.copy_checkpoints()
        assert copy.read_bytes() == whole


def test_a_second_copy_with_foreign_words_at_its_end_is_not_written_over(
    write_events: Write,
) -> None:
    write_events(2)
    services.seal_now()
    copy = settings.ENV.data / "ledger" / "checkpoints.txt"
    copy.write_bytes(copy.read_bytes() + b"\nforeign words\n")
    write_events(1)

    with pytest.raises(CopyDamaged):
        services.seal_now()


def test_an_object_store_can_be_the_second_place(write_events: Write, tmp_path: object) -> None:
    write_events(2)
    signed = services.seal_now().checkpoint
    assert signed is not None
    place = ObjectCopy(f"file://{tmp_path}")

    assert place.newest_size() == -1
    assert place.append([signed]) == 1
    assert place.append([signed]) == 0
    assert place.newest_size() == 2
    assert place.read() == [signed]


def test_several_sealers_at_once_make_one_log(write_events: Write) -> None:
    write_events(60)
    failures: list[BaseException] = []

    def seal() -> None:
        try:
            services.seal_now()
        except BaseException as error:
            failures.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=seal) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)

    assert failures == []
    assert Leaf.objects.count() == 60
    assert queries.verify().whole


def test_after_a_restore_into_a_younger_cluster_nothing_is_lost_or_sealed_twice(
    write_events: Write,
) -> None:
    write_events(5)
    services.seal_now()
    write_events(3)
    Position.objects.update(cluster="another", below_transaction=2**60)
    Event.objects.count()

    sealing = services.seal_now()
    write_events(2)
    later = services.seal_now()

    assert (sealing.added, later.added) == (3, 2)
    assert Leaf.objects.count() == 10
    assert Position.objects.get().below_transaction < 2**60
    assert queries.verify().whole


def test_restored_rows_whose_transaction_lies_ahead_of_the_new_cluster_are_sealed(
    write_events: Write, superuser: Superuser
) -> None:
    write_events(4)
    superuser("default").execute("UPDATE base.base_event SET transaction = transaction + 1000000")
    services.seal_now()
    assert Leaf.objects.count() == 0

    Position.objects.update(cluster="the cluster before the restore")
    services.seal_now()

    assert Leaf.objects.count() == 4


def test_a_log_that_lost_its_end_is_not_continued(
    write_events: Write, superuser: Superuser
) -> None:
    write_events(4)
    services.seal_now()
    superuser("audit").execute("DELETE FROM audit.audit_leaf WHERE seq = 3")
    write_events(1)

    with pytest.raises(services.LedgerDamaged):
        services.seal_now()
