"""A database superuser with every trigger off changes the ledger: verification names the entry.

Row 14 of the promises: edit, delete, insert, re-order, cut, in the event rows, the log and its
checkpoints; by the server's own verification.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import pytest
from django.conf import settings

from simplr.audit import queries, services
from simplr.audit.models import Leaf
from simplr.base.models import Event
from simplr_core import ledger
from simplr_core.ledger import Finding, leaf_hash

Superuser = Callable[[str], Any]
Write = Callable[[int], None]

pytestmark = pytest.mark.django_db(databases="__all__", transaction=True)

SIZE = 9


@pytest.fixture(autouse=True)
def sealed_ledger(write_events: Write, no_second_copy: None, transactional_db: None) -> None:
    for _ in range(3):
        write_events(SIZE // 3)
        services.seal_now()
    assert queries.verify().whole


def event_at(seq: int) -> str:
    return str(Leaf.objects.get(seq=seq).event_id)


def first_finding() -> Finding:
    found = queries.verify()
    assert found.finding is not None
    assert not found.whole
    return found.finding


def test_an_untouched_ledger_is_whole() -> None:
    found = queries.verify()

    assert (found.size, found.checkpoint_count, found.unsealed_count) == (SIZE, 3, 0)


def test_what_is_sealed_while_the_log_is_verified_raises_no_alarm(
    write_events: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    verify_log = ledger.verify_log

    def with_a_sealer_between(
        entries: Iterable[bytes], *args: Any, **kwargs: Any
    ) -> Finding | None:
        read = list(entries)
        write_events(2)
        assert services.seal_now().size == SIZE + 2
        return verify_log(read, *args, **kwargs)

    monkeypatch.setattr(ledger, "verify_log", with_a_sealer_between)

    found = queries.verify()

    assert found.finding is None
    assert found.size == SIZE


@pytest.mark.parametrize(
    "change",
    [
        "code = 'sharing:sample:read'",
        "at = at + interval '1 second'",
        "outcome = 'refused'",
        "actor_kind = 'person'",
        "actor_id = gen_random_uuid()",
        "token_id = gen_random_uuid()",
        "organisation_id = gen_random_uuid()",
        "project_id = gen_random_uuid()",
        "node_id = gen_random_uuid()",
        "subject_kind = 'grant'",
        "subject_id = gen_random_uuid()",
        "request_id = gen_random_uuid()",
        "details = '{\"rows\": 1000000}'",
    ],
)
def test_an_edited_event_is_named(superuser: Superuser, change: str) -> None:
    superuser("default").execute(f"UPDATE base.base_event SET {change} WHERE id = '{event_at(4)}'")

    finding = first_finding()

    assert (finding.first_bad_seq, finding.reason) == (4, "changed")


def test_every_column_of_an_event_but_its_transaction_is_in_its_entry() -> None:
    columns = {field.attname for field in Event._meta.concrete_fields}

    entry = bytes(Leaf.objects.get(seq=0).entry)

    for column in columns - {"transaction"}:
        assert f'"{column.removesuffix("_id")}":'.encode() in entry


def test_a_deleted_event_is_named(superuser: Superuser) -> None:
    superuser("default").execute(f"DELETE FROM base.base_event WHERE id = '{event_at(5)}'")

    finding = first_finding()

    assert (finding.first_bad_seq, finding.reason) == (5, "missing")


def test_an_event_that_was_put_in_is_named(superuser: Superuser) -> None:
    id_ = event_at(6)
    put_in = id_[:-1] + ("0" if id_[-1] != "0" else "1")
    superuser("default").execute(
        "INSERT INTO base.base_event (id, transaction, at, code, outcome, actor_kind,"
        " subject_kind, details) SELECT %s, transaction,"
        " at, code, outcome, actor_kind, subject_kind, details FROM base.base_event"
        " WHERE id = %s",
        [put_in, id_],
    )

    finding = first_finding()

    # Ids of one millisecond are in no order: the place is about right, and is said to be.
    known = Leaf.objects.values_list("seq", "event_id")
    beside = [seq for seq, event in known if str(event)[:13] == id_[:13]]
    assert finding.reason == "inserted"
    assert min(beside) <= finding.first_bad_seq <= max(beside) + 1
    assert not finding.is_certain


def test_two_events_that_changed_places_are_found(superuser: Superuser) -> None:
    superuser("default").execute(
        "UPDATE base.base_event AS one SET details = other.details, node_id = other.node_id,"
        " at = other.at FROM base.base_event AS other"
        f" WHERE (one.id, other.id) IN (('{event_at(2)}', '{event_at(7)}'),"
        f" ('{event_at(7)}', '{event_at(2)}'))"
    )

    assert first_finding().first_bad_seq == 2


def test_an_edited_entry_of_the_log_is_named(superuser: Superuser) -> None:
    entry = bytes(Leaf.objects.get(seq=3).entry).replace(b'"ok"', b'"ko"')
    superuser("audit").execute("UPDATE audit.audit_leaf SET entry = %s WHERE seq = 3", [entry])

    assert first_finding().first_bad_seq == 3


def test_an_edited_entry_is_named_even_if_its_hash_and_its_event_are_edited_too(
    superuser: Superuser,
) -> None:
    """The last checkpoint before it was at 3, so what can be proven is that it lies from there on."""
    superuser("default").execute(
        f"UPDATE base.base_event SET outcome = 'refused' WHERE id = '{event_at(4)}'"
    )
    entry = bytes(Leaf.objects.get(seq=4).entry).replace(b'"ok"', b'"refused"')
    superuser("audit").execute(
        "UPDATE audit.audit_leaf SET entry = %s, leaf_hash = %s WHERE seq = 4",
        [entry, leaf_hash(entry)],
    )

    finding = first_finding()

    assert (finding.proven_size, finding.first_bad_seq, finding.is_certain) == (3, 3, False)


def test_a_deleted_entry_of_the_log_is_named(superuser: Superuser) -> None:
    superuser("audit").execute("DELETE FROM audit.audit_leaf WHERE seq = 4")

    finding = first_finding()

    assert (finding.first_bad_seq, finding.reason) == (4, "missing")


def test_a_deleted_entry_is_named_though_its_events_of_one_millisecond_are_in_no_order(
    write_events: Write, superuser: Superuser
) -> None:
    """The event of entry 10 then looks as if it was put in at entry 9."""
    write_events(3)
    base = superuser("default")
    unsealed = [str(row.id) for row in Event.objects.order_by("transaction")][SIZE:]
    for old, last in zip(unsealed, (3, 1, 2), strict=True):
        base.execute(
            "UPDATE base.base_event SET id = %s WHERE id = %s",
            [f"ffffffff-ffff-7fff-bfff-fffffffffff{last}", old],
        )
    services.seal_now()
    superuser("audit").execute("DELETE FROM audit.audit_leaf WHERE seq = 10")

    finding = first_finding()

    assert (finding.first_bad_seq, finding.reason) == (10, "missing")


def test_entries_of_the_log_that_changed_places_are_named(superuser: Superuser) -> None:
    audit = superuser("audit")
    for old, new in ((2, -1), (7, 2), (-1, 7)):
        audit.execute("UPDATE audit.audit_leaf SET seq = %s WHERE seq = %s", [new, old])

    assert first_finding().first_bad_seq == 2


def test_a_log_cut_together_with_its_checkpoints_is_known_by_the_second_copy(
    superuser: Superuser,
) -> None:
    cut = [event_at(seq) for seq in range(6, SIZE)]
    audit = superuser("audit")
    audit.execute("DELETE FROM audit.audit_leaf WHERE seq >= 6")
    audit.execute("DELETE FROM audit.audit_checkpoint WHERE size > 6")
    audit.execute("UPDATE audit.audit_position SET size = 6")
    superuser("default").execute("DELETE FROM base.base_event WHERE id = ANY(%s::uuid[])", [cut])

    finding = first_finding()

    assert (finding.first_bad_seq, finding.reason) == (6, "cut")


def test_everything_truncated_is_known_by_the_second_copy(superuser: Superuser) -> None:
    superuser("audit").execute(
        "TRUNCATE audit.audit_leaf, audit.audit_checkpoint, audit.audit_position"
    )
    superuser("default").execute("TRUNCATE base.base_event")

    finding = first_finding()

    assert (finding.first_bad_seq, finding.reason) == (0, "cut")


def test_a_forged_checkpoint_is_found(superuser: Superuser) -> None:
    superuser("audit").execute(
        "UPDATE audit.audit_checkpoint SET text = replace(text, E'\\n6\\n', E'\\n5\\n')"
        " WHERE size = 6"
    )

    assert first_finding().reason == "checkpoint"


def test_a_second_copy_that_was_tampered_with_is_found() -> None:
    copy = settings.ENV.data / "ledger" / "checkpoints.txt"
    copy.write_text(copy.read_text().replace("\n6\n", "\n5\n"))

    assert first_finding().reason == "checkpoint"
