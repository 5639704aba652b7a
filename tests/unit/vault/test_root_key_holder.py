"""The root key is taken only if it is the expected one, and guessing is slow."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from simplr.vault.agent.holder import TRIES, TRIES_WITHIN_SECONDS, RootKeyHolder
from simplr.vault.agent.messages import AgentSealed, BadRequest, TooManyTries, WrongRootKey
from simplr.vault.keystores import FileKeyStore, KeyStoreUnusable, write_root_key
from simplr_core.crypto import Key, KeyUnusable, unwrap
from simplr_core.errors import Invalid


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def store(tmp_path: Path) -> FileKeyStore:
    return FileKeyStore(tmp_path / "root.key")


def test_it_opens_with_the_key_of_the_store(store: FileKeyStore) -> None:
    key = Key.generate()
    store.create(key)
    holder = RootKeyHolder(store)
    assert holder.sealed
    holder.open()
    assert not holder.sealed
    assert holder.root_key_id == key.id
    assert holder.reason == ""


def test_it_stays_sealed_and_says_why(store: FileKeyStore, tmp_path: Path) -> None:
    holder = RootKeyHolder(store)
    holder.open()
    assert "There is no key" in holder.reason
    store.create(Key.generate())
    holder = RootKeyHolder(store, expected_id=Key.generate().id)
    holder.open()
    assert holder.sealed
    assert "another installation" in holder.reason
    (tmp_path / "root.key").chmod(0o644)
    holder.open()
    assert "chmod 600" in holder.reason


def test_a_new_installation_gets_one_root_key(store: FileKeyStore) -> None:
    RootKeyHolder(store).create()
    first = store.open()
    RootKeyHolder(store).create()
    assert store.open() == first
    with pytest.raises(Invalid):
        RootKeyHolder(store, expected_id="0" * 32).create()


def test_a_sealed_holder_does_nothing(store: FileKeyStore) -> None:
    holder = RootKeyHolder(store)
    with pytest.raises(AgentSealed):
        holder.wrap(bytes(32), aad=b"")
    with pytest.raises(AgentSealed):
        holder.unwrap(bytes(61), aad=b"")
    with pytest.raises(AgentSealed):
        holder.signing_seed("ledger")


def test_only_the_expected_key_unseals(store: FileKeyStore) -> None:
    key = Key.generate()
    holder = RootKeyHolder(store, expected_id=key.id)
    answers = set()
    for wrong in (write_root_key(Key.generate()), "", "rubbish", write_root_key(key)[:-1]):
        with pytest.raises(WrongRootKey) as caught:
            holder.unseal(wrong)
        answers.add((str(caught.value), tuple(caught.value.details)))
    assert len(answers) == 1, "a wrong key must not be told from another wrong key"
    holder.unseal(write_root_key(key))
    assert not holder.sealed
    wrapped = holder.wrap(Key.generate().reveal(), aad=b"a")
    holder.seal()
    with pytest.raises(AgentSealed):
        holder.unwrap(wrapped, aad=b"a")
    holder.unseal(write_root_key(key))
    assert len(holder.unwrap(wrapped, aad=b"a")) == 32
    with pytest.raises(KeyUnusable):
        holder.unwrap(wrapped, aad=b"b")
    with pytest.raises(BadRequest):
        holder.wrap(b"short", aad=b"")


def test_without_an_expected_key_nothing_unseals(store: FileKeyStore) -> None:
    with pytest.raises(WrongRootKey):
        RootKeyHolder(store).unseal(write_root_key(Key.generate()))


def test_after_too_many_tries_even_the_right_key_waits(store: FileKeyStore) -> None:
    clock, key = Clock(), Key.generate()
    holder = RootKeyHolder(store, expected_id=key.id, clock=clock)
    for _ in range(TRIES):
        with pytest.raises(WrongRootKey):
            holder.unseal("wrong")
    for candidate in ("wrong", write_root_key(key)):
        with pytest.raises(TooManyTries):
            holder.unseal(candidate)
    clock.now += TRIES_WITHIN_SECONDS
    holder.unseal(write_root_key(key))
    assert not holder.sealed


def test_parallel_tries_are_counted_together(store: FileKeyStore) -> None:
    holder, outcomes = RootKeyHolder(store, expected_id=Key.generate().id), list[str]()

    def attempt() -> None:
        try:
            holder.unseal("wrong")
        except (WrongRootKey, TooManyTries) as error:
            outcomes.append(error.code)

    threads = [threading.Thread(target=attempt) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes.count("wrong-root-key") == TRIES
    assert outcomes.count("too-many-tries") == 20 - TRIES


AAD = b"whose"


def rotating(store: FileKeyStore) -> tuple[Key, RootKeyHolder, bytes, str]:
    """A holder within a rotation, what the key before wrapped, and the name of the key after."""
    before = Key.generate()
    store.create(before)
    holder = RootKeyHolder(store, expected_id=before.id)
    holder.open()
    wrapped = holder.wrap(b"k" * 32, aad=AAD)
    return before, holder, wrapped, holder.stage()


def test_while_keys_rotate_the_new_one_wraps_and_both_unwrap(store: FileKeyStore) -> None:
    before, holder, wrapped, staged = rotating(store)

    anew = holder.rewrap(wrapped, aad=AAD)

    assert (holder.root_key_id, holder.staged_key_id) == (staged, staged)
    assert holder.unwrap(wrapped, aad=AAD) == holder.unwrap(anew, aad=AAD) == b"k" * 32
    assert holder.stage() == staged
    with pytest.raises(KeyUnusable):
        unwrap(anew, under=before, aad=AAD)


def test_after_a_rotation_the_key_before_opens_nothing(store: FileKeyStore) -> None:
    _before, holder, wrapped, staged = rotating(store)
    anew = holder.rewrap(wrapped, aad=AAD)

    holder.promote(staged)
    holder.promote(staged)

    assert holder.unwrap(anew, aad=AAD) == b"k" * 32
    with pytest.raises(KeyUnusable):
        holder.unwrap(wrapped, aad=AAD)
    again = RootKeyHolder(store, expected_id=staged)
    again.open()
    assert again.unwrap(anew, aad=AAD) == b"k" * 32


def test_only_the_staged_key_is_promoted(store: FileKeyStore) -> None:
    before, holder, _wrapped, _staged = rotating(store)
    with pytest.raises(BadRequest):
        holder.promote(before.id)
    assert store.open() == before


def test_a_start_within_a_rotation_holds_both_keys(store: FileKeyStore) -> None:
    before, holder, wrapped, staged = rotating(store)
    anew = holder.rewrap(wrapped, aad=AAD)

    again = RootKeyHolder(store, expected_id=before.id)
    again.open()

    assert not again.sealed
    assert again.staged_key_id == staged
    assert again.unwrap(wrapped, aad=AAD) == again.unwrap(anew, aad=AAD)
    assert again.signing_seed("ledger") == holder.signing_seed("ledger")


def test_a_start_after_the_new_name_was_remembered_finishes_the_rotation(
    store: FileKeyStore,
) -> None:
    _before, holder, wrapped, staged = rotating(store)
    anew = holder.rewrap(wrapped, aad=AAD)

    again = RootKeyHolder(store, expected_id=staged)
    again.open()

    assert not again.sealed
    assert store.staged_id() is None
    assert again.unwrap(anew, aad=AAD) == b"k" * 32


def test_within_a_rotation_both_keys_unseal_and_one_alone_says_which_is_missing(
    store: FileKeyStore, tmp_path: Path
) -> None:
    before, _holder, wrapped, staged = rotating(store)
    after = store.open_staged()
    assert after is not None
    (tmp_path / "root.key").chmod(0o644)  # the store cannot give it
    again = RootKeyHolder(store, expected_id=before.id)
    again.open()

    again.unseal(write_root_key(before))
    assert again.sealed
    assert staged in again.reason
    with pytest.raises(AgentSealed):
        again.unwrap(wrapped, aad=AAD)

    again.unseal(write_root_key(after))
    assert not again.sealed
    assert again.unwrap(wrapped, aad=AAD) == b"k" * 32


def test_a_store_that_cannot_be_written_keeps_the_key_that_it_has(
    store: FileKeyStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = Key.generate()
    store.create(key)
    holder = RootKeyHolder(store, expected_id=key.id)
    holder.open()

    def full(self: FileKeyStore, key: Key) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(FileKeyStore, "stage", full)
    with pytest.raises(KeyStoreUnusable, match="No space"):
        holder.stage()

    assert (holder.root_key_id, holder.staged_key_id) == (key.id, None)
    assert not holder.sealed
