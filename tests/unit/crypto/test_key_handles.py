"""Keys show nothing, wrap under another, and open only where they belong."""

from __future__ import annotations

import copy
import json
import logging
import multiprocessing
import pickle
import string
import subprocess
import traceback
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simplr_core.crypto import (
    Key,
    KeyUnusable,
    SigningKey,
    VerifyingKey,
    context_of,
    parts_of_context,
    unwrap,
    wrap,
)
from simplr_core.errors import Invalid


def test_a_key_shows_only_its_id() -> None:
    key = Key.generate()
    seen = [
        repr(key),
        str(key),
        f"{key}",
        f"{key!r:>40}",
        format(key, ">60"),
        "%s %r" % (key, key),  # noqa: UP031
        string.Template("$key").substitute(key=key),
        repr([key]),
        repr({"key": key}),
        key.id,
        repr(SigningKey(key)),
        logging.LogRecord("n", 10, "p", 1, "%s", (key,), None).getMessage(),
    ]
    for form in (key.reveal().hex(), repr(key.reveal()), str(list(key.reveal()))[1:-1]):
        assert not any(form in text for text in seen)
    assert not hasattr(key, "__dict__")
    assert key.id[:8] in repr(key)


def test_a_key_cannot_be_pickled_or_dumped() -> None:
    key = Key.generate()
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        with pytest.raises(TypeError, match="reveal"):
            pickle.dumps(key, protocol)
    with pytest.raises(TypeError):
        pickle.dumps(SigningKey(key))
    with pytest.raises(TypeError):
        json.dumps({"key": key})
    with pytest.raises(TypeError):
        multiprocessing.SimpleQueue().put(key)


def test_a_traceback_with_a_key_in_it_shows_no_bytes() -> None:
    key = Key.generate()
    try:
        unwrap(bytes(61), under=key, aad=b"")
    except KeyUnusable as error:
        trace = traceback.TracebackException.from_exception(error, capture_locals=True)
        text = "".join(trace.format())
    assert key.reveal().hex() not in text
    assert repr(key.reveal()) not in text


def test_copies_are_the_same_handle() -> None:
    key = Key.generate()
    assert copy.copy(key) is key
    assert copy.deepcopy({"key": key})["key"] is key


def test_a_revealed_key_is_rebuilt_elsewhere() -> None:
    key = Key.generate()
    again = Key.from_bytes(key.reveal())
    assert again == key
    assert hash(again) == hash(key)
    assert again.id == key.id
    assert again != Key.generate()
    assert key != key.reveal()
    assert key.is_named(again.id)
    assert not key.is_named(Key.generate().id)


@pytest.mark.parametrize("size", [0, 16, 31, 33])
def test_only_32_bytes_are_a_key(size: int) -> None:
    with pytest.raises(Invalid) as caught:
        Key.from_bytes(bytes(size))
    assert str(size) in str(caught.value)


def test_derived_keys_differ_by_label_and_are_stable() -> None:
    root = Key.from_bytes(bytes(range(32)))
    assert root.derive("a") == root.derive("a")
    assert len({root, root.derive("a"), root.derive("b"), root.derive("a").derive("a")}) == 4
    # Frozen: the ids and derived keys of an installation must stay what they are.
    assert root.id == "f4ff27c4908c0e19c3e0e06ad928a589"
    assert root.derive("ledger").id == "50d84b9e29eac05397820f458b53e4af"


@given(aad=st.binary(max_size=100))
def test_a_wrapped_key_comes_back(aad: bytes) -> None:
    key, under = Key.generate(), Key.generate()
    wrapped = wrap(key, under=under, aad=aad)
    assert len(wrapped) == 61
    assert unwrap(wrapped, under=under, aad=aad) == key
    assert key.reveal() not in wrapped
    assert wrap(key, under=under, aad=aad) != wrapped


def test_a_key_wrapped_long_ago_still_unwraps() -> None:
    wrapped = bytes.fromhex(
        "01aa5c8cdc5d6e78e8e32c517b8a78ad14385c24dc73fbd7702e20530a6d35a90ed3a890c90444a4ee5ca93718957b32ddbd248400cb608d989b425424"
    )
    key = unwrap(wrapped, under=Key.from_bytes(bytes(range(32))), aad=b"project 1")
    assert key == Key.from_bytes(bytes(range(32, 64)))


def test_every_flipped_bit_of_a_wrapped_key_is_refused() -> None:
    key, under = Key.generate(), Key.generate()
    wrapped = wrap(key, under=under, aad=b"row 1")
    for bit in range(len(wrapped) * 8):
        touched = bytearray(wrapped)
        touched[bit // 8] ^= 1 << bit % 8
        with pytest.raises(KeyUnusable):
            unwrap(bytes(touched), under=under, aad=b"row 1")


def test_a_wrapped_key_opens_only_where_it_belongs() -> None:
    key, under = Key.generate(), Key.generate()
    wrapped = wrap(key, under=under, aad=b"row 1")
    for other, aad in ((under, b"row 2"), (under, b""), (key, b"row 1")):
        with pytest.raises(KeyUnusable):
            unwrap(wrapped, under=other, aad=aad)
    for broken in (b"", wrapped[:-1], wrapped + b"\0"):
        with pytest.raises(KeyUnusable):
            unwrap(broken, under=under, aad=b"row 1")


names = st.lists(st.text(alphabet=st.characters(codec="utf-8"), max_size=8), max_size=5)


@given(first=names, second=names)
def test_different_lists_never_give_one_context(first: list[str], second: list[str]) -> None:
    assert (context_of(*first) == context_of(*second)) == (first == second)


@given(parts=names)
def test_a_context_tells_its_parts(parts: list[str]) -> None:
    context = context_of(*parts)
    assert parts_of_context(context) == tuple(parts)
    for odd in (context + b"\0", context + b"\0\0\0\1", context + b"\0\0\0\1\xff"):
        with pytest.raises(Invalid):
            parts_of_context(odd)


def test_a_uuid_counts_as_its_text() -> None:
    identity = uuid4()
    assert context_of("version", identity) == context_of("version", str(identity))
    assert context_of("version", UUID(int=1)) != context_of("version", identity)


def test_openssl_verifies_what_a_signing_key_signed(tmp_path: Path) -> None:
    signing = SigningKey(Key.generate())
    message, signature, pem = tmp_path / "m", tmp_path / "s", tmp_path / "p.pem"
    message.write_bytes(b"a message")
    signature.write_bytes(signing.sign(b"a message"))
    pem.write_text(signing.verifying_key.pem())
    command = ["openssl", "pkeyutl", "-verify", "-pubin", "-rawin", "-inkey", pem]
    command += ["-in", message, "-sigfile", signature]
    assert subprocess.run(command, check=False, capture_output=True).returncode == 0
    message.write_bytes(b"a Message")
    assert subprocess.run(command, check=False, capture_output=True).returncode != 0


def test_verifying_keys_travel_as_pem() -> None:
    key = SigningKey(Key.generate()).verifying_key
    again = VerifyingKey.from_pem(key.pem())
    assert again == key
    assert hash(again) == hash(key)
    assert again.id == key.id
    assert key.id in repr(again)
    assert not key.verifies(bytes(64), b"message")
    for wrong in ("", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"):
        with pytest.raises(Invalid):
            VerifyingKey.from_pem(wrong)


def test_a_public_key_of_another_kind_is_invalid() -> None:
    made = subprocess.run(
        ["openssl", "ecparam", "-name", "prime256v1", "-genkey", "-noout"],
        check=True,
        capture_output=True,
    )
    pem = subprocess.run(
        ["openssl", "ec", "-pubout"], input=made.stdout, check=True, capture_output=True
    )
    with pytest.raises(Invalid, match="Ed25519"):
        VerifyingKey.from_pem(pem.stdout)
